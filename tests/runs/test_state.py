"""The state stays small however long the run, and loses no spike."""

from __future__ import annotations

import math

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rnnlab.runs.data_summary import DataSummary
from rnnlab.runs.event_numbers import number
from rnnlab.runs.events import (
    CommandApplied,
    Diagnosed,
    Evaluated,
    Progress,
    Record,
    RunFailed,
    RunFinished,
    RunStarted,
)
from rnnlab.runs.reduce import COMMANDS_KEPT, reduce
from rnnlab.runs.series import CAPACITY, Series
from rnnlab.runs.state import RunState, initial_state
from rnnlab.runs.thinned import LIMIT
from rnnlab.runs.verdict import Verdict

DATA = DataSummary(task="names", title="Names", problem="classification", metric="accuracy", higher_is_better=True)
START = RunStarted(run="1", config={}, data=DATA, model="LSTM 8", epochs=9, steps_per_epoch=10, steps_total=90)


def fed(*events: object) -> RunState:
    state = initial_state()
    for seq, event in enumerate((START, *events)):
        reduce(state, Record(seq, 1000.0 + seq, float(seq), event))  # type: ignore[arg-type]
    return state


def series() -> Series:
    return initial_state().curve("x")


@given(st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=300), st.integers(1, 40))
def test_a_thinned_curve_keeps_extremes_means_and_order(values: list[float], repeat: int) -> None:
    values = values * repeat
    curve = series()
    for step, value in enumerate(values, start=1):
        curve.add(step, step / 10, step / 100, value)
    assert len(curve) <= CAPACITY
    assert min(curve.low) == min(values)
    assert max(curve.high) == max(values)
    assert sum(curve.count) == len(values)
    assert curve.step == sorted(set(curve.step))
    assert curve.step[-1] == len(values)
    total = sum(mean * count for mean, count in zip(curve.mean, curve.count, strict=True))
    assert total == pytest.approx(sum(values), rel=1e-6, abs=1e-3)


def test_a_hundred_thousand_points_keep_a_single_spike() -> None:
    curve = series()
    for step in range(100_000):
        curve.add(step, 0.0, 0.0, 5.0 if step == 54_321 else 1.0)
    assert CAPACITY / 2 <= len(curve) <= CAPACITY
    assert max(curve.high) == 5.0


def test_what_is_not_finite_is_no_point() -> None:
    curve = series()
    for value in (1.0, math.nan, math.inf, -math.inf, 2.0):
        curve.add(1, 0.0, 0.0, value)
    assert curve.mean == [1.0, 2.0]


def test_the_state_is_bounded() -> None:
    matrix = ((1, 2), (3, 4))
    data = msgspec.structs.replace(DATA, classes=("a", "b"))
    events: list[object] = [msgspec.structs.replace(START, data=data)]
    for step in range(5000):
        events.append(
            Progress(epoch=1, step=step, steps=1, loss=1.0, loss_low=0.5, loss_high=2.0, lr=0.1, grad_norm=1.0)
        )
        events.append(Evaluated(split="validation", epoch=step, step=step, metrics={"accuracy": 0.1}, confusion=matrix))
        events.append(CommandApplied(command="set", key="optim.lr", value=0.1, step=step))
        events.append(Diagnosed(kind="plateau", epoch=1, step=step, message="flat"))
    state = fed(*events)
    assert all(len(curve) <= CAPACITY for curve in state.curves.values())
    kept = state.matrices["validation"].all()
    assert len(kept) <= LIMIT + 1
    assert kept[0].epoch == 0
    assert kept[-1].epoch == 4999
    assert [matrix.epoch for matrix in kept] == sorted({matrix.epoch for matrix in kept})
    assert len(state.applied_commands) == COMMANDS_KEPT
    assert len(msgspec.json.encode(state)) < 2_000_000


def test_the_best_epoch_is_the_one_marked_best() -> None:
    state = fed(
        Evaluated(split="validation", epoch=1, step=10, loss=0.9, metrics={"accuracy": 0.6}, best=True),
        Evaluated(split="validation", epoch=2, step=20, loss=0.8, metrics={"accuracy": 0.8}, best=True),
        Evaluated(split="validation", epoch=3, step=30, loss=0.7, metrics={"accuracy": 0.7}),
    )
    assert state.best is not None
    assert (state.best.epoch, state.best.metrics["accuracy"]) == (2, 0.8)
    assert state.latest["validation"]["accuracy"] == 0.7
    assert state.curves["accuracy/validation"].epoch == [1.0, 2.0, 3.0]


def test_pause_resume_and_a_new_rate_show() -> None:
    state = fed(Progress(epoch=1, step=5, lr=0.1), CommandApplied(command="pause", step=5))
    assert state.status == "paused"
    state = fed(
        Progress(epoch=1, step=5, lr=0.1),
        CommandApplied(command="set", key="optim.lr", value=0.05, before=0.1, step=5),
        CommandApplied(command="set", key="optim.lr", value=999.0, step=5, error="too much"),
    )
    assert state.lr == 0.05
    assert [(mark.value, mark.epoch) for mark in state.applied_commands] == [(0.05, 0.5), (999.0, 0.5)]


def test_nothing_comes_after_the_last_word() -> None:
    state = fed(RunFailed(kind="memory", message="out of memory", hint="a smaller batch"), Progress(epoch=3, step=30))
    assert (state.status, state.step, state.hint) == ("failed", 0, "a smaller batch")
    assert fed(RunFinished(outcome="diverged", message="loss is nan")).failed


def test_a_loss_that_is_not_a_number_is_shown_as_that_and_drawn_not_at_all() -> None:
    nan = number(math.nan)
    state = fed(Progress(epoch=1, step=1, steps=1, loss=nan, loss_low=nan, loss_high=nan, lr=0.1))
    assert state.loss == "nan"
    assert len(state.curves["loss/train"]) == 0


def test_equal_logs_have_equal_digests_and_others_not() -> None:
    one = fed(Progress(epoch=1, step=5, lr=0.1))
    assert one.digest() == fed(Progress(epoch=1, step=5, lr=0.1)).digest()
    assert one.digest() != fed(Progress(epoch=1, step=5, lr=0.2)).digest()


def test_the_names_on_disk_are_those_of_older_logs() -> None:
    """Fields that the code calls otherwise are read, written and printed under their old names."""
    line = (
        b'{"event":"Evaluated","split":"test","epoch":1,"step":10,"part":"200 steps","final":true,'
        b'"samples":[{"input":"Kowalski","target":"Poland","answer":"Ukraine","correct":false}]}'
    )
    event = msgspec.json.decode(line, type=Evaluated)
    assert (event.extra_test, event.samples[0].prediction) == ("200 steps", "Ukraine")
    assert msgspec.json.decode(msgspec.json.encode(event)) == msgspec.json.decode(line)
    assert {"marks", "knobs"} <= set(msgspec.to_builtins(initial_state()))
    assert msgspec.to_builtins(Verdict("diverged", "worse than nothing")) == {
        "word": "diverged",
        "text": "worse than nothing",
    }
