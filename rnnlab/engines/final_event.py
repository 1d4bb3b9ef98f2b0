"""A run whose trainer is gone without a final event: it is queued to be resumed, or its failure is recorded."""

from __future__ import annotations

import shlex
import signal
from dataclasses import dataclass, field

from rnnlab.config.advice import LESS_MEMORY
from rnnlab.errors import UsageError
from rnnlab.runs.commands import SIGNAL_ID, size_until
from rnnlab.runs.events import CommandApplied, Event, ResumeAsked, RunFailed, RunFinished, RunResumed, RunStarted
from rnnlab.runs.files import read_tail, sweep_temporaries
from rnnlab.runs.folders import RunFolder, Session
from rnnlab.runs.history import LAST_WORDS, waits
from rnnlab.runs.log import LogBusy, LogWriter
from rnnlab.runs.log_reader import LogCursor
from rnnlab.runs.reduce import reduce_all
from rnnlab.runs.starts import starts_of
from rnnlab.runs.state import RunState, initial_state

ATTEMPTS = 3
"""How often a run whose process was killed is resumed unasked, unless its session says otherwise."""


def has_attempts_left(run: RunFolder) -> bool:
    """Whether the run, whose process is gone, is to be resumed unasked."""
    return _attempt(run) < attempts_of(run.session)


def attempts_of(session: Session) -> int:
    """How often the session's runs are resumed unasked."""
    try:
        attempts = session.info().attempts
    except UsageError:
        attempts = None
    return ATTEMPTS if attempts is None else attempts


_DETAIL = 2000
"""Characters of what a trainer printed that are kept."""
_CRASH_REPORT = 16 << 10
"""Bytes of `trainer.log` in which the report of a crash is looked for."""
_CRASHES = (
    signal.SIGSEGV,
    signal.SIGBUS,
    signal.SIGILL,
    signal.SIGFPE,
    signal.SIGABRT,
    signal.SIGTRAP,
    signal.SIGSYS,
)
"""The signals by which a process ends by its own fault."""


def was_killed(code: int | None) -> bool:
    """Whether a process that ended with this exit code was killed from outside: by a person, the system, or with the machine.

    The system kills for want of memory. None: the exit code is not known. A process that crashed by itself is not tried again,
    as it would crash again.
    """
    return code is None or (code < 0 and -code not in _CRASHES)


def resume_or_fail(run: RunFolder, code: int | None, *, starved: bool = False) -> bool:
    """Queue a run whose trainer is gone to be resumed, where it was killed and has attempts left; else write its final event.

    `code` is the trainer's exit code, None where it is not known; `starved` says that the kernel killed it for want of memory.
    What it was writing is taken away. Returns whether the run is queued. Raises `LogBusy` where another process holds the log,
    `OSError` where it cannot be written.
    """
    with LogWriter(run.events_path) as log:
        if log.last is None or waits(log.last):
            return True
        if isinstance(log.last.data, LAST_WORDS):
            return False
        sweep_temporaries(run.path)
        event: Event = failure_of(run, code, starved=starved)
        if was_killed(code) and has_attempts_left(run):
            seen = _read(run)
            handled = max(seen.commands_before, size_until(run.commands_path, seen.applied))
            event = (
                _stopped(seen.state)
                if seen.stopping
                else ResumeAsked(changes=_changes(run), commands=handled, attempt=_attempt(run) + 1)
            )
        log.append(event)
        log.sync()
        return isinstance(event, ResumeAsked)


def queue_where_interrupted(run: RunFolder) -> bool:
    """Queue a run again that a signal stopped, and no person did: its job was preempted, or its time was up.

    That is no attempt of a run whose process was killed. Returns whether it is queued now. Raises as `resume_or_fail` does.
    """
    with LogWriter(run.events_path) as log:
        if log.last is None or not isinstance(log.last.data, RunFinished) or log.last.data.outcome != "stopped":
            return waits(log.last)
        seen = _read(run)
        if seen.stopped_by_person:
            return False
        handled = max(seen.commands_before, size_until(run.commands_path, seen.applied))
        log.append(ResumeAsked(changes=_changes(run), commands=handled, attempt=_attempt(run)))
        log.sync()
        return True


def write_final_event(run: RunFolder, code: int | None, *, starved: bool = False) -> bool:
    """Write `RunFailed` for a trainer that is gone; False where the log has a final event, or another process holds it."""
    try:
        with LogWriter(run.events_path) as log:
            if log.last is not None and isinstance(log.last.data, LAST_WORDS):
                return False
            sweep_temporaries(run.path)
            log.append(failure_of(run, code, starved=starved))
            log.sync()
            return True
    except LogBusy:
        return False


def failure_of(run: RunFolder, code: int | None, *, starved: bool = False) -> RunFailed:
    """The final event of a run whose trainer ended with this exit code (None: not known); `starved` as in `resume_or_fail`."""
    detail = _last_words(run)
    onward = f"resume it with: rnnlab resume {shlex.quote(f'{run.session.name}/{run.name}')}"
    attempt = _attempt(run)
    often = f", again after it was resumed {attempt} time{'s' if attempt > 1 else ''}" if attempt else ""
    if code is None:
        return RunFailed(
            kind="killed",
            message=f"the training process is gone{often}",
            hint=f"it was killed, or the machine went down; {onward}",
            detail=detail,
        )
    if starved:
        return RunFailed(
            kind="memory",
            message=f"the machine ran out of memory, and the system killed the training process{often}",
            hint=f"{LESS_MEMORY}; or {onward}",
            detail=detail,
        )
    if code < 0:
        try:
            name = signal.Signals(-code).name
        except ValueError:
            name = f"signal {-code}"
        hint = {
            "SIGKILL": f"the system does that when memory runs out; {onward}, or try a smaller batch or net",
            "SIGSEGV": "a crash inside a library; trainer.log may say where",
            "SIGILL": "the installed torch does not suit this processor",
        }.get(name, onward if was_killed(code) else "")
        return RunFailed(
            kind="killed", message=f"the training process was killed ({name}){often}", hint=hint, detail=detail
        )
    return RunFailed(
        kind="error",
        message=f"the training process ended with exit code {code} without a message",
        hint=f"see {run.trainer_log_path}",
        detail=detail,
    )


def _last_words(run: RunFolder) -> str:
    """The end of what the trainer printed; of a crash its beginning, which says where it was."""
    text = read_tail(run.trainer_log_path, _CRASH_REPORT)
    at = text.rfind("Fatal Python error")
    return text[at:][:_DETAIL] if at >= 0 else text[-_DETAIL:]


def _attempt(run: RunFolder) -> int:
    """How often in a row the run was resumed unasked."""
    resumed = starts_of(run.events_path).resumed
    return resumed.attempt if resumed is not None else 0


def _changes(run: RunFolder) -> dict[str, int]:
    """The settings that are no longer what `RunStarted` says."""
    resumed = starts_of(run.events_path).resumed
    return dict(resumed.changes) if resumed is not None else {}


@dataclass
class _Replayed:
    """What is read from the log of a run whose process is gone."""

    state: RunState = field(default_factory=initial_state)
    applied: set[str] = field(default_factory=set)
    """The ids of the commands that took effect, or were refused."""
    commands_before: int = 0
    """Bytes of `commands.jsonl` that were meant for processes before the last one."""
    stopping: bool = False
    """Whether a person, or a signal, had stopped it."""
    stopped_by_person: bool = False


def _read(run: RunFolder) -> _Replayed:
    seen = _Replayed()
    cursor = LogCursor(run.events_path)
    while not cursor.caught_up:
        records = cursor.read()
        reduce_all(seen.state, records)
        for record in records:
            event = record.data
            if isinstance(event, ResumeAsked):
                seen.commands_before = event.commands
            elif isinstance(event, RunStarted | RunResumed):
                seen.stopping = seen.stopped_by_person = False
            elif isinstance(event, CommandApplied):
                seen.applied.add(event.command_id)
                stops = event.command == "stop" and not event.error
                seen.stopping |= stops
                seen.stopped_by_person |= stops and event.command_id != SIGNAL_ID
    return seen


def _stopped(state: RunState) -> RunFinished:
    """The final event of a run that a person stopped, and whose process was killed before it could write it."""
    best = state.best
    return RunFinished(
        outcome="stopped",
        message="the training process was killed while it stopped, before the best weights were tested",
        epoch=state.epoch,
        epochs=state.started.epochs if state.started else 0,
        step=state.step,
        seconds=state.seconds,
        examples_per_second=state.examples_per_second,
        best_epoch=best.epoch if best else 0,
        best_step=best.step if best else 0,
        best=best.metrics if best else {},
    )
