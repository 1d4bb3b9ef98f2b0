"""The local engine: a detached process per session, the runner, that starts a trainer for each queued run.

A run without a log is queued, and so is one whose log ends with `ResumeAsked`. The runner lives in its own process session, so
that neither a closed terminal nor the end of the app touches it, and so does each trainer, so that the end of the runner does
not either. `rnnlab.runs.liveness` finds whether a run is alive. When a trainer was killed, the runner (or the next one) queues
its run to be resumed, some times; when it crashed, or was killed too often, it writes the run's final event.

Nothing is started, resumed or written to but what this person queued on this machine: a session may come from a stranger.

`python -m rnnlab.engines.local SESSION`
"""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from rnnlab.cores import cores
from rnnlab.engines.final_event import attempts_of, has_attempts_left, resume_or_fail, was_killed, write_final_event
from rnnlab.engines.gpus import gpu_of
from rnnlab.engines.slots import GPU_RUNS, NoLocks, NoSlot, release, take_gpu, take_slots
from rnnlab.engines.startable import check_crashes, check_lock, reap
from rnnlab.errors import UsageError
from rnnlab.files import keep_others_from_writing
from rnnlab.locks import Locked, held, is_locked
from rnnlab.runs.commands import CommandCursor
from rnnlab.runs.events import Record, ResumeAsked, RunFailed, RunFinished
from rnnlab.runs.files import open_append, sweep_drafts
from rnnlab.runs.folders import RunFolder, Session, SessionInfo
from rnnlab.runs.history import LAST_WORDS, waits
from rnnlab.runs.liveness import is_alive, made_here, queued_here, standing
from rnnlab.runs.log import LogBusy, LogWriter
from rnnlab.runs.log_reader import read_records
from rnnlab.runs.room import is_full
from rnnlab.runs.thread_cache import remembered

_PATIENCE = 0.1
"""Seconds to insist on a session's lock, which a reader that asks whether a runner lives holds for an instant."""
_RUNNER_PATIENCE = 2.0
"""The same for a runner, as nobody trains what is queued where it takes such a reader, held up on a busy machine, for another
runner."""
_POLL = 0.1
"""Seconds between two polls of the queue and the trainers."""
NOT_MINE = 3
"""The exit code of a trainer that found that the run is not to be trained."""


class RunnerBusy(Exception):
    """Another runner carries out the session."""


def ensure_runner(session: Session) -> None:
    """Start the session's runner unless one lives. Returns at once.

    Raises `UsageError` where its lock or its log cannot be written, and where the runners before ended at once.

    A runner that is about to end polls once more after it has released its lock, so a run queued before this call is always
    found.
    """
    check_lock(session)
    if runner_alive(session):
        return
    check_crashes(session)
    try:
        log = open_append(session.runner_log_path, links="folder")
    except OSError as error:
        raise UsageError(
            f"{session.runner_log_path} cannot be written ({error.strerror}): the run cannot be started"
        ) from None
    try:
        process = subprocess.Popen(
            [sys.executable, "-P", "-m", "rnnlab.engines.local", str(session.path.resolve())],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        reap(process, session)
    finally:
        os.close(log)


def runner_alive(session: Session) -> bool:
    """Whether a runner carries out the session now."""
    return is_locked(session.lock_path, links="folder")


def run_alive(run: RunFolder) -> bool:
    """Whether a trainer has the run."""
    return is_alive(run)


def settle_session(session: Session) -> list[RunFolder]:
    """Write the final event of every run whose trainer is gone for good, starting nothing. Returns those runs.

    Those that the session's next runner resumes are left to it. Does nothing while a runner lives (it does this itself),
    where the folder is read-only, and to runs that were not made here.
    """
    try:
        with runner_lock(session):
            return [run for run in session.runs() if _is_over(run) and write_final_event(run, None)]
    except (RunnerBusy, UsageError, OSError):
        return []


def _is_over(run: RunFolder) -> bool:
    return standing(run).state == "dead" and made_here(run) and not has_attempts_left(run)


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

    process: subprocess.Popen[bytes]
    found: Record | None


class Runner:
    """Carries out one session's queue until nothing is left of it."""

    def __init__(self, session: Session) -> None:
        self.session = session
        self.children: dict[Path, _Child] = {}
        self.ended: set[Path] = set()
        self.stopping = False
        self._nudged_at = 0
        self._tries: dict[Path, int] = {}
        """How often a run's trainer was killed before its first event."""
        self._printed: dict[Path, str] = {}
        """What was printed about each run last."""

    def work(self) -> None:
        """Train the session's runs until each has its final event. Raises `RunnerBusy` where another runner has the session."""
        while True:
            with runner_lock(self.session, _RUNNER_PATIENCE):
                sweep_drafts(self.session.runs_path)
                while self.poll() and not self.stopping:
                    time.sleep(_POLL)
            # A run queued after the last poll, by a process that still saw the lock held.
            if self.stopping or not self._unfinished():
                return

    def _unfinished(self) -> list[RunFolder]:
        if (nudged_at := self._nudges()) != self._nudged_at:
            # A run was made, or one that had ended is to be resumed.
            self._nudged_at = nudged_at
            self.ended.clear()
        return [run for run in self.session.runs() if run.path not in self.ended]

    def _nudges(self) -> int:
        try:
            return self.session.runs_path.stat().st_mtime_ns
        except OSError:
            return 0

    def poll(self) -> bool:
        """See to every unfinished run once. Returns whether there is more to wait for."""
        queued: list[tuple[RunFolder, Record | None]] = []
        live: list[RunFolder] = []
        busy = False
        for run in self._unfinished():
            try:
                child = self.children.get(run.path)
                if child is not None and child.process.poll() is None:
                    live.append(run)
                    continue
                self.children.pop(run.path, None)
                stands = standing(run)
                match stands.state:
                    case "loading" | "training" if not stands.host:
                        live.append(run)
                    case "dead" if made_here(run):
                        if not resume_or_fail(run, child.process.returncode if child else None):
                            self.ended.add(run.path)
                        busy = True
                    case "queued" if child is not None and child.found == stands.last:
                        busy |= self._died_early(run, child.process.returncode)
                    case "queued" if not queued_here(run, stands.last):
                        self._leave(run, "it was queued elsewhere, or its settings were changed since")
                    case "queued" if self._called_off(run, stands.last):
                        self.ended.add(run.path)
                    case "queued":
                        queued.append((run, stands.last))
                    case "dead":
                        self._leave(run, "its process is gone, and it was queued elsewhere")
                    case "damaged":
                        self._leave(run, stands.problem)
                    case _:
                        self.ended.add(run.path)
            except LogBusy:
                busy = True  # another process holds its log for an instant: the next poll decides
            except OSError as error:
                self._passed_over(run, error)
        for run, last in queued:
            slots = self._slots(run, live)
            if slots is None:
                break  # in order: a small run does not overtake
            try:
                self._start(run, last, slots)
                live.append(run)
            except OSError as error:
                self._passed_over(run, error)
            finally:
                release(slots)  # the trainer has them now
        return bool(live or queued or busy)

    def _died_early(self, run: RunFolder, code: int) -> bool:
        """Whether a run waits on whose trainer died before its first event; else its final event is written.

        Another trainer is started where this one was killed, some times.
        """
        if code == NOT_MINE:
            self._leave(run, "its trainer found that it is not to be trained")
            return False
        tries = self._tries[run.path] = self._tries.get(run.path, 0) + 1
        if was_killed(code) and tries <= attempts_of(self.session):
            return True
        write_final_event(run, code)
        self.ended.add(run.path)
        return False

    def _leave(self, run: RunFolder, reason: str) -> None:
        print(f"{run.name} is left alone: {reason}", flush=True)  # noqa: T201 - the runner's log
        self.ended.add(run.path)

    def _passed_over(self, run: RunFolder, error: OSError) -> None:
        """A run folder was taken away, or a disk is full: the other runs are trained on."""
        self._print_once(run, str(error))
        if not run.path.is_dir() or not is_full(error):
            self.ended.add(run.path)

    def _print_once(self, run: RunFolder, text: str) -> None:
        if self._printed.get(run.path) != text:
            self._printed[run.path] = text
            with contextlib.suppress(OSError):  # runner.log may be on the disk that is full
                print(f"{run.name}: {text}", flush=True)  # noqa: T201 - the runner's log

    def _slots(self, run: RunFolder, live: Sequence[RunFolder]) -> list[int] | None:
        """The slots that the run takes, as open files, beside the session's own that live; None: it has to wait."""
        try:
            info = self.session.info()
        except UsageError:
            info = SessionInfo(self.session.name)
        need, gpu, allowed = self._threads(run), self._gpu(run), info.slots
        slots: list[int] = []
        if allowed is None:
            try:
                slots = take_slots(self.session, need)
            except NoSlot:
                return None
            except NoLocks as problem:
                self._print_once(run, str(problem))
                allowed = cores()
        if allowed is not None and live and sum(map(self._threads, live)) + need > allowed:
            return None
        if gpu is not None:
            try:
                return slots + take_gpu(self.session, gpu, info.gpu_runs)
            except NoSlot:
                release(slots)
                return None
            except NoLocks as problem:
                self._print_once(run, str(problem))
                if sum(self._gpu(other) == gpu for other in live) >= (info.gpu_runs or GPU_RUNS):
                    release(slots)
                    return None
        return slots

    def _gpu(self, run: RunFolder) -> str | None:
        try:
            return gpu_of(run.config())
        except UsageError:
            return None

    def _threads(self, run: RunFolder) -> int:
        try:
            config = run.config()
            if config.runtime.threads is not None:
                return config.runtime.threads
            held = remembered(config)
            return held.threads if held is not None else 1
        except UsageError:
            return 1

    def _called_off(self, run: RunFolder, last: Record | None) -> bool:
        """Whether a person stopped the run while it waited; then its final event is written, again where it had one."""
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

    def _start(self, run: RunFolder, last: Record | None, slots: list[int]) -> None:
        log = open_append(run.trainer_log_path)
        try:
            command = [sys.executable, "-P", "-m", "rnnlab.training", str(run.path)]
            process = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                pass_fds=slots,
            )
        finally:
            os.close(log)
        self.children[run.path] = _Child(process, last)


def main(arguments: list[str]) -> int:
    """Carry out the session named on the command line. Exit code 0, also where another runner already does."""
    if len(arguments) != 1:
        sys.stderr.write("usage: python -m rnnlab.engines.local SESSION\n")
        return 2
    keep_others_from_writing()
    runner = Runner(Session(Path(arguments[0])))

    def stop(*_: object) -> None:
        runner.stopping = True  # the trainers go on; the next runner finds them by their locks

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        runner.work()
    except RunnerBusy:
        pass
    except OSError as error:
        sys.stderr.write(f"{error.filename or runner.session.path}: {error.strerror or error}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
