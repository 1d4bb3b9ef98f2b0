"""What a row of the browser says of a run, which rows are kept, and in what order they stand."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from rnnlab.plots.figure_table import short_title
from rnnlab.plots.figures import format_of, is_share
from rnnlab.plots.palette import Role
from rnnlab.runs.events import real
from rnnlab.runs.state import ENDED
from rnnlab.ui.listing import ListedRun, ListedSession
from rnnlab.ui.widgets.status_words import status_words

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

Row = ListedSession | ListedRun


@dataclass(frozen=True)
class Filter:
    """The words that a row must hold, each of them."""

    words: tuple[str, ...] = ()

    @classmethod
    def of(cls, text: str) -> Filter:
        return cls(tuple(text.casefold().split()))

    def takes(self, *texts: str) -> bool:
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
            )
        ]


def arranged(sessions: Sequence[ListedSession], wanted: Filter, order: Order, folded: set[Path]) -> Iterable[Row]:
    """The rows in order: sessions with their runs, the newest first, or, by anything else, runs alone."""
    if order == "when":
        for session in sessions:
            runs = wanted.kept(session)
            if runs or not wanted.words or wanted.takes(session.session.name, session.title):
                yield session
                if session.path not in folded:
                    yield from reversed(runs)
        return
    yield from sorted((listed for session in sessions for listed in wanted.kept(session)), key=_KEYS[order])


def doing(row: ListedRun) -> tuple[str, str, Role]:
    """Glyph, word and colour of what the run is doing."""
    status = row.summary.status
    if status is None:
        return "✗", "unreadable", "bad"
    if status == "queued" and row.held:
        return status_words("loading")
    if status not in ENDED and status != "queued" and not row.held:
        return "✗", "process gone", "bad"
    return status_words(status)


def best_words(row: ListedRun) -> str:
    summary = row.summary
    if summary.metric not in summary.best:
        return ""
    value = format_of(summary.metric)(real(summary.best[summary.metric]))
    name = "" if summary.metric == "accuracy" else short_title(summary.metric) + " "
    return f"{'⚠ ' if summary.leaks else ''}{name}{value} @ {summary.best_epoch}"


def ago(wall: float | None, now: float) -> str:
    """How long since: `now`, `12 min`, `3 h`, `2 d`, or the day."""
    if not wall:
        return ""
    seconds = now - wall
    if seconds < 60:
        return "now"
    if seconds < 3600:
        return f"{seconds // 60:.0f} min"
    if seconds < 86_400:
        return f"{seconds // 3600:.0f} h"
    if seconds < 14 * 86_400:
        return f"{seconds // 86_400:.0f} d"
    try:
        then = time.localtime(wall)
    except (OverflowError, ValueError, OSError):
        return ""
    same = then.tm_year == time.localtime(now).tm_year
    return time.strftime("%d %b" if same else "%b %Y", then).lstrip("0")


def _quality(row: ListedRun) -> tuple[str, float]:
    """By task, the best first: figures of different metrics are not compared."""
    summary = row.summary
    value = summary.best.get(summary.metric)
    if value is None:
        return (summary.task or "\U0010ffff", float("inf"))
    score = real(value)
    return (summary.task, -score if is_share(summary.metric) else score)


_KEYS: dict[Order, Callable[[ListedRun], tuple[object, ...]]] = {
    "best": _quality,
    "task": lambda row: (row.summary.task, -(row.summary.started or 0)),
    "model": lambda row: (row.summary.model, -(row.summary.started or 0)),
    "status": lambda row: (doing(row)[1], -(row.summary.started or 0)),
    "time": lambda row: (-row.summary.seconds, row.run.name),
}
