"""Looks into the net: right by hand-made differences, without a trace in the run, and telling an Elman net from an LSTM."""

from __future__ import annotations

from copy import deepcopy
from itertools import pairwise
from pathlib import Path
from typing import Any, cast

import msgspec
import numpy as np
import pytest
import torch
from torch import Tensor, nn

from rnnlab.catalog.models.catalog import MODELS
from rnnlab.models.kernels import c_kernels as compiled
from rnnlab.models.layer import Layer
from rnnlab.models.layer_parameters import layer_parameters
from rnnlab.models.net import Net, build
from rnnlab.models.stepwise import traced
from rnnlab.runs.event_numbers import real
from rnnlab.runs.events import CheckpointSaved, Evaluated, Event, GradientFlow, Inspected, Progress, Record
from rnnlab.runs.log_reader import read_records
from rnnlab.runs.reduce import reduce
from rnnlab.runs.state import RunState, initial_state
from rnnlab.runs.thinned import LIMIT
from rnnlab.tasks.load import load
from rnnlab.training.loop import Training
from rnnlab.training.observe.gradients import aligned
from rnnlab.training.verify import verify
from tests.training.recorded_runs import recorded
from tests.training.small import of_kind, small_config, small_split, trained

CELLS: list[dict[str, object]] = [
    {"model__name": "lstm"},
    {"model__name": "gru"},
    {"model__name": "elman"},
    {"model__name": "elman", "model__activation": "relu"},
    {"model__name": "lstm", "model__bias": False},
    {"model__name": "lstm", "model__learned_state": True},
    {"model__name": "gru", "model__layer_norm": True},
]


def a_net(**settings: object) -> Net:
    torch.manual_seed(1)
    config = small_config("surnames", **{"model__hidden": 5, **settings})
    return build(config, input_size=7, outputs=3).double()


def _module(cell: nn.RNNBase) -> Any:
    """The layer of PyTorch whose equations a cell has."""
    return next(kind for kind in (nn.LSTM, nn.GRU, nn.RNN) if isinstance(cell, kind))


def one_step(cell: nn.RNNBase, step: Tensor, state: tuple[Tensor, ...]) -> tuple[Tensor, ...]:
    """The state after one more step, by the module's own forward."""
    given = (state[0].unsqueeze(0), state[1].unsqueeze(0)) if len(state) == 2 else state[0].unsqueeze(0)
    _, after = _module(cell).forward(cell, step.unsqueeze(0), given)
    return tuple(part[0] for part in after) if len(state) == 2 else (after[0],)


def loss_with(net: Net, tokens: Tensor, at: int, change: Tensor) -> Tensor:
    """Σ of the squared answers to one row of `tokens` (steps,), where the state after step `at` is changed by `change`."""
    cell = cast("nn.RNNBase", cast("list[Layer]", list(net.layers))[0].forwards)
    assert net.one_hot is not None
    steps = net.one_hot(tokens.unsqueeze(1))
    zero = torch.zeros(1, cell.hidden_size, dtype=torch.float64)
    state: tuple[Tensor, ...] = (zero, zero) if isinstance(cell, nn.LSTM) else (zero,)
    said = []
    for place, step in enumerate(steps):
        state = one_step(cell, step, state)
        if place == at:
            state = (state[0] + change, *state[1:])
        said.append(state[0])
    told = net.norms[0](torch.stack(said))
    read = told.mean(0) if net.readout == "mean" else told[-1]
    return cast("Tensor", net.head(read)).square().sum()


@pytest.mark.parametrize("settings", CELLS, ids=str)
@pytest.mark.parametrize("readout", ["last", "mean"])
@torch.no_grad()
def test_the_gradient_by_a_state_is_that_of_differences(settings: dict[str, object], readout: str) -> None:
    """Later steps' share in it included: each number of each state is moved a little, and the loss seen to follow."""
    net = a_net(model__readout=readout, **settings)
    tokens = torch.tensor([1, 4, 2, 6, 3])
    with torch.enable_grad(), traced(net) as seen:
        loss = net(tokens.unsqueeze(0)).square().sum()
        (cell,) = seen.values()
        gradients = torch.autograd.grad(loss, cell.trace_of_pass.states)
    small = 1e-6
    for at, gradient in enumerate(gradients):
        for unit in range(5):
            change = torch.zeros(1, 5, dtype=torch.float64)
            change[0, unit] = small
            slope = (loss_with(net, tokens, at, change) - loss_with(net, tokens, at, -change)) / (2 * small)
            assert gradient[0, unit].item() == pytest.approx(slope.item(), rel=1e-5, abs=1e-9)


@pytest.mark.parametrize("settings", CELLS, ids=str)
@torch.no_grad()
def test_read_step_by_step_a_net_says_the_same(settings: dict[str, object]) -> None:
    net = a_net(model__layers=2, model__bidirectional=True, **settings)
    inputs, lengths = torch.randint(0, 7, (4, 9)), torch.tensor([3, 9, 5, 1])
    usual = net(inputs, lengths)
    cells = [*net.layers[0].children()]
    with traced(net) as seen:
        again = net(inputs, lengths)
        assert list(seen) == [f"{net.cell} {layer}{way}" for layer in (1, 2) for way in ("", " backwards")]
    torch.testing.assert_close(again, usual)
    assert [*net.layers[0].children()] == cells  # put back as they were
    assert torch.equal(net(inputs, lengths), usual)


@pytest.mark.parametrize("name", ["lstm", "gru"])
@torch.no_grad()
def test_gates_are_told_as_the_equations_have_them(name: str) -> None:
    """Biases that shut one gate and open another are seen to do so."""
    net = a_net(model__name=name)
    cell = cast("nn.RNNBase", cast("list[Layer]", list(net.layers))[0].forwards)
    *_, below, recurrent = cast("list[Tensor]", cell._flat_weights)
    below[:5] = -20.0
    recurrent[5:10] = 20.0
    with traced(net) as seen:
        net(torch.randint(0, 7, (4, 9)))
        gates = {gate.name: gate.values for gate in seen[f"{name} 1"].trace_of_pass.gates()}
    shut, opened = ("input", "forget") if name == "lstm" else ("reset", "update")
    assert gates[shut].shape == (9, 4, 5)
    assert gates[shut].max() < 1e-6
    assert gates[opened].min() > 1 - 1e-6
    assert all(((values >= 0) & (values <= 1)).all() for values in gates.values())


def test_a_gate_is_what_the_next_state_is_made_of() -> None:
    """The GRU's own equation, from the gates told, gives the states told."""
    net = a_net(model__name="gru")
    with torch.no_grad(), traced(net) as seen:
        tokens = torch.randint(0, 7, (2, 6))
        net(tokens)
        cell = seen["gru 1"]
        reset, update = (gate.values for gate in cell.trace_of_pass.gates())
        assert net.one_hot is not None
        states, below = torch.stack(list(cell.trace_of_pass.states)), net.one_hot(tokens.T)
        before = torch.cat((torch.zeros_like(states[:1]), states[:-1]))
        w, u, b, c = (weight[10:] for weight in cast("list[Tensor]", cell.cell._flat_weights))
        n = torch.tanh(nn.functional.linear(below, w, b) + reset * nn.functional.linear(before, u, c))
        torch.testing.assert_close((1 - update) * n + update * before, states)


@pytest.mark.skipif(not compiled.lanes(), reason="needs the compiled kernels in use")
@pytest.mark.parametrize("settings", CELLS, ids=str)
@pytest.mark.parametrize("readout", ["last", "mean"])
def test_compiled_layers_tell_the_same(settings: dict[str, object], readout: str) -> None:
    """As step by step in double precision: of rows that fill two slices and more than one vector."""
    exact = a_net(
        model__readout=readout, model__layers=2, model__bidirectional=True, **settings | {"model__hidden": 19}
    )
    quick = deepcopy(exact).float()
    inputs, lengths = torch.randint(0, 7, (71, 6)), torch.randint(1, 7, (71,))
    lengths[0] = 6
    told = []
    for net in (exact, quick):
        with traced(net) as seen:
            loss = net(inputs, lengths).square().sum()
            each = {name: cell.trace_of_pass.states for name, cell in seen.items()}
            assert all(bool(states) == (net is exact) for states in each.values())
            asked = [state for states in each.values() for state in states]
            gradients = iter(torch.autograd.grad(loss, [*net.parameters(), *asked], allow_unused=True)[-len(asked) :])
            by_state = {name: [next(gradients) for _ in states] for name, states in each.items()}
            flows = {name: cell.trace_of_pass.flow(by_state[name]) for name, cell in seen.items()}
            told.append(
                (flows, {name: [(g.name, g.values) for g in cell.trace_of_pass.gates()] for name, cell in seen.items()})
            )
    (flows, gates), (quick_flows, quick_gates) = told
    assert list(flows) == list(quick_flows)
    true = torch.arange(6)[:, None] < lengths
    for name, flow in flows.items():
        assert flow.abs().max() > 0
        torch.testing.assert_close(quick_flows[name].double(), flow, rtol=1e-4, atol=1e-5 * flow.abs().max().item())
        for (gate, values), (again, quick_values) in zip(gates[name], quick_gates[name], strict=True):
            assert gate == again
            torch.testing.assert_close(quick_values.double()[true], values[true].detach(), rtol=1e-4, atol=1e-6)


@pytest.mark.parametrize("kernels", ["compiled", "step by step"])
def test_the_cell_state_is_that_of_pytorchs_lstm(kernels: str) -> None:
    net = a_net(model__name="lstm", model__learned_state=True)
    net = net.float() if kernels == "compiled" else net
    tokens = torch.randint(0, 7, (3, 6))
    with torch.no_grad(), traced(net) as seen:
        net(tokens)
        cell = seen["lstm 1"]
        (states,) = cell.trace_of_pass.cell_states()
        state = cast("Tensor", cast("Layer", net.layers[0]).state)
        first = tuple(part.expand(1, 3, -1).contiguous() for part in state.chunk(2))
        lstm = cast("nn.LSTM", cell.cell)
        vectors = nn.functional.one_hot(tokens.T, lstm.input_size).to(states.dtype)
        for end in range(1, 7):
            _, (_, last) = nn.LSTM.forward(lstm, vectors[:end], (first[0], first[1]))
            torch.testing.assert_close(states[end - 1], last[0], rtol=1e-4, atol=1e-6)


def test_rows_are_aligned_at_their_ends() -> None:
    norms = np.array([[1.0, 5.0], [2.0, 6.0], [0.0, 7.0]])
    assert aligned(norms, None).tolist() == [3.0, 4.0, 3.5]
    # The first row has two steps: its last one stands over the other's last one.
    assert aligned(norms, torch.tensor([2, 3])).tolist() == [5.0, 3.5, 4.5]


# In a run.


def figures(events: list[Event]) -> tuple[list[Evaluated], dict[str, str]]:
    """What a look must not change: every figure of an evaluation, and the weights saved in the end."""
    evaluated = [msgspec.structs.replace(event, seconds=0.0) for event in of_kind(events, Evaluated)]
    return evaluated, {event.kind: event.sha256 for event in of_kind(events, CheckpointSaved)}


@pytest.mark.parametrize(
    "settings",
    [
        {"task": "surnames", "model__dropout": 0.3, "model__layers": 2, "model__bidirectional": True},
        {"task": "surnames", "train__batch_size": 1, "train__evaluate_every": 40, "model__dropout": 0.2},
        {"task": "binary", "model__name": "gru", "optim__name": "rmsprop"},
        {"task": "copy", "data__rows": 200, "data__steps": 5, "model__name": "elman"},
    ],
    ids=str,
)
def test_a_run_that_is_looked_into_is_the_run_that_is_not(settings: dict[str, Any]) -> None:
    seen = trained(small_config(train__inspect="each", **settings))
    unseen = trained(small_config(train__inspect="off", **settings))
    assert of_kind(seen, Inspected)
    assert of_kind(seen, GradientFlow)
    assert not of_kind(unseen, Inspected)
    assert not of_kind(unseen, GradientFlow)
    assert figures(seen) == figures(unseen)


def test_a_run_that_is_looked_into_is_verified(tmp_path: Path) -> None:
    """Flows and figures are compared too: one that is altered is found."""
    run = recorded(
        tmp_path, task="surnames", model__hidden=16, train__epochs=2, model__dropout=0.2, train__inspect="each"
    )
    report = verify(run)
    assert (report.ok, report.mismatches) == (True, [])
    flows = sum(isinstance(record.data, GradientFlow) for record in read_records(run.events_path)[0])
    assert flows == 2


def test_each_layer_is_told_of() -> None:
    config = small_config(
        "surnames", model__layers=2, data__encoding="embedding", train__inspect="each", optim__name="sgd", optim__lr=0.1
    )
    training = Training(config, small_split(config))
    assert list(layer_parameters(training.net)) == ["embedding", "lstm 1", "lstm 2", "head"]
    events = list(training.events())
    looks = of_kind(events, Inspected)
    assert [look.epoch for look in looks] == [1, 2]
    for look in looks:
        assert [layer.name for layer in look.layers] == ["embedding", "lstm 1", "lstm 2", "head"]
        for layer in look.layers:
            assert real(layer.gradient) > 0
            assert layer.moved is not None
            assert 0 < real(layer.moved) < 1
        assert [gate.name for gate in look.layers[1].gates] == ["input", "forget", "output"]
    assert [flow.layer for flow in of_kind(events, GradientFlow)] == ["lstm 1", "lstm 2"] * 2


def test_what_an_update_moves_is_measured() -> None:
    """One update of plain descent without clipping: ‖Δw‖ is the rate times the gradient's norm."""
    still = {"optim__name": "sgd", "optim__lr": 0.01, "optim__clip_norm": None, "train__inspect": "each"}
    config = small_config("binary", train__batch_size=1000, train__epochs=1, **still)
    training = Training(config, small_split(config))
    parts = layer_parameters(training.net)
    squares = {name: sum(p.detach().square().sum().item() for p in layer) for name, layer in parts.items()}
    events = list(training.events())
    look = of_kind(events, Inspected)[0]
    way = sum(real(cast("Any", layer.moved)) ** 2 * squares[layer.name] for layer in look.layers)
    (told,) = (event for event in of_kind(events, Progress) if event.steps)
    assert way**0.5 / 0.01 == pytest.approx(real(cast("Any", told.grad_norm)), rel=1e-3)


def test_looks_are_as_rare_as_they_are_dear() -> None:
    """Short epochs of a small net: not every one is looked at; the first always is."""
    config = small_config("binary", train__epochs=500, model__hidden=32, train__batch_size=16)
    first, *later = [look.epoch for look in of_kind(trained(config), Inspected)]
    assert first == 1
    # How dear one is depends on the kernels: the compiled ones note what is looked for on their way.
    assert 0 < len(later) < 40
    assert {after - before for before, after in pairwise(later)} <= {later[0]}


def test_an_elman_net_forgets_and_an_lstm_that_keeps_does_not() -> None:
    """Over a hundred steps, trained a little. An LSTM as PyTorch draws it (forget gates at one half) forgets too: it is the open
    forget gate that keeps.
    """
    task = {
        "task": "temporal_order",
        "data__rows": 600,
        "data__steps": 100,
        "model__hidden": 32,
        "train__batch_size": 32,
    }
    left = {}
    for name, settings in {
        "elman": {"model__name": "elman"},
        "lstm": {"model__name": "lstm", "model__forget_bias": 6.0},
        "lstm as drawn": {"model__name": "lstm"},
    }.items():
        config = small_config(**task, **settings, train__inspect="each", optim__lr=0.003)  # type: ignore[arg-type]
        flow = of_kind(list(Training(config, load(config)).events()), GradientFlow)[0]
        norms = [real(norm) for norm in flow.norms]
        assert len(norms) > 100
        left[name] = norms[0] / max(norms)
    # How much exactly depends on the last digits of the way there: from 2e-4 to 1e-2 over four seeds, and from 1e-20 down.
    assert left["lstm"] > 1e-5
    assert left["elman"] < 1e-6 * left["lstm"]
    assert left["lstm as drawn"] < 1e-6 * left["lstm"]


def test_dead_units_of_a_relu_are_counted() -> None:
    config = small_config("binary", model__name="elman", model__activation="relu", model__hidden=64)
    config = msgspec.structs.replace(config, train=msgspec.structs.replace(config.train, inspect="each", epochs=1))
    training = Training(config, small_split(config))
    cell = cast("list[Layer]", list(training.net.layers))[0].forwards
    with torch.no_grad():
        cast("list[Tensor]", cell._flat_weights)[2][:48] = -100.0
    look = of_kind(list(training.events()), Inspected)[0]
    (gate,) = look.layers[0].gates
    assert gate.name == "units"
    assert 0.75 <= gate.shut < 1


@pytest.mark.parametrize(
    "name", ["mgu", "peepholelstm", "taugru", "fastgrnn", "mingru", "elman-linear", "tcn", "dense", "linear"]
)
def test_other_architectures_are_looked_into_as_far_as_they_go(name: str) -> None:
    """Recurrent cells show the flow of their gradient; a convolution and a dense layer have their gradients alone."""
    config = small_config("surnames", model__name=name, train__inspect="each", train__epochs=1, model__layers=2)
    events = list(Training(config, small_split(config, 60)).events())
    (look,) = of_kind(events, Inspected)
    names = [layer.name for layer in look.layers]
    assert names == (["head"] if name == "linear" else [f"{name} 1", f"{name} 2", "head"])
    flows = of_kind(events, GradientFlow)
    assert len(flows) == (2 if MODELS[name].recurrent else 0)
    for flow in flows:
        assert len(flow.norms) > 5
        assert real(flow.norms[-1]) > 0


def test_behind_a_convolution_there_are_fewer_steps() -> None:
    config = small_config("surnames", model__conv=8, model__conv_stride=2, train__inspect="each", train__epochs=1)
    events = list(Training(config, small_split(config, 60)).events())
    (flow,) = of_kind(events, GradientFlow)
    without = small_config("surnames", train__inspect="each", train__epochs=1)
    (usual,) = of_kind(list(Training(without, small_split(without, 60)).events()), GradientFlow)
    assert len(flow.norms) == (len(usual.norms) + 1) // 2
    assert real(flow.norms[-1]) > 0


def test_long_rows_are_cut_and_short_splits_taken_whole() -> None:
    config = small_config("temporal_order", data__rows=30, data__steps=600, train__inspect="each", train__epochs=1)
    flows = of_kind(list(Training(config, load(config)).events()), GradientFlow)
    assert len(flows[0].norms) == 256


def a_state(events: list[Event]) -> RunState:
    state = initial_state()
    for seq, event in enumerate(events):
        reduce(state, Record(seq, 0.0, 0.0, event))  # type: ignore[arg-type]
    return state


def test_the_state_keeps_a_choice_of_flows() -> None:
    flows: list[Event] = [GradientFlow(epoch=n, step=n, layer="lstm 1", norms=(1.0, float(n))) for n in range(1, 1001)]
    kept = a_state(flows).flows["lstm 1"].all()
    assert len(kept) <= LIMIT + 1
    assert (kept[0].epoch, kept[-1].epoch) == (1, 1000)
