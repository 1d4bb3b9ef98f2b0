"""Setup with the settings of a run that was trained."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from rnnlab.text.sanitise import plain

if TYPE_CHECKING:
    from rnnlab.ui.setup.screen import SetupScreen


def enter_run(screen: SetupScreen, settings: Mapping[str, object], name: str) -> None:
    """Describe a run with the settings of the one called `name`, and no others; undone as one change."""
    screen.draft.take(settings)
    screen.file.check()
    screen.choices.describe("task")
    screen.refresh_bindings()
    screen.redraw()
    screen.notify(f"the settings are those of {plain(name, 60)}; ^z takes that back", markup=False)
