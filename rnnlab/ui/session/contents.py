"""What the Session screen shows: a session's runs, compared as `rnnlab compare` compares them, read again as they change."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

import msgspec

from rnnlab.errors import UsageError
from rnnlab.plots.run.figures import is_share
from rnnlab.runs.comparison import Compared, Comparison, compare
from rnnlab.runs.current import Current
from rnnlab.runs.folders import RunFolder, Session, SessionInfo
from rnnlab.runs.repeats import likeness, repeats_of
from rnnlab.runs.summaries import Summaries
from rnnlab.ui.sessions.listing import ListedRepeats, ListedRun

_FIRST_SLICE, _MORE = 200, 5
"""Runs after which those read so far are shown, and how many times as many they are each time after."""


@dataclass(frozen=True)
class SessionRow:
    """A row: a run, or runs that differ in their seed and fold only. `compared` is None of a run that cannot be read."""

    compared: Compared | None
    runs: tuple[ListedRun, ...]
    within: Path | None = None
    """Of one of repeats that is shown by itself: their row's path."""

    @property
    def alone(self) -> bool:
        """Whether it is one run."""
        return len(self.runs) == 1

    @cached_property
    def path(self) -> Path:
        """The run's folder; of repeats no folder, but as unlike any other row's as one."""
        return self.runs[0].path if self.alone else self.runs[0].path / "repeats"

    @cached_property
    def name(self) -> str:
        """`002-lstm-128`, or `lstm-128 × 5`."""
        name = self.runs[0].run.name
        if self.alone:
            return name
        counted = len(self.compared.runs) if self.compared is not None else len(self.runs)
        return f"{re.sub(r'^[0-9]+-', '', name)} × {counted}"

    @cached_property
    def listed(self) -> ListedRun | ListedRepeats:
        """The row as the browser of sessions has it."""
        if self.alone:
            return self.runs[0]
        return ListedRepeats(self.runs, repeats_of(listed.summary for listed in self.runs))

    def each(self) -> list[SessionRow]:
        """Its runs, a row each, with the settings that the row has."""
        if self.compared is None or self.alone:
            return []
        rows = []
        for listed in self.runs:
            (found,) = compare([listed.summary], is_share, repeats_together=False)
            compared = msgspec.structs.replace(found.rows[0], settings=self.compared.settings, best=False)
            rows.append(SessionRow(compared, (listed,), self.path))
        return rows


@dataclass(frozen=True)
class Contents:
    """A session as it is now. `rows` holds for each comparison its rows, by rank."""

    session: Session
    info: SessionInfo
    problem: str = ""
    listed: tuple[ListedRun, ...] = ()
    comparisons: tuple[Comparison, ...] = ()
    rows: tuple[tuple[SessionRow, ...], ...] = ()
    unreadable: tuple[SessionRow, ...] = ()
    pilots: str = ""
    """What a cluster does for the session, in one sentence; empty where it is carried out on one machine."""

    @cached_property
    def repeated(self) -> bool:
        """Whether any configuration was trained from several seeds or on several folds."""
        return any(not row.alone for rows in self.rows for row in rows)

    @cached_property
    def training(self) -> int:
        """The number of runs that a process has."""
        return sum(listed.held for listed in self.listed)


class SessionReader:
    """Reads a session, again only what changed. `summaries` is what is known of it already."""

    def __init__(self, session: Session, summaries: Summaries | None = None) -> None:
        self.session = session
        self._summaries = summaries or Summaries(session)
        self._last: Contents | None = None
        self._together = True

    def known(self) -> Contents | None:
        """The contents as they were when the runs were read last, without reading them again; None where they are many."""
        known = self._summaries.known()
        if not known or len(known) > _FIRST_SLICE:
            return None
        info, problem = self._info()
        self._last = _contents(self.session, info, problem, [_listed(*each) for each in known], self._together)
        return self._last

    def _info(self) -> tuple[SessionInfo, str]:
        """What is written down of the session, and why that cannot be read."""
        try:
            return self.session.info(), ""
        except UsageError as error:
            return SessionInfo(self.session.name), str(error)

    def read(self, *, together: bool = True) -> Iterator[Contents]:
        """The contents; the first time what there is so far before, where reading takes long.

        `together`: repeats are one row. Nothing is given where nothing has changed since the last reading.
        """
        info, problem = self._info()
        if self._last is None and (known := self._summaries.known()):
            held = [_listed(*each) for each in known]
            if len(held) > _FIRST_SLICE * _MORE:
                yield _contents(self.session, info, problem, held[:_FIRST_SLICE], together)
            self._last = _contents(self.session, info, problem, held, together)
            yield self._last
        listed: list[ListedRun] = []
        next_slice = _FIRST_SLICE
        for each in self._summaries.each():
            listed.append(_listed(*each))
            if self._last is None and len(listed) == next_slice:
                yield _contents(self.session, info, problem, listed, together)
                next_slice *= _MORE
        last, pilots = self._last, _pilots(self.session)
        same = last is not None and (last.info, last.problem, last.listed) == (info, problem, tuple(listed))
        if not same or together is not self._together:
            self._together = together
            last = _contents(self.session, info, problem, listed, together)
            same = False
        if last is not None and (not same or last.pilots != pilots):
            self._last = replace(last, pilots=pilots)
            yield self._last

    def settle(self) -> bool:
        """Write the final event of runs whose trainer is gone for good; whether there was any."""
        if self._last is None or not any(each.summary.status == "interrupted" for each in self._last.listed):
            return False
        from rnnlab.engines.local import settle_session

        return bool(settle_session(self.session))


def _pilots(session: Session) -> str:
    from rnnlab.engines.clusters.dispatch import pilots_text

    return pilots_text(session)


def _listed(run: RunFolder, now: Current) -> ListedRun:
    return ListedRun(run, now.summary, now.alive, now.silent)


def _contents(
    session: Session, info: SessionInfo, problem: str, listed: Sequence[ListedRun], together: bool
) -> Contents:
    by_name = {each.summary.name: each for each in listed}
    comparisons = compare([each.summary for each in listed], is_share, repeats_together=together)
    again = _trained_again(comparisons, listed) if together else {}
    rows = tuple(
        tuple(
            SessionRow(row, tuple(by_name[name] for name in (*row.runs, *again.get(row.runs[0], ()))))
            for row in comparison.rows
        )
        for comparison in comparisons
    )
    unreadable = tuple(SessionRow(None, (each,)) for each in listed if each.summary.problem or not each.summary.task)
    return Contents(session, info, problem, tuple(listed), tuple(comparisons), rows, unreadable)


def _trained_again(comparisons: Sequence[Comparison], listed: Sequence[ListedRun]) -> dict[str, list[str]]:
    """Runs that no row counts, as their seed was trained once more, by the first run of the row that they belong to."""
    firsts = {name: row.runs[0] for comparison in comparisons for row in comparison.rows for name in row.runs}
    left = [each.summary for each in listed if each.summary.name not in firsts]
    if not any(likeness(run) for run in left):
        return {}
    of_likeness = {likeness(each.summary): firsts[each.summary.name] for each in listed if each.summary.name in firsts}
    found: dict[str, list[str]] = {}
    for run in left:
        if (like := likeness(run)) is not None and like in of_likeness:
            found.setdefault(of_likeness[like], []).append(run.name)
    return found
