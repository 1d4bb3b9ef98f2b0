"""The local engine: a detached process per session, the runner, that starts a trainer for each queued run.

A run without a log is queued, and so is one whose log ends with `ResumeAsked`. The runner lives in its own process session, so
that neither a closed terminal nor the end of the app touches it, and so does each trainer, so that the end of the runner does
not either. Who is alive is read from locks alone, which the kernel lets go when a process dies: the runner's on
`runner.lock`, a trainer's on its log. When a trainer dies without a last word, the runner (or the next one) writes it.

`python -m rnnlab.engines.local SESSION`
"""

from __future__ import annotations

import errno
import os
import shlex
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from rnnlab.config.errors import UsageError
from rnnlab.cores import cores
from rnnlab.engines.gpus import gpu_of
from rnnlab.engines.slots import GPU_RUNS, NoLocks, NoSlot, release, take_gpu, take_slots
from rnnlab.files import keep_others_from_writing
from rnnlab.locks import Locked, held, is_locked
from rnnlab.runs.commands import CommandCursor
from rnnlab.runs.course import LAST_WORDS, waits
from rnnlab.runs.events import Record, ResumeAsked, RunFailed, RunFinished
from rnnlab.runs.files import open_append, read_tail, sweep_drafts
from rnnlab.runs.folders import RunFolder, Session, SessionInfo
from rnnlab.runs.log import DamagedLog, LogBusy, LogWriter, NewerLog, is_held, read_last, read_records
from rnnlab.runs.tuned import remembered

_PATIENCE = 0.1
"""Seconds to insist on a session's lock, which a reader that asks whether a runner lives holds for an instant."""
_POLL = 0.1
"""Seconds between two looks at the queue and the trainers."""


class RunnerBusy(Exception):
    """Another runner carries out the session."""


def ensure_runner(session: Session) -> None:
    """Start the session's runner unless one lives. Returns at once. Raises `UsageError` where the folder is read-only.

    A runner that is about to end looks once more after it has let its lock go, so a run queued before this call is never
    left lying.
    """
    if runner_alive(session):
        return
    try:
        log = open_append(session.runner_log_path, links="folder")
    except OSError as error:
        raise UsageError(
            f"{session.runner_log_path} cannot be written ({error.strerror}): the run cannot be started"
        ) from None
    try:
        _detach([sys.executable, "-P", "-m", "rnnlab.engines.local", str(session.path.resolve())], log)
    finally:
        os.close(log)


def runner_alive(session: Session) -> bool:
    """Whether a runner carries out the session now."""
    return is_locked(session.lock_path, links="folder")


def run_alive(run: RunFolder) -> bool:
    """Whether a trainer has the run's log."""
    return is_held(run.events_path)


def settle_session(session: Session) -> list[RunFolder]:
    """Write the last word of every run whose trainer is gone, starting nothing. Returns those runs.

    Does nothing while a runner lives (it does this itself) or where the folder is read-only.
    """
    try:
        with runner_lock(session):
            return [run for run in session.runs() if _state_of(run)[0] == "dead" and write_last_word(run, None)]
    except (RunnerBusy, UsageError, OSError):
        return []


def _detach(command: list[str], output: int) -> subprocess.Popen[bytes]:
    """Start a process in its own session, fed from nowhere; it is reaped by a thread when it ends."""
    process = subprocess.Popen(
        command, stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT, start_new_session=True
    )
    threading.Thread(target=process.wait, name=f"reap {process.pid}", daemon=True).start()
    return process


@contextmanager
def runner_lock(session: Session) -> Iterator[None]:
    """The session is this process's to carry out within. Raises `RunnerBusy`, `OSError`."""
    try:
        with held(session.lock_path, _PATIENCE, links="folder") as file:
            os.ftruncate(file, 0)
            os.pwrite(file, f"{os.getpid()}\n".encode(), 0)
            yield
    except Locked:
        raise RunnerBusy from None


def _state_of(run: RunFolder) -> tuple[str, Record | None]:
    """`ended`, `training`, `dead` (begun, nobody holds the log), `queued`, or `damaged` (nothing is known of it); and the last
    record of its log."""
    held = run_alive(run)
    try:
        last = read_last(run.events_path)
    except (DamagedLog, NewerLog):
        return "damaged", None
    if last is not None and isinstance(last.data, LAST_WORDS):
        return "ended", last
    if held:
        return "training", last
    return "queued" if waits(last) else "dead", last


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

    def work(self) -> None:
        """Returns when every run has its last word. Raises `RunnerBusy` where another runner is at it."""
        while True:
            with runner_lock(self.session):
                sweep_drafts(self.session.runs_path)
                while self._look() and not self.stopping:
                    time.sleep(_POLL)
            # A run queued after the last look, by somebody who still saw the lock held.
            if self.stopping or not self._unfinished():
                return

    def _unfinished(self) -> list[RunFolder]:
        if (nudged_at := self._nudges()) != self._nudged_at:
            # A run was made, or one that had ended is to go on.
            self._nudged_at = nudged_at
            self.ended.clear()
        return [run for run in self.session.runs() if run.path not in self.ended]

    def _nudges(self) -> int:
        try:
            return self.session.runs_path.stat().st_mtime_ns
        except OSError:
            return 0

    def _look(self) -> bool:
        """One look at every unfinished run; whether there is more to wait for."""
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
                state, last = _state_of(run)
                match state:
                    case "damaged":
                        print(f"{run.name}: its log is damaged; it is left alone", flush=True)  # noqa: T201 - the runner's log
                        self.ended.add(run.path)
                    case "ended":
                        self.ended.add(run.path)
                    case "training":
                        live.append(run)
                    case "dead":
                        write_last_word(run, child.process.returncode if child else None)
                        self.ended.add(run.path)
                    case "queued" if child is not None and child.found == last:
                        # It died before its first event.
                        write_last_word(run, child.process.returncode)
                        self.ended.add(run.path)
                    case "queued" if self._called_off(run, last):
                        self.ended.add(run.path)
                    case "queued":
                        queued.append((run, last))
            except LogBusy:
                busy = True  # somebody has its log for an instant; the next look tells
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

    def _passed_over(self, run: RunFolder, error: OSError) -> None:
        """A run folder taken away, or a disk that is full: the other runs go on."""
        print(f"{run.name}: {error}", flush=True)  # noqa: T201 - the runner's log
        if not run.path.is_dir() or error.errno != errno.ENOSPC:
            self.ended.add(run.path)

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
            except NoLocks:
                allowed = cores()
        if allowed is not None and live and sum(map(self._threads, live)) + need > allowed:
            return None
        if gpu is not None:
            try:
                return slots + take_gpu(self.session, gpu, info.gpu_runs)
            except NoSlot:
                release(slots)
                return None
            except NoLocks:
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
        """Whether a person stopped the run while it waited; then its last word is written, or said again."""
        skip = last.data.commands if last is not None and isinstance(last.data, ResumeAsked) else 0
        if not any(command.command == "stop" for command in CommandCursor(run.commands_path, skip).read()):
            return False
        word: RunFinished | RunFailed = RunFinished(outcome="stopped", message="stopped before it began")
        for record in read_records(run.events_path)[0]:
            if isinstance(record.data, LAST_WORDS):
                word = record.data
        with LogWriter(run.events_path) as log:
            if waits(log.last):
                log.append(word)
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


def write_last_word(run: RunFolder, code: int | None) -> bool:
    """Write `RunFailed` for a trainer that is gone; whether that was still to be done."""
    try:
        with LogWriter(run.events_path) as log:
            if log.last is not None and isinstance(log.last.data, LAST_WORDS):
                return False
            log.append(obituary(run, code))
            log.sync()
            return True
    except LogBusy:
        return False


def obituary(run: RunFolder, code: int | None) -> RunFailed:
    detail = read_tail(run.trainer_log_path)
    onward = f"go on with: rnnlab resume {shlex.quote(f'{run.session.name}/{run.name}')}"
    if code is None:
        return RunFailed(
            kind="killed",
            message="the training process is gone without a word",
            hint=f"it was killed, or the machine went down; {onward}",
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
        }.get(name, "")
        return RunFailed(kind="killed", message=f"the training process was killed ({name})", hint=hint, detail=detail)
    return RunFailed(
        kind="error",
        message=f"the training process ended with exit code {code} before it could say why",
        hint=f"see {run.trainer_log_path}",
        detail=detail,
    )


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
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
