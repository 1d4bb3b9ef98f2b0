"""Updates launched as graphs: which are, which way is kept, and that a run comes out the same. Without a device, work that
is "captured" is done anew from the same places in memory, which is what a graph does.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import torch

from rnnlab.config import RunConfig
from rnnlab.config.optimisers import OPTIMISERS
from rnnlab.config.tree import GRAPHED
from rnnlab.runs.events import Diagnosed, RunFinished
from rnnlab.training.data.batches import Batch
from rnnlab.training.loop import Training
from rnnlab.training.persist.state_file import pack, unpack
from rnnlab.training.step.cuda_graphs import (
    LOST,
    MOST,
    TRIES,
    WARM_UP,
    Graphs,
    TimingComparison,
    capturer_for,
    shape_of,
)
from rnnlab.training.step.result import StepResult
from rnnlab.training.step.update import Update
from rnnlab.training.verify import _figures
from tests.training.graph_clock import clock_of, in_favour_of_graphs
from tests.training.recorded_runs import without_times
from tests.training.small import of_kind, small_config, small_split

Work = Callable[[], StepResult]


class Here:
    """Takes the place of a device: capturing does nothing, launching does the work and writes to the same places each time."""

    def __init__(self, refuses: str = "") -> None:
        self.refuses = refuses
        self.captured = self.launched = 0

    def warm_up(self, work: Work) -> StepResult:
        return work()

    def capture(self, work: Work) -> Work:
        if self.refuses:
            raise RuntimeError(self.refuses)
        self.captured += 1
        places: list[torch.Tensor] = []

        def replay() -> StepResult:
            self.launched += 1
            told = work()
            if not places:
                places.extend(torch.as_tensor(figure).clone() for figure in told)
            for place, figure in zip(places, told, strict=True):
                place.copy_(torch.as_tensor(figure))
            return StepResult(*places)

        return replay

    def wait(self) -> None:
        pass


def against_graphs() -> Iterator[float]:
    while True:
        yield from (0.5, 1.0)


def training_of(config: RunConfig, capturer: Here | None, times: Iterator[float] | None = None) -> Training:
    """A training on the path of a device, here."""
    training = Training(config, small_split(config, 160))
    device = torch.device("cpu")
    parameters = list(training.net.parameters())
    update = Update(training.net, training.objective, config.optim, parameters, config.train, device, capturer=capturer)
    update.on_host, update._rate_in_float32 = False, True
    if update.graphs is not None and times is not None:
        update.graphs._clock = clock_of(times)
    training.update = update
    return training


def config_of(**settings: Any) -> RunConfig:
    fixed = {"model__dropout": 0.3, "train__batch_size": 40, "train__epochs": 40, "train__evaluate_every": 40}
    return small_config("surnames", **fixed | settings)


def same_weights(one: Training, other: Training) -> bool:
    return all(map(torch.equal, one.net.state_dict().values(), other.net.state_dict().values()))


@pytest.mark.parametrize(
    "settings",
    [
        {},
        {"optim__name": "adamw", "optim__schedule": "cosine", "optim__weight_decay": 0.1},
        {"optim__name": "sgd", "optim__momentum": 0.9, "optim__lr": 0.1, "optim__clip_value": 0.01},
        {"optim__name": "sgd", "optim__lr": 0.1, "optim__momentum": 0, "model__readout": "attention"},
        {"model__name": "gru", "model__bidirectional": True, "model__hidden": "8,8", "model__readout": "mean"},
        {"train__loss": "focal", "optim__amsgrad": True},
    ],
)
def test_a_run_is_the_same_to_the_bit_with_graphs_as_without(settings: dict[str, Any]) -> None:
    config = config_of(**settings)
    device = Here()
    with_graphs = training_of(config, device, in_favour_of_graphs())
    told = list(with_graphs.events())
    without = training_of(config, None)
    expected = list(without.events())
    assert device.captured > 1
    assert device.launched > device.captured * TRIES, "more than while they were timed"
    assert without_times(told) == without_times(expected)
    assert same_weights(with_graphs, without)


@pytest.mark.parametrize("kept", [1, 0])
def test_the_quicker_way_is_kept_shape_by_shape(kept: int) -> None:
    device = Here()
    config = config_of(train__epochs=1)
    training = training_of(config, device, in_favour_of_graphs() if kept else against_graphs())
    batch = next(training.batches.epoch(1))
    updates = WARM_UP + 2 * TRIES + 20
    for _ in range(updates):
        training.update(batch, 0.01)
    assert training.update.graphs is not None
    assert device.captured == 1
    assert device.launched == (TRIES + 20 if kept else TRIES)
    assert training.update.graphs.held == kept, "a graph that lost gives its memory back"


def test_a_race_is_won_by_what_is_quicker_by_a_real_clock() -> None:
    """Two ways of the same product, one of them a hundred times; one slow time changes nothing."""
    matrix = torch.randn(64, 64)

    def timed(times: int) -> float:
        began = time.perf_counter()
        for _ in range(times):
            matrix @ matrix
        return time.perf_counter() - began

    for slow, fast in ((0, 1), (1, 0)):
        timing = TimingComparison()
        timed(1)
        turns = []
        while timing.winner is None:
            turns.append(timing.turn)
            seconds = timed(100 if timing.turn == slow else 1)
            timing.note(seconds + (10.0 if len(turns) == 2 else 0.0))
        assert turns == [0, 1] * TRIES
        assert timing.winner == fast


def test_a_tie_is_for_the_kernels_launched_one_by_one() -> None:
    timing = TimingComparison(tries=1)
    timing.note(1.0)
    timing.note(1.0)
    assert timing.winner == 0


def told_of(batch: Batch) -> StepResult:
    figure = batch.inputs.double().sum()
    return StepResult(batch.targets.double(), figure, figure)


def batch_of(rows: int, steps: int, *, fill: float = 1, padded: bool = False) -> Batch:
    lengths = torch.full((rows,), steps) if padded else None
    return Batch(torch.full((rows, steps), fill), lengths, torch.zeros(rows), torch.arange(rows).numpy())


def graphs_of(device: Here, times: Iterator[float]) -> Graphs:
    return Graphs(told_of, lambda batch, _: told_of(batch), device, torch.device("cpu"), clock_of(times))


def test_a_shape_is_what_decides_which_kernels_run() -> None:
    shapes = [batch_of(4, 3), batch_of(4, 3, padded=True), batch_of(3, 4), batch_of(4, 4)]
    assert len({shape_of(batch) for batch in shapes}) == 4
    assert shape_of(batch_of(4, 3)) == shape_of(batch_of(4, 3))
    assert shape_of(batch_of(4, 3)) != shape_of(batch_of(4, 3, fill=1.0)), "tokens and values"


def test_what_a_graph_said_stays_when_it_is_launched_again() -> None:
    device = Here()
    learn = graphs_of(device, in_favour_of_graphs())
    told = [learn(batch_of(2, 2, fill=number), 0.1, ()) for number in range(30)]
    assert device.launched > 10
    assert [float(each.loss) for each in told] == [4.0 * number for number in range(30)]


def test_only_so_many_shapes_are_held() -> None:
    device = Here()
    learn = graphs_of(device, in_favour_of_graphs())
    for steps in range(1, MOST + 10):
        for _ in range(WARM_UP + 2 * TRIES + 1):
            learn(batch_of(2, steps), 0.1, ())
    assert learn.held == device.captured == MOST


def test_where_graphs_lose_shape_after_shape_no_more_are_tried() -> None:
    device = Here()
    learn = graphs_of(device, against_graphs())
    for steps in range(1, 10):
        for _ in range(WARM_UP + 2 * TRIES + 1):
            learn(batch_of(2, steps), 0.1, ())
    assert device.captured == LOST
    assert not learn.warning, "nothing is wrong, so nothing is said"


def test_a_shape_that_comes_seldom_is_not_captured() -> None:
    device = Here()
    learn = graphs_of(device, in_favour_of_graphs())
    for _ in range(WARM_UP):
        learn(batch_of(2, 7), 0.1, ())
    assert device.captured == 0


def test_a_knob_that_is_turned_is_in_the_graphs_from_then_on() -> None:
    config = config_of(optim__clip_norm=None)
    device = Here()
    ours, plain = training_of(config, device, in_favour_of_graphs()), training_of(config, None)
    updates = WARM_UP + 2 * TRIES + 5
    for training in (ours, plain):
        torch.manual_seed(3)
        batch = next(training.batches.epoch(1))
        for step in range(4 * updates):
            if step == updates:
                training.update.clip_norm = 0.01
            if step == 2 * updates:
                training.update.dropout = 0.0
            if step == 3 * updates:
                training.update.reset()
            training.update(batch, 0.01)
    assert device.captured == 4, "captured anew each time"
    assert same_weights(ours, plain)


def test_where_capturing_fails_one_sentence_says_so_and_the_run_is_the_same() -> None:
    config = config_of()
    device = Here(refuses="operation not permitted when stream is capturing\nCUDA kernel errors might be …")
    told = list(training_of(config, device).events())
    expected = list(training_of(config, None).events())
    said = [event for event in of_kind(told, Diagnosed) if event.kind == "graphs"]
    assert len(said) == 1
    assert said[0].message == (
        "the update cannot be captured as a CUDA graph, so its kernels are launched one by one: "
        "operation not permitted when stream is capturing"
    )
    assert "runtime.graphs = off" in said[0].remedy
    assert without_times([event for event in told if event not in said]) == without_times(expected)
    assert of_kind(told, RunFinished)[0].outcome == "completed"


def test_a_run_with_graphs_goes_on_from_a_state_that_was_kept() -> None:
    config = config_of()
    first = training_of(config, Here(), in_favour_of_graphs())
    batches = [batch for epoch in range(1, 40) for batch in first.batches.epoch(epoch)]
    for batch in batches[:60]:
        first.update(batch, 0.01)
    random = torch.get_rng_state()
    state = unpack(pack({"net": first.net.state_dict(), "update": first.update.state_dict()}))
    device = Here()
    again = training_of(config, device, in_favour_of_graphs())
    again.net.load_state_dict(state["net"])
    again.update.load_state_dict(state["update"])
    losses = []
    for training in (first, again):
        torch.set_rng_state(random)
        losses.append([float(training.update(batch, 0.02).loss) for batch in batches[60:]])
    assert device.launched
    assert losses[0] == losses[1]
    assert same_weights(first, again)


@pytest.mark.parametrize("name", OPTIMISERS)
def test_an_optimiser_that_needs_the_host_stays_as_it_is(name: str) -> None:
    config = small_config("surnames", optim__name=name, runtime__device="auto", runtime__graphs="auto")
    assert config.applies("runtime.graphs") == (name in GRAPHED)
    assert (training_of(config, Here()).update.graphs is not None) == (name in GRAPHED)


def test_accumulated_batches_stay_as_they_are() -> None:
    assert training_of(config_of(train__accumulate=2), Here()).update.graphs is None


def test_on_the_cpu_there_are_none() -> None:
    config = small_config(runtime__device="auto", runtime__graphs="auto")
    assert capturer_for(torch.device("cpu"), config) is None
    assert small_config().runtime.graphs == "off", "until somebody has measured it"


def test_what_is_said_of_launching_is_no_number_to_compare() -> None:
    word = Diagnosed(kind="graphs", epoch=1, step=2, message="the update cannot be captured …")
    plateau = Diagnosed(kind="plateau", epoch=1, step=2, message="…")
    assert _figures([word, plateau]) == {}, (
        "words, whose rules change with versions; the figures they follow from are compared"
    )
