"""Claims: which process may write a file in a folder that several machines share, where their locks may not see each other.

A claim is a numbered file beside it, `events.claim-000001` of `events.jsonl`; the one with the highest number counts. It is
made by a hard link, which a file server carries out once, whoever asks. It names its owner, and is a lease: the owner renews
its time of change every `RENEWAL` seconds. It may be followed by the next number once it was released, its owner is known to be
dead, or it is `LEASE` seconds old by the clock of the file server. An owner that was late itself takes the next number before
it writes again, and finds out by that whether another process was before it: there are never two writers, whatever the clocks
say.
"""

from __future__ import annotations

import contextlib
import errno
import os
import re
import secrets
import threading
import time
from dataclasses import dataclass
from pathlib import Path

import msgspec

from rnnlab.files import read_regular, sync_folder
from rnnlab.machine import boot_id, host, is_ours, pid_namespace, started_at

LEASE = 30.0
"""Seconds after its last renewal that a claim of another machine holds."""
RENEWAL = 5.0
"""Seconds between two renewals of a claim."""
_LATE = LEASE / 2
"""Seconds since its last renewal after which an owner does not rely on its claim without taking it anew."""
_TRIES = 3
_TIDIED = "another process was before it, and has tidied up"
_LIMIT = 4096
_NAME = re.compile(r"\.claim-(\d{6,12})")
_NO_LINKS = (errno.EPERM, errno.ENOTSUP, errno.EOPNOTSUPP, errno.ENOSYS, errno.EMLINK)
"""How a file system says that it has no hard links."""


class Claimed(Exception):
    """Another process, which may live, has the claim. The message names it."""


class ClaimLost(Exception):
    """Another process has taken the claim over."""


class Owner(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Who has a claim: a process of a machine since it was started. `released`: it has let go."""

    host: str
    boot: str
    pid: int
    started: str = ""
    """When the process was started, in the machine's own count; empty where that is not known."""
    pids: str = ""
    """The namespace that the process's number is of."""
    released: bool = False

    @classmethod
    def this_process(cls) -> Owner:
        """The process that calls."""
        pid = os.getpid()
        return cls(host=host(), boot=boot_id(), pid=pid, started=started_at(pid), pids=pid_namespace())

    @property
    def alive(self) -> bool | None:
        """Whether its process lives; None where only the lease can tell, as it is of another machine or container."""
        if self.released:
            return False
        if not self.boot or self.boot != boot_id() or self.pids != pid_namespace():
            return None
        started = started_at(self.pid)
        if not started and not is_ours(self.pid):
            return None  # of another user, whose processes may not be shown
        return started == self.started and self.started != ""


@dataclass(frozen=True)
class Found:
    """The claim that counts: its number, its owner (None: not readable yet), and Unix time of its last renewal."""

    number: int
    owner: Owner | None
    renewed: float

    def holds(self, now: float) -> bool:
        """Whether nobody else may take the claim at Unix time `now`."""
        alive = self.owner.alive if self.owner is not None else None
        return abs(now - self.renewed) < LEASE if alive is None else alive


def find_claim(path: Path) -> Found | None:
    """The claim on a file that counts now; None where there was never one. Raises `OSError`."""
    for _ in range(3):
        number = max(_numbers(path), default=0)
        if not number:
            return None
        file = _path(path, number)
        with contextlib.suppress(FileNotFoundError):  # its follower has just removed it
            renewed = file.stat().st_mtime
            try:
                owner = msgspec.json.decode(read_regular(file, _LIMIT), type=Owner)
            except (msgspec.MsgspecError, RecursionError):
                owner = None
            return Found(number, owner, renewed)
    return None


def is_claimed(path: Path) -> bool | None:
    """Whether a process that may live has the claim on a file; None where there was never a claim."""
    try:
        found = find_claim(path)
    except OSError:
        return None
    return None if found is None else found.holds(time.time())


class Claim:
    """A claim of this process on a file. Raises `Claimed` where another one has it, `OSError` where none can be made."""

    def __init__(self, target: Path) -> None:
        self._target = target
        self._guard = threading.RLock()
        self._over = threading.Event()
        self._number = 0
        self._renewed = 0.0
        self._lost = False
        self._take()
        self._thread = threading.Thread(target=self._renew, name=f"claim {target.name}", daemon=True)
        self._thread.start()

    def check(self) -> None:
        """Raise `ClaimLost` where the claim is another process's now, `OSError` where that cannot be found out."""
        with self._guard:
            if self._lost:
                raise ClaimLost(f"another process writes {self._target.name} now")
            if _clock() - self._renewed < _LATE:
                return
            try:
                self._follow(self._number)
            except Claimed as claimed:
                self._lost = True
                raise ClaimLost(str(claimed)) from None

    def release(self) -> None:
        """Let go. The file stays, as the highest number must never be given twice."""
        self._over.set()
        with self._guard:
            if self._lost or not self._number:
                return
            for left in reversed(range(_TRIES)):
                draft = self._draft(msgspec.structs.replace(Owner.this_process(), released=True))
                try:
                    draft.replace(_path(self._target, self._number))
                    sync_folder(self._target.parent)
                    break
                except FileNotFoundError:  # whoever took the log in between swept it away
                    if not left:
                        raise
                finally:
                    draft.unlink(missing_ok=True)
            self._number = 0

    def _take(self) -> None:
        for _ in range(_TRIES):
            found = find_claim(self._target)
            if found is not None and found.holds(self._server_time()):
                raise Claimed(_named(found))
            with contextlib.suppress(Claimed):  # another process was before it: who is that?
                self._follow(found.number if found is not None else 0)
                return
        raise Claimed("several processes ask for it at once")

    def _follow(self, number: int) -> None:
        """Make the claim that follows `number`. Raises `Claimed` where another process was before it."""
        asked = _clock()
        path = _path(self._target, number + 1)
        draft = self._draft(Owner.this_process())
        try:
            _publish(draft, path)
        finally:
            draft.unlink(missing_ok=True)
        if max(_numbers(self._target), default=0) > number + 1:
            raise Claimed("another process has the next claim")  # this one followed a number that was long past
        self._number, self._renewed = number + 1, asked
        for earlier in _numbers(self._target):
            if earlier <= number:
                _path(self._target, earlier).unlink(missing_ok=True)

    def _renew(self) -> None:
        while not self._over.wait(RENEWAL):
            with self._guard, contextlib.suppress(OSError):  # the next renewal, or `check`, finds out
                if self._lost or not self._number:
                    return
                asked = _clock()
                os.utime(_path(self._target, self._number))
                if asked - self._renewed < _LATE:
                    self._renewed = asked  # else it may have expired in between, which `check` settles

    def _draft(self, owner: Owner) -> Path:
        """The claim under another name, which the next writer of the log sweeps away, as one that a killed process has left."""
        file, draft = self._opened_draft()
        try:
            os.write(file, msgspec.json.encode(owner))
            os.fsync(file)
        finally:
            os.close(file)
        return draft

    def _opened_draft(self) -> tuple[int, Path]:
        # Named as `sweep_temporaries` knows what a killed process has left.
        draft = self._target.with_name(f".{self._target.stem}.claim.{secrets.randbelow(10**12)}.tmp")
        return os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o644), draft

    def _server_time(self) -> float:
        """What the file server's clock says now."""
        file, draft = self._opened_draft()
        try:
            os.write(file, b" ")
            os.fsync(file)
            return os.fstat(file).st_mtime  # not by its name: it may be swept away
        finally:
            os.close(file)
            draft.unlink(missing_ok=True)


def _publish(draft: Path, path: Path) -> None:
    """Have the draft stand at `path`, where nothing stands yet. Raises `Claimed` where something does."""
    try:
        os.link(draft, path)
        sync_folder(path.parent)
        return
    except FileExistsError:
        pass
    except FileNotFoundError:
        raise Claimed(_TIDIED) from None
    except OSError as error:
        if error.errno not in _NO_LINKS:
            raise
        try:
            content = draft.read_bytes()  # before the claim is there, which must never be empty
        except FileNotFoundError:
            raise Claimed(_TIDIED) from None
        try:
            file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o644)
        except FileExistsError:
            pass
        else:
            with os.fdopen(file, "wb") as stream:
                stream.write(content)
                stream.flush()
                os.fsync(file)
            sync_folder(path.parent)
            return
    # The server may have made the link and its answer may have been lost: then this process asked for it twice.
    try:
        links = draft.stat().st_nlink
    except FileNotFoundError:
        raise Claimed(_TIDIED) from None
    if links != 2:
        raise Claimed("another process was before it")


def _clock() -> float:
    """Seconds that count while the machine sleeps, too: others see that time pass."""
    return time.clock_gettime(time.CLOCK_BOOTTIME) if hasattr(time, "CLOCK_BOOTTIME") else time.monotonic()


def _named(found: Found) -> str:
    if found.owner is None:
        return "another process has it"
    return f"process {found.owner.pid} on {found.owner.host} has it"


def _path(target: Path, number: int) -> Path:
    return target.with_name(f"{target.stem}.claim-{number:06d}")


def _numbers(target: Path) -> list[int]:
    found: list[int] = []
    with os.scandir(target.parent) as entries:
        for entry in entries:
            if not entry.name.startswith(target.stem):
                continue
            if (match := _NAME.fullmatch(entry.name[len(target.stem) :])) is not None:
                found.append(int(match.group(1)))
    return found
