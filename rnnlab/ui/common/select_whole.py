"""Coming back to a field that one has typed into: it is selected whole, so that what is typed replaces it."""

from __future__ import annotations

from typing import Any

from textual.screen import Screen


def select_whole(screen: Screen[Any]) -> None:
    """Select what stands in the screen's field. Called when the screen is left: once it is back, a key may come first."""
    from textual.widgets import Input

    if isinstance(screen.focused, Input):
        screen.focused.select_all()
