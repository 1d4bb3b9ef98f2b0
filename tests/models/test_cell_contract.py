"""Every recurrent cell, one that was added as two files too, has all that the contract promises."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any, cast

import pytest
import torch
from torch import Tensor

import rnnlab.models.cells
from rnnlab.catalog.models.catalog import MODELS, RECURRENT
from rnnlab.config import RunConfig
from rnnlab.models.cells import make_cell
from rnnlab.models.layer import Layer
from rnnlab.models.layer_parameters import parameter_counts
from rnnlab.models.net import Net, build
from rnnlab.models.plan.cost import cost
from rnnlab.models.plan.count import count_parameters
from rnnlab.models.plan.net_plan import LayerPlan
from rnnlab.models.recurrent.cell import RecurrentCell

STEPS, BATCH, INPUTS, UNITS = 7, 3, 4, 5


def net_of(name: str, **settings: Any) -> Net:
    """A net in double precision, so that a difference is a mistake, with no parameter at its first value."""
    given = {"task.name": "sinusoids", "model.name": name, "model.hidden": (UNITS,), "model.layers": 1} | settings
    torch.manual_seed(3)
    net = build(RunConfig.from_settings(given), input_size=INPUTS, outputs=2, longest=STEPS).double()
    with torch.no_grad():
        for parameter in net.parameters():
            parameter.add_(0.2 * torch.randn_like(parameter))
    return net


def cell_of(name: str, **settings: Any) -> RecurrentCell:
    return cast("Layer", net_of(name, **settings).layers[0]).forwards


def inputs() -> Tensor:
    return torch.randn(STEPS, BATCH, INPUTS, generator=torch.manual_seed(7), dtype=torch.float64)


def stepped(cell: RecurrentCell, values: Tensor, learned: Tensor | None, changed: tuple[int, Tensor] | None) -> Tensor:
    """The outputs, one step after the other; the hidden state after step `changed[0]` is moved by `changed[1]`."""
    values = cell.project(values)
    state = cell.initial_state(values, learned)
    outputs = []
    for step, value in enumerate(values):
        output, state = cell.forward_step(value, state)
        if changed is not None and step == changed[0]:
            hidden = state[
                0
            ]  # the output is this very tensor, or made of it unit by unit; JANET's cell state is it too
            (by_hidden,) = torch.autograd.grad(output.sum(), hidden, allow_unused=True, retain_graph=True)
            output = output if by_hidden is None else output + by_hidden * changed[1]
            state = tuple(part + changed[1] if part is hidden else part for part in state)
        outputs.append(output)
    return torch.stack(outputs)


@pytest.mark.parametrize("name", RECURRENT)
def test_all_ways_to_read_a_sequence_give_the_same_outputs(name: str) -> None:
    cell, values = cell_of(name), inputs()
    learned = torch.randn(sum(cell.state_sizes), generator=torch.manual_seed(1), dtype=torch.float64)
    for state in (None, learned):
        outputs = cell(values, state)
        assert outputs.shape == (STEPS, BATCH, UNITS)
        torch.testing.assert_close(cell.trace(values, state).outputs, outputs)
        torch.testing.assert_close(stepped(cell, values, state, None), outputs)
        torch.testing.assert_close(cell.final_outputs(values, None, state), outputs[-1])
        lengths = torch.tensor([2, STEPS, 1])
        torch.testing.assert_close(
            cell.final_outputs(values, lengths, state), outputs[lengths - 1, torch.arange(BATCH)]
        )


@pytest.mark.parametrize("name", RECURRENT)
def test_the_flow_of_the_gradient_is_that_of_differences(name: str) -> None:
    """∂L/∂h after a step, through later steps too, against a small move of that state."""
    cell, values = cell_of(name), inputs()
    weights = torch.randn(STEPS, BATCH, UNITS, generator=torch.manual_seed(2), dtype=torch.float64)
    trace = cell.trace(values)
    gradients = torch.autograd.grad((trace.outputs * weights).sum(), [*trace.states], allow_unused=True)
    flow = trace.flow(gradients)
    assert flow.shape == (STEPS, BATCH, UNITS)
    move = 1e-6 * torch.randn(BATCH, UNITS, generator=torch.manual_seed(4), dtype=torch.float64)
    for step in range(STEPS):
        up, down = (stepped(cell, values, None, (step, sign * move)) for sign in (1, -1))
        expected = ((up - down) * weights).sum() / 2
        assert (flow[step] * move).sum().item() == pytest.approx(expected.item(), rel=1e-5, abs=1e-13)


@pytest.mark.parametrize("name", RECURRENT)
def test_a_cell_with_gates_shows_them(name: str) -> None:
    """A σ in the card's equations is a gate; the cells of a package keep theirs to themselves."""
    cell, card = cell_of(name), MODELS[name]
    gates = cell.trace(inputs()).gates()
    has_gates = any("σ" in equation for equation in card.equations)
    assert [gate.name for gate in gates] or not has_gates or card.package
    for gate in gates:
        assert gate.values.shape == (STEPS, BATCH, UNITS)
        assert not gate.values.requires_grad
        assert bool((gate.values >= gate.low).all() and (gate.values <= gate.high).all())


@pytest.mark.parametrize("name", RECURRENT)
def test_a_cell_shows_each_state_that_it_carries_once(name: str) -> None:
    """Every state that is not the output already; inputs that a cell keeps are none."""
    trace, card = cell_of(name).trace(inputs()), MODELS[name]
    states = trace.cell_states()
    # Where c is read again, as c', it goes from step to step; JANET's is its output. An output y is another than h.
    carries_more = any("c'" in equation or equation.startswith("y =") for equation in card.equations)
    carries_more = carries_more and "h = c" not in card.equations
    assert bool(states) == carries_more, [part.shape for part in states]
    for values in states:
        assert values.shape == (STEPS, BATCH, UNITS)
        assert not values.requires_grad
        assert not torch.equal(values, trace.outputs)


@pytest.mark.parametrize("name", RECURRENT)
def test_the_recurrent_matrices_are_those_of_the_card_and_can_be_made_orthogonal(name: str) -> None:
    net = net_of(name)
    cell, shape = cast("Layer", net.layers[0]).forwards, MODELS[name].shape
    assert shape is not None
    matrices = cell.recurrent_matrices()
    assert [tuple(matrix.shape) for matrix in matrices] == [(UNITS, UNITS)] * shape.states
    storages = {parameter.untyped_storage().data_ptr() for parameter in cell.parameters()}
    assert all(matrix.untyped_storage().data_ptr() in storages for matrix in matrices), "they must be views"
    config = RunConfig.from_settings({"task.name": "sinusoids", "model.name": name, "model.init": "orthogonal"})
    first = cast("Layer", build(config, input_size=INPUTS, outputs=2).layers[0]).forwards
    for matrix in first.recurrent_matrices():
        torch.testing.assert_close(matrix @ matrix.T, torch.eye(len(matrix)), rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize("bias", [True, False])
@pytest.mark.parametrize("name", RECURRENT)
def test_the_card_counts_what_the_cell_learns(name: str, bias: bool) -> None:
    net = net_of(name, **{"model.bias": bias, "model.learned_state": True, "model.bidirectional": True})
    counted = [(count.name, count.total) for count in count_parameters(net.plan)]
    assert counted == list(parameter_counts(net))
    estimate = cost(net.plan, 8, STEPS, STEPS)
    assert math.isfinite(estimate.seconds)
    assert estimate.seconds > 0
    assert estimate.activations > 0


@pytest.mark.parametrize("name", RECURRENT)
def test_the_card_names_biases_of_a_forget_gate_that_are_there(name: str) -> None:
    parameters = dict(cell_of(name).named_parameters())
    for parameter, block in MODELS[name].forget:
        assert parameters[parameter].numel() >= (block + 1) * UNITS


def test_every_file_of_a_cell_has_a_card() -> None:
    folder = Path(str(rnnlab.models.cells.__file__)).parent
    files = {file.stem for file in folder.glob("*.py")} - {"__init__"}
    assert files == {MODELS[name].cell_module for name in RECURRENT}


def test_a_card_without_its_cell_is_an_error_that_says_what_is_missing() -> None:
    layer = LayerPlan("conv", INPUTS, UNITS)
    with pytest.raises(LookupError, match=r"rnnlab/models/cells/conv\.py is missing, .* the cell of the card"):
        make_cell(layer)
