"""Every architecture: what it says of a row hangs on that row's true steps alone, and every parameter takes part in it."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from torch import Tensor

from rnnlab.config import RunConfig
from rnnlab.models.build import Net, build
from rnnlab.models.catalog import MODELS, RECURRENT

SYMBOLS, CHANNELS, OUTPUTS = 11, 3, 5
LENGTHS = torch.tensor([1, 9, 4, 4, 7, 2])
READOUTS = ("last", "mean", "max", "attention")
AROUND: dict[str, dict[str, Any]] = {
    "one layer": {},
    "two layers, normalised, with a way around": {
        "model.layers": 2,
        "model.layer_norm": True,
        "model.residual": True,
        "model.learned_state": True,
    },
    "sizes": {"model.hidden": (7, 5)},
}


def make(name: str, task: str = "surnames", **settings: Any) -> Net:
    """A net in double precision, so that a difference is a mistake; nothing of it is at its first value."""
    given: dict[str, Any] = {"task.name": task, "model.hidden": (6,), "model.layers": 1, "model.name": name}
    config = RunConfig.from_settings(given | settings)
    torch.manual_seed(3)
    net = build(config, input_size=CHANNELS if task == "sinusoids" else SYMBOLS, outputs=OUTPUTS).double().eval()
    with torch.no_grad():
        for parameter in net.parameters():
            parameter.add_(0.2 * torch.randn_like(parameter))
    return net


def rows(task: str = "surnames") -> Tensor:
    """Six rows of different lengths, zero past their ends."""
    torch.manual_seed(5)
    steps = int(LENGTHS.max())
    past = torch.arange(steps) >= LENGTHS.unsqueeze(1)
    if task != "sinusoids":
        return torch.randint(1, SYMBOLS, (len(LENGTHS), steps)).masked_fill(past, 0).int()
    return torch.randn(len(LENGTHS), steps, CHANNELS).double().masked_fill(past.unsqueeze(2), 0.0)


def close(actual: Tensor, expected: Tensor) -> None:
    torch.testing.assert_close(actual, expected, rtol=1e-9, atol=1e-11)


def ways(name: str) -> tuple[bool, ...]:
    return (False, True) if name in RECURRENT else (False,)


@pytest.mark.parametrize("around", AROUND)
@pytest.mark.parametrize("name", MODELS)
def test_neighbours_and_padding_change_nothing(name: str, around: str) -> None:
    tokens = rows()
    order = torch.tensor([3, 1, 5, 0, 4, 2])
    wider = torch.cat((tokens, torch.zeros(len(tokens), 6, dtype=torch.int32)), dim=1)
    rubbish = torch.where(torch.arange(wider.shape[1]) >= LENGTHS.unsqueeze(1), SYMBOLS - 1, wider)
    for both in ways(name):
        for readout in READOUTS:
            net = make(name, **{"model.bidirectional": both, "model.readout": readout, **AROUND[around]})
            answers = net(tokens, LENGTHS)
            assert answers.shape == (len(tokens), OUTPUTS)
            close(net(tokens[order], LENGTHS[order]), answers[order])
            close(net(wider, LENGTHS), answers)
            close(net(rubbish, LENGTHS), answers)
            for row, length, answer in zip(tokens, LENGTHS.tolist(), answers, strict=True):
                close(net(row[None, :length])[0], answer)


@pytest.mark.parametrize("name", MODELS)
def test_each_step_is_answered_as_in_the_row_alone(name: str) -> None:
    tokens = rows()
    wider = torch.cat((tokens, torch.full((len(tokens), 6), SYMBOLS - 1, dtype=torch.int32)), dim=1)
    for both in ways(name):
        net = make(
            name, "vigenere", **{"model.bidirectional": both, **AROUND["two layers, normalised, with a way around"]}
        )
        answers = net(wider, LENGTHS)
        assert answers.shape == (*wider.shape, OUTPUTS)
        for row, length, answer in zip(tokens, LENGTHS.tolist(), answers, strict=True):
            close(net(row[None, :length])[0], answer[:length])


@pytest.mark.parametrize("name", MODELS)
def test_padding_gets_no_gradient_and_every_parameter_gets_one(name: str) -> None:
    for both in ways(name):
        around = AROUND["two layers, normalised, with a way around"]
        net = make(name, "sinusoids", **{"model.bidirectional": both, "model.readout": "attention", **around})
        values = rows("sinusoids").requires_grad_()
        net(values, LENGTHS).square().sum().backward()
        assert values.grad is not None
        past = torch.arange(values.shape[1]) >= LENGTHS.unsqueeze(1)
        assert bool((values.grad[past] == 0).all())
        untouched = [key for key, p in net.named_parameters() if p.grad is None or not bool(p.grad.any())]
        assert not untouched


@pytest.mark.parametrize("name", MODELS)
def test_saved_weights_are_the_parameters_and_nothing_else(name: str) -> None:
    both: tuple[dict[str, Any], ...] = ({}, {"model.bias": False})
    for settings in both:
        net = make(name, **settings)
        assert set(net.state_dict()) == {key for key, _ in net.named_parameters()}


def test_the_head_may_be_bent() -> None:
    plain, relu, softmax = (
        make("lstm", **{"model.head_activation": head})(rows(), LENGTHS) for head in ("none", "relu", "softmax")
    )
    assert bool((plain < 0).any())
    close(relu, plain.clamp(min=0))
    close(softmax, plain.softmax(1))
