"""Somebody's own file: what is in a folder, and what `rnnlab data check` says of a file, asked once for each state of it."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rnnlab.ui.ask import Answer, ask

MOST_ENTRIES = 5000
"""Entries of a folder that are listed."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A file or a folder below the one that is looked at; `size` in bytes, of a file."""

    name: str
    folder: bool
    size: int = 0


@dataclass(frozen=True)
class Folder:
    """What a folder holds, folders first; `more` entries were too many to list, `problem` says why it cannot be read."""

    path: str
    entries: tuple[Entry, ...] = ()
    more: int = 0
    problem: str = ""


def read_folder(path: str) -> Folder:
    """What is in the folder. Touches the disk: call it in a thread."""
    entries: list[Entry] = []
    more = 0
    try:
        with os.scandir(path or ".") as found:
            for each in found:
                if len(entries) >= MOST_ENTRIES:
                    more += 1
                    continue
                try:
                    folder = each.is_dir()
                    entries.append(Entry(each.name, folder, 0 if folder else each.stat().st_size))
                except OSError:
                    entries.append(Entry(each.name, False))
    except (OSError, ValueError) as error:
        # ValueError: a zero byte in the path.
        return Folder(path, problem=f"{path} cannot be read: {getattr(error, 'strerror', None) or error}")
    entries.sort(key=lambda entry: (not entry.folder, entry.name.casefold(), entry.name))
    return Folder(path, tuple(entries), more)


def split_path(text: str) -> tuple[str, str]:
    """The folder that a typed path is in, with ~ spelt out, and what its name begins with."""
    folder, slash, start = text.rpartition("/")
    if text.startswith("~"):
        with contextlib.suppress(RuntimeError):
            folder = str(Path(folder or "~").expanduser())
            start = start if slash else ""
    return (folder or "/") if slash or text.startswith("~") else "", start


class Checks:
    """The checks that were made, by file, settings and the file's size and time."""

    def __init__(self) -> None:
        self._known: dict[Any, Answer] = {}

    def known(self, path: str, settings: Mapping[str, str]) -> Answer | None:
        """What was found, where it has been looked for already."""
        return self._known.get(_question(path, settings))

    async def check(self, path: str, settings: Mapping[str, str]) -> Answer:
        """Look through the file as training with these settings would read it."""
        question = _question(path, settings)
        if question not in self._known:
            words = [word for key, value in settings.items() for word in ("--set", f"{key}={value}")]
            self._known[question] = await ask("data", "check", "--json", *words, "--", path)
        return self._known[question]


def _question(path: str, settings: Mapping[str, str]) -> tuple[Any, ...]:
    stamp: tuple[int, int] | None = None
    with contextlib.suppress(OSError, ValueError):
        stat = Path(path).expanduser().stat()
        stamp = (stat.st_mtime_ns, stat.st_size)
    return path, tuple(sorted(settings.items())), stamp


def refusal(answer: Answer) -> str:
    """Why the file cannot be trained on; empty where it can."""
    document = answer.document
    if not isinstance(document, dict):
        return answer.problem or "the file could not be checked"
    if document.get("trainable", True):
        return ""
    stopping = [str(problem["message"]) for problem in document.get("problems", ()) if problem.get("stops")]
    return stopping[0] if stopping else "the file cannot be trained on"
