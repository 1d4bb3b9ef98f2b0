"""The rows of a session's runs, read again only where something changed: for what renews a table of thousands."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from rnnlab.runs.current import Current, current, is_over
from rnnlab.runs.folders import RunFolder, Session
from rnnlab.runs.notes import NAME as NOTES
from rnnlab.runs.queue_entry import NAME as QUEUE_ENTRY
from rnnlab.runs.room import has_room
from rnnlab.runs.summary import RunSummary, summarise

_Key = tuple[int, int, int]
_ABSENT: _Key = (0, 0, 0)


@dataclass
class Summaries:
    """Rows of the runs of `session`, each kept until the size, time or inode of its log, or of its notes, changes.

    Of a run without a log those of its `run.toml` count. Rows of runs that are gone are forgotten.
    """

    session: Session
    _kept: dict[Path, tuple[tuple[_Key, _Key], RunSummary]] = field(default_factory=dict)
    _waiting: dict[Path, tuple[tuple[int, bool], Current]] = field(default_factory=dict)
    """Rows of runs without a log, by the time of their queue entry and whether there is room to begin them."""

    def read(self) -> list[RunSummary]:
        """A row a run, as it is now, in the order they were made. Never raises for what stands in the folders."""
        return [each.summary for _, each in self.current()]

    def current(self) -> list[tuple[RunFolder, Current]]:
        """The runs and their rows, with what is known of their processes."""
        return list(self.each())

    def each(self) -> Iterator[tuple[RunFolder, Current]]:
        """The same one after another, for what shows thousands as they are read."""
        runs = self.session.runs()
        paths = {run.path for run in runs}
        for kept in (self._kept, self._waiting):
            for path in [path for path in kept if path not in paths]:
                del kept[path]
        for run in runs:
            yield run, self._row(run)

    def known(self) -> list[tuple[RunFolder, Current]]:
        """The rows as they were read last, without a look at the disk; empty where nothing was read yet."""
        return [(RunFolder(path), Current(summary)) for path, (_, summary) in self._kept.items()]

    def copy(self) -> Summaries:
        """What is known, for another reader: in another thread, say."""
        return Summaries(self.session, dict(self._kept), dict(self._waiting))

    def _row(self, run: RunFolder) -> Current:
        log = key = _stamp(f"{run.path}/events.jsonl")
        if log == _ABSENT:
            key = _stamp(f"{run.path}/run.toml")
        stamp = key, _stamp(f"{run.path}/{NOTES}")
        kept = self._kept.get(run.path)
        if kept is not None and kept[0] == stamp:
            summary = kept[1]
        else:
            summary = summarise(run)
            self._kept[run.path] = (stamp, summary)
            self._waiting.pop(run.path, None)
        if is_over(summary):
            return Current(summary)
        return current(run, summary) if log != _ABSENT else self._not_begun(run, summary)

    def _not_begun(self, run: RunFolder, summary: RunSummary) -> Current:
        """Hundreds may wait, and whose each one is does not change."""
        key = _stamp(f"{run.path}/{QUEUE_ENTRY}")[0], has_room(run.path)
        kept = self._waiting.get(run.path)
        if kept is None or kept[0] != key:
            kept = self._waiting[run.path] = (key, current(run, summary))
        return kept[1]


def _stamp(path: str) -> _Key:
    """Time, size and inode of a file; `_ABSENT` where it is not there."""
    try:
        found = os.stat(path)  # noqa: PTH116 - thousands of these: the plain call
    except OSError:
        return _ABSENT
    return found.st_mtime_ns, found.st_size, found.st_ino
