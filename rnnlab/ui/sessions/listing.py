"""What the browser of sessions lists: every session and run on disk, read again only where something changed."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from textual.message import Message

from rnnlab.config import UsageError
from rnnlab.runs.comparable import comparable
from rnnlab.runs.find import list_sessions
from rnnlab.runs.folders import RunFolder, Session, SessionInfo
from rnnlab.runs.repeats import Repeats, alike, repeats_of
from rnnlab.runs.summaries import Summaries
from rnnlab.runs.summary import RunSummary


@dataclass(frozen=True, slots=True)
class ListedRun:
    """A run and its row.

    `held`: a process has the run. `silent`: seconds since its last event, where it should have written one.
    """

    run: RunFolder = field(compare=False)  # its path stands in the summary, which is compared sooner
    summary: RunSummary
    held: bool = False
    silent: float = 0.0

    @property
    def name(self) -> str:
        """The run's name, such as `003-lstm-128`."""
        return self.run.name

    @property
    def path(self) -> Path:
        """The run's folder."""
        return self.run.path


@dataclass(frozen=True)
class ListedRepeats:
    """Runs that differ in their seed and fold only, in the order of their names, and their means."""

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
    tags: tuple[str, ...] = ()
    problem: str = ""
    runs: tuple[ListedRun, ...] = ()
    repeats: tuple[ListedRepeats, ...] = field(default=(), compare=False)
    """Which of the runs are repeats of one another."""

    @property
    def path(self) -> Path:
        """The session's folder."""
        return self.session.path

    @property
    def latest(self) -> float:
        """When its newest run began, in seconds since 1970; 0.0: none has."""
        return max((listed.summary.started or 0.0 for listed in self.runs), default=0.0)

    def comparable_with(self, row: ListedRun | ListedRepeats) -> list[ListedRun]:
        """The runs of the row, then the session's other runs that were evaluated on the same data."""
        held = list(row.runs) if isinstance(row, ListedRepeats) else [row]
        data = comparable(listed.summary for listed in self.runs if not listed.summary.problem)
        number, paths = data.get(held[0].summary.path), {each.path for each in held}
        others = (listed for listed in self.runs if listed.path not in paths)
        return [*held, *(each for each in others if number is not None and data.get(each.summary.path) == number)]


@dataclass
class RunsListed(Message):
    """These sessions have been read; with `done`, they are all."""

    sessions: tuple[ListedSession, ...]
    done: bool

    def can_replace(self, message: Message) -> bool:
        """Whether the message is of the same kind: only the newest counts."""
        return isinstance(message, RunsListed)


def nothing_to_compare(name: str, *, filtered: bool = False) -> str:
    """What is said of a row that no other compares with; `filtered`: some rows are hidden by a filter."""
    where = "shown here" if filtered else "of this session"
    return f"No other row {where} was evaluated on the data of {name}, so it compares with nothing; m, then v, draws it alone."


def _repeats(runs: Sequence[ListedRun]) -> Iterator[ListedRepeats]:
    by_path = {listed.summary.path: listed for listed in runs}
    for group in alike(listed.summary for listed in runs):
        yield ListedRepeats(tuple(by_path[run.path] for run in group), repeats_of(group))


@dataclass
class Listing:
    """Reads sessions, and remembers the rows of each (see `Summaries`)."""

    root: Path | None = None
    _summaries: dict[Path, Summaries] = field(default_factory=dict)

    def summaries_of(self, session: Session) -> Summaries:
        """What is known of the session's runs, for another reader."""
        return self._summaries.setdefault(session.path, Summaries(session)).copy()

    def sessions(self) -> Iterator[ListedSession]:
        """Every session with its runs, the one last worked in first."""
        for session in list_sessions(self.root):
            yield self.read(session)

    def read(self, session: Session) -> ListedSession:
        """One session; what is wrong with it is its `problem`."""
        problem = ""
        info = SessionInfo(session.name)
        try:
            info = session.info()
        except UsageError as error:
            problem = str(error)
        summaries = self._summaries.setdefault(session.path, Summaries(session))
        listed = tuple(ListedRun(run, now.summary, now.alive, now.silent) for run, now in summaries.current())
        return ListedSession(session, info.name, info.notes, info.tags, problem, listed, tuple(_repeats(listed)))
