"""The form: moving through the fields and changing them.

One widget that draws its lines. A widget a field would be a hundred: the first frame would wait for each, and so would
every key that moves the focus.
"""

from __future__ import annotations

from textual import events
from textual.binding import Binding
from textual.content import Content
from textual.geometry import Size
from textual.message import Message
from textual.scroll_view import ScrollView
from textual.strip import Strip

from rnnlab.config import FIELDS
from rnnlab.ui.setup.draft.draft import OWN, Draft
from rnnlab.ui.setup.form.form_lines import (
    LABEL,
    Line,
    choice_columns,
    choices_of,
    draw_field,
    draw_head,
    form_lines,
    group_of,
    head_of,
    is_basic,
    shown_keys,
    stops,
)
from rnnlab.ui.setup.form.line_edit import LineEdit

KEYS = "fiprt"
"""Letters that are keys of the screen."""


class Form(ScrollView, can_focus=True):
    """The fields of a `Draft`. ↑ ↓ move, + and - step, space and ← → choose, digits type; a section's head unfolds it.

    `key` is the field where the cursor is, or the head of a section (`head_of`).
    """

    ALLOW_SELECT = False
    BINDINGS = [
        Binding("up", "move(-1)", "Up", show=False),
        Binding("down", "move(1)", "Down", show=False),
        Binding("enter", "enter", "Down", show=False),
        Binding("pageup", "move(-8)", "Page up", show=False),
        Binding("pagedown", "move(8)", "Page down", show=False),
        Binding("ctrl+home", "move(-1000)", "First", show=False),
        Binding("ctrl+end", "move(1000)", "Last", show=False),
        Binding("left,minus", "step(-1)", "Step down", show=False),
        Binding("right,plus", "step(1)", "Step up", show=False),
        Binding("space", "turn", "Next choice", show=False),
        Binding("asterisk", "fold_all", "Fold or unfold all", show=False),
    ]
    DEFAULT_CSS = "Form { height: 1fr; scrollbar-size-vertical: 1; overflow-x: hidden; }"

    class Edited(Message):
        """A field was changed by the person."""

        def __init__(self, key: str) -> None:
            super().__init__()
            self.key = key

    class Browsed(Message):
        """The person wants to choose the file of the path field from a list."""

    class Moved(Message):
        """The person is at another field."""

        def __init__(self, key: str) -> None:
            super().__init__()
            self.key = key

    def __init__(self, draft: Draft, *, id: str) -> None:  # noqa: A002 - Textual's name
        super().__init__(id=id)
        self.draft = draft
        self.unfolded: set[str] = set()
        """The sections that are shown whole."""
        self.key = stops(draft, ())[0]
        self._edit: LineEdit | None = None
        self._before = ""
        """What stood in the field when it was reached."""
        self._drawn = ("", "")
        """The field that is edited and what it held after the last change made here."""
        self._begun = False
        self._lines: list[Line] = []
        self._strips: dict[object, Strip] = {}

    # Drawing.

    def on_resize(self) -> None:
        self._strips.clear()
        self._lay_out()
        self._show_cursor()

    def notify_style_update(self) -> None:
        """Draw again in the new colours."""
        self._strips.clear()
        super().notify_style_update()

    def _lay_out(self) -> None:
        width = self.scrollable_content_region.width
        self._lines = form_lines(self.draft, width, self.unfolded)
        self.virtual_size = Size(width, len(self._lines))
        self.refresh()

    def render_line(self, y: int) -> Strip:
        width = self.scrollable_content_region.width
        index = y + self.scroll_offset.y
        if index >= len(self._lines):
            return Strip.blank(width, self.rich_style)
        line = self._lines[index]
        here = self.has_focus and line.key == self.key and not line.error
        if here:
            return self._strip(self._content(line, width, here=True), width)
        drawn_from = (
            (line, width, self.draft.card.name, self.draft.text(line.key), self.draft.changed(line.key))
            if line.key and not line.title
            else (line, width)
        )
        strip = self._strips.get(drawn_from)
        if strip is None:
            strip = self._strips[drawn_from] = self._strip(self._content(line, width, here=False), width)
            if len(self._strips) > 500:
                self._strips.clear()
        return strip

    def _content(self, line: Line, width: int, *, here: bool) -> Content:
        if line.error:
            return Content.styled("   " + line.error, "$text-error")
        if line.title or not line.key:
            return draw_head(line, width, here=here)
        return draw_field(self.draft, self.draft.field(line.key), width, here=here, edit=self._edit)

    def _strip(self, content: Content, width: int) -> Strip:
        return Strip(content.render_segments(self.visual_style)).adjust_cell_length(width, self.rich_style)

    def _line_of(self, key: str) -> int:
        return next((index for index, line in enumerate(self._lines) if line.key == key), 0)

    def _show_cursor(self) -> None:
        first = self._line_of(self.key)
        last = first
        while last + 1 < len(self._lines) and self._lines[last + 1].key == self.key:
            last += 1
        # The head above the first field of a section comes with it.
        top = first - 1 if first and self._lines[first - 1].title else first
        height = self.scrollable_content_region.height
        if top < self.scroll_offset.y:
            self.scroll_to(y=top, animate=False, immediate=True)
        elif last >= self.scroll_offset.y + height:
            self.scroll_to(y=last - height + 1, animate=False, immediate=True)

    # Moving.

    @property
    def typed(self) -> bool:
        """Whether the present field is one that one types into; the others offer choices."""
        return not group_of(self.key) and not choices_of(self.draft.field(self.key))

    @property
    def takes_text(self) -> bool:
        """Whether any character may belong to what is typed here: a path, a name, no number and no choice."""
        return self.typed and self.draft.field(self.key).kind == "str"

    def _text(self) -> str:
        """What the draft holds at the present field; of a head nothing."""
        return "" if group_of(self.key) else self.draft.text(self.key)

    def on_focus(self) -> None:
        # Whoever gave the focus to a field may have begun it, and keys may have come since.
        if not self._begun or self._drawn != (self.key, self._text()):
            self._begin()
        self._show_cursor()
        self.refresh()

    def on_blur(self) -> None:
        self._begun = False
        self.draft.settle()
        self.refresh()

    def _begin(self) -> None:
        """Editing starts anew at the present field."""
        self._before = self._text()
        self._begun = True
        self._edit_anew()

    def _edit_anew(self) -> None:
        """Show what the draft holds, selected whole; what stood there before the field was reached is still known."""
        text = self._text()
        self._edit = LineEdit(text) if self.typed else None
        self._drawn = self.key, text

    def leave(self) -> None:
        """What was typed so far is finished: what is typed next replaces it, or is added to a text, and is undone for itself."""
        self.draft.settle()
        self._begin()
        if self.takes_text:
            self.cursor_to_end()
        self.refresh()

    def refresh_fields(self) -> None:
        """The draft was changed from elsewhere. Where that left the present field as it is, its editing continues."""
        keys = stops(self.draft, self.unfolded)
        if self.key not in keys:
            self.key = keys[0]
            self.post_message(self.Moved(self.key))
        if self._drawn != (self.key, self._text()):
            self._begin()
        self._lay_out()

    def go_to(self, key: str) -> None:
        """Move to the field and take the focus; a field of the lists, or one that does not apply, is not here."""
        if key in shown_keys(self.draft):
            self._go(key)
            self.screen.set_focus(self, scroll_visible=False)

    def cursor_to_end(self) -> None:
        """Take the selection away: what is typed next is added to what is there."""
        if self._edit is not None:
            self._edit.move(len(self._edit.text))
            self.refresh()

    def _go(self, key: str) -> None:
        if key != self.key:
            self.draft.settle()
            self.key = key
            self.post_message(self.Moved(key))
        # Also a field that stands there only because it is wrong: mended, it must not vanish under the cursor.
        if not group_of(key) and not is_basic(self.draft, key) and (group := FIELDS[key].group) not in self.unfolded:
            self.unfolded.add(group)
            self._lay_out()
        self._begin()
        self._show_cursor()
        self.refresh()

    def action_move(self, by: int) -> None:
        keys = stops(self.draft, self.unfolded)
        index = keys.index(self.key) if self.key in keys else 0
        key = keys[min(max(index + by, 0), len(keys) - 1)]
        if key != self.key:
            self._go(key)

    def action_enter(self) -> None:
        """To the next field; from the path of one's own data into the folders; a section is folded or unfolded."""
        if group_of(self.key):
            self._fold(group_of(self.key) not in self.unfolded)
        elif self.key == "data.path" and self.draft.card.name == OWN:
            self.post_message(self.Browsed())
        else:
            self.action_move(1)

    def _fold(self, unfold: bool) -> None:
        """Fold or unfold the section at whose head the cursor is."""
        (self.unfolded.add if unfold else self.unfolded.discard)(group_of(self.key))
        self._lay_out()
        if unfold:
            # Its fields come into view as far as they fit below the head.
            index, height = self._line_of(self.key), self.scrollable_content_region.height
            last = max(index, *(i for i, line in enumerate(self._lines) if _section_of(line) == group_of(self.key)))
            if last >= self.scroll_offset.y + height:
                self.scroll_to(y=min(index, last - height + 1), animate=False, immediate=True)
        self._show_cursor()
        self.post_message(self.Moved(self.key))

    def action_fold_all(self) -> None:
        """Unfold all sections, or fold them all."""
        every = {
            group for key in shown_keys(self.draft) if not is_basic(self.draft, key) for group in [FIELDS[key].group]
        }
        self.unfolded = set() if self.unfolded >= every else every
        if self.key not in stops(self.draft, self.unfolded):
            self._go(head_of(FIELDS[self.key].group))
        self._lay_out()
        self._show_cursor()

    # Changing.

    def action_step(self, direction: int) -> None:
        if group_of(self.key):
            self._fold(direction > 0)
            return
        self.draft.step(self.key, direction)
        self._edit_anew()
        self._changed()

    def action_turn(self) -> None:
        """The next choice, and after the last one the first; a section is folded or unfolded."""
        if group := group_of(self.key):
            self._fold(group not in self.unfolded)
            return
        texts = [text for text, _ in choices_of(self.draft.field(self.key))]
        if texts:
            now = self.draft.text(self.key)
            index = texts.index(now) if now in texts else -1
            self._choose(texts[(index + 1) % len(texts)])

    def _choose(self, text: str) -> None:
        self.draft.set(self.key, text)
        self._changed()

    def _changed(self) -> None:
        self._drawn = self.key, self._text()
        self._lay_out()
        self._show_cursor()
        self.post_message(self.Edited(self.key))

    def on_key(self, event: events.Key) -> None:
        edit = self._edit
        if event.key == "escape":
            if self._text() != self._before or (edit is not None and edit.text != self._before):
                event.stop()
                event.prevent_default()
                self._take_back()
            return
        if edit is None:
            return
        before = edit.text
        if event.is_printable and event.character and self._types(event.character, edit):
            edit.insert(event.character)
        elif not edit.press(event.key):
            return
        event.stop()
        event.prevent_default()
        self._typed_in(before)

    def _take_back(self) -> None:
        """Give the field back what it held when it was reached."""
        self.draft.set(self.key, self._before)
        self._edit_anew()
        if self.takes_text:
            self.cursor_to_end()
        self._changed()

    def _types(self, character: str, edit: LineEdit) -> bool:
        """Whether the character belongs to the text.

        In a number + and - step, but for the exponent's sign and that of a negative value; ? opens the help, / the search,
        * unfolds, and a letter that no number is written with is a key of the screen.
        """
        field = self.draft.field(self.key)
        if self.takes_text:
            return True
        if character in "+-":
            before = "" if edit.selected else edit.text[: edit.cursor].rpartition(";")[2].rpartition("..")[2]
            least = field.setting.ge if field.setting.ge is not None else field.setting.gt
            negative = character == "-" and not before and (least is None or least < 0)
            return before[-1:].lower() == "e" or negative
        words = f"elog{'noneoff' + field.setting.none if field.setting.optional else ''}"
        return character not in "?/ *" and (character not in KEYS or character in words)

    def on_paste(self, event: events.Paste) -> None:
        if self._edit is not None and event.text:
            event.stop()
            before = self._edit.text
            self._edit.insert(event.text.splitlines()[0].strip())
            self._typed_in(before)

    def _typed_in(self, before: str) -> None:
        assert self._edit is not None
        if self._edit.text != before:
            self.draft.set(self.key, self._edit.text)
            self._changed()
        else:
            self.refresh()

    def on_click(self, event: events.Click) -> None:
        offset = event.get_content_offset(self)
        if offset is None or not 0 <= (index := offset.y + self.scroll_offset.y) < len(self._lines):
            return
        line = self._lines[index]
        if not line.key:
            return
        if line.key != self.key:
            self._go(line.key)
        if group := group_of(line.key):
            self._fold(group not in self.unfolded)
        if line.error or line.title:
            return
        if self._edit is not None:
            self._edit.move(offset.x - LABEL)
            return
        width = self.scrollable_content_region.width
        for start, end, text in choice_columns(self.draft.field(line.key), self.draft.text(line.key), width):
            if start <= offset.x < end:
                self._choose(text)
                return


def _section_of(line: Line) -> str:
    """The section of a field's line, empty for any other."""
    return FIELDS[line.key].group if line.key in FIELDS else ""
