"""Which rows the browser shows, and in what order."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import chain
from pathlib import Path
from typing import Literal

from rnnlab.plots.run.figures import is_share
from rnnlab.runs.comparable import comparable
from rnnlab.runs.event_numbers import Number
from rnnlab.runs.notes import tags_text
from rnnlab.runs.ranking import differently_chosen, may_be_best, rank, ranking_figure, tie_loss
from rnnlab.runs.repeats import Repeats
from rnnlab.runs.summary import RunSummary
from rnnlab.ui.sessions.listing import ListedRepeats, ListedRun, ListedSession
from rnnlab.ui.sessions.run_cells import doing, doing_together, seconds_of, summary_of

Order = Literal["when", "best", "task", "model", "status", "time"]
ORDERS: tuple[Order, ...] = ("when", "best", "task", "model", "status", "time")
ORDER_WORDS: dict[Order, str] = {
    "when": "session",
    "best": "best figure",
    "task": "task",
    "model": "model",
    "status": "status",
    "time": "training time",
}

Row = ListedSession | ListedRepeats | ListedRun


@dataclass(frozen=True)
class Filter:
    """The words that a row must hold, each of them."""

    words: tuple[str, ...] = ()

    @classmethod
    def of(cls, text: str) -> Filter:
        """The filter for what was typed: its words, in any case."""
        return cls(tuple(text.casefold().split()))

    def takes(self, *texts: str) -> bool:
        """Whether each of the words stands in one of the texts."""
        joined = " ".join(texts).casefold()
        return all(word in joined for word in self.words)

    def kept(self, session: ListedSession) -> list[ListedRun]:
        """The session's runs that hold the words."""
        if not self.words:
            return list(session.runs)
        return [
            listed
            for listed in session.runs
            if self.takes(
                session.session.name,
                session.title,
                listed.run.name,
                listed.summary.task,
                listed.summary.model,
                doing(listed)[1],
                listed.summary.notes,
                tags_text(session.tags + listed.summary.tags),
            )
        ]


def arranged(sessions: Sequence[ListedSession], wanted: Filter, order: Order, turned: set[Path]) -> Iterable[Row]:
    """The rows in order: sessions with their runs, the newest first, or, by anything else, runs alone.

    Runs that are repeats of one another are one row with their mean. `turned` holds what a person has folded or unfolded:
    at first sessions are unfolded and repeats are not.
    """
    if order == "when":
        for session in sessions:
            rows = _together(session, wanted)
            if rows or not wanted.words or wanted.takes(session.session.name, session.title, tags_text(session.tags)):
                yield session
                if session.path not in turned:
                    for row in reversed(rows):
                        yield from _unfolded(row, turned)
        return
    rows = [row for session in sessions for row in _together(session, wanted)]
    ordered = chain.from_iterable(_by_data(rows)) if order == "best" else sorted(rows, key=_KEYS[order])
    for row in ordered:
        yield from _unfolded(row, turned)


def _together(session: ListedSession, wanted: Filter) -> list[ListedRun | ListedRepeats]:
    """The runs to be shown, the repeats among them as one where the last of them stands; a mean is always over all."""
    kept = wanted.kept(session)
    repeats = {listed.path: group for group in session.repeats for listed in group.runs}
    last = {group.path: listed.path for listed in kept if (group := repeats.get(listed.path)) is not None}
    rows: list[ListedRun | ListedRepeats] = []
    for listed in kept:
        group = repeats.get(listed.path)
        if group is None:
            rows.append(listed)
        elif last[group.path] == listed.path:
            rows.append(group)
    return rows


def _unfolded(row: ListedRun | ListedRepeats, turned: set[Path]) -> Iterable[Row]:
    yield row
    if isinstance(row, ListedRepeats) and row.path in turned:
        yield from row.runs


def best_of_each(sessions: Sequence[ListedSession], wanted: Filter) -> dict[Path, str]:
    """The best row of each data, of those that may be the best (see `may_be_best`), with the figure that ranks.

    The figure is empty where all runs were selected by the same one.
    """
    found: dict[Path, str] = {}
    for group in _by_data([row for session in sessions for row in _together(session, wanted)]):
        runs = [run for row in group for run in _summaries(row)]
        best = next((row for row in group if may_be_best(Repeats(tuple(_summaries(row))))), None)
        if best is not None:
            found[best.path] = _figure(runs) if differently_chosen(runs) else ""
    return found


def _by_data(rows: Sequence[ListedRun | ListedRepeats]) -> list[list[ListedRun | ListedRepeats]]:
    """The rows by task and by the data evaluated on, the data last worked with first, and of each the best row first.

    Figures of different data are not compared.
    """
    numbers = comparable(run for row in rows for run in _summaries(row))
    groups: dict[tuple[str, frozenset[int]], list[ListedRun | ListedRepeats]] = {}
    for row in rows:
        data = frozenset(numbers[run.path] for run in _summaries(row))
        groups.setdefault((summary_of(row).task or "\U0010ffff", data), []).append(row)
    ranked = []
    for _, group in sorted(groups.items(), key=lambda item: (item[0][0], min(map(_since, item[1])))):
        runs = [run for row in group for run in _summaries(row)]
        key = partial(_rank, figure=_figure(runs), loss=tie_loss(runs))
        ranked.append(sorted(group, key=key))
    return ranked


def _summaries(row: ListedRun | ListedRepeats) -> list[RunSummary]:
    return [listed.summary for listed in ([row] if isinstance(row, ListedRun) else row.runs)]


def _figure(runs: Sequence[RunSummary]) -> str:
    return ranking_figure(runs, next((run.metric for run in runs if run.metric), ""))


def _rank(
    row: ListedRun | ListedRepeats, figure: str, loss: Callable[[Mapping[str, Number]], float]
) -> tuple[bool, float, float]:
    """The validation figure, and the loss where that is equal; less being better."""
    figures: Mapping[str, Number] = (
        row.summary.best
        if isinstance(row, ListedRun)
        else {name: spread.mean for name, spread in row.repeats.of("validation").items()}
    )
    return rank(figures.get(figure), loss(figures), is_share(figure))


def _since(row: ListedRun | ListedRepeats) -> float:
    return -(summary_of(row).started or 0)


def _status(row: ListedRun | ListedRepeats) -> str:
    return (doing(row) if isinstance(row, ListedRun) else doing_together(row))[1]


_KEYS: dict[str, Callable[[ListedRun | ListedRepeats], tuple[object, ...]]] = {
    "task": lambda row: (summary_of(row).task, _since(row)),
    "model": lambda row: (summary_of(row).model, _since(row)),
    "status": lambda row: (_status(row), _since(row)),
    "time": lambda row: (-seconds_of(row), summary_of(row).name),
}
