"""All data sets that have to be fetched, small, in the layout of the published ones."""

from __future__ import annotations

from pathlib import Path

from rnnlab.catalog.tasks.catalog import TASKS
from tests.tasks.activityfiles import write_activities
from tests.tasks.gesturefiles import write_gestures
from tests.tasks.namefiles import write_names
from tests.tasks.salesfiles import write_sales

LOADED = tuple(name for name in TASKS if name != "own")
"""The tasks that can be loaded once these data sets are there."""


def write_data(root: Path) -> Path:
    """Writes them below `root`, and returns it."""
    write_names(root)
    write_activities(root)
    write_gestures(root)
    write_sales(root)
    return root
