"""What a loss of power could take of the files that processes wrote: rules that the traces of their operations must keep.

A file is written under another name, synced, put in its place, and then its folder is synced. A log, and a file of commands, is
appended to and synced within a second.
"""

from __future__ import annotations

import os
import re
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks.reliability.trace import Operation, read_trace

WITHIN = 1.0
"""Seconds after which what was acknowledged must be safe."""
_APPENDED = re.compile(r"(events|commands)\.jsonl")
_NO_DATA = re.compile(r".*\.(lock|log|spare)|\.lock|\.probe\..*")
"""Files whose bytes nobody misses: locks, what processes said, room set aside."""


@dataclass
class Found:
    """What traces show."""

    problems: list[str] = field(default_factory=list)
    longest: float = 0.0
    """Seconds that an appended line was not safe, at most."""
    appended: int = 0
    replaced: int = 0

    def report(self, problem: str) -> None:
        if problem not in self.problems:
            self.problems.append(problem)

    def __str__(self) -> str:
        return "; ".join(self.problems[:4])


def check_traces(folder: Path) -> Found:
    """The traces of several processes, a file each."""
    found = Found()
    for path in sorted(folder.iterdir()):
        process = _Process(found)
        for operation in read_trace(path):
            process.follow(operation)
        process.end()
    return found


class _Process:
    """The files that one process has written and not synced, and the folders in which it put names and did not sync them."""

    def __init__(self, found: Found) -> None:
        self._found = found
        self._paths: dict[int, str] = {}
        self._folders: set[int] = set()
        self._unsafe: dict[str, list[float]] = {}
        """By path: when the writes were done that no sync followed."""
        self._in_place: set[str] = set()
        """Written under the name that they have."""
        self._named: dict[str, tuple[str, float]] = {}
        """By path: the folder that has to be synced, and since when."""

    def follow(self, done: Operation) -> None:
        path = self._paths.get(done.file, "")
        match done.kind:
            case "open":
                self._paths[done.file] = done.path
                (self._folders.add if done.offset & os.O_DIRECTORY else self._folders.discard)(done.file)
            case "write" if path and not _NO_DATA.fullmatch(Path(path).name):
                self._unsafe.setdefault(path, []).append(done.seconds)
                self._in_place.add(path)
            case "sync" if done.file in self._folders:
                for name in [name for name, (folder, _) in self._named.items() if folder == path]:
                    self._check_folder(name, done.seconds)
            case "sync":
                self._check_synced(path, done.seconds)
            case "rename" | "link":
                self._rename(done)
            case "unlink":
                for names in (self._unsafe, self._named):
                    names.pop(done.path, None)
                self._in_place.discard(done.path)

    def _check_synced(self, path: str, seconds: float) -> None:
        for each in self._unsafe.pop(path, []):
            if _APPENDED.fullmatch(Path(path).name):
                self._found.appended += 1
                self._found.longest = max(self._found.longest, seconds - each)
                if seconds - each > WITHIN:
                    self._found.report(f"{Path(path).name} was synced after {seconds - each:.2f} s")

    def _check_folder(self, name: str, seconds: float) -> None:
        _, since = self._named.pop(name)
        if seconds - since > WITHIN:
            self._found.report(f"the folder of {Path(name).name} was synced after {seconds - since:.2f} s")

    def _rename(self, done: Operation) -> None:
        """A file, or a folder with all that is in it, is put in its place."""
        below = [path for path in self._in_place if path == done.path or path.startswith(done.path + "/")]
        for path in below:
            if path in self._unsafe:
                self._found.report(f"{Path(path).name} was put in its place before it was synced")
        self._in_place.difference_update(below)
        for path in [path for path in self._named if path.startswith(done.path + "/")]:
            folder, _ = self._named.pop(path)
            self._found.report(f"the folder of {Path(path).name} was renamed before it was synced ({folder})")
        self._found.replaced += 1
        self._named[done.to] = str(Path(done.to).parent), done.seconds

    def end(self) -> None:
        """The process is gone."""
        for path in self._in_place:
            name = Path(path).name
            if not _APPENDED.fullmatch(name):
                self._found.report(f"{name} was written in its place")
            elif path in self._unsafe:
                self._found.report(f"{len(self._unsafe[path])} writes of {name} were not synced")
        for path in self._named:
            self._found.report(f"the folder of {Path(path).name} was not synced")
