"""The counted parameters are those that torch has in memory, for every architecture and everything around it."""

from __future__ import annotations

import itertools
from typing import Any

import pytest

from rnnlab.catalog.models.catalog import MODELS, RECURRENT
from rnnlab.config import RunConfig
from rnnlab.models.layer_parameters import parameter_counts
from rnnlab.models.net import Net, build
from rnnlab.models.plan.count import count_parameters, total

SYMBOLS, OUTPUTS = 11, 5
AROUND: dict[str, dict[str, Any]] = {
    "one layer": {},
    "sizes as wide as the input": {"model.hidden": (11,), "model.layers": 2},
    "three sizes": {"model.hidden": (5, 6, 7)},
    "embedding": {"data.encoding": "embedding", "model.embedding": 4},
    "layer norm": {"model.layer_norm": True, "model.layers": 2},
    "residual": {"model.residual": True, "model.layers": 2},
    "learned state": {"model.learned_state": True, "model.hidden": (8, 3)},
    "attention": {"model.readout": "attention"},
    "an output a step": {"task.name": "vigenere", "model.layers": 2},
    "a front": {"model.conv": (4, 8), "model.conv_kernel": 3, "model.conv_stride": 2, "model.conv_pool": 2},
    "a wider kernel": {"model.kernel": 7, "model.layers": 2},
    "all at once": {
        "model.conv": (4,),
        "data.encoding": "embedding",
        "model.layers": 3,
        "model.layer_norm": True,
        "model.residual": True,
        "model.learned_state": True,
        "model.readout": "attention",
    },
}


def make(name: str, settings: dict[str, Any]) -> Net:
    given = {"task.name": "surnames", "model.hidden": (8,), "model.layers": 1, "model.name": name} | settings
    return build(RunConfig.from_settings(given), input_size=SYMBOLS, outputs=OUTPUTS, longest=9)


@pytest.mark.parametrize("name", MODELS)
@pytest.mark.parametrize("around", AROUND)
def test_every_part_has_the_parameters_that_are_counted(name: str, around: str) -> None:
    for bias, both in itertools.product((True, False), (True, False) if name in RECURRENT else (False,)):
        net = make(name, {"model.bias": bias, "model.bidirectional": both} | AROUND[around])
        counts = count_parameters(net.plan)
        assert [(count.name, count.total) for count in counts] == list(parameter_counts(net))
        assert total(counts) == sum(parameter.numel() for parameter in net.parameters())
        # What is called a bias is one: without them the layers have none.
        assert bias or all(c.biases == 0 for c in counts if c.name.startswith(name))


@pytest.mark.parametrize("name", MODELS)
def test_the_textbook_has_the_same_weights_and_no_more_biases(name: str) -> None:
    plan = make(name, {"model.bidirectional": name in RECURRENT, "model.layers": 2}).plan
    for ours, theirs in zip(count_parameters(plan, "textbook"), count_parameters(plan), strict=True):
        assert (ours.name, ours.weights) == (theirs.name, theirs.weights)
        assert ours.biases <= theirs.biases


@pytest.mark.parametrize("name", [name for name in MODELS if name != "linear"])
def test_the_formulas_on_the_card_give_what_is_counted(name: str) -> None:
    """As a person would work it out, with n = h = 8 and k = 5."""

    def worked_out(formula: str) -> int:
        return int(eval(formula.partition(",")[0].replace("·", "*"), {"n": 8, "h": 8, "k": 5}))  # noqa: S307

    settings = {"data.encoding": "embedding", "model.embedding": 8, "model.kernel": 5}
    plan = make(name, settings | ({"task.name": "vigenere"} if name == "dense" else {})).plan
    card = MODELS[name]
    layer, textbook = count_parameters(plan)[1], count_parameters(plan, "textbook")[1]
    assert worked_out(card.formula) == layer.weights
    ours, _, theirs = card.bias_formula.partition(" (textbook ")
    assert worked_out(ours) == layer.biases
    assert worked_out(theirs.rstrip(")") or ours) == textbook.biases
