"""Giving a session or a run another name."""

from __future__ import annotations

import contextlib
import errno
import os
import re
from dataclasses import replace
from pathlib import Path

from rnnlab.errors import UsageError
from rnnlab.files import rename_durably
from rnnlab.locks import is_locked
from rnnlab.runs.folders import RunFolder, Session, check_name
from rnnlab.runs.liveness import standing
from rnnlab.runs.trash import PATIENCE, check_idle

_NUMBER = re.compile(r"\d+-")


def rename_run(run: RunFolder, name: str) -> RunFolder:
    """Call a run `name` behind its number, which stays: `003-lstm-128` becomes `003-name`.

    Its log keeps the name under which it was trained. Raises `UsageError` while it is trained, and where the name is taken or
    cannot be one.
    """
    check_name(name, "run")
    number = _NUMBER.match(run.name)
    whole = name if number is None or name.startswith(number[0]) else f"{number[0]}{name}"
    check_idle(run, "rename it")
    if _may_start(run):
        raise UsageError(f"{run.name} waits, and a runner may begin it at any moment; rename it once it has ended")
    return RunFolder(_renamed(run.path, whole))


def rename_session(session: Session, name: str) -> Session:
    """Call a session `name`. Raises `UsageError` while a run of it is trained, and where the name is taken or cannot be one."""
    check_name(name, "session")
    check_idle(session, "rename the session", PATIENCE)
    info = session.info()
    renamed = Session(_renamed(session.path, name))
    try:
        renamed.write_info(replace(info, name=name))
    except OSError as error:
        with contextlib.suppress(OSError):  # the session's own name is then the one before; that of the folder counts
            rename_durably(renamed.path, session.path)
        raise UsageError(f"{session.path.name} cannot be renamed: {session.info_path}: {error.strerror}") from None
    return renamed


def _may_start(run: RunFolder) -> bool:
    """Whether the run has not ended while a runner carries out its session: that one knows it by its present name."""
    try:
        return standing(run).state != "ended" and is_locked(run.session.lock_path, links="folder")
    except OSError:
        return False  # its log is no file that a trainer could write


def _renamed(path: Path, name: str) -> Path:
    target = path.with_name(name)
    if target == path:
        raise UsageError(f"{name} is its name already")
    try:
        if os.path.lexists(target):
            raise OSError(errno.EEXIST, os.strerror(errno.EEXIST))
        rename_durably(path, target)
    except OSError as error:
        taken = error.errno in (errno.EEXIST, errno.ENOTEMPTY, errno.ENOTDIR)
        reason = f"{target} is there already; choose another name" if taken else f"{path}: {error.strerror}"
        raise UsageError(f"{path.name} cannot be renamed: {reason}") from None
    return target
