"""The form's drawing: every field that applies in a line of its own, made from its declaration.

One widget draws them all. A widget a field would be a hundred, and the first frame would wait for each.
"""

from __future__ import annotations

import textwrap
from collections.abc import Iterator
from dataclasses import dataclass

from textual.content import Content
from textual.geometry import Region
from textual.reactive import reactive
from textual.widget import Widget

from rnnlab.config import FIELDS, Field
from rnnlab.plots.plain import plain
from rnnlab.ui.draft import Draft

SECTIONS = {
    "model": "Model",
    "optim": "Optimiser",
    "train": "Training",
    "data": "Data",
    "runtime": "Machine",
}
"""The groups in the order of the form. The task has a list of its own."""

NOT_IN_FORM = ("task.name", "model.name")
"""Chosen in the lists."""

LABEL = 17
"""Columns before a field's value: two for marks, the label, a gap."""
ENTRY = 16
"""Columns of a typed value, at least."""
ROOMY = 78
"""From this width on each field has its help beside it."""

Choices = tuple[tuple[str, str], ...]


def choices_of(field: Field) -> Choices:
    """What a field offers, as (text, label); nothing for a field one types into."""
    if field.kind == "bool":
        return (("false", "off"), ("true", "on"))
    return tuple((choice, choice) for choice in field.setting.choices)


def label_of(field: Field) -> str:
    return field.name.replace("_", " ")


@dataclass(frozen=True, slots=True)
class Place:
    """Where a field is drawn: its line, and what of that line is each choice."""

    key: str
    line: int
    lines: int
    """With what is said under it."""
    choices: tuple[tuple[int, int, str], ...] = ()
    """First column, end column, text."""


class FormRows(Widget):
    """Draws a `Draft`; `places` says where each field came to lie."""

    DEFAULT_CSS = """
    FormRows { height: auto; text-wrap: nowrap; layers: base entry; }
    FormRows Entry { position: absolute; layer: entry; }
    """
    ALLOW_SELECT = False

    cursor: reactive[str] = reactive("")
    """The key of the field one is at."""
    active: reactive[bool] = reactive(False)
    """Whether the form has the focus."""

    def __init__(self, draft: Draft) -> None:
        super().__init__()
        self.draft = draft
        self._drawn: tuple[int, list[Content], dict[str, Place]] | None = None

    def keys(self) -> list[str]:
        """The fields shown, from top to bottom."""
        return [key for group in SECTIONS for key in FIELDS if self._shown(key, group)]

    def _shown(self, key: str, group: str) -> bool:
        return FIELDS[key].group == group and key not in NOT_IN_FORM and self.draft.applies(key)

    def redraw(self) -> None:
        """The draft has changed."""
        self._drawn = None
        self.refresh(layout=self.get_content_height(None, None, self.size.width) != self.size.height)

    def watch_cursor(self) -> None:
        self._drawn = None

    def watch_active(self) -> None:
        self._drawn = None

    def notify_style_update(self) -> None:
        self._drawn = None
        super().notify_style_update()

    def place(self, key: str) -> Place | None:
        return self._draw(self.size.width)[1].get(key)

    def place_at(self, line: int) -> Place | None:
        """The field drawn at the line."""
        for place in self._draw(self.size.width)[1].values():
            if place.line <= line < place.line + place.lines:
                return place
        return None

    def entry_region(self, key: str) -> Region:
        """Where a typed field's value is."""
        place = self.place(key)
        line = place.line if place else 0
        width = self.size.width - LABEL - 1
        return Region(LABEL, line, width if FIELDS[key].kind == "str" else min(ENTRY, width), 1)

    def get_content_height(self, container: object, viewport: object, width: int) -> int:
        """Counted, not drawn: the layout asks with several widths before the first frame."""
        lines = 0
        for group in SECTIONS:
            fields = sum(self._shown(key, group) for key in FIELDS)
            if fields:
                lines += fields + 1 + (lines > 0 and width >= ROOMY)
        shown = (error for key, error in self.draft.errors.items() if key not in NOT_IN_FORM)
        return lines + sum(len(list(self._error_lines(str(error), width))) for error in shown)

    def render(self) -> Content:
        return Content("\n").join(self._draw(self.size.width)[0])

    def _draw(self, width: int) -> tuple[list[Content], dict[str, Place]]:
        if self._drawn is None or self._drawn[0] != width:
            lines: list[Content] = []
            places: dict[str, Place] = {}
            for group, title in SECTIONS.items():
                keys = [key for key in FIELDS if self._shown(key, group)]
                if not keys:
                    continue
                if lines and width >= ROOMY:
                    lines.append(Content(""))
                lines.append(Content.styled(f" {title}", "bold $primary"))
                for key in keys:
                    block, choices = self._field(FIELDS[key], width)
                    places[key] = Place(key, len(lines), len(block), choices)
                    lines.extend(block)
            self._drawn = (width, lines, places)
        return self._drawn[1], self._drawn[2]

    def _field(self, field: Field, width: int) -> tuple[list[Content], tuple[tuple[int, int, str], ...]]:
        here = self.active and field.key == self.cursor
        error = self.draft.errors.get(field.key)
        changed = self.draft.changed(field.key)
        marks = ("▸" if here else " ") + ("✗" if error else "•" if changed else " ")
        mark_style = "bold $text-error" if error else "bold $text-warning"
        label = Content.assemble(
            (marks, mark_style), (f"{label_of(field)[: LABEL - 3]:{LABEL - 2}}", "bold" if here else "")
        )
        value, choices = self._value(field, width - LABEL, changed)
        line = label + value
        line += self._note(field, width - line.cell_length - 2, changed)
        if here:
            line = line.pad_right(max(width - line.cell_length, 0)).stylize_before("on $boost")
        return [line, *self._error_lines(str(error) if error else "", width)], choices

    def _value(self, field: Field, room: int, changed: bool) -> tuple[Content, tuple[tuple[int, int, str], ...]]:
        text = self.draft.text(field.key)
        strong = "bold $text-warning" if changed else "bold"
        offered = choices_of(field)
        if not offered:
            width = room - 1 if field.kind == "str" else min(ENTRY, room - 1)
            return Content.styled(f"{plain(text, width):{width}}", ("bold " if changed else "") + "on $surface"), ()
        for gap in ("  ", " "):
            if sum(len(label) + 2 for _, label in offered) + len(gap) * (len(offered) - 1) <= room:
                break
        else:
            label = dict(offered).get(text, text)
            short = plain(label, room - 4)
            half = LABEL + (len(short) + 4) // 2
            before, after = _neighbours([choice for choice, _ in offered], text)
            return Content.styled(f"◂ {short} ▸", strong), (
                (LABEL, half, before),
                (half, LABEL + len(short) + 4, after),
            )
        parts: list[tuple[str, str]] = []
        regions = []
        column = LABEL
        for choice, label in offered:
            chosen = choice == text
            parts.append((f"● {label}", strong) if chosen else (f"○ {label}", "$text-muted"))
            regions.append((column, column + len(label) + 2, choice))
            parts.append((gap, ""))
            column += len(label) + 2 + len(gap)
        return Content.assemble(*parts[:-1]), tuple(regions)

    def _note(self, field: Field, room: int, changed: bool) -> Content:
        """What is said beside the value: what the default was, the unit, in a wide form the help."""
        words = [field.setting.unit] if field.setting.unit else []
        if changed:
            words.append(f"default {field.text(self.draft.default(field.key))}")
        if self.size.width >= ROOMY:
            words.append(field.setting.help)
        note = plain(" · ".join(words))
        if room < 8 or not note or (len(note) > room and self.size.width < ROOMY):
            return Content("")
        if self.size.width >= ROOMY:
            return Content.styled(
                " " * max(2, _help_column(self.size.width) - (self.size.width - room - 2)) + note, "$text-muted"
            ).truncate(room + 2, ellipsis=True)
        return Content.styled("  " + note, "$text-muted")

    def _error_lines(self, error: str, width: int) -> Iterator[Content]:
        for line in textwrap.wrap(plain(error), max(width - 4, 20)):
            yield Content.styled("   " + line, "$text-error")


def _help_column(width: int) -> int:
    """Where the help begins in a wide form: past the widest choice."""
    return min(LABEL + 36, width // 2)


def _neighbours(choices: list[str], text: str) -> tuple[str, str]:
    index = choices.index(text) if text in choices else 0
    return choices[index - 1], choices[(index + 1) % len(choices)]
