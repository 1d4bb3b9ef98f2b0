"""Files of cells that a person chose: on the command line, in `RNNLAB_CELLS`, or in their own configuration.

A file is checked in a process of its own (`rnnlab.models.own.check_cells`), once for each content: what it declares is kept in
the folder for caches by its SHA-256. This process imports nothing of it.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

import msgspec

from rnnlab.catalog.models.own_cells import CellReport, OwnCell, choose
from rnnlab.config.files import parse_toml
from rnnlab.errors import UsageError
from rnnlab.files import read_regular
from rnnlab.paths import CELLS, configuration_file, user_path
from rnnlab.runs.files import write_atomically
from rnnlab.runs.queue_entry import CELL_LIMIT
from rnnlab.runs.thread_cache import cache_root
from rnnlab.version import __version__

_SECONDS = 300
"""Seconds that a check may take, most of which import PyTorch; a file that never ends is given up."""


def choose_files(
    files: Sequence[str | os.PathLike[str]], on_check: Callable[[Path], None] | None = None
) -> list[OwnCell]:
    """List the cells of the files among the architectures, here and in the processes that this one starts.

    `on_check` is called before a file is checked, which takes seconds. Raises `UsageError` with the file and the line where one
    cannot be used.
    """
    found: list[OwnCell] = []
    paths = [user_path(os.fspath(file), "--cells").absolute() for file in files]
    for path in paths:
        if os.pathsep in str(path):
            raise UsageError(
                f"the file of cells {path} cannot be used: {CELLS} parts its files at {os.pathsep!r}; rename the file or folder"
            )
        for cell in _cells_of(path, on_check):
            choose(cell, path)
            found.append(cell)
    held = [each for each in os.environ.get(CELLS, "").split(os.pathsep) if each]
    os.environ[CELLS] = os.pathsep.join(dict.fromkeys([*held, *map(str, paths)]))
    if not os.environ[CELLS]:
        del os.environ[CELLS]
    return found


def choose_usual() -> str:
    """The same with the files of `RNNLAB_CELLS` and of the person's configuration.

    Returns what is wrong with the configuration, or a file that it names, in one sentence: that is no reason for a command
    to fail that needs none of it. Raises `UsageError` for a file of `RNNLAB_CELLS`.
    """
    choose_files(_whole_paths([each for each in os.environ.get(CELLS, "").split(os.pathsep) if each], CELLS))
    try:
        choose_files(_configured())
    except UsageError as error:
        return str(error)
    return ""


def _whole_paths(files: Sequence[str], named_by: str) -> list[Path]:
    """The files, none of which may depend on the folder that one is in: that may be a stranger's. Raises `UsageError`."""
    paths = [user_path(file, named_by) for file in files]
    if other := next((path for path in paths if not path.is_absolute()), None):
        raise UsageError(
            f"{named_by} names {other}, which is another file in each folder, so it is not imported; write its whole path"
        )
    return paths


def _configured() -> list[Path]:
    """The files that the person's configuration names. Raises `UsageError`."""
    path = configuration_file()
    if path is None:
        return []
    try:
        text = read_regular(path, CELL_LIMIT, links="follow").decode()
    except FileNotFoundError:
        return []
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"{path} cannot be read: {getattr(error, 'strerror', None) or 'it is not UTF-8'}") from None
    files = parse_toml(text, str(path)).get("cells", [])
    if not isinstance(files, list) or not all(isinstance(file, str) for file in files):
        raise UsageError(f'{path}: cells must be a list of files, such as cells = ["~/mycell.py"]')
    return _whole_paths(files, str(path))


def _cells_of(path: Path, on_check: Callable[[Path], None] | None) -> tuple[OwnCell, ...]:
    """What the file declares, from the cache where it was checked before. Raises `UsageError`."""
    try:
        sha256 = hashlib.sha256(read_regular(path, CELL_LIMIT, links="follow")).hexdigest()
    except OSError as error:
        raise UsageError(f"the file of cells {path} cannot be read: {error.strerror}") from None
    kept = cache_root() / "cells" / f"{sha256}-{__version__}.json"
    # A ValueError is of a file's name that cannot be shown: the check says so in a sentence.
    with contextlib.suppress(OSError, msgspec.MsgspecError, ValueError):
        report = msgspec.json.decode(read_regular(kept, CELL_LIMIT, links="follow"), type=CellReport)
        if report.sha256 == sha256 and report.cells:
            return tuple(msgspec.structs.replace(cell, file=path.name) for cell in report.cells)
    if on_check is not None:
        on_check(path)
    report = _checked(path)
    if report.problem:
        raise UsageError(report.problem)
    with contextlib.suppress(OSError):
        kept.parent.mkdir(parents=True, exist_ok=True)
        write_atomically(kept, msgspec.json.encode(report))
    return report.cells


def _checked(path: Path) -> CellReport:
    """What a process that imports the file finds. Raises `UsageError` where it does not end by itself."""
    try:
        done = subprocess.run(
            [sys.executable, "-P", "-m", "rnnlab.models.own.check_cells", str(path)],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=_SECONDS,
            check=False,
        )
        return msgspec.json.decode(done.stdout, type=CellReport)
    except subprocess.TimeoutExpired:
        raise UsageError(f"{path} cannot be used: its import did not end within {_SECONDS} s") from None
    except (OSError, msgspec.MsgspecError):
        raise UsageError(f"{path} cannot be used: the process that imported it ended without a report") from None
