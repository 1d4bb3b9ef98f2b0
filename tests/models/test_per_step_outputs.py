"""Nets with an output at every step: each is that of PyTorch's own layers for the unpadded sequence alone."""

from __future__ import annotations

from typing import Any, cast

import pytest
import torch
from torch import Tensor, nn

from rnnlab.config import RunConfig
from rnnlab.models.layer import Layer
from rnnlab.models.layer_parameters import parameter_counts
from rnnlab.models.net import Net, build
from rnnlab.models.plan.count import count_parameters

SYMBOLS, OUTPUTS = 11, 5
LENGTHS = torch.tensor([1, 9, 4, 4, 7, 2])


def make(**settings: Any) -> tuple[RunConfig, Net]:
    keys = {key.replace("__", "."): value for key, value in settings.items()}
    config = RunConfig.from_settings({"task.name": "vigenere", "model.hidden": 7, "model.layers": 1, **keys})
    torch.manual_seed(3)
    return config, build(config, input_size=SYMBOLS, outputs=OUTPUTS).double().eval()


def rows() -> Tensor:
    torch.manual_seed(5)
    steps = int(LENGTHS.max())
    past = torch.arange(steps) >= LENGTHS.unsqueeze(1)
    return torch.randint(1, SYMBOLS, (len(LENGTHS), steps)).masked_fill(past, 0).int()


def alone(net: Net, row: Tensor) -> Tensor:
    """The outputs of PyTorch's own layers at each step of one sequence: (steps, outputs)."""
    steps = nn.functional.one_hot(row.long(), SYMBOLS).double().unsqueeze(1)
    for layer in cast("list[Layer]", list(net.layers)):
        own = layer.forwards
        kind = {"lstm": nn.LSTM, "gru": nn.GRU, "elman": nn.RNN}[net.cell]
        whole = kind(own.input_size, own.hidden_size, bidirectional=layer.backwards is not None).double()
        weights = dict(own.named_parameters())
        if layer.backwards is not None:
            weights |= {f"{name}_reverse": value for name, value in layer.backwards.named_parameters()}
        whole.load_state_dict(weights)
        steps = whole(steps)[0]
    outputs: Tensor = net.head(steps.squeeze(1))
    return outputs


@pytest.mark.parametrize("layers", [1, 2])
@pytest.mark.parametrize("bidirectional", [False, True], ids=["one way", "both ways"])
@pytest.mark.parametrize("cell", ["elman", "lstm", "gru"])
class TestEveryNet:
    def test_the_outputs_of_a_padded_batch_are_pytorchs_for_the_sequence_alone(
        self, cell: str, bidirectional: bool, layers: int
    ) -> None:
        _, net = make(model__name=cell, model__bidirectional=bidirectional, model__layers=layers)
        tokens = rows()
        outputs = net(tokens, LENGTHS)
        assert outputs.shape == (len(tokens), tokens.shape[1], OUTPUTS)
        for row, length, output in zip(tokens, LENGTHS.tolist(), outputs, strict=True):
            torch.testing.assert_close(output[:length], alone(net, row[:length]), rtol=1e-10, atol=1e-12)

    def test_neighbours_and_padding_change_no_step(self, cell: str, bidirectional: bool, layers: int) -> None:
        _, net = make(model__name=cell, model__bidirectional=bidirectional, model__layers=layers)
        tokens = rows()
        outputs = net(tokens, LENGTHS)
        inside = torch.arange(tokens.shape[1]) < LENGTHS.unsqueeze(1)

        def same(other: Tensor, expected: Tensor, true: Tensor) -> None:
            torch.testing.assert_close(other[:, : tokens.shape[1]][true], expected[true], rtol=1e-10, atol=1e-12)

        order = torch.tensor([3, 1, 5, 0, 4, 2])
        same(net(tokens[order], LENGTHS[order]), outputs[order], inside[order])
        wider = torch.cat((tokens, torch.full((len(tokens), 6), SYMBOLS - 1, dtype=torch.int32)), dim=1)
        same(net(wider, LENGTHS), outputs, inside)

    def test_padding_gets_no_gradient(self, cell: str, bidirectional: bool, layers: int) -> None:
        """A loss of the true steps alone leaves the inputs past them untouched."""
        config, _ = make(model__name=cell, model__bidirectional=bidirectional, model__layers=layers)
        net = build(config, input_size=SYMBOLS, outputs=OUTPUTS, tokens=False).double()
        values = nn.functional.one_hot(rows().long(), SYMBOLS).double().requires_grad_()
        inside = torch.arange(values.shape[1]) < LENGTHS.unsqueeze(1)
        net(values, LENGTHS)[inside].square().sum().backward()
        assert values.grad is not None
        touched = values.grad.abs().sum(dim=2) > 0  # (batch, steps)
        assert not touched[~inside].any()
        assert touched[inside].all()


def test_a_readout_changes_nothing_where_each_step_has_an_output() -> None:
    tokens = rows()
    last, mean = (make(model__readout=readout)[1](tokens, LENGTHS) for readout in ("last", "mean"))
    assert torch.equal(last, mean)


def test_the_parameters_are_those_of_the_catalogue() -> None:
    _, net = make(model__hidden="6,9", model__bidirectional=True)
    counted = count_parameters(net.plan)
    assert [layer.parameters for layer in parameter_counts(net)] == [layer.total for layer in counted]


def test_the_problem_of_a_file_decides_and_not_the_tasks() -> None:
    """`own` may hold any kind of problem."""
    config = RunConfig.from_settings({"task.name": "sinusoids", "model.hidden": 4})
    net = build(config, input_size=3, outputs=2, problem="per-step classification")
    assert net(torch.zeros(5, 6, 3)).shape == (5, 6, 2)
    net = build(config, input_size=9, outputs=2, tokens=True)
    assert net(torch.zeros(5, 6, dtype=torch.int32)).shape == (5, 2)
