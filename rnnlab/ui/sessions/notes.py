"""The notes of a session, in a box to write in."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import TextArea

from rnnlab.text.sanitise import plain


class NotesScreen(ModalScreen[str | None]):
    """Gives the notes as they were saved, or None where they were left as they are."""

    CSS_PATH = "../styles/sessions.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+s", "save", "save", priority=True),
        Binding("escape", "leave", "leave them", priority=True),
    ]

    def __init__(self, session: str, notes: str) -> None:
        super().__init__()
        self._session = session
        # Notes may come from a stranger's folder: shown, and saved again, without what a terminal would obey.
        self._notes = "\n".join(plain(line) for line in notes.splitlines())

    def compose(self) -> ComposeResult:
        area = TextArea(self._notes, soft_wrap=True, show_line_numbers=False, tab_behavior="focus")
        area.border_title = Content(f"notes · {plain(self._session, 60)}")
        area.border_subtitle = Content.assemble(
            ("^s", "$accent"), (" save  ", "$text-muted"), ("esc", "$accent"), (" leave them", "$text-muted")
        )
        yield area

    def action_save(self) -> None:
        self.dismiss(self.query_one(TextArea).text)

    def action_leave(self) -> None:
        self.dismiss(None)
