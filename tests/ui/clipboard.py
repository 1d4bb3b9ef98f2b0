"""What keys put on the clipboard."""

from __future__ import annotations

import csv
import io
from typing import Any

from textual.pilot import Pilot

from tests.ui.opened import settled, until


async def copied(pilot: Pilot[Any], *keys: str) -> str:
    """What is on the clipboard after those keys."""
    app = pilot.app
    app.copy_to_clipboard("")
    await pilot.press(*keys)
    await until(lambda: bool(app.clipboard))
    await settled(pilot)
    return app.clipboard


def rows_of(text: str) -> list[dict[str, str]]:
    """The lines of a CSV by the names of its columns."""
    return list(csv.DictReader(io.StringIO(text)))
