"""What is to hold on a CUDA device, and on Metal as far as it goes; each test says so where there is none."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor

from rnnlab.config import RunConfig
from rnnlab.engines.runner import Runner
from rnnlab.runs.event_numbers import real
from rnnlab.runs.events import Diagnosed, Evaluated, Event, RunFinished, RunStarted
from rnnlab.runs.folders import SessionInfo, create_session
from rnnlab.runs.log_reader import read_state
from rnnlab.training.device import choose_device, device_name
from rnnlab.training.evaluation.evaluate import Evaluation
from rnnlab.training.evaluation.predict import load_best
from rnnlab.training.evaluation.saved_weights import load_checked
from rnnlab.training.loop import Training
from rnnlab.training.observe import progress
from rnnlab.training.persist import state_saver
from rnnlab.training.step.cuda_graphs import TRIES, WARM_UP
from tests.training.graph_clock import clock_of, in_favour_of_graphs
from tests.training.recorded_runs import begun, check_alike, killed_anywhere, lived, resumed, some, without_times
from tests.training.small import of_kind, small_config, small_split, trained

pytestmark = pytest.mark.gpu


@pytest.fixture
def cuda() -> str:
    if not torch.cuda.is_available():
        pytest.skip("needs a CUDA device; there is none here")
    return "cuda"


@pytest.fixture
def mps() -> str:
    if not torch.backends.mps.is_available():
        pytest.skip("needs a Metal device; there is none here")
    return "mps"


def names(device: str, **settings: Any) -> RunConfig:
    """Rows of unequal lengths, dropout, everything that a run of names has; a device's own first losses are compared."""
    fixed = {"model__dropout": 0.3, "train__batch_size": 16, "train__epochs": 3, "runtime__device": device}
    return small_config("surnames", **fixed | settings)


def losses(config: RunConfig, updates: int = 20, *, same: bool = False) -> tuple[list[float], Training]:
    """Those of the first updates, with the training that made them; `same`: all from one batch."""
    training = Training(config, small_split(config, 400))
    batches = [batch for epoch in (1, 2, 3) for batch in training.batches.epoch(epoch)][:updates]
    told = [training.update(batches[0] if same else batch, 0.01).loss for batch in batches]
    return [float(loss) for loss in told], training


def same_weights(one: Training, other: Training) -> bool:
    return all(map(torch.equal, one.net.state_dict().values(), other.net.state_dict().values()))


def test_auto_is_the_cuda_device_and_the_run_names_it(cuda: str) -> None:
    assert choose_device("auto") == choose_device(cuda) == torch.device("cuda:0")
    events = trained(names("auto", train__epochs=1))
    started = of_kind(events, RunStarted)[0]
    assert (started.device, started.device_name) == ("cuda:0", device_name(torch.device("cuda:0")))
    assert of_kind(events, RunFinished)[0].outcome == "completed"


def test_first_losses_are_those_of_the_cpu(cuda: str) -> None:
    """The first weights and the order of the rows do not depend on the device; dropout's masks do."""
    here, there = (losses(names(device, model__dropout=0), 10)[0] for device in (cuda, "cpu"))
    assert here == pytest.approx(there, rel=1e-3)


@pytest.mark.parametrize("precision", ["tf32", "bf16"])
def test_a_precision_is_what_products_are_computed_in_and_nothing_else(cuda: str, precision: str) -> None:
    settings: dict[str, Any] = {"model__dropout": 0, "model__hidden": 64}
    full, _ = losses(names(cuda, **settings), 5)
    told, training = losses(names(cuda, **settings, runtime__precision=precision), 5)
    assert told == pytest.approx(full, rel=0.05)
    assert precision != "bf16" or told != full
    assert torch.backends.cuda.matmul.allow_tf32 == torch.backends.cudnn.allow_tf32 == (precision == "tf32")
    states: list[Tensor] = [*training.net.parameters()]
    states += [value for state in training.update.optimiser.state.values() for value in state.values()]
    assert {state.dtype for state in states} == {torch.float32}


@pytest.mark.parametrize(
    "settings",
    [
        {"model__hidden": 64},
        {"model__name": "gru", "model__bidirectional": True, "model__layers": 2, "model__readout": "mean"},
        {"model__name": "elman", "model__readout": "attention", "data__encoding": "embedding"},
        {"model__name": "mingru", "model__readout": "max", "optim__name": "rmsprop"},
        {"train__loss": "focal", "data__balance": "weights", "optim__name": "muon"},
        {"train__bptt": 3, "train__accumulate": 2},
        {"optim__name": "lbfgs", "optim__lr": 0.5, "runtime__graphs": "auto"},
    ],
)
def test_a_deterministic_run_comes_out_again_to_the_bit(cuda: str, settings: dict[str, Any]) -> None:
    first, one = losses(names(cuda, **settings))
    again, other = losses(names(cuda, **settings))
    assert first == again
    assert same_weights(one, other)


@pytest.mark.parametrize("model", ["elman", "lstm", "gru"])
@pytest.mark.parametrize("precision", ["float32", "tf32", "bf16"])
def test_a_device_learns_in_each_precision_and_repeats(cuda: str, model: str, precision: str) -> None:
    config = learning(cuda, model__name=model, runtime__precision=precision)
    first, again = trained(config), trained(config)
    assert has_learned(first)
    assert without_times(first) == without_times(again)


def test_without_determinism_a_run_learns_all_the_same(cuda: str) -> None:
    assert has_learned(trained(learning(cuda, runtime__deterministic=False)))


def learning(device: str, **settings: Any) -> RunConfig:
    return names(
        device, **{"model__hidden": 16, "model__dropout": 0, "train__epochs": 10, "optim__lr": 0.02} | settings
    )


def has_learned(events: list[Event]) -> bool:
    """On the CPU the loss falls to a third."""
    running = [real(event.loss) for event in of_kind(events, Evaluated) if event.running]
    return running[-1] < 0.5 * running[0]


@pytest.mark.parametrize("task", ["surnames", "sinusoids", "anbn", "binary"])
def test_a_look_on_a_device_is_the_look_of_the_cpu(cuda: str, task: str) -> None:
    config = small_config(task, runtime__device=cuda)
    training = Training(config, small_split(config))
    looks = []
    for device in ("cuda:0", "cpu"):
        net = training.net.to(device).eval()
        objective = Training(small_config(task, runtime__device=device.partition(":")[0]), training.split).objective
        evaluation = Evaluation(training.split, objective, torch.device(device), 0)
        accumulator = evaluation.accumulator("validation", 1)
        for batch in evaluation.batches("validation"):
            accumulator.add(net, batch)
        looks.append(accumulator.result())
    here, there = looks
    assert here.loss == pytest.approx(there.loss, rel=1e-4)
    assert here.metrics == pytest.approx(there.metrics, rel=0.02, abs=0.02)
    assert [sample.target for sample in here.samples] == [sample.target for sample in there.samples]


def test_weights_saved_on_a_device_are_read_on_the_cpu(cuda: str, tmp_path: Path) -> None:
    run, events = begun(tmp_path, task="surnames", runtime__device=cuda, data__rows=400)
    lived(run, events)
    state, _ = read_state(run.events_path)
    kept, _ = load_checked(run.path / "best.safetensors", [state.checkpoints["best"]])
    assert {value.device.type for value in kept.values()} == {"cpu"}
    best = load_best(run)
    assert {parameter.device.type for parameter in best.net.parameters()} == {"cpu"}
    assert best.predict(["Kowalska"])[0].ranked


@pytest.fixture
def _state_after_every_update(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(progress, "WINDOW", 0.0)
    for name, value in {"FIRST": 0.0, "LOST": 0.0, "SHARE": float("inf")}.items():
        monkeypatch.setattr(state_saver, name, value)


@pytest.mark.usefixtures("_state_after_every_update")
@pytest.mark.parametrize(
    "settings",
    [
        {"task": "sinusoids", "model__dropout": 0.3, "optim__schedule": "cosine"},
        {"model__name": "gru", "model__layers": 2, "model__dropout": 0.2, "optim__name": "rmsprop", "train__batch_size": 32},
        {"task": "sinusoids", "model__dropout": 0.3, "train__batch_size": 8, "runtime__graphs": "auto"},
        {"task": "anbn", "data__rows": 200, "data__steps": 6, "train__evaluate_every": 2, "runtime__graphs": "auto"},
    ],
)  # fmt: skip
def test_a_run_goes_on_from_any_moment_to_the_bit(cuda: str, tmp_path: Path, settings: dict[str, Any]) -> None:
    reference, events = begun(tmp_path, **settings, runtime__device=cuda)
    for run in some(killed_anywhere(reference, events, tmp_path / "killed"), 4):
        lived(run, resumed(run))
        check_alike(run, reference)


@pytest.mark.parametrize(
    "settings",
    [
        {},
        {"runtime__precision": "bf16"},
        {"optim__name": "sgd", "optim__momentum": 0.9, "optim__clip_value": 0.01},
        {"optim__name": "adamw", "optim__weight_decay": 0.1, "model__name": "gru", "model__bidirectional": True},
        {"model__name": "elman", "model__readout": "attention", "data__encoding": "embedding"},
    ],
)
def test_updates_of_a_graph_are_those_of_its_kernels_to_the_bit(cuda: str, settings: dict[str, Any]) -> None:
    updates = WARM_UP + 2 * TRIES + 20
    graphed, ours = losses(names(cuda, **settings, runtime__graphs="auto"), updates, same=True)
    plain, theirs = losses(names(cuda, **settings), updates, same=True)
    assert ours.update.graphs is not None
    assert ours.update.graphs.warning == ""
    assert graphed == plain
    assert same_weights(ours, theirs)


def test_a_graph_that_is_kept_learns_what_its_kernels_learn(cuda: str) -> None:
    """Whatever the clock says; rate, dropout and clipping are turned meanwhile."""
    each = WARM_UP + 2 * TRIES + 20
    told = []
    for graphs in ("auto", "off"):
        config = names(cuda, runtime__graphs=graphs)
        training = Training(config, small_split(config, 400))
        if training.update.graphs is not None:
            training.update.graphs._clock = clock_of(in_favour_of_graphs())
        batch = next(training.batches.epoch(1))
        figures = []
        for step in range(3 * each):
            if step == each:
                training.update.dropout = 0.1
            if step == 2 * each:
                training.update.clip_norm = 0.01
            figures.append(training.update(batch, 0.01 / (1 + step)).loss)
        assert training.update.graphs is None or training.update.graphs.held == 1
        told.append(([float(figure) for figure in figures], training))
    assert told[0][0] == told[1][0]
    assert same_weights(told[0][1], told[1][1])


def test_a_whole_run_is_the_same_with_graphs_as_without(cuda: str) -> None:
    stories: list[list[Event]] = [trained(names(cuda, runtime__graphs=graphs)) for graphs in ("auto", "off")]
    told = [
        [event for event in without_times(story) if isinstance(event, tuple) and event[0] != "RunStarted"]
        for story in stories
    ]
    assert told[0] == told[1]


def test_what_cannot_be_captured_is_said_and_learned_all_the_same(cuda: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A loss that waits for the device; dropout can be drawn from the generator afterwards, as if nothing had been."""
    stories = []
    for graphs in ("auto", "off"):
        config = names(cuda, runtime__graphs=graphs, train__epochs=10, train__batch_size=32)
        training = Training(config, small_split(config))
        plain = training.objective.loss

        def waits(outputs: Tensor, targets: Tensor, plain: Any = plain) -> Tensor:
            loss: Tensor = plain(outputs, targets)
            loss.item()
            return loss

        monkeypatch.setattr(training.objective, "loss", waits)
        stories.append(list(training.events()))
    said = [event for event in of_kind(stories[0], Diagnosed) if event.kind == "graphs"]
    assert len(said) == 1
    assert "cannot be captured" in said[0].message
    looks = [[(e.split, e.step, e.loss) for e in of_kind(story, Evaluated)] for story in stories]
    assert looks[0] == looks[1]


def test_two_runs_share_a_device(cuda: str, tmp_path: Path) -> None:
    """Real trainers, side by side, each to its end."""
    session = create_session("lab", root=tmp_path)
    session.write_info(SessionInfo("lab", slots=8, gpu_runs=2))
    settings = {"task.name": "binary", "model.hidden": "8", "train.epochs": 2, "runtime.device": cuda}
    runs = [session.create_run(RunConfig.from_settings(settings)) for _ in range(3)]
    Runner(session).work()
    states = [read_state(run.events_path)[0] for run in runs]
    assert [state.status for state in states] == ["completed"] * 3
    assert states[2].first_wall > min(states[0].last_wall, states[1].last_wall), "the third waited"


def test_metal_learns(mps: str, tmp_path: Path) -> None:
    config = names(mps, model__dropout=0, train__inspect="each")
    events = trained(config)
    assert of_kind(events, RunStarted)[0].device == "mps"
    there = trained(names("cpu", model__dropout=0, train__inspect="each"))
    ends = [real(of_kind(story, RunFinished)[0].final["test"]["loss"]) for story in (events, there)]
    assert ends[0] == pytest.approx(ends[1], rel=0.05)


@pytest.mark.usefixtures("_state_after_every_update")
def test_metal_goes_on_from_where_a_run_was(mps: str, tmp_path: Path) -> None:
    reference, events = begun(tmp_path, task="sinusoids", model__dropout=0.3, runtime__device=mps)
    for run in some(killed_anywhere(reference, events, tmp_path / "killed"), 3):
        lived(run, resumed(run))
        assert read_state(run.events_path)[0].status == "completed"
