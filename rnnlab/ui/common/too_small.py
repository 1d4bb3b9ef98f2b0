"""In a terminal too small for any screen: one sentence, until it is larger."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual import events
from textual.screen import ModalScreen
from textual.widgets import Static

from rnnlab.ui.common.terminal_size import MIN_COLUMNS, MIN_LINES, too_small

if TYPE_CHECKING:
    from textual.app import ComposeResult


class TooSmallScreen(ModalScreen[None]):
    """Lies over whatever is open, and goes away by itself."""

    DEFAULT_CSS = """
    TooSmallScreen { background: $background; align: left top; }
    TooSmallScreen Static { width: 100%; height: auto; }
    """

    def compose(self) -> ComposeResult:
        yield Static(self._text(), markup=False)

    def _text(self) -> str:
        size = self.app.size
        return (
            f"rnnlab needs {MIN_COLUMNS}×{MIN_LINES} characters, this terminal has {size.width}×{size.height}: "
            "enlarge it, or ^q quits."
        )

    def on_resize(self, _event: events.Resize) -> None:
        self.query_one(Static).update(self._text())
        self._leave_if_large()

    def on_screen_resume(self) -> None:
        self._leave_if_large()

    def _leave_if_large(self) -> None:
        if self.is_current and not too_small(*self.app.size):
            self.dismiss()
