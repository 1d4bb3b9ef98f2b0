"""The warm server: a process that has imported what a run needs, and forks a trainer for each run that its runner names.

    python -P -m rnnlab.training.warm CHANNEL

CHANNEL is the number of the open socket to the runner (`rnnlab.engines.trainers`). The server computes nothing, so that no
thread of OpenMP or of PyTorch runs in it that a fork would lose, and no GPU is touched. It keeps the data of runs that have ended
well for those to come (`rnnlab.tasks.resident`). It ends when the runner does; its trainers go on.
"""

from __future__ import annotations

import contextlib
import ctypes
import faulthandler
import gc
import importlib
import os
import platform
import select
import signal
import socket
import sys
import traceback
import warnings
from pathlib import Path

import msgspec

from rnnlab.catalog.models.catalog import MODELS
from rnnlab.catalog.tasks.catalog import TASKS
from rnnlab.config import RunConfig
from rnnlab.engines.allocation import in_allocation
from rnnlab.engines.trainers import MESSAGE_LIMIT, MOST_FILES, Report, Request
from rnnlab.files import keep_others_from_writing
from rnnlab.runs.folders import RunFolder
from rnnlab.tasks.resident import ResidentData
from rnnlab.training.process import DONE, FAILED, USAGE, be_nice
from rnnlab.training.process import main as train

_NEEDED = (
    "numpy.ctypeslib",
    "numpy.ma",
    "numpy.random",
    "platformdirs",
    "resource",
    "rnnlab.tasks.load",
    "rnnlab.training.persist.recorder",
    "rnnlab.training.resume",
    "rnnlab.training.tune_threads",
    "tomllib",
)
"""What every run imports, with all that comes with it."""
_PR_SET_NAME = 15


def main(arguments: list[str]) -> int:
    """Fork trainers until the runner is gone."""
    if len(arguments) != 1 or not arguments[0].isdigit():
        sys.stderr.write("usage: python -m rnnlab.training.warm CHANNEL\n")
        return USAGE
    channel = socket.socket(fileno=int(arguments[0]))
    channel.set_inheritable(False)
    keep_others_from_writing()
    # NumPy's BLAS has a thread, which ends itself before a fork.
    warnings.filterwarnings("ignore", ".*multi-threaded, use of fork", DeprecationWarning)
    be_nice()
    for name in _NEEDED:
        importlib.import_module(name)
    platform.platform()  # asks another program, once in a process
    # Trainers share these objects' memory for as long as nobody writes to it, and a collection would.
    gc.collect()
    gc.freeze()
    with channel:
        _Server(channel).serve()
    return 0


class _Server:
    """Forks a trainer for each request that comes through the channel, and reports how each ends."""

    def __init__(self, channel: socket.socket) -> None:
        self._channel = channel
        self._trainers: dict[int, tuple[int, RunConfig | None]] = {}
        """Of each trainer that lives, by its process: the number of its request, and its configuration."""
        self._data = ResidentData()
        self._woken, self._wake = os.pipe()
        os.set_blocking(self._woken, False)
        os.set_blocking(self._wake, False)

    def serve(self) -> None:
        """Carry out requests until the end of the channel."""
        signal.signal(signal.SIGCHLD, lambda _number, _frame: None)
        signal.set_wakeup_fd(self._wake, warn_on_full_buffer=False)
        poll = select.poll()
        poll.register(self._channel, select.POLLIN)
        poll.register(self._woken, select.POLLIN)
        while True:
            ready = {file for file, _ in poll.poll()}
            if self._woken in ready:
                os.read(self._woken, 1024)
                self._reap()
            if self._channel.fileno() in ready and not self._receive():
                return

    def _receive(self) -> bool:
        """Carry out one request; False at the end of the channel."""
        message, files, _, _ = socket.recv_fds(self._channel, MESSAGE_LIMIT, MOST_FILES)
        try:
            if not message:
                return False
            request = msgspec.json.decode(message, type=Request)
            config = self._prepare(request.folder)
            pid = os.fork()
            if pid == 0:
                self._become_trainer(request, files)
            self._trainers[pid] = request.number, config
            self._report(Report(request.number, pid))
        finally:
            for file in files:
                os.close(file)
        return True

    def _prepare(self, folder: str) -> RunConfig | None:
        """Have at hand what the run needs beside what all need; its configuration, where it can be read.

        Whatever goes wrong is left to the trainer, which meets it again and records it.
        """
        try:
            config = RunFolder(Path(folder)).config()
            importlib.import_module(f"rnnlab.tasks.{TASKS[config.task.name].module}")
            if (card := MODELS[config.model.name]).recurrent and not card.file:
                importlib.import_module(f"rnnlab.models.cells.{card.cell_module}")
            self._data.prepare(config)
        except Exception:
            return None
        return config

    def _reap(self) -> None:
        while self._trainers:
            pid, status = os.waitpid(-1, os.WNOHANG)
            if not pid:
                return
            number, config = self._trainers.pop(pid)
            code = os.waitstatus_to_exitcode(status)
            self._report(Report(number, pid, code))
            if config is not None and code == DONE:
                self._data.expect(config)

    def _report(self, report: Report) -> None:
        try:
            self._channel.send(msgspec.json.encode(report))
        except OSError:
            pass  # the runner is gone, as the channel will say

    def _become_trainer(self, request: Request, files: list[int]) -> None:
        """Train the run in this process, a new one. Never returns."""
        code = FAILED
        try:
            self._leave_server(files[0])  # the lifeline and the slots stay open until the process ends
            _call_process(Path(request.folder).name)
            faulthandler.enable()  # trainer.log says where a library crashed
            sys.argv = ["rnnlab.training", request.folder]
            code = train([request.folder], self._data.load)
        except SystemExit as end:
            code = end.code if isinstance(end.code, int) else FAILED
        except BaseException:
            traceback.print_exc()
        finally:
            try:
                sys.stdout.flush()
                sys.stderr.flush()
            finally:
                os._exit(code)

    def _leave_server(self, log: int) -> None:
        """Be as a process that was started with `trainer.log` as its output."""
        signal.set_wakeup_fd(-1)
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        self._channel.close()
        os.close(self._woken)
        os.close(self._wake)
        if not in_allocation():
            os.setsid()
        os.dup2(log, 1)
        os.dup2(log, 2)
        os.close(log)


def _call_process(name: str) -> None:
    """Have `ps` and `top` show this name, of which they have 15 bytes: the command line is still the server's."""
    with contextlib.suppress(OSError, AttributeError):
        ctypes.CDLL(None).prctl(_PR_SET_NAME, os.fsencode(name), 0, 0, 0)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
