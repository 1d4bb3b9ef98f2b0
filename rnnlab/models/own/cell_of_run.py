"""Person's own file of a run's cell: which one its trainer imports, and which one is needed to have the net again."""

from __future__ import annotations

from pathlib import Path

import msgspec

from rnnlab.catalog.models.own_cells import CHOSEN, OwnCell, choose, chosen_cell, difference
from rnnlab.models.own.own_cells import read_cells
from rnnlab.runs.events import RunStarted
from rnnlab.runs.folders import RunFolder
from rnnlab.runs.queue_entry import QueueEntry


def import_queued(run: RunFolder, entry: QueueEntry, started: RunStarted | None) -> None:
    """Import the file that the run's signed queue entry names, and no other: a process that trains chooses none itself.

    Raises `UsageError` where the run has a cell of a person's own and the entry names no file, where that was changed since,
    or cannot be imported.
    """
    CHOSEN.clear()
    cell = recorded_cell(run, started)
    if cell is None:
        return
    if entry.cell is None:
        chosen_cell(cell)
        return
    path = Path(entry.cell.path)
    read_cells(path, entry.cell.sha256)
    choose(msgspec.structs.replace(cell, sha256=entry.cell.sha256), path)


def recorded_cell(run: RunFolder, started: RunStarted | None) -> OwnCell | None:
    """The cell of a person's own that the run has recorded; None where its cell comes with rnnlab. Raises `UsageError`."""
    if started is not None:
        return started.cell
    return run.cell()


def require_cell(started: RunStarted) -> str:
    """See that the file of the run's cell was chosen, where it is a person's own.

    Returns how it differs from the one that the run was made with, in one sentence, else an empty text. Raises `UsageError`
    naming the file that is needed.
    """
    if started.cell is None:
        return ""
    chosen_cell(started.cell)
    return difference(started.cell)
