"""Deleting what a row of the browser stands for, and taking that back."""

from __future__ import annotations

from collections.abc import Callable, Sequence
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
        if not isinstance(row, ListedSession):
            return self.discard_runs([row] if isinstance(row, ListedRun) else row.runs, leave)
        for listed in row.runs:
            leave(listed.run)
        try:
            gone = [discard_session(row.session, new_batch())]
        except UsageError as error:
            return [Notice(str(error), "warning")]
        return self._noted(gone)

    def discard_runs(self, runs: Sequence[ListedRun], leave: Callable[[RunFolder], None]) -> list[Notice]:
        """Move the runs to the trash, together; as many as may be. What to show of it."""
        for listed in runs:
            leave(listed.run)
        gone: list[Discarded] = []
        batch = new_batch()
        notices: list[Notice] = []
        try:
            for listed in runs:
                gone.append(discard_run(listed.run, batch))
        except UsageError as error:
            notices.append(Notice(str(error), "warning"))
        return notices + (self._noted(gone) if gone else [])

    def _noted(self, gone: list[Discarded]) -> list[Notice]:
        """Remember what was deleted together, and say so."""
        self._discarded.append(gone)
        it = "it" if len(gone) == 1 else "them"
        only_here = "" if all(each.noted for each in gone) else ", but only from here: the place could not be noted"
        return [Notice(f"{_names(gone)} in the trash; u brings {it} back{only_here}.")]

    def __len__(self) -> int:
        return len(self._discarded)

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
        runs = "its run" if len(row.runs) == 1 else f"its {len(row.runs)} runs"
        return f"the session {row.session.name} with {runs}"
    if isinstance(row, ListedRepeats):
        return f"the {len(row.runs)} runs of {row.name}"
    return row.run.name


def _names(gone: list[Discarded]) -> str:
    return f"{gone[0].name} is" if len(gone) == 1 else f"{len(gone)} runs are"
