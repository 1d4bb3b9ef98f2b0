"""The reducer of a run's log: `reduce` adds one event to a `RunState`, `reduce_all` many, with the same result."""

from __future__ import annotations

import math
from collections.abc import Iterable
from itertools import groupby, islice
from operator import attrgetter
from typing import Any, TypeVar

import msgspec

from rnnlab.runs.event_numbers import Confusion, real
from rnnlab.runs.events import (
    CheckpointSaved,
    CommandApplied,
    Diagnosed,
    Evaluated,
    GradientFlow,
    Inspected,
    PredictionsSaved,
    Progress,
    Record,
    ResumeAsked,
    RunFailed,
    RunFinished,
    RunResumed,
    RunStarted,
)
from rnnlab.runs.history import as_resumed
from rnnlab.runs.state import ENDED, AppliedCommand, Best, Matrix, RunState
from rnnlab.runs.thinned import Thinned

COMMANDS_KEPT = 200
"""Commands kept; the oldest goes first."""
DIAGNOSES = 50
SAVEPOINTS = 2
"""States kept to go back to: a process killed while it saves may leave the point before standing."""

_FEW, _MANY = 8, 256
"""Events from which on adding them in columns is quicker, and how many are added at once: no more are held in memory."""
_LOSSES = attrgetter("loss"), attrgetter("loss_low"), attrgetter("loss_high")
_GRAD_NORM = attrgetter("grad_norm")

_Kept = TypeVar("_Kept")


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
    if state.status in ENDED and not isinstance(event, RunFailed | RunFinished | ResumeAsked | RunResumed):
        return state  # nothing comes after the last event
    _REDUCERS[type(event)](state, event)
    return state


def reduce_all(state: RunState, records: Iterable[Record]) -> RunState:
    """`state` after `records`: what `reduce` makes of them one by one, to the bit.

    `Progress` events that follow one another, most of a long log, are added in columns: that takes half the time.
    """
    for _, group in groupby(records, _alike):
        while together := list(islice(group, _MANY)):
            if len(together) < _FEW or not _continues(state, together):
                for record in together:
                    reduce(state, record)
            else:
                state.last_seq, state.last_wall = together[-1].seq, together[-1].wall
                _progress_all(state, [event for record in together if type(event := record.data) is Progress])
    return state


def _alike(record: Record) -> object:
    """What records share that are reduced together: `Progress` events that add to the same curves; any other is alone."""
    event = record.data
    if type(event) is not Progress or event.steps == 0 or event.rates:
        return record
    lossless = event.loss is None or event.loss_low is None or event.loss_high is None
    return lossless + 2 * (event.grad_norm is None)


def _continues(state: RunState, records: list[Record]) -> bool:
    """Whether the records go on where the state ends, so that all of them count and none is missing between them."""
    after = state.last_seq + 1
    unbroken = [record.seq for record in records] == list(range(after, after + len(records)))
    return unbroken and state.first_wall != 0.0 and state.status not in ENDED


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
    curve = state.curve
    if event.loss is not None and event.loss_low is not None and event.loss_high is not None:
        state.loss = event.loss
        curve("loss/train").add(
            step, epoch, seconds, float(event.loss), float(event.loss_low), float(event.loss_high), steps
        )
    for at, (rate, loss) in enumerate(zip(event.rates, event.losses, strict=False)) if event.rates else ():
        if rate > 0 and math.isfinite(float(loss)):  # a rate of none does not exist on a logarithmic axis
            update = step - steps + 1 + at
            curve("lr/tried").add(update, epoch, seconds, rate)
            curve("loss/tried").add(update, epoch, seconds, float(loss))
    if event.grad_norm is not None:
        state.grad_norm = event.grad_norm
        curve("grad_norm").add(step, epoch, seconds, float(event.grad_norm), None, None, steps)
    curve("lr").add(step, epoch, seconds, event.lr, None, None, steps)


def _progress_all(state: RunState, events: list[Progress]) -> None:
    """Add events that are `_alike`: all but the last to the curves alone, as nothing else of them is left after it."""
    per_epoch = state.started.steps_per_epoch if state.started else 0
    *before, last = events
    step = [event.step for event in before]
    epoch = [each / per_epoch for each in step] if per_epoch else [0.0] * len(step)
    at = step, epoch, [event.seconds for event in before]
    steps = [event.steps for event in before]
    if last.loss is not None and last.loss_low is not None and last.loss_high is not None:
        loss, low, high = (list(map(float, map(column, before))) for column in _LOSSES)
        state.curve("loss/train").extend(*at, loss, low, high, steps)
    if last.grad_norm is not None:
        norms = list(map(float, map(_GRAD_NORM, before)))
        state.curve("grad_norm").extend(*at, norms, norms, norms, steps)
    rates = [event.lr for event in before]
    state.curve("lr").extend(*at, rates, rates, rates, steps)
    _progress(state, last)


def _evaluated(state: RunState, event: Evaluated) -> None:
    figures = {"loss": event.loss, **event.metrics}
    if event.forecast is not None:
        state.forecast, state.forecast_split = event.forecast, event.split
    if event.extra_test:
        state.extra[event.extra_test] = figures
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
        # Epochs that are shorter than a window of `Progress` are evaluated before their `Progress` comes.
        state.epoch, state.step = event.epoch, event.step
    state.latest[event.split] = figures
    epoch = _fraction(state, event.step)
    for name, value in figures.items():
        # The training loss has a finer curve already, from Progress.
        if name != "loss" or event.split != "train":
            state.curve(f"{name}/{event.split}").add(event.step, epoch, event.seconds, real(value))
    if event.confusion is not None and _fits(state, event.confusion):
        state.matrices.setdefault(event.split, Thinned([])).add(Matrix(event.epoch, event.step, event.confusion))
    if event.samples:
        state.samples, state.samples_epoch, state.samples_split = event.samples, event.epoch, event.split
    if event.best:
        fits = event.confusion is not None and _fits(state, event.confusion)
        state.best = Best(event.epoch, event.step, event.seconds, figures, event.confusion if fits else None)


def _fits(state: RunState, confusion: Confusion) -> bool:
    """Whether a matrix has a row for each class: one from elsewhere has no names for its rows."""
    return state.started is not None and len(confusion) == len(state.started.data.classes)


def _applied(state: RunState, event: CommandApplied) -> None:
    epoch = _fraction(state, event.step)
    _append_command(
        state,
        AppliedCommand(
            event.command, event.step, epoch, event.seconds, event.key, event.value, event.before, event.error
        ),
    )
    if event.error:
        return
    if event.command == "pause":
        state.status = "paused"
    elif event.command == "resume":
        state.status = "training"
    elif event.command == "set":
        state.live_settings[event.key] = event.value
        if event.key == "optim.lr" and event.value is not None:
            state.lr = event.value


def _append_command(state: RunState, command: AppliedCommand) -> None:
    state.applied_commands.append(command)
    del state.applied_commands[:-COMMANDS_KEPT]


def _diagnosed(state: RunState, event: Diagnosed) -> None:
    state.diagnoses.append(event)
    del state.diagnoses[:-DIAGNOSES]


def _saved(state: RunState, event: CheckpointSaved) -> None:
    if (before := state.checkpoints.get(event.kind)) is not None:
        state.superseded[event.kind] = before
    state.checkpoints[event.kind] = event
    if event.kind == "resume":
        _keep_savepoint(state)


def _predictions_saved(state: RunState, event: PredictionsSaved) -> None:
    state.predictions = event


def _keep_savepoint(state: RunState) -> None:
    state.savepoints[state.last_seq] = _copied(state.without_savepoints())
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
    state.paused_after = 0


def _resumed(state: RunState, event: RunResumed) -> None:
    """Go back to the savepoint that the run resumes from: what came after it is void."""
    if (point := state.savepoints.get(event.after)) is not None:
        kept = {"last_seq", "missing", "first_wall", "last_wall", "savepoints"}
        for name, value in zip(point.__struct_fields__, msgspec.structs.astuple(_copied(point)), strict=True):
            if name not in kept:
                setattr(state, name, value)
        for later in [seq for seq in state.savepoints if seq > event.after]:
            del state.savepoints[later]
    state.status = "training"
    state.message = state.hint = state.kind = state.detail = state.reason = ""
    state.paused_after = 0
    state.epoch, state.step, state.examples, state.seconds = event.epoch, event.step, event.examples, event.seconds
    state.eta = None
    if state.started is not None:
        state.started = as_resumed(state.started, event)
    _append_command(state, AppliedCommand("resumed", event.step, _fraction(state, event.step), event.seconds))


def _flow(state: RunState, event: GradientFlow) -> None:
    if event.norms:  # a log may hold one of no steps, which is nothing to draw
        state.flows.setdefault(event.layer, Thinned([])).add(event)


def _inspected(state: RunState, event: Inspected) -> None:
    state.inspected = event


def _finished(state: RunState, event: RunFinished) -> None:
    state.status, state.reason = event.outcome, ""
    state.message, state.paused_after = event.message, event.paused_after
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
    PredictionsSaved: _predictions_saved,
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
