"""Deleting what a row of the browser stands for, and taking that back."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal, NamedTuple

from rnnlab.config import UsageError
from rnnlab.runs.folders import RunFolder
from rnnlab.runs.trash import Discarded, discard_run, discard_session, new_batch, restore
from rnnlab.ui.sessions.listing import ListedRepeats, ListedRun, ListedSession
from rnnlab.ui.sessions.run_rows import Row


class Notice(NamedTuple):
    """A sentence to show, and how grave it is."""

    text: str
    severity: Literal["information", "warning"] = "information"


class Trash:
    """What was deleted since the app was opened, row by row, the last at the end."""

    def __init__(self) -> None:
        self._discarded: list[list[Discarded]] = []

    def discard(self, row: Row, leave: Callable[[RunFolder], None]) -> list[Notice]:
        """Move the row's runs, or its session, to the trash; `leave` is called with each run before. What to show of it."""
        runs = [row] if isinstance(row, ListedRun) else row.runs
        for listed in runs:
            leave(listed.run)
        gone: list[Discarded] = []
        batch = new_batch()
        notices: list[Notice] = []
        try:
            if isinstance(row, ListedSession):
                gone.append(discard_session(row.session, batch))
            else:
                for listed in runs:
                    gone.append(discard_run(listed.run, batch))
        except UsageError as error:
            notices.append(Notice(str(error), "warning"))
        if gone:
            self._discarded.append(gone)
            it = "it" if len(gone) == 1 else "them"
            notices.append(Notice(f"{_names(gone)} in the trash; u brings {it} back."))
        return notices

    def undo(self) -> list[Notice]:
        """Bring back what was deleted last. What to show of it."""
        if not self._discarded:
            return [Notice("Nothing was deleted since the app was opened.")]
        gone = self._discarded[-1]
        left = list(gone)
        try:
            while left:
                restore(left[0])
                del left[0]
        except UsageError as error:
            self._discarded[-1] = left
            return [Notice(str(error), "warning")]
        self._discarded.pop()
        return [Notice(f"{_names(gone)} back.")]


def name_of(row: Row) -> str:
    """What would be deleted with the row, in a few words."""
    if isinstance(row, ListedSession):
        return f"the session {row.session.name} with its {len(row.runs)} runs"
    if isinstance(row, ListedRepeats):
        return f"the {len(row.runs)} runs of {row.name}"
    return row.run.name


def _names(gone: list[Discarded]) -> str:
    return f"{gone[0].name} is" if len(gone) == 1 else f"{len(gone)} runs are"
