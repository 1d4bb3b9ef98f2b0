"""Trainers that a runner starts: each is a process of its own, from a new interpreter or forked from the warm server.

The warm server (`rnnlab.training.warm`) has imported PyTorch once and forks a trainer for each run, in a hundredth of the
time that a new interpreter takes. A trainer is watched by a pipe, its lifeline, whose other end only the trainer holds: its
end is seen at once, also where the server is gone. Exit codes of forked trainers come from the server, which is their parent.
"""

from __future__ import annotations

import contextlib
import os
import select
import signal
import socket
import subprocess
import sys
import time

import msgspec

from rnnlab.engines.allocation import in_allocation
from rnnlab.machine import oom_kills
from rnnlab.runs.files import open_append
from rnnlab.runs.folders import RunFolder

MESSAGE_LIMIT = 1 << 14
"""Most bytes of a message to or from the warm server; a path has 4,096 at most."""
MOST_FILES = 250
"""Most open files of a message, as the kernel passes no more."""
CAN_FORK = sys.platform == "linux"
"""Elsewhere system libraries do not survive a fork."""
_MOST_FAILURES = 2
"""So many servers that ended before they had started a trainer, and every run gets an interpreter of its own."""
_REPORT = 5.0
"""Seconds to wait for the exit code of a trainer that is gone."""
_START = 120.0
"""Seconds after which a server that has not started a trainer hangs."""
_CLOSING = 30.0
"""Seconds that a server may take to end: as long as its imports."""
_SOON = 0.005


class Request(msgspec.Struct, frozen=True):
    """Order to the warm server to fork a trainer.

    With it come the open files: trainer.log, the lifeline, the slots, in this order.
    """

    number: int
    folder: str


class Report(msgspec.Struct, frozen=True):
    """What the warm server says of a trainer: that it was started; with `code`, how it ended."""

    number: int
    pid: int
    code: int | None = None


class Trainer:
    """A trainer that was started. `code` is its exit code, negative for a signal, once it has ended; None: not known."""

    def __init__(self, lifeline: int) -> None:
        self.code: int | None = None
        self.begun = True
        """Whether a process was started for it, as far as is known."""
        self.closed = False
        self.pid: int | None = None
        """Its process, once that is known."""
        self._lifeline = lifeline
        self._gone_at: float | None = None
        self._oom_kills = oom_kills()

    @property
    def lifeline(self) -> int | None:
        """The open file that is read to its end when the trainer dies; None from then on."""
        return self._lifeline if self._gone_at is None else None

    def ended(self) -> bool:
        """Whether the trainer's process is gone, with its files closed and its locks let go."""
        raise NotImplementedError

    @property
    def starved(self) -> bool:
        """Whether it was killed, and the kernel has killed for want of memory since it was started."""
        return self.code == -signal.SIGKILL and oom_kills() > self._oom_kills

    def _gone(self) -> bool:
        """Whether nobody holds the lifeline."""
        if self._gone_at is None and _readable([self._lifeline], 0.0):
            self._gone_at = time.monotonic()
        return self._gone_at is not None

    def interrupt(self) -> None:
        """Have it save its state and end, which takes some seconds."""
        if self.pid is not None and not self.ended():
            with contextlib.suppress(ProcessLookupError):
                os.kill(self.pid, signal.SIGTERM)

    def close(self) -> None:
        """Watch it no more."""
        if not self.closed:
            self.closed = True
            os.close(self._lifeline)


class _ColdTrainer(Trainer):
    """A trainer with an interpreter of its own."""

    def __init__(self, process: subprocess.Popen[bytes], lifeline: int) -> None:
        super().__init__(lifeline)
        self._process = process
        self.pid = process.pid

    def ended(self) -> bool:
        self._gone()
        self.code = self._process.poll()
        return self.code is not None


class _WarmTrainer(Trainer):
    """A trainer that the warm server forks."""

    def __init__(self, server: _WarmServer, lifeline: int) -> None:
        super().__init__(lifeline)
        self.begun = False
        self.asked_at = time.monotonic()
        self._server = server

    def ended(self) -> bool:
        self._server.read_reports()
        if self.code is not None:
            return True
        if not self._gone():
            return False
        assert self._gone_at is not None
        return not self._server.alive or time.monotonic() - self._gone_at > _REPORT


class _WarmServer:
    """The process that forks trainers, and its trainers that have not ended."""

    def __init__(self) -> None:
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        try:
            self._process = subprocess.Popen(
                [sys.executable, "-P", "-m", "rnnlab.training.warm", str(theirs.fileno())],
                stdin=subprocess.DEVNULL,
                start_new_session=not in_allocation(),
                pass_fds=[theirs.fileno()],
            )
        except BaseException:
            ours.close()
            raise
        finally:
            theirs.close()
        ours.setblocking(False)
        self.channel = ours
        self.alive = True
        self.useful = False
        """Whether it has started a trainer."""
        self._trainers: dict[int, _WarmTrainer] = {}
        self._number = 0

    def start(self, run: RunFolder, log: int, slots: list[int], lifeline: int, watched: int) -> Trainer:
        """Ask for a trainer of the run. Raises `OSError` where the server cannot be asked."""
        self._number += 1
        message = msgspec.json.encode(Request(self._number, os.fspath(run.path)))
        socket.send_fds(self.channel, [message], [log, lifeline, *slots])
        trainer = self._trainers[self._number] = _WarmTrainer(self, watched)
        return trainer

    def read_reports(self) -> None:
        """Take note of what the server has said, without waiting."""
        while self.alive:
            try:
                message = self.channel.recv(MESSAGE_LIMIT)
            except BlockingIOError:
                self._end_where_it_hangs()
                return
            except OSError:
                message = b""
            if not message:
                self.alive = False
                self._trainers.clear()
                return
            report = msgspec.json.decode(message, type=Report)
            self.useful = True
            if (trainer := self._trainers.get(report.number)) is not None:
                trainer.begun = True
                trainer.pid = report.pid
                if report.code is not None:
                    trainer.code = report.code
                    del self._trainers[report.number]

    def _end_where_it_hangs(self) -> None:
        """Kill a server that has not started what it was asked for, such as one that is stopped; its trainers go on."""
        late = time.monotonic() - _START
        if any(not trainer.begun and trainer.asked_at < late for trainer in self._trainers.values()):
            self._process.kill()

    def close(self) -> int:
        """Let the server go: it ends when it reads the end of the channel, and its trainers go on. Returns its exit code."""
        self.alive = False
        self.channel.close()
        try:
            return self._process.wait(_CLOSING)
        except subprocess.TimeoutExpired:
            self._process.kill()
            return self._process.wait()


class Trainers:
    """Starts trainers, and waits until one ends. With `warm` those that may be forked are."""

    def __init__(self, *, warm: bool = True) -> None:
        self._warm = warm and CAN_FORK
        self._server: _WarmServer | None = None
        self._failures = 0
        self._live: list[Trainer] = []

    def start(self, run: RunFolder, slots: list[int], *, fork: bool) -> Trainer:
        """Start a trainer for the run, which gets the open files `slots`; forked where `fork` allows it.

        Raises `OSError`.
        """
        log = open_append(run.trainer_log_path)
        try:
            watched, lifeline = os.pipe()
            try:
                trainer = self._start(run, log, slots, lifeline, watched, fork=fork)
            except BaseException:
                os.close(watched)
                raise
            finally:
                os.close(lifeline)
        finally:
            os.close(log)
        self._live.append(trainer)
        return trainer

    def _start(self, run: RunFolder, log: int, slots: list[int], lifeline: int, watched: int, *, fork: bool) -> Trainer:
        if fork and len(slots) + 2 <= MOST_FILES and (server := self._server_to_ask()) is not None:
            with contextlib.suppress(OSError):  # it has just died
                return server.start(run, log, slots, lifeline, watched)
        process = subprocess.Popen(
            [sys.executable, "-P", "-m", "rnnlab.training", str(run.path)],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=not in_allocation(),
            pass_fds=[*slots, lifeline],
        )
        return _ColdTrainer(process, watched)

    def _server_to_ask(self) -> _WarmServer | None:
        """The warm server that lives, or a new one; None where each run gets an interpreter of its own."""
        if self._server is not None:
            self._server.read_reports()
            if not self._server.alive:
                self._failures = 0 if self._server.useful else self._failures + 1
                code = self._server.close()
                print(f"the warm server is gone, with exit code {code}", flush=True)  # noqa: T201 - the runner's log
                self._server = None
        if self._server is None and self._warm and self._failures < _MOST_FAILURES:
            with contextlib.suppress(OSError):
                self._server = _WarmServer()
        return self._server

    def wait(self, seconds: float) -> bool:
        """Wait until a trainer ends or the server says something of one, which is returned, or so many seconds have passed."""
        self._live = [trainer for trainer in self._live if not trainer.closed]
        watched = [trainer.lifeline for trainer in self._live]
        if None in watched:
            seconds = min(seconds, _SOON)  # it is about to be known how it ended
        files = [file for file in watched if file is not None]
        if self._server is not None and self._server.alive:
            files.append(self._server.channel.fileno())
        heard = _readable(files, seconds) or None in watched
        if self._server is not None:
            self._server.read_reports()
        return heard

    def close(self) -> None:
        """Start no more; trainers go on."""
        if self._server is not None:
            self._server.close()
            self._server = None


def _readable(files: list[int], seconds: float) -> bool:
    """Whether one of the files can be read, or is at its end, within so many seconds."""
    poll = select.poll()
    for file in files:
        poll.register(file, select.POLLIN)
    return bool(poll.poll(seconds * 1000))
