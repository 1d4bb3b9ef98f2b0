"""A secret of the person's, by which a machine knows again what was written on it: no folder from elsewhere can carry it."""

from __future__ import annotations

import contextlib
import os
import secrets
import stat
import tempfile
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from rnnlab.errors import UsageError
from rnnlab.files import open_regular, sync_folder

_BYTES = 32
_NAME = "secret"


def state_root() -> Path:
    """The person's folder for what a program keeps: `RNNLAB_STATE`, else the system's."""
    named = os.environ.get("RNNLAB_STATE")
    if named:
        return Path(named).expanduser()
    import platformdirs

    return Path(platformdirs.user_state_dir("rnnlab"))


def secret() -> bytes:
    """The secret, made at first need. Raises `UsageError` where it can be kept nowhere."""
    return _secret(state_root())


@cache
def _secret(root: Path) -> bytes:
    for folder in (root, Path(tempfile.gettempdir()) / f"rnnlab-{os.geteuid()}"):
        with contextlib.suppress(OSError):
            return _kept_in(folder)
    raise UsageError(f"{root} cannot be written: name a folder of your own with RNNLAB_STATE")


def _kept_in(folder: Path) -> bytes:
    """The secret in `folder`, made where there is none. Raises `OSError`, also for one that others could read."""
    path = folder / _NAME
    for _ in range(2):
        with contextlib.suppress(FileNotFoundError):
            return _read(path)
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        with _drafted(folder) as draft, contextlib.suppress(FileExistsError):
            os.link(draft, path)  # whole or not at all, and never over another's
            sync_folder(folder)
    raise FileNotFoundError(path)


@contextlib.contextmanager
def _drafted(folder: Path) -> Iterator[Path]:
    file, name = tempfile.mkstemp(prefix=".secret-", dir=folder)
    try:
        with os.fdopen(file, "wb") as stream:
            stream.write(secrets.token_bytes(_BYTES))
            stream.flush()
            os.fsync(stream.fileno())
        yield Path(name)
    finally:
        Path(name).unlink(missing_ok=True)


def _read(path: Path) -> bytes:
    file = open_regular(path, os.O_RDONLY, links="follow")
    try:
        found = os.fstat(file)
        if found.st_uid != os.geteuid() or stat.S_IMODE(found.st_mode) & 0o077:
            raise PermissionError(f"{path} is not for this person alone")
        data = os.read(file, _BYTES + 1)
    finally:
        os.close(file)
    if len(data) != _BYTES:
        raise PermissionError(f"{path} holds no secret")
    return data
