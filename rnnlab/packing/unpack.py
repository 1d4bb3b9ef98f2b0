"""A session out of a zip archive that may come from a stranger.

Its table of contents is checked as that of a data set is; besides, an archive holds one session and only files that a session
has. It is unpacked under a hidden name and renamed, so it appears whole or not at all, and never in place of another.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from dataclasses import dataclass, replace
from pathlib import Path

from rnnlab.errors import UsageError
from rnnlab.files import rename_durably, sync_folder
from rnnlab.packing.condition import Condition, condition_of
from rnnlab.packing.session_files import OF_SESSIONS, session_in
from rnnlab.runs.files import FILE_MODE, FOLDER_MODE, make_folder, sweep_drafts
from rnnlab.runs.folders import Session, check_name, sessions_root
from rnnlab.runs.room import allocate
from rnnlab.tasks.download.archives import Archive


@dataclass(frozen=True)
class Unpacked:
    """A session that was unpacked, how many files it has, and in which condition its runs are."""

    session: Session
    files: int
    condition: Condition


def unpack_session(path: Path, name: str | None = None, root: Path | None = None) -> Unpacked:
    """Unpack the archive at `path` as the session `name`, or by its own name, among the sessions in `root`.

    Raises `UsageError` for what is no archive of a session, for a name that is taken, and where it cannot be written.
    """
    root = root or sessions_root()
    if not path.is_file():
        raise UsageError(f"{path} is no file; give an archive that rnnlab pack wrote")
    with Archive(path, limits=OF_SESSIONS) as archive:
        own, files = session_in(archive.members, archive.called)
        chosen = name or own
        check_name(chosen, "session")
        target = Session(root / chosen)
        if os.path.lexists(target.path):
            raise UsageError(f"there is a session {chosen} already, and it stays as it is; unpack under another --name")
        try:
            make_folder(root)
            sweep_drafts(root)  # of processes that were killed
            draft = Path(tempfile.mkdtemp(prefix=".new-", dir=root))
        except OSError as error:
            raise UsageError(
                f"{root} cannot be written ({error.strerror}); choose another with RNNLAB_SESSIONS"
            ) from None
        try:
            draft.chmod(FOLDER_MODE)
            (draft / "runs").mkdir(mode=FOLDER_MODE)
            for inside, member in sorted(files.items()):
                _write(archive, member, draft / inside)
                os.utime(draft)  # another process sweeps drafts that nobody has touched for long
            _put_in_place(Session(draft), target, chosen if chosen != own else "")
        except OSError as error:
            raise UsageError(f"{target.path} cannot be written ({error.strerror}); nothing was unpacked") from None
        finally:
            shutil.rmtree(draft, ignore_errors=True)
    return Unpacked(target, len(files), condition_of(target))


def _write(archive: Archive, member: str, path: Path) -> None:
    path.parent.mkdir(mode=FOLDER_MODE, exist_ok=True)
    file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC | os.O_NOFOLLOW, FILE_MODE)
    with os.fdopen(file, "wb") as stream:
        allocate(file, 0, archive.members[member].file_size)
        for chunk in archive.chunks(member):
            stream.write(chunk)
        stream.flush()
        os.fsync(file)


def _put_in_place(draft: Session, target: Session, name: str) -> None:
    """Put the session in its place; `name`: what it calls itself from now on, empty where it keeps that."""
    info = draft.info()
    if name:
        draft.write_info(replace(info, name=name))
    for run in draft.runs():
        sync_folder(run.path)
    sync_folder(draft.runs_path)
    if os.path.lexists(target.path):
        raise UsageError(f"there is a session {target.name} now, and it stays as it is; unpack under another --name")
    rename_durably(draft.path, target.path)
