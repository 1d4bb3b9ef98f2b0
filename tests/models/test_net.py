"""Nets: their outputs are those of PyTorch's own layers on one unpadded sequence, whatever else is in the batch."""

from __future__ import annotations

import itertools
from typing import Any, cast

import pytest
import torch
from torch import Tensor, nn

from rnnlab.config import RunConfig
from rnnlab.models.layer import Layer
from rnnlab.models.net import Net, build

CELLS = ("elman", "lstm", "gru")
"""Those whose layers are PyTorch's own; all architectures: test_every_net.py."""
READOUTS = ("last", "mean", "max")
SYMBOLS, CHANNELS, OUTPUTS = 11, 3, 5
LENGTHS = torch.tensor([1, 9, 4, 4, 7, 2])
SHAPES: dict[str, dict[str, Any]] = {
    "one layer": {},
    "32,64 units": {"model__hidden": "6,9"},
    "three layers": {"model__layers": 3},
    "no bias": {"model__bias": False, "model__layers": 2},
    "relu": {"model__activation": "relu"},
    "embedding": {"data__encoding": "embedding", "model__embedding": 4},
    "dropout": {"model__dropout": 0.3, "model__layers": 2},
}


def make(task: str = "surnames", **settings: Any) -> tuple[RunConfig, Net]:
    """A small net of the settings, `model__name="gru"`, in double precision, so that a difference is a mistake."""
    keys = {key.replace("__", "."): value for key, value in settings.items()}
    config = RunConfig.from_settings({"task.name": task, "model.hidden": 7, "model.layers": 1, **keys})
    torch.manual_seed(3)
    net = build(config, input_size=SYMBOLS if task == "surnames" else CHANNELS, outputs=OUTPUTS).double().eval()
    return config, net


def padded_batch(task: str = "surnames") -> Tensor:
    """Six sequences of different lengths, zero past their ends."""
    torch.manual_seed(5)
    steps = int(LENGTHS.max())
    past = torch.arange(steps) >= LENGTHS.unsqueeze(1)
    if task == "surnames":
        return torch.randint(1, SYMBOLS, (len(LENGTHS), steps)).masked_fill(past, 0).int()
    return torch.randn(len(LENGTHS), steps, CHANNELS).double().masked_fill(past.unsqueeze(2), 0.0)


def alone(net: Net, row: Tensor) -> Tensor:
    """The output of PyTorch's own layers for one unpadded sequence, with the weights of `net`: (outputs,)."""
    if net.embedding is not None:
        steps = net.embedding.weight[row.long()]
    elif net.tokens:
        steps = nn.functional.one_hot(row.long(), SYMBOLS).double()
    else:
        steps = row
    read = steps
    for layer in cast("list[Layer]", list(net.layers)):
        own = cast("Any", layer.forwards)
        kind = {"lstm": nn.LSTM, "gru": nn.GRU, "elman": nn.RNN}[net.cell]
        options = {"nonlinearity": own.nonlinearity} if isinstance(own, nn.RNN) else {}
        both = layer.backwards is not None
        whole = kind(own.input_size, own.hidden_size, bias=own.bias, bidirectional=both, **options).double()
        weights = dict(own.named_parameters())
        if layer.backwards is not None:
            weights |= {f"{name}_reverse": value for name, value in layer.backwards.named_parameters()}
        whole.load_state_dict(weights)
        read, state = whole(steps.unsqueeze(1))
        steps = read = read.squeeze(1)
        hidden = state[0] if net.cell == "lstm" else state
    vector = {"last": hidden.flatten(), "mean": read.mean(0), "max": read.amax(0)}[net.readout]
    output: Tensor = net.head(vector)
    return output


def close(actual: Tensor, expected: Tensor) -> None:
    torch.testing.assert_close(actual, expected, rtol=1e-10, atol=1e-12)


@pytest.mark.parametrize("bidirectional", [False, True], ids=["one way", "both ways"])
@pytest.mark.parametrize("readout", READOUTS)
@pytest.mark.parametrize("cell", CELLS)
class TestEveryNet:
    @pytest.mark.parametrize("shape", SHAPES)
    def test_the_output_in_a_padded_batch_is_pytorchs_for_the_sequence_alone(
        self, cell: str, readout: str, bidirectional: bool, shape: str
    ) -> None:
        _, net = make(model__name=cell, model__readout=readout, model__bidirectional=bidirectional, **SHAPES[shape])
        tokens = padded_batch()
        outputs = net(tokens, LENGTHS)
        close(outputs, torch.stack([alone(net, row[:length]) for row, length in zip(tokens, LENGTHS, strict=True)]))

    def test_values_are_read_as_tokens_are(self, cell: str, readout: str, bidirectional: bool) -> None:
        _, net = make(
            "sinusoids",
            model__name=cell,
            model__readout=readout,
            model__bidirectional=bidirectional,
            model__layers=2,
        )
        values = padded_batch("sinusoids")
        outputs = net(values, LENGTHS)
        close(outputs, torch.stack([alone(net, row[:length]) for row, length in zip(values, LENGTHS, strict=True)]))

    def test_neighbours_and_padding_change_nothing(self, cell: str, readout: str, bidirectional: bool) -> None:
        _, net = make(model__name=cell, model__readout=readout, model__bidirectional=bidirectional, model__hidden="7,5")
        tokens = padded_batch()
        outputs = net(tokens, LENGTHS)
        order = torch.tensor([3, 1, 5, 0, 4, 2])
        close(net(tokens[order], LENGTHS[order]), outputs[order])
        wider = torch.cat((tokens, torch.zeros(len(tokens), 6, dtype=torch.int32)), dim=1)
        close(net(wider, LENGTHS), outputs)
        rubbish = torch.where(torch.arange(wider.shape[1]) >= LENGTHS.unsqueeze(1), SYMBOLS - 1, wider)
        close(net(rubbish, LENGTHS), outputs)

    def test_padding_gets_no_gradient_and_gives_none(self, cell: str, readout: str, bidirectional: bool) -> None:
        _, net = make(
            "sinusoids", model__name=cell, model__readout=readout, model__bidirectional=bidirectional, model__layers=2
        )
        values = padded_batch("sinusoids").requires_grad_()
        net(values, LENGTHS).square().sum().backward()
        assert values.grad is not None
        past = torch.arange(values.shape[1]) >= LENGTHS.unsqueeze(1)
        assert bool((values.grad[past] == 0).all())
        in_batch = [parameter.grad.clone() for parameter in net.parameters() if parameter.grad is not None]
        net.zero_grad()
        for row, length in zip(values.detach(), LENGTHS, strict=True):
            net(row[:length].unsqueeze(0)).square().sum().backward()
        for batched, parameter in zip(in_batch, net.parameters(), strict=True):
            assert parameter.grad is not None
            close(batched, parameter.grad)

    def test_full_rows_need_no_lengths(self, cell: str, readout: str, bidirectional: bool) -> None:
        _, net = make(model__name=cell, model__readout=readout, model__bidirectional=bidirectional)
        tokens = padded_batch()[:, :4]
        close(net(tokens), net(tokens, torch.full((len(tokens),), 4)))


def test_single_precision_agrees_to_its_last_digits() -> None:
    """What is trained: float32, with the fused kernels that double precision does not have."""
    for cell, readout, both in itertools.product(CELLS, READOUTS, (False, True)):
        _, net = make(model__name=cell, model__readout=readout, model__bidirectional=both, model__hidden=64)
        expected = net(padded_batch(), LENGTHS)
        torch.testing.assert_close(net.float()(padded_batch(), LENGTHS).double(), expected, rtol=2e-5, atol=2e-6)


def test_saved_weights_are_the_parameters_and_nothing_else() -> None:
    _, net = make()
    assert list(net.state_dict()) == [name for name, _ in net.named_parameters()]
    assert next(iter(net.state_dict())) == "layers.0.forwards.weight_ih_l0"


def test_one_seed_draws_the_same_first_weights_as_pytorch() -> None:
    config = RunConfig.from_settings({"model.name": "lstm", "model.hidden": 16})
    torch.manual_seed(11)
    net = build(config, input_size=SYMBOLS, outputs=OUTPUTS)
    torch.manual_seed(11)
    lstm, head = nn.LSTM(SYMBOLS, 16), nn.Linear(16, OUTPUTS)
    for own, theirs in zip(net.parameters(), [*lstm.parameters(), *head.parameters()], strict=True):
        assert torch.equal(own, theirs)


def test_dropout_is_for_training_alone() -> None:
    _, net = make(model__dropout=0.5, model__layers=2)
    tokens = padded_batch()
    assert torch.equal(net(tokens, LENGTHS), net(tokens, LENGTHS))
    net.train()
    assert not torch.equal(net(tokens, LENGTHS), net(tokens, LENGTHS))
