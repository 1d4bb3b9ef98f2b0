"""The cells that PyTorch does not have: against the equations, the package they come from, and one another."""

from __future__ import annotations

from typing import Any

import pytest
import torch
import torchrecurrent
from torch import Tensor, nn

from rnnlab.catalog.models.catalog import FORGETTING, MODELS, RECURRENT
from rnnlab.config import ConfigError, RunConfig
from rnnlab.models.masking import SequenceMask
from rnnlab.models.net import Net, build
from rnnlab.models.recurrent.scan import in_pairs, one_by_one, scan

SYMBOLS, CHANNELS = 11, 3
STEPS, BATCH, SIZE = 13, 4, 6


def make(name: str, **settings: Any) -> Net:
    given = {"task.name": "sinusoids", "model.name": name, "model.hidden": (SIZE,), "model.layers": 1} | settings
    torch.manual_seed(3)
    return build(RunConfig.from_settings(given), input_size=CHANNELS, outputs=2, longest=STEPS).double()


def layer_of(net: Net) -> Any:
    return net.layers[0]


def inputs() -> Tensor:
    torch.manual_seed(7)
    return torch.randn(STEPS, BATCH, CHANNELS).double()


def close(actual: Tensor, expected: Tensor) -> None:
    torch.testing.assert_close(actual, expected, rtol=1e-11, atol=1e-13)


@pytest.mark.parametrize("steps", [1, 2, 3, 64, 257])
def test_joined_in_pairs_the_recurrence_equals_itself_step_by_step(steps: int) -> None:
    torch.manual_seed(steps)
    a = torch.rand(steps, 3, 5).double()
    b, first = torch.randn(steps, 3, 5).double(), torch.randn(3, 5).double()
    close(in_pairs(a, b, first), one_by_one(a, b, first))
    close(scan(a, b, first), one_by_one(a, b, first))
    many = tuple(value.repeat_interleave(40, -1) for value in (a, b, first))
    close(scan(*many), one_by_one(*many))


def test_the_gradient_of_the_recurrence_is_the_one_of_its_steps() -> None:
    torch.manual_seed(0)
    a, b = torch.rand(70, 2, 3).double(), torch.randn(70, 2, 3).double()
    first = torch.randn(2, 3).double()
    arguments = tuple(value.requires_grad_() for value in (a, b, first))
    assert torch.autograd.gradcheck(scan, arguments)


def by_the_equations(name: str, net: Net, values: Tensor) -> Tensor:
    """The states of the written equations, one step after the other."""
    cell = layer_of(net).forwards
    h = torch.zeros(BATCH, SIZE).double()
    states = []
    for x in values:
        if name == "elman-linear":
            h = cell.step(torch.cat((x, h), dim=1))
        elif name == "mingru":
            z, candidate = cell.gates(x).chunk(2, 1)
            h = (1 - z.sigmoid()) * h + z.sigmoid() * candidate
        else:
            forget, admit, candidate = cell.gates(x).chunk(3, 1)
            f, i = forget.sigmoid(), admit.sigmoid()
            h = f / (f + i) * h + i / (f + i) * candidate
        states.append(h)
    return torch.stack(states)


@pytest.mark.parametrize("name", ["elman-linear", "mingru", "minlstm"])
def test_the_cells_written_here_compute_their_equations(name: str) -> None:
    net, values = make(name), inputs()
    close(layer_of(net).forwards(values, None), by_the_equations(name, net, values))


def test_gates_at_their_ends_are_no_trouble() -> None:
    cell = layer_of(make("minlstm")).forwards
    outputs = cell(1e4 * inputs(), None)
    assert bool(outputs.isfinite().all())


@pytest.mark.parametrize("name", [name for name, card in MODELS.items() if card.package])
def test_the_packages_cells_equal_the_packages_layers(name: str) -> None:
    net, values = make(name, **{"data.encoding": "one-hot"}), inputs()
    cell = layer_of(net).forwards
    if cell.widen is not None:
        values = cell.widen(values)
    whole = getattr(torchrecurrent, MODELS[name].package)(values.shape[2], SIZE).double()
    if name == "unicornn":
        assert not cell.cell.recurrent_bias
    if name == "fastgrnn":
        whole.cells[0].act = nn.Sigmoid()
    whole.cells[0].load_state_dict(cell.cell.state_dict(), strict=False)
    if name in ("tgru", "tlstm"):  # whose layers begin with a state of the wrong width
        state = (torch.zeros(1, BATCH, SIZE).double(), torch.zeros(1, BATCH, values.shape[2]).double())
        h, before = state[0][0], state[1][0]
        outputs: list[Tensor] = []
        for x in values:
            h, before = (
                whole.cells[0](x, (h, before)) if name == "tgru" else _typed(whole.cells[0], x, h, before, outputs)
            )
            if name == "tgru":
                outputs.append(h)
        expected = torch.stack(outputs)
    else:
        expected = whole(values)[0]
    close(cell(inputs(), None), expected)


def _typed(cell: nn.Module, x: Tensor, h: Tensor, before: Tensor, outputs: list[Tensor]) -> tuple[Tensor, Tensor]:
    output, (c, last) = cell(x, (h, before))
    outputs.append(output)
    return c, last


@pytest.mark.parametrize("name", RECURRENT)
def test_a_learned_state_of_zeros_is_no_state_and_another_is_one(name: str) -> None:
    net, plain = make(name, **{"model.learned_state": True}), make(name)
    values = inputs().transpose(0, 1)
    close(net(values), plain(values))
    with torch.no_grad():
        layer_of(net).state.add_(0.5)
    assert not torch.allclose(net(values[:, :1]), plain(values[:, :1]))


def test_pytorchs_own_layers_start_from_the_learned_state() -> None:
    for name, kind in {"lstm": nn.LSTM, "gru": nn.GRU, "elman": nn.RNN}.items():
        layer = layer_of(make(name, **{"model.learned_state": True}))
        whole = kind(CHANNELS, SIZE).double()
        whole.load_state_dict(layer.forwards.state_dict())
        with torch.no_grad():
            layer.state.normal_()
        parts = tuple(part.expand(1, BATCH, SIZE).contiguous() for part in layer.state.split(SIZE))
        expected = whole(inputs(), parts if name == "lstm" else parts[0])[0][-1]
        close(layer.last(inputs(), SequenceMask(STEPS, BATCH, None)), expected)


@pytest.mark.parametrize("name", RECURRENT)
def test_orthogonal_recurrent_matrices_are(name: str) -> None:
    layer = layer_of(make(name, **{"model.init": "orthogonal"}))
    matrices = layer.forwards.recurrent_matrices()
    assert bool(matrices) == bool(MODELS[name].shape.states)  # type: ignore[union-attr]
    assert len(matrices) in (0, MODELS[name].shape.states)  # type: ignore[union-attr]
    for matrix in matrices:
        torch.testing.assert_close(matrix @ matrix.T, torch.eye(SIZE).double(), rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize("name", ["elman", "elman-linear"])
def test_the_identity_passes_the_state_on(name: str) -> None:
    settings = {"model.init": "identity"} | ({"model.activation": "relu"} if name == "elman" else {})
    net = make(name, **settings, **{"model.hidden": (64,)})
    (matrix,) = layer_of(net).forwards.recurrent_matrices()
    assert torch.equal(matrix, torch.eye(64).double())
    others = [p for p in layer_of(net).parameters() if p.ndim == 2 and p.shape[1] != 64]
    assert all(float(p.detach()[:, :CHANNELS].std()) == pytest.approx(0.001, rel=0.3) for p in others)
    assert all(bool((p == 0).all()) for p in layer_of(net).parameters() if p.ndim == 1)


def test_the_identity_is_for_simple_recurrent_nets() -> None:
    with pytest.raises(ConfigError, match=r"model\.init = 'identity' .* it must be pytorch or orthogonal for lstm"):
        RunConfig.from_settings({"model.name": "lstm", "model.init": "identity"})


@pytest.mark.parametrize("name", FORGETTING)
def test_a_forget_gate_starts_with_the_bias_of_the_settings(name: str) -> None:
    parameters = dict(layer_of(make(name, **{"model.forget_bias": 1.5})).forwards.named_parameters())
    blocks = [parameters[key].detach().view(-1, SIZE)[block] for key, block in MODELS[name].forget]
    torch.testing.assert_close(torch.stack(blocks).sum(0), torch.full((SIZE,), 1.5).double())


def test_a_forget_bias_needs_biases() -> None:
    with pytest.raises(ConfigError, match=r"model\.forget_bias = 1\.0 .* it must be none, as model\.bias is off"):
        RunConfig.from_settings({"model.name": "lstm", "model.forget_bias": 1, "model.bias": False})


def test_a_front_keeps_every_step_where_each_has_an_output() -> None:
    with pytest.raises(ConfigError, match=r"model\.conv_stride = 2 .* it must be 1, as each step has a target"):
        RunConfig.from_settings({"task.name": "vigenere", "model.conv": (8,), "model.conv_stride": 2})
    RunConfig.from_settings({"task.name": "vigenere", "model.conv_stride": 2})
