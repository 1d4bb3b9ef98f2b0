"""The form: moving through the fields, changing them, and the one line in which they are typed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual import events
from textual.binding import Binding
from textual.containers import VerticalScroll
from textual.geometry import Region
from textual.message import Message
from textual.widgets import Input

from rnnlab.config import FIELDS
from rnnlab.ui.draft import Draft
from rnnlab.ui.widgets.form_rows import FormRows, choices_of

if TYPE_CHECKING:
    from textual.app import ComposeResult

    from rnnlab.ui.widgets.entry import Entry


class Form(VerticalScroll, can_focus=True):
    """The fields of a `Draft`. ↑ ↓ move, + and - step, space and ← → choose, digits type."""

    BINDINGS = [
        Binding("up", "move(-1)", "Up", show=False),
        Binding("down,enter", "move(1)", "Down", show=False),
        Binding("pageup", "move(-8)", "Page up", show=False),
        Binding("pagedown", "move(8)", "Page down", show=False),
        Binding("home", "move(-1000)", "First", show=False),
        Binding("end", "move(1000)", "Last", show=False),
        Binding("left,minus", "step(-1)", "Step down", show=False),
        Binding("right,plus", "step(1)", "Step up", show=False),
        Binding("space", "turn", "Next choice", show=False),
    ]

    class Edited(Message):
        """A field was changed by hand."""

        def __init__(self, key: str) -> None:
            super().__init__()
            self.key = key

    class Moved(Message):
        """The person is at another field."""

        def __init__(self, key: str) -> None:
            super().__init__()
            self.key = key

    def __init__(self, draft: Draft, *, id: str) -> None:
        super().__init__(id=id)
        self.draft = draft
        self.rows = FormRows(draft)
        self._entry: Entry | None = None

    def compose(self) -> ComposeResult:
        yield self.rows

    def on_mount(self) -> None:
        self.rows.cursor = self.rows.keys()[0]

    @property
    def key(self) -> str:
        """The field one is at."""
        return self.rows.cursor

    @property
    def _typed(self) -> bool:
        return not choices_of(FIELDS[self.key])

    def refresh_fields(self) -> None:
        """The draft was changed from elsewhere."""
        keys = self.rows.keys()
        if self.key not in keys:
            self._go(keys[0])
        self.rows.redraw()
        self._fill_entry()
        self._place_entry()

    def go_to(self, key: str) -> None:
        """Move to the field and take the focus; a field of the lists, or one that does not apply, is not here."""
        if key in self.rows.keys():
            self._go(key)
            self.screen.set_focus(self, scroll_visible=False)

    def _go(self, key: str) -> None:
        if key != self.key:
            self.draft.settle()
            self.rows.cursor = key
            self.post_message(self.Moved(key))
        if self.rows.active:
            self._enter()
        self._show_cursor()

    def action_move(self, by: int) -> None:
        keys = self.rows.keys()
        index = keys.index(self.key) if self.key in keys else 0
        self._go(keys[min(max(index + by, 0), len(keys) - 1)])

    def action_step(self, direction: int) -> None:
        self.draft.step(self.key, direction)
        self._changed()
        self._fill_entry()

    def action_turn(self) -> None:
        """The next choice, and after the last one the first."""
        texts = [text for text, _ in choices_of(FIELDS[self.key])]
        if texts:
            now = self.draft.text(self.key)
            index = texts.index(now) if now in texts else -1
            self._choose(texts[(index + 1) % len(texts)])

    def _choose(self, text: str) -> None:
        self.draft.set(self.key, text)
        self._changed()

    def _changed(self) -> None:
        self.rows.redraw()
        self._place_entry()
        self.post_message(self.Edited(self.key))

    # The focus is on the form at a choice, and on the entry, which lies over the field, where one types.

    def on_focus(self) -> None:
        self._enter()

    def on_descendant_focus(self) -> None:
        self.rows.active = True

    def on_blur(self) -> None:
        self._look_away()

    def on_descendant_blur(self) -> None:
        self._look_away()

    def _look_away(self) -> None:
        self.draft.settle()
        self.call_after_refresh(self._still_here)

    def _still_here(self) -> None:
        self.rows.active = self.has_focus or self.has_focus_within

    def _enter(self) -> None:
        """Put the focus where the present field wants it."""
        self.rows.active = True
        if not self._typed:
            if self._entry is not None:
                self._entry.display = False
            self.screen.set_focus(self, scroll_visible=False)
            return
        entry = self._entry
        if entry is None:
            from rnnlab.ui.widgets.entry import Entry

            entry = self._entry = Entry()
            entry.cursor_blink = not self.app.is_headless
            self.rows.mount(entry)
        setting = FIELDS[self.key].setting
        entry.free_text = FIELDS[self.key].kind == "str"
        entry.signed = all(bound is None or bound < 0 for bound in (setting.ge, setting.gt))
        entry.display = True
        self._fill_entry()
        self._place_entry()
        self.screen.set_focus(entry, scroll_visible=False)
        entry.action_select_all()

    def _fill_entry(self) -> None:
        entry = self._entry
        text = self.draft.text(self.key)
        if entry is not None and self._typed and entry.value != text:
            with entry.prevent(Input.Changed):
                entry.value = text
            entry.action_select_all()

    def _place_entry(self) -> None:
        if self._entry is not None and self._typed:
            region = self.rows.entry_region(self.key)
            self._entry.styles.offset = (region.x, region.y)
            self._entry.styles.width = region.width

    def on_resize(self) -> None:
        self._place_entry()

    def _show_cursor(self) -> None:
        place = self.rows.place(self.key)
        if place is not None:
            self.scroll_to_region(Region(0, place.line, 1, place.lines), animate=False)

    def on_input_changed(self, event: Input.Changed) -> None:
        event.stop()
        if self._typed:
            self.draft.set(self.key, event.value)
            self._changed()

    def on_input_submitted(self, event: Input.Submitted) -> None:
        event.stop()
        self.action_move(1)

    def on_entry_stepped(self, event: Entry.Stepped) -> None:
        event.stop()
        self.action_step(event.direction)

    def on_entry_left(self, event: Entry.Left) -> None:
        event.stop()
        chain = self.screen.focus_chain
        if self in chain:
            self.screen.set_focus(chain[chain.index(self) - 1])

    def on_click(self, event: events.Click) -> None:
        offset = event.get_content_offset(self.rows)
        if offset is None or event.widget is not self.rows:
            return
        place = self.rows.place_at(offset.y)
        if place is None:
            return
        self._go(place.key)
        self._enter()
        for start, end, text in place.choices:
            if offset.y == place.line and start <= offset.x < end:
                self._choose(text)
