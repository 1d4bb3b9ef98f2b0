"""The person's own file: what is in a folder, and what `rnnlab data check` finds in a file, once for each state of it."""

from __future__ import annotations

import contextlib
import heapq
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rnnlab.config import UsageError
from rnnlab.paths import user_path
from rnnlab.ui.queries.subprocess_query import QueryResult, run_query

MOST_ENTRIES = 5000
"""Entries of a folder that are listed."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A file or a folder in the folder that is listed; `size` in bytes, of a file."""

    name: str
    folder: bool
    size: int = 0


@dataclass(frozen=True)
class Folder:
    """What a folder holds whose names begin with `start`, folders first.

    `more` entries were too many to list; `problem` is why the folder cannot be read.
    """

    path: str
    entries: tuple[Entry, ...] = ()
    more: int = 0
    problem: str = ""
    start: str = ""

    def covers(self, path: str, start: str) -> bool:
        """Whether all that begins with `start` in the folder `path` is known from this."""
        known = start.casefold().startswith(self.start.casefold()) if not self.more else start == self.start
        return path == self.path and known and bool(self.entries)


def read_folder(path: str, start: str = "") -> Folder:
    """What is in the folder whose name begins with `start`. Touches the disk: call it in a thread."""
    low = start.casefold()
    count = 0

    def found() -> Iterator[tuple[bool, str, str]]:
        nonlocal count
        with os.scandir(path or ".") as listed:
            for each in listed:
                if each.name.casefold().startswith(low):
                    count += 1
                    yield not _is_folder(each), each.name.casefold(), each.name

    try:
        # However many there are, only those that are listed are held in memory.
        first = heapq.nsmallest(MOST_ENTRIES, found())
    except (OSError, ValueError) as error:
        # ValueError: a zero byte in the path.
        return Folder(path, problem=f"{path} cannot be read: {getattr(error, 'strerror', None) or error}")
    entries = (Entry(name, not file, _bytes_of(Path(path or ".", name)) if file else 0) for file, _, name in first)
    return Folder(path, tuple(entries), count - len(first), start=start)


def _is_folder(each: os.DirEntry[str]) -> bool:
    try:
        return each.is_dir()
    except OSError:
        return False


def _bytes_of(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return 0


def split_path(text: str) -> tuple[str, str]:
    """The folder that a typed path is in, with ~ spelt out, and what its name begins with."""
    folder, slash, start = text.rpartition("/")
    if text.startswith("~"):
        with contextlib.suppress(UsageError):
            folder = str(user_path(folder or "~"))
            start = start if slash else ""
    return (folder or "/") if slash or text.startswith("~") else "", start


def started_anew(text: str) -> str:
    """The typed path from where an absolute one begins in it: after a second slash on end, or a ~ that was typed last."""
    _, twice, rest = text.rpartition("//")
    if twice:
        return f"/{rest}"
    return "~" if text.endswith("/~") else text


def missing(path: str) -> str:
    """Why nothing can be read at the path, as a sentence; empty where there is something. Touches the disk."""
    try:
        if user_path(path).exists():
            return ""
    except UsageError as error:
        return str(error)
    except (OSError, ValueError) as error:
        # ValueError: a zero byte in the path.
        return f"{path} cannot be read: {getattr(error, 'strerror', None) or error}"
    return f"{path} does not exist: choose a file from the list, or type the path of one that does"


class Checks:
    """The checks that were made, by file, settings and the file's size and time."""

    def __init__(self) -> None:
        self._known: dict[Any, QueryResult] = {}

    def known(self, path: str, settings: Mapping[str, str]) -> QueryResult | None:
        """What was found, where the file has been checked already."""
        return self._known.get(_check_key(path, settings))

    async def check(self, path: str, settings: Mapping[str, str]) -> QueryResult:
        """Check the file as training with these settings would read it."""
        key = _check_key(path, settings)
        if key not in self._known:
            options = [option for name, value in settings.items() for option in ("--set", f"{name}={value}")]
            self._known[key] = await run_query("data", "check", "--json", *options, "--", path)
        return self._known[key]


def _check_key(path: str, settings: Mapping[str, str]) -> tuple[Any, ...]:
    return path, tuple(sorted(settings.items())), file_stamp(path)


def file_stamp(path: str) -> tuple[int, int] | None:
    """Time and size of a file, by which a changed one is known; None where it cannot be read. Touches the disk."""
    with contextlib.suppress(OSError, ValueError, UsageError):
        stat = user_path(path).stat()
        return stat.st_mtime_ns, stat.st_size
    return None


def refusal(result: QueryResult) -> str:
    """Why the file cannot be trained on; empty where it can."""
    document = result.document
    if not isinstance(document, dict):
        return result.problem or "the file could not be checked"
    if document.get("trainable", True):
        return ""
    stopping = [str(problem["message"]) for problem in document.get("problems", ()) if problem.get("stops")]
    return stopping[0] if stopping else "the file cannot be trained on"
