"""Runs and sessions that were thrown away: moved into a hidden folder beside the sessions, so that it can be undone.

What lies there has a file `deleted.json` that says where it was, so that a later process can bring it back.
"""

from __future__ import annotations

import contextlib
import os
import time
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

import msgspec

from rnnlab.errors import UsageError
from rnnlab.files import read_regular, refuse_link, rename_durably, sync_folder
from rnnlab.locks import is_locked
from rnnlab.runs.files import make_folder, write_atomically
from rnnlab.runs.folders import RunFolder, Session, cut_to_name, folder_names, sessions_root
from rnnlab.runs.liveness import is_alive, standing
from rnnlab.runs.room import is_full

PATIENCE = 5.0
"""Seconds that a command waits for the runner of a session whose runs have ended; on an idle machine it takes a tenth of one."""
TRASH = ".trash"
"""Inside the folder of sessions; a hidden name is no session."""
_RECORD = "deleted.json"
_LIMIT = 1 << 14


@dataclass(frozen=True)
class Discarded:
    """One thing thrown away: where it was and where it lies now. `noted`: whether another process can bring it back."""

    name: str
    was: Path
    now: Path
    noted: bool = True


class _Record(msgspec.Struct, frozen=True, kw_only=True):
    """Where it was, under the folder of sessions, when it was thrown away (Unix time), and together with what."""

    format: int = 1
    was: str
    wall: float
    batch: str


def new_batch() -> str:
    """A name for what is thrown away together, and comes back together."""
    return uuid.uuid4().hex


def discard_run(run: RunFolder, batch: str = "") -> Discarded:
    """Move the run's folder to the trash. Raises `UsageError` while it trains or where it cannot be moved."""
    check_idle(run, "delete it")
    return _move(run.path, run.session.path.parent, f"{run.session.name}.{run.name}", run.name, batch)


def discard_session(session: Session, batch: str = "") -> Discarded:
    """Move the whole session to the trash. Raises `UsageError` while one of its runs trains or is about to."""
    check_idle(session, "delete the session")
    return _move(session.path, session.path.parent, session.name, session.name, batch)


def check_idle(target: RunFolder | Session, purpose: str, patience: float = 0.0) -> None:
    """Raise `UsageError` where a run, or one of a session, is trained or about to be; `purpose` is what was to be done.

    `patience`: seconds to wait for the runner of a session whose last run has just ended.
    """
    deadline = time.monotonic() + patience
    for run in target.runs() if isinstance(target, Session) else [target]:
        if _is_trained(run):
            of = f" of {target.name}" if isinstance(target, Session) else ""
            raise UsageError(f"{run.name}{of} is being trained{_where(run)}; stop it first, then {purpose}")
    if not isinstance(target, Session):
        return
    while (busy := is_locked(target.lock_path, links="folder")) and time.monotonic() < deadline:
        time.sleep(0.05)
    if busy:
        raise UsageError(f"{target.name} still has runs to carry out; stop or delete those first")


def _is_trained(run: RunFolder) -> bool:
    try:
        return is_alive(run)
    except OSError:
        return False  # its log is no file that a trainer could write


def _where(run: RunFolder) -> str:
    host = standing(run).host
    return f" on {host}" if host else ""


def restore(discarded: Discarded) -> None:
    """Move it back to where it was. Raises `UsageError` where its place is taken or it is no longer in the trash."""
    if os.path.lexists(discarded.was):
        raise UsageError(f"{discarded.was} exists again; {discarded.name} stays in {discarded.now}")
    try:
        make_folder(discarded.was.parent)
        rename_durably(discarded.now, discarded.was)
    except OSError as error:
        raise UsageError(f"{discarded.now} cannot be moved back ({error.strerror})") from None
    with contextlib.suppress(OSError):
        (discarded.was / _RECORD).unlink()
        sync_folder(discarded.was)


def last_discarded(root: Path | None = None) -> list[Discarded]:
    """What was thrown away last, together, by whichever process. Empty where the trash holds nothing that says where it was."""
    root = root or sessions_root()
    trash = root / TRASH
    with contextlib.suppress(OSError):
        refuse_link(trash)
        found = [(record, name) for name in folder_names(trash) if (record := _record(trash / name)) is not None]
        if found:
            newest = max(found, key=lambda pair: pair[0].wall)[0].batch
            together = sorted((pair for pair in found if pair[0].batch == newest), key=lambda pair: pair[0].wall)
            return [Discarded(PurePosixPath(r.was).name, root / r.was, trash / name) for r, name in together]
    return []


def _record(folder: Path) -> _Record | None:
    try:
        record = msgspec.json.decode(read_regular(folder / _RECORD, _LIMIT), type=_Record)
    except (OSError, msgspec.MsgspecError, RecursionError, UnicodeError):
        return None
    return record if _is_place(PurePosixPath(record.was).parts) else None


def _is_place(parts: Sequence[str]) -> bool:
    """Whether these are the parts of a session's path, or of a run's, under the folder of sessions."""
    named = all(part and not part.startswith(".") and "/" not in part and "\0" not in part for part in parts)
    return named and (len(parts) == 1 or (len(parts) == 3 and parts[1] == "runs"))


def _move(path: Path, root: Path, label: str, name: str, batch: str) -> Discarded:
    trash = root / TRASH
    stamp = time.strftime("%Y%m%d-%H%M%S")
    label = cut_to_name(label)
    try:
        make_folder(trash)
        number = 0
        while True:
            target = trash / (f"{stamp}.{label}" if not number else f"{stamp}-{number}.{label}")
            if not os.path.lexists(target):
                break
            number += 1
        rename_durably(path, target)
    except OSError as error:
        remedy = "make room and try again" if is_full(error) else "is the folder writable?"
        raise UsageError(f"{path} cannot be moved to {trash} ({error.strerror}); {remedy}") from None
    noted = False
    with contextlib.suppress(OSError, ValueError):  # a full disk: it can be moved back by hand
        record = _Record(was=path.relative_to(root).as_posix(), wall=time.time(), batch=batch or new_batch())
        write_atomically(target / _RECORD, msgspec.json.encode(record) + b"\n")
        noted = True
    return Discarded(name, path, target, noted)
