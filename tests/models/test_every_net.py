"""Every architecture: the output of a sequence depends on its true steps alone, and on every parameter."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from torch import Tensor

from rnnlab.catalog.models.catalog import MODELS, RECURRENT
from rnnlab.config import RunConfig
from rnnlab.models.net import Net, build

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
    "a front": {"model.conv": (4, 3), "model.conv_kernel": 3},
    "a front that leaves out steps": {
        "model.conv": (4,),
        "model.conv_kernel": 4,
        "model.conv_stride": 2,
        "model.conv_pool": 2,
    },
}
OURS = tuple(name for name, card in MODELS.items() if not card.package)
STACK = AROUND["two layers, normalised, with a way around"]


def make(name: str, task: str = "surnames", **settings: Any) -> Net:
    """A net in double precision, so that a difference is a mistake; nothing of it is at its first value."""
    given: dict[str, Any] = {"task.name": task, "model.hidden": (6,), "model.layers": 1, "model.name": name}
    config = RunConfig.from_settings(given | settings)
    torch.manual_seed(3)
    net = build(config, input_size=CHANNELS if task == "sinusoids" else SYMBOLS, outputs=OUTPUTS, longest=9)
    net = net.double().eval()
    with torch.no_grad():
        for parameter in net.parameters():
            parameter.add_(0.2 * torch.randn_like(parameter))
    return net


def rows(task: str = "surnames") -> Tensor:
    """Six sequences of different lengths, zero past their ends."""
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


def alike(net: Net) -> None:
    """Other sequences of the batch, padding and its contents change nothing."""
    tokens = rows()
    order = torch.tensor([3, 1, 5, 0, 4, 2])
    rubbish = torch.full((len(tokens), 15), SYMBOLS - 1, dtype=torch.int32)
    rubbish[:, :9] = torch.where(torch.arange(9) >= LENGTHS.unsqueeze(1), SYMBOLS - 1, tokens)
    outputs = net(tokens, LENGTHS)
    assert outputs.shape == (len(tokens), OUTPUTS)
    close(net(rubbish[order], LENGTHS[order]), outputs[order])
    for index in (0, 2):
        close(net(tokens[index : index + 1, : int(LENGTHS[index])])[0], outputs[index])


@pytest.mark.parametrize("name", MODELS)
def test_neighbours_and_padding_change_nothing_for_any_readout(name: str) -> None:
    """Readouts and directions are the same for all recurrent cells: of the many of a package two readouts are tried."""
    for both in ways(name):
        for readout in READOUTS if name in OURS else ("last", "attention"):
            settings: dict[str, Any] = {"model.bidirectional": both, "model.readout": readout}
            alike(make(name, **settings))


@pytest.mark.parametrize(("name", "around"), [(n, a) for n in MODELS for a in AROUND if n in OURS or a == "sizes"])
def test_nor_with_other_parts_around_the_layers(name: str, around: str) -> None:
    settings: dict[str, Any] = {"model.bidirectional": name in RECURRENT, "model.readout": "last"}
    alike(make(name, **settings, **AROUND[around]))


@pytest.mark.parametrize("name", MODELS)
def test_the_output_at_each_step_is_that_of_the_sequence_alone(name: str) -> None:
    tokens = rows()
    wider = torch.cat((tokens, torch.full((len(tokens), 6), SYMBOLS - 1, dtype=torch.int32)), dim=1)
    for both in ways(name):
        net = make(
            name, "vigenere", **{"model.bidirectional": both, **AROUND["two layers, normalised, with a way around"]}
        )
        outputs = net(wider, LENGTHS)
        assert outputs.shape == (*wider.shape, OUTPUTS)
        for row, length, output in zip(tokens, LENGTHS.tolist(), outputs, strict=True):
            close(net(row[None, :length])[0], output[:length])


@pytest.mark.parametrize("name", MODELS)
def test_padding_gets_no_gradient_and_every_parameter_gets_one(name: str) -> None:
    for both in ways(name):
        settings: dict[str, Any] = {"model.bidirectional": both, "model.readout": "attention"}
        net = make(name, "sinusoids", **settings, **STACK)
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


@pytest.mark.parametrize("name", ["tcn", "conv"])
def test_the_causal_net_alone_does_not_depend_on_later_steps(name: str) -> None:
    """The output at each step, when all later steps are changed."""
    net = make(name, "vigenere", **{"model.layers": 3, "model.kernel": 4})
    tokens = rows()[[1]]
    outputs = net(tokens)
    unmoved = []
    for step in range(9):
        other = tokens.clone()
        other[:, step + 1 :] = (other[:, step + 1 :] + 3) % SYMBOLS
        unmoved.append(torch.equal(net(other)[:, : step + 1], outputs[:, : step + 1]))
    assert all(unmoved) == (name == "tcn")


@pytest.mark.parametrize("kernel", [2, 3])
def test_the_causal_net_has_the_receptive_field_of_its_plan(kernel: int) -> None:
    net = make("tcn", "vigenere", **{"model.layers": 3, "model.kernel": kernel, "model.hidden": (64,)})
    assert net.plan.receptive_field == 1 + 2 * (kernel - 1) * (1 + 2 + 4)
    changed = torch.eye(40, dtype=torch.int32)
    still = torch.zeros(1, 40, dtype=torch.int32)
    moved = ((net(changed) - net(still))[:, -1].abs() > 1e-13).any(1).tolist()
    assert moved.index(True) == 40 - net.plan.receptive_field


def test_a_row_longer_than_any_that_was_trained_on_is_read_up_to_there() -> None:
    net = make("dense")
    tokens = torch.randint(1, SYMBOLS, (2, 30), dtype=torch.int32)
    close(net(tokens), net(tokens[:, :9]))


def test_the_head_may_have_an_activation() -> None:
    plain, relu, softmax = (
        make("lstm", **{"model.head_activation": head})(rows(), LENGTHS) for head in ("none", "relu", "softmax")
    )
    assert bool((plain < 0).any())
    close(relu, plain.clamp(min=0))
    close(softmax, plain.softmax(1))
