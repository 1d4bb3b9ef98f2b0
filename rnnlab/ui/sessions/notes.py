"""The notes of a session or a run, in a box to write in."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar

from textual.app import App, ComposeResult
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import TextArea

from rnnlab.errors import UsageError
from rnnlab.runs.folders import RunFolder, Session
from rnnlab.runs.notes import notes_of, write_notes
from rnnlab.text.sanitise import plain


def edit_notes(app: App[Any], target: Session | RunFolder, done: Callable[[str], None]) -> None:
    """Open the notes in a box. `done` is called with the problem, empty for none, once they were saved, or cannot be."""

    def save(text: str | None) -> None:
        if text is None:
            return
        try:
            write_notes(target, notes_of(target)._replace(text=text))
        except UsageError as error:
            done(str(error))
        else:
            done("")

    try:
        held = notes_of(target)
    except UsageError as error:
        done(str(error))
    else:
        app.push_screen(NotesScreen(target.name, held.text), save)


class NotesScreen(ModalScreen[str | None]):
    """Gives the notes as they were saved, or None where they were left as they are."""

    CSS_PATH = "../styles/sessions.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+s", "save", "save", priority=True),
        Binding("escape", "leave", "leave them", priority=True),
    ]

    def __init__(self, named: str, notes: str) -> None:
        super().__init__()
        self._named = named
        self._warned = False
        """Whether escape was pressed once since the last change."""
        # Notes may come from a stranger's folder: shown, and saved again, without what a terminal would obey.
        self._notes = "\n".join(plain(line) for line in notes.splitlines())

    def compose(self) -> ComposeResult:
        area = TextArea(self._notes, soft_wrap=True, show_line_numbers=False, tab_behavior="focus")
        area.border_title = Content(f"notes · {plain(self._named, 60)}")
        area.move_cursor(area.document.end)
        yield area

    def on_mount(self) -> None:
        self._say_keys()

    def _say_keys(self) -> None:
        leave = " again: lose what was typed" if self._warned else " leave them as they were"
        self.query_one(TextArea).border_subtitle = Content.assemble(
            ("^s", "$accent"),
            (" save  ", "$text-muted"),
            ("esc", "$accent"),
            (leave, "$text-warning" if self._warned else "$text-muted"),
        )

    def on_text_area_changed(self) -> None:
        if self._warned:
            self._warned = False
            self._say_keys()

    def action_save(self) -> None:
        self.dismiss(self.query_one(TextArea).text)

    def action_leave(self) -> None:
        """Leave the notes as they were; where something was typed, on the second press."""
        if self._warned or self.query_one(TextArea).text == self._notes:
            self.dismiss(None)
            return
        self._warned = True
        self._say_keys()
