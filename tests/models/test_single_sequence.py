"""A single sequence at a time: outputs and gradients are those of PyTorch's own layers."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor

from rnnlab.catalog.models.catalog import MODELS
from rnnlab.config import RunConfig
from rnnlab.models.cpu import single_sequence
from rnnlab.models.net import Net, build
from rnnlab.training.step.optimiser import clip_on_host

SYMBOLS, CHANNELS, OUTPUTS = 11, 3, 5
LENGTHS = range(1, 21)
SHAPES: dict[str, dict[str, Any]] = {
    "one layer": {},
    "no bias": {"model.bias": False},
    "three layers": {"model.hidden": "7,9,5", "model.bias": True},
    "two layers, no bias": {"model.layers": 2, "model.bias": False},
    "embedding": {"data.encoding": "embedding", "model.embedding": 4},
    "mean": {"model.readout": "mean", "model.layers": 2},
    "dropout": {"model.dropout": 0.3, "model.layers": 2},
    "values": {"task.name": "sinusoids", "model.layers": 2},
    "an output a step": {"task.name": "parity", "model.layers": 2, "model.dropout": 0.2},
}
CELLS: dict[str, dict[str, Any]] = {name: {"model.name": name} for name in single_sequence.CELLS} | {
    "relu": {"model.name": "elman", "model.activation": "relu"}
}


def make(kind: torch.dtype, **settings: Any) -> Net:
    given: dict[str, Any] = {"task.name": "surnames", "model.hidden": 8, "model.layers": 1, "model.dropout": 0.0}
    config = RunConfig.from_settings(given | settings)
    torch.manual_seed(3)
    inputs = SYMBOLS if config.task.name != "sinusoids" else CHANNELS
    return build(config, input_size=inputs, outputs=OUTPUTS, longest=20).to(kind)


def row(net: Net, length: int, kind: torch.dtype) -> Tensor:
    torch.manual_seed(length)
    if net.tokens:
        return torch.randint(0, SYMBOLS, (1, length), dtype=torch.int32)
    return torch.randn(1, length, CHANNELS, dtype=kind)


def manual_backward(net: Net, row: single_sequence.SingleSequencePass, inputs: Tensor) -> list[Tensor]:
    """The outputs, and the gradients of a loss that weighs each of them differently. The same dropout every time."""
    torch.manual_seed(1)
    net.zero_grad()
    outputs = row.outputs(inputs)
    weights = np.linspace(-1.0, 1.0, outputs.size, dtype=outputs.dtype).reshape(outputs.shape)
    row.backward(2 * outputs + weights)
    return [torch.from_numpy(outputs[np.newaxis]), *gradients(net)]


def usual(net: Net, inputs: Tensor) -> list[Tensor]:
    """The same as PyTorch computes it."""
    torch.manual_seed(1)
    net.zero_grad()
    outputs = net(inputs)
    weights = torch.linspace(-1.0, 1.0, outputs.numel(), dtype=outputs.dtype).view(outputs.shape)
    (outputs.square() + outputs * weights).sum().backward()
    return [outputs.detach(), *gradients(net)]


def gradients(net: Net) -> list[Tensor]:
    """Every parameter's."""
    given = [parameter.grad for parameter in net.parameters()]
    return [gradient.clone() for gradient in given if gradient is not None]


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("cell", CELLS)
@pytest.mark.parametrize(("kind", "off"), [(torch.float64, 1e-12), (torch.float32, 2e-6)], ids=["double", "single"])
def test_outputs_and_gradients_are_those_of_pytorch(cell: str, shape: str, kind: torch.dtype, off: float) -> None:
    net = make(kind, **{**SHAPES[shape], **CELLS[cell]})
    assert single_sequence.serves(net)
    single = single_sequence.SingleSequencePass(net)
    # The longest between the others: what is left of it in the room kept for the steps must not be seen.
    for length in (*LENGTHS, 70, *reversed(LENGTHS)):
        inputs = row(net, length, kind)
        mine, theirs = manual_backward(net, single, inputs), usual(net, inputs)
        assert len(mine) == len(theirs) == 1 + len(list(net.parameters()))
        for value, expected in zip(mine, theirs, strict=True):
            assert value.shape == expected.shape
            assert value.dtype == expected.dtype
            assert (value - expected).norm() <= off * expected.norm()


def test_the_weights_are_read_where_the_optimiser_moves_them() -> None:
    net = make(torch.float64)
    single, inputs = single_sequence.SingleSequencePass(net), row(net, 6, torch.float64)
    manual_backward(net, single, inputs)
    torch.optim.SGD(net.parameters(), lr=0.1).step()
    torch.testing.assert_close(manual_backward(net, single, inputs), usual(net, inputs))


@pytest.mark.parametrize("clip_norm", [None, 0.01, 1e6])
def test_the_whole_gradient_is_cut_to_a_norm(clip_norm: float | None) -> None:
    net = make(torch.float64)
    single, inputs = single_sequence.SingleSequencePass(net), row(net, 6, torch.float64)
    usual(net, inputs)
    norm = clip_on_host(list(net.parameters()), clip_norm)
    expected = gradients(net)
    manual_backward(net, single, inputs)
    assert single.clip(clip_norm) == pytest.approx(norm, rel=1e-10)
    torch.testing.assert_close(gradients(net), expected)


def test_numbers_beyond_all_bounds_are_passed_on_without_a_warning() -> None:
    net = make(torch.float32)
    with torch.no_grad():
        for parameter in net.parameters():
            parameter.fill_(3e38)
    single = single_sequence.SingleSequencePass(net)
    assert not np.isfinite(single.outputs(row(net, 9, torch.float32))).all()
    single.backward(np.ones(OUTPUTS, np.float32))
    assert not np.isfinite(single.clip(1.0))


@pytest.mark.parametrize(
    "settings",
    [
        {"model.bidirectional": True},
        {"model.readout": "max"},
        {"model.readout": "attention"},
        {"model.layer_norm": True},
        {"model.residual": True, "model.layers": 2},
        {"model.learned_state": True},
        {"model.head_activation": "relu"},
        {"model.conv": (4,)},
        {"train.bptt": 3},
        *({"model.name": name} for name in MODELS if name not in single_sequence.CELLS),
        {"model.head_activation": "softmax"},
    ],
    ids=str,
)
def test_what_is_not_written_by_hand_is_left_to_pytorch(settings: dict[str, Any]) -> None:
    assert not single_sequence.serves(make(torch.float32, **settings))
