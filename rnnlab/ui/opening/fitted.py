"""Screens that are styled and laid out once as they open: for the terminal as it is, and not again a moment later."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from textual import events, on
from textual.screen import Screen, ScreenResultType

from rnnlab.ui.common.textual_private import running_app, styled_once

if TYPE_CHECKING:
    from collections.abc import Awaitable

    from textual.geometry import Size

_PATIENCE = 0.05
"""Seconds for which a screen that opens waits for what it shows, rather than to be drawn empty first."""


async def comes(what: Awaitable[object]) -> bool:
    """Whether it comes so soon that a screen that opens can wait for it."""
    try:
        await asyncio.wait_for(what, _PATIENCE)
    except TimeoutError:
        return False
    return True


class FittedScreen(Screen[ScreenResultType]):
    """A screen that has the classes of its breakpoints from the start.

    Textual gives them after the first layout, then styles every widget once more and lays the screen out a second time.
    """

    def __init__(self) -> None:
        super().__init__()
        size = running_app().size
        self._fitted: Size | None = size
        """The size that the screen is styled for, until it has been laid out in it."""
        for breakpoints, cells in (
            (self.HORIZONTAL_BREAKPOINTS, size.width),
            (self.VERTICAL_BREAKPOINTS, size.height),
        ):
            reached = [(least, name) for least, name in breakpoints or () if cells >= least]
            if reached:
                self.add_class(max(reached)[1], update=False)
        styled_once(self)

    @on(events.ScreenResume)
    def _come_back_as_styled(self, event: events.ScreenResume) -> None:
        """Styles are up to date: what changes them while a screen is out of sight, a theme, has it styled anew by itself."""
        event.refresh_styles = False

    @on(events.Resize)
    def _take_first_layout(self, event: events.Resize) -> None:
        """The first layout tells the screen its size; Textual would answer it with another layout."""
        if event.size == self._fitted:
            event.prevent_default()
        self._fitted = None
