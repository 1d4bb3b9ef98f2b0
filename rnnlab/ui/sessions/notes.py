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
    """Open the notes in a box. `done` is called once they were saved, with nothing, or with why they cannot be read."""

    def save(text: str) -> None:
        write_notes(target, notes_of(target)._replace(text=text))
        done("")

    try:
        held = notes_of(target)
    except UsageError as error:
        done(str(error))
    else:
        app.push_screen(NotesScreen(target.name, held.text, save))


def one_at_a_time(purpose: str) -> str:
    """The sentence for a row of several runs, where an action is on one; `purpose` as in `renamed`."""
    return f"One run can be {purpose} at a time: space shows those of this row."


class NotesScreen(ModalScreen[None]):
    """A box with notes. `save` raises `UsageError` where they cannot be written: the box stays, and says why."""

    CSS_PATH = "../styles/sessions.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+s", "save", "save", priority=True),
        Binding("escape", "leave", "leave them", priority=True),
    ]

    def __init__(self, named: str, notes: str, save: Callable[[str], None]) -> None:
        super().__init__()
        self._named = named
        self._save = save
        # Notes may come from a stranger's folder: shown, and saved again, without what a terminal would obey.
        self._notes = "\n".join(plain(line) for line in notes.splitlines())
        self._warned: str | None = None
        """The text with which escape was pressed last; None: it was not, or something was typed since."""

    def compose(self) -> ComposeResult:
        area = TextArea(self._notes, soft_wrap=True, show_line_numbers=False, tab_behavior="focus")
        area.border_title = Content(f"notes · {plain(self._named, 60)}")
        area.move_cursor(area.document.end)
        yield area

    def on_mount(self) -> None:
        self._say_keys()

    @property
    def _text(self) -> str:
        return self.query_one(TextArea).text

    def _say_keys(self) -> None:
        warned = self._warned is not None
        leave = " again: lose what was typed" if warned else " leave them as they were"
        self.query_one(TextArea).border_subtitle = Content.assemble(
            ("^s", "$accent"),
            (" save  ", "$text-muted"),
            ("esc", "$accent"),
            (leave, "$text-warning" if warned else "$text-muted"),
        )

    def on_text_area_changed(self) -> None:
        if self._warned is not None and self._warned != self._text:
            self._warned = None
            self._say_keys()

    def action_save(self) -> None:
        """Save the notes and close the box."""
        try:
            self._save(self._text)
        except UsageError as error:
            self.notify(plain(str(error)), severity="error", markup=False, timeout=10)
        else:
            self.dismiss()

    def action_leave(self) -> None:
        """Leave the notes as they were; where something was typed, on the second press."""
        if self._text in (self._notes, self._warned):
            self.dismiss()
            return
        self._warned = self._text
        self._say_keys()
