"""What the browser of sessions lists: every session and run on disk, read again only where something changed."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from rnnlab.config import UsageError
from rnnlab.runs.comparable import comparable
from rnnlab.runs.current import Current, current, is_over
from rnnlab.runs.find import list_sessions
from rnnlab.runs.folders import RunFolder, Session
from rnnlab.runs.queue_entry import NAME as QUEUE_ENTRY
from rnnlab.runs.repeats import Repeats, alike, repeats_of
from rnnlab.runs.room import has_room
from rnnlab.runs.summary import RunSummary, summarise


@dataclass(frozen=True)
class ListedRun:
    """A run and its row.

    `held`: a process has the run. `silent`: seconds since its last event, where it should have written one.
    """

    run: RunFolder
    summary: RunSummary
    held: bool = False
    silent: float = 0.0

    @property
    def path(self) -> Path:
        """The run's folder."""
        return self.run.path


@dataclass(frozen=True)
class ListedRepeats:
    """Runs that differ in their seed only, in the order of their names, and their means."""

    runs: tuple[ListedRun, ...]
    repeats: Repeats

    @property
    def session(self) -> Session:
        """The session that holds them all."""
        return self.runs[0].run.session

    @property
    def path(self) -> Path:
        """No folder, but as unlike any other row's as one."""
        return self.runs[0].path / "repeats"

    @property
    def name(self) -> str:
        """`lstm-128 × 5`."""
        return f"{re.sub(r'^[0-9]+-', '', self.runs[0].run.name)} × {len(self.repeats.runs)}"


@dataclass(frozen=True)
class ListedSession:
    """A session and its runs; `problem` says why it cannot be read."""

    session: Session
    title: str
    notes: str = ""
    problem: str = ""
    runs: tuple[ListedRun, ...] = ()
    repeats: tuple[ListedRepeats, ...] = ()
    """Which of the runs are repeats of one another."""

    @property
    def path(self) -> Path:
        """The session's folder."""
        return self.session.path

    @property
    def latest(self) -> float:
        """When its newest run began, in seconds since 1970; 0.0: none has."""
        return max((listed.summary.started or 0.0 for listed in self.runs), default=0.0)

    def comparable_with(self, run: ListedRun) -> list[ListedRun]:
        """The run, then the session's other runs that were evaluated on the same data."""
        data = comparable(listed.summary for listed in self.runs if not listed.summary.problem)
        number = data.get(run.summary.path)
        others = (listed for listed in self.runs if listed.path != run.path)
        return [run, *(each for each in others if number is not None and data.get(each.summary.path) == number)]


def _repeats(runs: Sequence[ListedRun]) -> Iterator[ListedRepeats]:
    by_path = {listed.summary.path: listed for listed in runs}
    for group in alike(listed.summary for listed in runs):
        yield ListedRepeats(tuple(by_path[run.path] for run in group), repeats_of(group))


@dataclass
class Listing:
    """Reads rows, and remembers them by the size and time of the log they came from."""

    root: Path | None = None
    _kept: dict[Path, tuple[tuple[int, int], RunSummary]] = field(default_factory=dict)
    _waiting: dict[Path, tuple[tuple[int, bool], Current]] = field(default_factory=dict)
    """Rows of runs without a log, by the time of their queue entry and whether there is room to begin them."""

    def sessions(self) -> Iterator[ListedSession]:
        """Every session with its runs, the one last worked in first."""
        for session in list_sessions(self.root):
            yield self.read(session)

    def read(self, session: Session) -> ListedSession:
        """One session; what is wrong with it is its `problem`."""
        problem = ""
        title, notes = session.name, ""
        try:
            info = session.info()
            title, notes = info.name, info.notes
        except UsageError as error:
            problem = str(error)
        listed = tuple(self._row(run) for run in session.runs())
        return ListedSession(session, title, notes, problem, listed, tuple(_repeats(listed)))

    def _row(self, run: RunFolder) -> ListedRun:
        try:
            stat = os.stat(run.events_path)  # noqa: PTH116 - thousands of these: the plain call
            key = (stat.st_mtime_ns, stat.st_size)
        except OSError:
            key = (0, 0)
        kept = self._kept.get(run.path)
        if kept is not None and kept[0] == key:
            summary = kept[1]
        else:
            summary = summarise(run)
            self._kept[run.path] = (key, summary)
        if is_over(summary):
            return ListedRun(run, summary)
        now = current(run, summary) if key != (0, 0) else self._not_begun(run, summary)
        return ListedRun(run, now.summary, now.alive, now.silent)

    def _not_begun(self, run: RunFolder, summary: RunSummary) -> Current:
        """Hundreds may wait, and whose each one is does not change."""
        try:
            entered = os.stat(run.path / QUEUE_ENTRY).st_mtime_ns  # noqa: PTH116 - as above
        except OSError:
            entered = 0
        key = entered, has_room(run.path)
        kept = self._waiting.get(run.path)
        if kept is None or kept[0] != key:
            kept = self._waiting[run.path] = (key, current(run, summary))
        return kept[1]
