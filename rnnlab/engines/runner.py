"""The runner: carries out a session's queue, one trainer for each run that waits.

When a trainer was killed, the runner (or the next one) queues its run to be resumed, some times; when it crashed, or was killed
too often, it writes the run's final event. Nothing is started, resumed or written to but what this person queued on this
machine: a session may come from a stranger.
"""

from __future__ import annotations

import contextlib
import os
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from typing import Literal

from rnnlab.engines.allocation import in_allocation
from rnnlab.engines.final_event import (
    ATTEMPTS,
    attempts_of,
    queue_where_interrupted,
    resume_or_fail,
    was_killed,
    write_final_event,
)
from rnnlab.engines.slots import release
from rnnlab.engines.survey import Marks, Survey, is_begun, marks_of
from rnnlab.engines.trainers import Trainer, Trainers
from rnnlab.engines.turns import Turns, gpu_of_run
from rnnlab.locks import Locked, held
from rnnlab.runs.commands import CommandCursor
from rnnlab.runs.events import Record, ResumeAsked, RunFailed, RunFinished
from rnnlab.runs.files import sweep_drafts
from rnnlab.runs.folders import RunFolder, Session
from rnnlab.runs.history import LAST_WORDS, waits
from rnnlab.runs.liveness import Standing, made_here, queued_here, standing
from rnnlab.runs.log import LogBusy, LogWriter
from rnnlab.runs.log_reader import read_records
from rnnlab.runs.room import is_full

_PATIENCE = 0.1
"""Seconds to insist on a session's lock, which a reader that asks whether a runner lives holds for an instant."""
_RUNNER_PATIENCE = 2.0
"""The same for a runner, as nobody trains what is queued where it takes such a reader, held up on a busy machine, for another
runner."""
_POLL = 0.1
"""Seconds between two polls of the queue; the end of a trainer is seen at once."""
_AT_ONCE = 64
"""Most waiting runs that one poll reads, in turn; those about to be started are read in any case."""
_NOTICE = 1.0
"""Seconds for who follows a log to see that it was deleted, before another one with the run's end stands in its place."""
_INTERRUPTION = 10.0
"""Seconds that trainers have to save their state and end, once their allocation is about to."""
_SOON = 0.05
TIME_IS_UP = signal.SIGUSR1
"""What a cluster sends a minute before it ends a job, as `job.sh` asks for."""
NOT_MINE = 3
"""The exit code of a trainer that found that the run is not to be trained."""


class RunnerBusy(Exception):
    """Another runner carries out the session."""


@contextmanager
def runner_lock(session: Session, patience: float = _PATIENCE) -> Iterator[None]:
    """The session is this process's to carry out within. Raises `RunnerBusy` after `patience` seconds, `OSError`."""
    try:
        with held(session.lock_path, patience, links="folder") as file:
            os.ftruncate(file, 0)
            os.pwrite(file, f"{os.getpid()}\n".encode(), 0)
            yield
    except Locked:
        raise RunnerBusy from None


@dataclass
class _Child:
    """A trainer, and the last record of the run's log when it was started."""

    trainer: Trainer
    found: Record | None


Due = Literal["live", "queued", "again", "nothing"]
"""What a run needs of its runner: to be waited for; a trainer; to be polled again soon; nothing more."""


class Runner:
    """Carries out one session's queue until nothing is left of it. With `warm` trainers are forked where they can be."""

    def __init__(self, session: Session, *, warm: bool = True) -> None:
        self.session = session
        self.children: dict[Path, _Child] = {}
        self.stopped_by: int | None = None
        """The signal that ended it."""
        self.is_full = False
        """Whether there was no room for a run that waits, when last polled."""
        self._survey = Survey(session)
        self._turns = Turns(session, self._print_once)
        self._trainers = Trainers(warm=warm)
        self._marks: dict[Path, Marks] = {}
        """Marks of each run before it was read last."""
        self._waiting: dict[Path, Marks | None] = {}
        """Marks of each run that waits for a trainer; None where no more is known than that it has no log."""
        self._last: dict[Path, Record | None] = {}
        """The last record of each such run's log."""
        self._polls = 0
        self._cold: set[Path] = set()
        """Runs for which a warm server died before it had forked."""
        self._tries: dict[Path, int] = {}
        """How often a run's trainer was killed before its first event."""
        self._printed: dict[Path, str] = {}
        """What was printed about each run last."""

    @property
    def stopping(self) -> bool:
        """Whether a signal has ended it."""
        return self.stopped_by is not None

    def work(self) -> None:
        """Train the session's runs until each has its final event. Raises `RunnerBusy` where another runner has the session."""
        try:
            while True:
                with runner_lock(self.session, _RUNNER_PATIENCE):
                    sweep_drafts(self.session.runs_path)
                    while self.poll() and not self.stopping:
                        self._trainers.wait(_POLL)
                if self.stopping and in_allocation():
                    self.interrupt_trainers()
                # A run queued after the last poll, by a process that still saw the lock held.
                if self.stopping or not self._survey.unfinished(anew=True):
                    return
        finally:
            self._trainers.close()

    def poll(self) -> bool:
        """See to every unfinished run once. Returns whether there is more to wait for."""
        self._polls += 1
        queued: list[RunFolder] = []
        live: list[RunFolder] = []
        busy = self.is_full = False
        runs = self._survey.unfinished()
        turns = 1 + len(self._waiting) // _AT_ONCE
        for index, run in enumerate(runs):
            if run.path in self._waiting and (index + self._polls) % turns:
                queued.append(run)
                continue
            match self._see_to(run):
                case "live":
                    live.append(run)
                case "queued":
                    queued.append(run)
                case "again":
                    busy = True
        for run in self.in_turn(queued):
            slots = self._turns.slots(run, live)
            if slots is None:
                self.is_full = True
                break  # in order: a small run does not overtake
            try:
                if (due := self._see_to(run, anew=True)) == "queued":
                    self._start(run, slots)
                    due = "live"
                if due == "live":
                    live.append(run)
                busy |= due == "again"
            except OSError as error:
                self._passed_over(run, error)
            finally:
                release(slots)  # the trainer has them now
        return bool(live or queued or busy)

    def in_turn(self, queued: list[RunFolder]) -> list[RunFolder]:
        """The runs that wait, in the order in which they are to be started."""
        return queued

    def _see_to(self, run: RunFolder, *, anew: bool = False) -> Due:
        """What the run needs. With `anew` it is read in any case."""
        try:
            child = self.children.get(run.path)
            if child is not None and not child.trainer.ended():
                return "live"
            if child is None and not anew and (due := self._unread(run)) is not None:
                return due
            self._marks[run.path] = marks_of(run)
            self._waiting.pop(run.path, None)
            due = self._read(run, child)
            self._forget_child(run)
            return due
        except LogBusy:
            return "again"  # another process holds its log for an instant: the next poll decides
        except OSError as error:
            return self._passed_over(run, error)

    def _unread(self, run: RunFolder) -> Due | None:
        """What the run needs, where that is known without reading it."""
        if (marks := self._waiting.get(run.path)) is not None and marks == marks_of(run):
            return "queued"
        if run.path not in self._waiting and not is_begun(run):
            self._waiting[run.path] = None
            return "queued"
        return None

    def _read(self, run: RunFolder, child: _Child | None) -> Due:
        """What the run needs, which `child` was started for and has left. Raises `LogBusy`, `OSError`."""
        stands = standing(run)
        match stands.state:
            case "loading" | "training":
                return self.trained_by_others(run, stands)
            case "dead" if made_here(run):
                return "again" if self._settled(run, child) else self._end(run)
            case "queued" if child is not None and child.found == stands.last:
                return self._died_early(run, child)
            case "queued" if not queued_here(run, stands.last):
                return self._leave(run, "it was queued elsewhere, or its settings were changed since")
            case "queued" if call_off(run, stands.last):
                return self._end(run)
            case "queued":
                self._waiting[run.path] = self._marks[run.path]
                self._last[run.path] = stands.last
                return "queued"
            case "dead":
                return self._leave(run, "its process is gone, and it was queued elsewhere")
            case "damaged":
                return self._leave(run, stands.problem)
        return self._end(run)

    def _settled(self, run: RunFolder, child: _Child | None) -> bool:
        """Whether the run, whose trainer is gone, is queued to be resumed; else its final event is written."""
        if child is None:
            return resume_or_fail(run, None)
        return resume_or_fail(run, child.trainer.code, starved=child.trainer.starved)

    def trained_by_others(self, run: RunFolder, stands: Standing) -> Due:
        """What a run needs that a trainer has which this runner has not started: one of the runner before, or elsewhere."""
        return self._end(run) if stands.host else "live"

    def _end(self, run: RunFolder) -> Due:
        """Leave the run until its files change."""
        self._survey.end(run, self._marks.pop(run.path, ()))
        self._waiting.pop(run.path, None)
        self._last.pop(run.path, None)
        self._forget_child(run)
        return "nothing"

    def _forget_child(self, run: RunFolder) -> None:
        """What became of its trainer has been seen to; until then its exit code is needed."""
        if (child := self.children.pop(run.path, None)) is not None:
            child.trainer.close()

    def _died_early(self, run: RunFolder, child: _Child) -> Due:
        """What a run needs whose trainer died before its first event.

        Another trainer is started where this one was killed, some times, or where it never was one; else the run's final event
        is written.
        """
        code = child.trainer.code
        if not child.trainer.begun:
            self._cold.add(run.path)
            return "again"
        tries = self._tries[run.path] = self._tries.get(run.path, 0) + 1
        if code == NOT_MINE:
            # One that an earlier runner had started may have had the run, and died since.
            if tries <= ATTEMPTS and queued_here(run, child.found):
                return "again"
            return self._leave(run, "its trainer found that it is not to be trained")
        if was_killed(code) and tries <= attempts_of(self.session):
            return "again"
        if is_begun(run) and not run.events_path.exists():
            time.sleep(_NOTICE)
        write_final_event(run, code, starved=child.trainer.starved)
        return self._end(run)

    def _leave(self, run: RunFolder, reason: str) -> Due:
        print(f"{run.name} is left alone: {reason}", flush=True)  # noqa: T201 - the runner's log
        return self._end(run)

    def _passed_over(self, run: RunFolder, error: OSError) -> Due:
        """A run folder was taken away, or a disk is full: the other runs are trained on."""
        self._print_once(run, str(error))
        if not run.path.is_dir() or not is_full(error):
            return self._end(run)
        return "again"

    def _print_once(self, run: RunFolder, text: str) -> None:
        if self._printed.get(run.path) != text:
            self._printed[run.path] = text
            with contextlib.suppress(OSError):  # runner.log may be on the disk that is full
                print(f"{run.name}: {text}", flush=True)  # noqa: T201 - the runner's log

    def interrupt_trainers(self) -> None:
        """Have every trainer save its state and end, and queue its run again: the allocation is about to end."""
        deadline = time.monotonic() + _INTERRUPTION
        asked: set[Path] = set()
        left = dict(self.children)
        while left and time.monotonic() < deadline:
            for path, child in list(left.items()):
                if child.trainer.ended():
                    del left[path]
                    self._queue_interrupted(RunFolder(path))
                elif child.trainer.pid is not None and path not in asked:
                    asked.add(path)
                    child.trainer.interrupt()
            self._trainers.wait(_SOON)

    def _queue_interrupted(self, run: RunFolder) -> None:
        try:
            queue_where_interrupted(run)
        except (LogBusy, OSError) as error:
            self._print_once(run, f"it is not queued again: {error}")

    def _start(self, run: RunFolder, slots: list[int]) -> None:
        fork = gpu_of_run(run) is None and run.path not in self._cold
        trainer = self._trainers.start(run, slots, fork=fork)
        self.children[run.path] = _Child(trainer, self._last.pop(run.path, None))
        self._waiting.pop(run.path, None)


def call_off(run: RunFolder, last: Record | None) -> bool:
    """Whether a person stopped the run while it waited; then its final event is written, again where it had one.

    Raises `LogBusy`, `OSError`.
    """
    asked = last.data if last is not None and isinstance(last.data, ResumeAsked) else ResumeAsked()
    if asked.attempt:
        return False  # it had begun, so that its trainer has weights to test before the final event
    skip = asked.commands
    if not any(command.command == "stop" for command in CommandCursor(run.commands_path, skip).read()):
        return False
    final: RunFinished | RunFailed = RunFinished(outcome="stopped", message="stopped before it began")
    for record in read_records(run.events_path)[0]:
        if isinstance(record.data, LAST_WORDS):
            final = record.data
    with LogWriter(run.events_path) as log:
        if waits(log.last):
            log.append(final)
    return True


def stop_on_signals(runner: Runner) -> None:
    """Have the runner end on a signal. Its trainers go on, for the next runner to find; in an allocation they are interrupted."""

    def stop(number: int, _frame: FrameType | None) -> None:
        runner.stopped_by = number

    signal.signal(signal.SIGTERM, stop)
    if in_allocation():
        signal.signal(TIME_IS_UP, stop)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
