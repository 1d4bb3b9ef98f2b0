"""Whether a screen is in sight: on top, or with no more than boxes over it."""

from __future__ import annotations

from typing import Any

from textual.app import ScreenStackError
from textual.screen import Screen


def in_sight(screen: Screen[Any]) -> bool:
    """Whether any of the screen is seen: what it shows is read again only then.

    Textual's `is_current` holds for the screen right beneath the top one, too, where that one covers it.
    """
    try:
        stack = screen.app.screen_stack
    except ScreenStackError:
        return False
    return screen in stack and all(over.is_modal for over in stack[stack.index(screen) + 1 :])
