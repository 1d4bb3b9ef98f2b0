"""A pilot on a node that does not see the session's folder: it trains runs that are lent to it, in a folder of this node.

Each run is alone in a session of its own there, which an ordinary pilot carries out; what its log says goes home once a second.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Protocol

from rnnlab.errors import UsageError
from rnnlab.files import keep_others_from_writing
from rnnlab.machine import host
from rnnlab.runs.codec import decode
from rnnlab.runs.files import make_folder, read_tail
from rnnlab.runs.folders import RunFolder, create_session
from rnnlab.runs.history import LAST_WORDS
from rnnlab.runs.liveness import config_to_train
from rnnlab.runs.log_tail import read_last
from rnnlab.runs.queue_entry import write_entry
from rnnlab.sweeps.processes.ray_home import BATCH, CHUNK, KEPT_HERE, SENT, Lent, Taken
from rnnlab.sweeps.processes.ray_pilot import Asked, Ended, environment_of, started_pilot

_EVERY = 1.0
"""Seconds between two batches."""
_PREFIX = "rnnlab-away-"
_LEFT = 7 * 86_400.0
"""Seconds since a run was last begun in such a folder after which nobody trains in it."""


class Calls(Protocol):
    """What the node asks of the owner, as `Home` does it. Raises `HomeLost` where it does not answer."""

    def lend(self, pilot: int) -> Lent | None:
        """A run that waits."""

    def fetch(self, run: str, attempt: int, name: str, offset: int) -> bytes:
        """A chunk of one of its files."""

    def take(self, run: str, attempt: int, lines: bytes, commands_at: int) -> Taken:
        """Lines of its log."""

    def put(self, run: str, attempt: int, name: str, offset: int, data: bytes, last: bool) -> bool:
        """A chunk of a file."""

    def done(self, run: str, attempt: int) -> None:
        """The end of the attempt."""


class HomeLost(Exception):
    """The owner of the session does not answer."""


def away_task(asked: Asked, begun: Callable[[str], None], home: Calls) -> Ended:
    """Train what the owner lends until it has nothing more, in a folder that is removed then."""
    began = time.monotonic()
    keep_others_from_writing()
    _sweep_left()
    scratch = Path(tempfile.mkdtemp(prefix=_PREFIX))
    # Runs are queued on this node anew, with a secret of this folder's; data may lie elsewhere here.
    variables = {
        name: value for name, value in asked.environment.items() if name != "RNNLAB_DATA" or Path(value).is_dir()
    } | {"RNNLAB_STATE": str(scratch / "state"), "RNNLAB_SHARED": "0"}
    begun(host())
    try:
        while (lent := home.lend(asked.number)) is not None:
            if problem := _Attempt(scratch / str(lent.attempt), lent, home).train(asked, variables):
                return Ended(1, time.monotonic() - began, problem)
    except (HomeLost, UsageError, OSError) as error:
        return Ended(1, time.monotonic() - began, f"the node {host()}: {error}")
    finally:
        shutil.rmtree(scratch, ignore_errors=True)
    return Ended(0, time.monotonic() - began)


def _sweep_left() -> None:
    """Remove folders that killed pilots have left on this node."""
    for left in Path(tempfile.gettempdir()).glob(f"{_PREFIX}*"):
        with contextlib.suppress(OSError):
            if left.stat().st_uid == os.geteuid() and time.time() - left.stat().st_mtime > _LEFT:
                shutil.rmtree(left, ignore_errors=True)


class _Attempt:
    """One run that is lent, in a folder of this node."""

    def __init__(self, root: Path, lent: Lent, home: Calls) -> None:
        self._home = home
        self._key = lent.run, lent.attempt
        self._lent = lent
        self._session = create_session("lab", root=root / lent.run)
        self._run = RunFolder(self._session.runs_path / lent.run)
        self._fetched: dict[str, tuple[int, int]] = {}
        """Files as they came: what is not changed is not sent back."""
        self._pending: list[tuple[int, bytes]] = []
        """Lines that are not home yet, with their numbers."""
        self._read = 0
        """Bytes of the log that were read."""

    def train(self, asked: Asked, variables: dict[str, str]) -> str:
        """Train it. Returns what keeps this node from it, in a sentence."""
        self._fetch()
        try:
            config = config_to_train(self._run, read_last(self._run.events_path))
            with environment_of(variables):
                write_entry(self._run.path, config, pause_after=self._lent.pause_after)
        except UsageError as error:
            self._home.done(*self._key)
            return f"the node {host()}: {error}"
        with started_pilot(self._session, asked, variables) as pilot:
            try:
                code = self._follow(pilot)
            except BaseException:
                _kill(pilot)
                raise
        if code is None:
            return ""  # another attempt has the run
        self._send_log(all_of_it=False)
        self._send_files()
        self._send_log(all_of_it=True)
        self._home.done(*self._key)
        lines = read_tail(self._session.path / f"ray-{asked.number}.log").strip().splitlines() if code else []
        return f"the node {host()}: a pilot has failed: {lines[-1][:200]}" if lines else ""

    def _follow(self, pilot: subprocess.Popen[bytes]) -> int | None:
        """The pilot's exit code; None where the attempt does not count any more, and the pilot was ended."""
        while True:
            try:
                code: int | None = pilot.wait(_EVERY)
            except subprocess.TimeoutExpired:
                code = None
            if not self._send_log(all_of_it=False):
                _kill(pilot)
                return None
            if code is not None:
                return code

    def _fetch(self) -> None:
        make_folder(self._run.path)
        for name, size in self._lent.files:
            path, held = self._run.path / Path(name).name, 0
            with path.open("wb") as stream:
                while held < size and (data := self._home.fetch(*self._key, name, held)):
                    stream.write(data)
                    held += len(data)
            self._fetched[name] = _mark(path)
        if self._run.events_path.exists():
            self._read = self._run.events_path.stat().st_size

    def _send_log(self, *, all_of_it: bool) -> bool:
        """Send what is new; what begins with a last event waits until the files are home. Whether the attempt counts."""
        self._read_log()
        while True:
            batch = self._batch(all_of_it)
            at = self._run.commands_path.stat().st_size if self._run.commands_path.exists() else 0
            taken = self._home.take(*self._key, b"".join(line for _, line in batch), at)
            if not taken.counts:
                return False
            if taken.commands:
                with self._run.commands_path.open("ab") as stream:
                    stream.write(taken.commands)
            self._pending = [each for each in self._pending if each[0] >= taken.next_seq]
            if not batch or not self._pending:
                return True

    def _batch(self, all_of_it: bool) -> list[tuple[int, bytes]]:
        found: list[tuple[int, bytes]] = []
        size = 0
        for number, line in self._pending:
            size += len(line)
            if (found and size > BATCH) or (not all_of_it and isinstance(decode(line).data, LAST_WORDS)):
                break
            found.append((number, line))
        return found

    def _read_log(self) -> None:
        try:
            with self._run.events_path.open("rb") as stream:
                stream.seek(self._read)
                lines = stream.read().splitlines(keepends=True)
        except FileNotFoundError:
            return
        for line in lines:
            if not line.endswith(b"\n"):
                break
            self._read += len(line)
            self._pending.append((decode(line).seq, line))

    def _send_files(self) -> None:
        for path in sorted(self._run.path.iterdir()):
            if (
                SENT.fullmatch(path.name) is None
                or path.name in KEPT_HERE
                or self._fetched.get(path.name) == _mark(path)
            ):
                continue
            with path.open("rb") as stream:
                data, offset = stream.read(CHUNK), 0
                while True:
                    following = stream.read(CHUNK)
                    if not self._home.put(*self._key, path.name, offset, data, not following):
                        return
                    if not following:
                        break
                    offset, data = offset + len(data), following


def _mark(path: Path) -> tuple[int, int]:
    found = path.stat()
    return found.st_size, found.st_mtime_ns


def _kill(pilot: subprocess.Popen[bytes]) -> None:
    """End the pilot and what it has started: they lead a process group."""
    os.killpg(pilot.pid, signal.SIGKILL)
    pilot.wait()
