"""Panels with a cursor on cells: the wheel moves it, and it is shown while the panel has the focus."""

from __future__ import annotations

from textual import events

from rnnlab.ui.run.panels.panel import Panel


class CursorPanel(Panel):
    """A panel whose cursor the wheel moves: up and down, with shift to the sides."""

    _clicked: object = None
    """The cell under the last click: another click on it lists its examples."""

    def scroll_by(self, across: int, down: int) -> None:
        """Move the cursor, or what is in sight, by so many cells."""
        raise NotImplementedError

    def changed(self) -> None:
        """Draw again, as the cursor stands elsewhere or is no longer shown."""
        raise NotImplementedError

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        self._scrolled(event, 1)

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        self._scrolled(event, -1)

    def _scrolled(self, event: events.MouseEvent, by: int) -> None:
        event.stop()
        self.scroll_by(by if event.shift else 0, 0 if event.shift else by)

    def watch_has_focus(self, has_focus: bool) -> None:
        """Show the cursor while it can be moved."""
        super().watch_has_focus(has_focus)
        self._clicked = None
        self.changed()
