"""Everything anyone sees of a run: `reduce` over its log.

A live view, a reopened run, a replay, a report and a snapshot test all read a `RunState`; none keeps figures of its own.
The state is bounded: curves are thinned (`Series`), and of matrices, marks and diagnoses only so many are kept.
"""

from __future__ import annotations

import hashlib
import math
from typing import Any, Literal, TypeVar

import msgspec

from rnnlab.config.selection import selected_figure
from rnnlab.runs.events import (
    CheckpointSaved,
    CommandApplied,
    Confusion,
    Diagnosed,
    Evaluated,
    Forecast,
    GradientFlow,
    Inspected,
    Number,
    Progress,
    Record,
    ResumeAsked,
    RunFailed,
    RunFinished,
    RunResumed,
    RunStarted,
    Sample,
    SubsetName,
    number,
    real,
)
from rnnlab.runs.history import as_resumed
from rnnlab.runs.series import Series

Status = Literal[
    "queued",
    "loading",
    "training",
    "evaluating",
    "saving",
    "paused",
    "completed",
    "stopped",
    "early-stopped",
    "diverged",
    "failed",
    "interrupted",
]
"""`interrupted`: its process is gone without a last word, which no log says of itself."""
ENDED: tuple[Status, ...] = ("completed", "stopped", "early-stopped", "diverged", "failed")

MATRICES = 64
"""Confusion matrices kept a split: the first, the last, and an even choice between."""
MARKS = 200
"""Commands kept; the oldest goes first."""
DIAGNOSES = 50
SAVEPOINTS = 2
"""States kept to go back to: a process killed while it saves may leave the point before standing."""

_Kept = TypeVar("_Kept")
FLOWS = 64
"""Gradient flows kept a layer, chosen as the matrices are."""


class Matrix(msgspec.Struct, frozen=True):
    """The confusion counts of one evaluation: `counts[true][answered]`."""

    epoch: int
    step: int
    counts: Confusion


class Matrices(msgspec.Struct):
    """The matrices of a split over time, thinned to every `stride`-th when there are too many; `last` is always kept."""

    kept: list[Matrix] = []
    last: Matrix | None = None
    stride: int = 1
    seen: int = 0

    def add(self, matrix: Matrix) -> None:
        if self.seen % self.stride == 0:
            if len(self.kept) == MATRICES:
                self.kept = self.kept[::2]
                self.stride *= 2
            if self.seen % self.stride == 0:
                self.kept.append(matrix)
        self.last = matrix
        self.seen += 1

    def all(self) -> list[Matrix]:
        """What is kept, oldest first, the last evaluation at the end."""
        if self.last is None or (self.kept and self.kept[-1] is self.last):
            return self.kept
        return [*self.kept, self.last]


class Flows(msgspec.Struct):
    """The gradient flow of a layer over time, thinned to every `stride`-th when there are too many; `last` is always kept."""

    kept: list[GradientFlow] = []
    last: GradientFlow | None = None
    stride: int = 1
    seen: int = 0

    def add(self, flow: GradientFlow) -> None:
        if self.seen % self.stride == 0:
            if len(self.kept) == FLOWS:
                self.kept = self.kept[::2]
                self.stride *= 2
            if self.seen % self.stride == 0:
                self.kept.append(flow)
        self.last = flow
        self.seen += 1

    def all(self) -> list[GradientFlow]:
        """What is kept, oldest first, the last one at the end."""
        if self.last is None or (self.kept and self.kept[-1] is self.last):
            return self.kept
        return [*self.kept, self.last]


class Mark(msgspec.Struct, frozen=True):
    """Where a person turned a knob."""

    command: str
    step: int
    epoch: float
    seconds: float
    key: str = ""
    value: float | None = None
    before: float | None = None
    error: str = ""


class Best(msgspec.Struct, frozen=True):
    """The best evaluation so far, by the figure that `RunState.selected` names, on the validation split."""

    epoch: int
    step: int
    seconds: float
    metrics: dict[str, Number]
    """`loss` among them."""
    confusion: Confusion | None = None


class RunState(msgspec.Struct):
    """One run as its log tells it.

    `curves` maps a name to its `Series`: `loss/train` (every update), `loss/validation`, `METRIC/train`,
    `METRIC/validation`, `lr`, `grad_norm`. `latest` and `final` map a split to its last figures,
    `loss` among them; `final` is the look with the best weights at the end.
    """

    status: Status = "queued"
    started: RunStarted | None = None
    message: str = ""
    """Why it ended, where there is something to say."""
    hint: str = ""
    reason: str = ""
    """Why it is paused, where no person paused it; it goes on by itself."""
    kind: str = ""
    """The kind of failure."""
    detail: str = ""

    epoch: int = 0
    step: int = 0
    examples: int = 0
    seconds: float = 0.0
    eta: float | None = None
    lr: float = 0.0
    grad_norm: Number | None = None
    loss: Number | None = None
    examples_per_second: float = 0.0

    curves: dict[str, Series] = {}
    latest: dict[str, dict[str, Number]] = {}
    final: dict[str, dict[str, Number]] = {}
    matrices: dict[str, Matrices] = {}
    final_confusion: Confusion | None = None
    """Of the test split, with the best weights."""
    samples: tuple[Sample, ...] = ()
    samples_epoch: int = 0
    samples_split: SubsetName = "validation"
    forecast: Forecast | None = None
    forecast_split: SubsetName = "validation"
    extra: dict[str, dict[str, Number]] = {}
    """The figures of further parts tested at the end, such as other lengths, by name."""
    best: Best | None = None
    knobs: dict[str, float | None] = {}
    """Settings that a person changed while it trained, by key, as they stand now."""
    marks: list[Mark] = []
    diagnoses: list[Diagnosed] = []
    checkpoints: dict[str, CheckpointSaved] = {}
    superseded: dict[str, CheckpointSaved] = {}
    """The checkpoint before that: a process killed between two of them may leave it standing."""
    flows: dict[str, Flows] = {}
    """By layer, from input to head; of a bidirectional one each direction."""
    inspected: Inspected | None = None
    """The last look into the net."""

    savepoints: dict[int, RunState] = {}
    """The state at the points from which the run can be resumed, by the number of their record."""

    last_seq: int = -1
    missing: int = 0
    """Events whose line was damaged or lost: holes in `seq`."""
    first_wall: float = 0.0
    last_wall: float = 0.0

    @property
    def ended(self) -> bool:
        return self.status in ENDED

    @property
    def failed(self) -> bool:
        return self.status in ("failed", "diverged")

    @property
    def leaks(self) -> dict[str, int]:
        """What the run's training split shares with the others; where there is anything, every figure is marked."""
        return self.started.data.leaks if self.started else {}

    @property
    def metric(self) -> str:
        """The task's metric; empty before the run has started."""
        return self.started.data.metric if self.started else ""

    @property
    def selected(self) -> str:
        """The validation figure by which the best epoch is chosen (`train.select`): the metric, unless another was asked for."""
        train = self.started.config.get("train", {}) if self.started else {}
        return selected_figure(train.get("select"), self.metric)

    def shown(self) -> RunState:
        """The state without the points to go back to: what there is to tell of it."""
        return msgspec.structs.replace(self, savepoints={})

    def digest(self) -> str:
        """SHA-256 of the whole state: equal for two readers that saw the same events, however they were fed."""
        return hashlib.sha256(msgspec.json.encode(self.shown())).hexdigest()

    def curve(self, name: str) -> Series:
        """The curve called `name`, made at first need."""
        series = self.curves.get(name)
        if series is None:
            series = self.curves[name] = Series([], [], [], [], [], [], [])
        return series


def initial_state() -> RunState:
    """The state of a run whose log is still empty."""
    return RunState(
        curves={},
        latest={},
        final={},
        extra={},
        matrices={},
        knobs={},
        marks=[],
        diagnoses=[],
        checkpoints={},
        superseded={},
        savepoints={},
        flows={},
    )


def reduce(state: RunState, record: Record) -> RunState:
    """`state` after `record`. The state given is changed and returned: a log of 100,000 events is reduced in a moment.

    A record that was seen before (its `seq` is not new) changes nothing.
    """
    if record.seq <= state.last_seq:
        return state
    state.missing += record.seq - state.last_seq - 1
    state.last_seq = record.seq
    if state.first_wall == 0.0:
        state.first_wall = record.wall
    state.last_wall = record.wall
    event = record.data
    if state.ended and not isinstance(event, RunFailed | RunFinished | ResumeAsked | RunResumed):
        return state  # nothing comes after the last word
    _REDUCERS[type(event)](state, event)
    return state


def _started(state: RunState, event: RunStarted) -> None:
    state.started = event
    state.status = "training"
    _keep_savepoint(state)


def _progress(state: RunState, event: Progress) -> None:
    state.status, state.reason = event.phase, event.reason
    state.epoch, state.step, state.examples = event.epoch, event.step, event.examples
    state.seconds, state.eta = event.seconds, event.eta
    state.lr = event.lr
    if event.steps == 0:
        return
    state.examples_per_second = event.examples_per_second
    step, steps, seconds = event.step, event.steps, event.seconds
    epoch = _fraction(state, step)
    if event.loss is not None and event.loss_low is not None and event.loss_high is not None:
        state.loss = event.loss
        state.curve("loss/train").add(
            step, epoch, seconds, float(event.loss), float(event.loss_low), float(event.loss_high), steps
        )
    for at, (rate, loss) in enumerate(zip(event.rates, event.losses, strict=False)):
        if rate > 0 and math.isfinite(float(loss)):  # a rate of none has no place on a logarithmic axis
            place = step - steps + 1 + at
            state.curve("lr/tried").add(place, epoch, seconds, rate)
            state.curve("loss/tried").add(place, epoch, seconds, float(loss))
    if event.grad_norm is not None:
        state.grad_norm = event.grad_norm
        state.curve("grad_norm").add(step, epoch, seconds, float(event.grad_norm), None, None, steps)
    state.curve("lr").add(step, epoch, seconds, event.lr, None, None, steps)


def _evaluated(state: RunState, event: Evaluated) -> None:
    figures = {"loss": event.loss, **event.metrics}
    if event.forecast is not None:
        state.forecast, state.forecast_split = event.forecast, event.split
    if event.part:
        state.extra[event.part] = figures
        return
    if event.final:
        state.final[event.split] = figures
        if event.split == "test":
            fits = event.confusion is not None and _fits(state, event.confusion)
            state.final_confusion = event.confusion if fits else None
            if event.samples:
                state.samples, state.samples_epoch, state.samples_split = event.samples, event.epoch, event.split
        return
    if event.step > state.step:
        # Epochs that are shorter than a window of `Progress` are told of by their evaluation first.
        state.epoch, state.step = event.epoch, event.step
    state.latest[event.split] = figures
    epoch = _fraction(state, event.step)
    for name, value in figures.items():
        # The training loss has a finer curve already, from Progress.
        if name != "loss" or event.split != "train":
            state.curve(f"{name}/{event.split}").add(event.step, epoch, event.seconds, real(value))
    if event.confusion is not None and _fits(state, event.confusion):
        state.matrices.setdefault(event.split, Matrices([])).add(Matrix(event.epoch, event.step, event.confusion))
    if event.samples:
        state.samples, state.samples_epoch, state.samples_split = event.samples, event.epoch, event.split
    if event.best:
        fits = event.confusion is not None and _fits(state, event.confusion)
        state.best = Best(event.epoch, event.step, event.seconds, figures, event.confusion if fits else None)


def _fits(state: RunState, confusion: Confusion) -> bool:
    """Whether a matrix has a row for each class: one from elsewhere has no names for its rows."""
    return state.started is not None and len(confusion) == len(state.started.data.classes)


def _applied(state: RunState, event: CommandApplied) -> None:
    place = _fraction(state, event.step)
    _mark(
        state,
        Mark(event.command, event.step, place, event.seconds, event.key, event.value, event.before, event.error),
    )
    if event.error:
        return
    if event.command == "pause":
        state.status = "paused"
    elif event.command == "resume":
        state.status = "training"
    elif event.command == "set":
        state.knobs[event.key] = event.value
        if event.key == "optim.lr" and event.value is not None:
            state.lr = event.value


def _mark(state: RunState, mark: Mark) -> None:
    state.marks.append(mark)
    del state.marks[:-MARKS]


def _diagnosed(state: RunState, event: Diagnosed) -> None:
    state.diagnoses.append(event)
    del state.diagnoses[:-DIAGNOSES]


def _saved(state: RunState, event: CheckpointSaved) -> None:
    if (before := state.checkpoints.get(event.kind)) is not None:
        state.superseded[event.kind] = before
    state.checkpoints[event.kind] = event
    if event.kind == "resume":
        _keep_savepoint(state)


def _keep_savepoint(state: RunState) -> None:
    state.savepoints[state.last_seq] = _copied(state.shown())
    while len(state.savepoints) > SAVEPOINTS:
        del state.savepoints[min(state.savepoints)]


def _copied(value: _Kept) -> _Kept:
    """A copy that goes its own way; what cannot change is shared."""
    if isinstance(value, dict):
        return {key: _copied(member) for key, member in value.items()}  # type: ignore[return-value]
    if isinstance(value, list):
        return value.copy()  # type: ignore[return-value]  # of numbers and frozen structs
    if isinstance(value, msgspec.Struct) and not value.__struct_config__.frozen:
        return type(value)(*(_copied(getattr(value, name)) for name in value.__struct_fields__))
    return value


def _asked(state: RunState, _: ResumeAsked) -> None:
    state.status = "queued"
    state.message = state.hint = state.kind = state.detail = state.reason = ""


def _resumed(state: RunState, event: RunResumed) -> None:
    """Go back to where the run goes on from: what came after that is void."""
    if (point := state.savepoints.get(event.after)) is not None:
        told = {"last_seq", "missing", "first_wall", "last_wall", "savepoints"}
        for name, value in zip(point.__struct_fields__, msgspec.structs.astuple(_copied(point)), strict=True):
            if name not in told:
                setattr(state, name, value)
        for later in [seq for seq in state.savepoints if seq > event.after]:
            del state.savepoints[later]
    state.status = "training"
    state.message = state.hint = state.kind = state.detail = state.reason = ""
    state.epoch, state.step, state.examples, state.seconds = event.epoch, event.step, event.examples, event.seconds
    state.eta = None
    if state.started is not None:
        state.started = as_resumed(state.started, event)
    _mark(state, Mark("resumed", event.step, _fraction(state, event.step), event.seconds))


def _flow(state: RunState, event: GradientFlow) -> None:
    state.flows.setdefault(event.layer, Flows([])).add(event)


def _inspected(state: RunState, event: Inspected) -> None:
    state.inspected = event


def _finished(state: RunState, event: RunFinished) -> None:
    state.status, state.reason = event.outcome, ""
    state.message = event.message
    state.epoch, state.step, state.seconds = event.epoch, event.step, event.seconds
    state.examples_per_second = event.examples_per_second
    state.eta = None


def _failed(state: RunState, event: RunFailed) -> None:
    state.status, state.reason = "failed", ""
    state.kind, state.message, state.hint, state.detail = event.kind, event.message, event.hint, event.detail
    state.eta = None


_REDUCERS: dict[type, Any] = {
    RunStarted: _started,
    Progress: _progress,
    Evaluated: _evaluated,
    GradientFlow: _flow,
    Inspected: _inspected,
    CheckpointSaved: _saved,
    CommandApplied: _applied,
    Diagnosed: _diagnosed,
    ResumeAsked: _asked,
    RunResumed: _resumed,
    RunFinished: _finished,
    RunFailed: _failed,
}


def _fraction(state: RunState, step: int) -> float:
    """The update as a fractional epoch."""
    per_epoch = state.started.steps_per_epoch if state.started else 0
    return step / per_epoch if per_epoch else 0.0


__all__ = [
    "ENDED",
    "Best",
    "Flows",
    "Mark",
    "Matrices",
    "Matrix",
    "RunState",
    "Sample",
    "Status",
    "SubsetName",
    "initial_state",
    "number",
    "reduce",
]
