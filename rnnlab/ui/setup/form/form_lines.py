"""The form's lines: the basic fields, then the others by section, each drawn from its declaration."""

from __future__ import annotations

import textwrap
from collections.abc import Collection
from functools import cache

import msgspec
from textual.content import Content

from rnnlab.config import FIELDS, Field
from rnnlab.text.sanitise import plain
from rnnlab.ui.setup.draft.draft import OWN, Draft, is_several
from rnnlab.ui.setup.form.line_edit import LineEdit

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
"""Columns of a typed value."""
LEAST = LABEL + 8
"""Columns that a field's line is drawn in at least."""
ROOMY = 78
"""From this width on each field has its help beside it, and the sections stand apart."""


class Line(msgspec.Struct, frozen=True):
    """What a line of the form shows: a field, the head of a section, or (with `error`) what is wrong with the field above.

    A section's head has `head_of(group)` as its key, and says in `note` what the section holds, in `changed` what differs
    there from its default; a title that one cannot go to has no key.
    """

    key: str = ""
    title: str = ""
    error: str = ""
    note: str = ""
    changed: str = ""


def choices_of(field: Field) -> tuple[tuple[str, str], ...]:
    """What a field offers, as (text, label); nothing for a field one types into."""
    if field.kind == "bool":
        return (("false", "off"), ("true", "on"))
    return tuple((choice, choice) for choice in field.setting.choices)


LABELS = {
    "optim.name": "optimiser",
    "model.hidden": "hidden size",
    "optim.lr": "learning rate",
    "data.seed": "split seed",
    "train.label_smoothing": "smoothing",
    "model.head_activation": "head",
    "optim.tolerance_grad": "grad tolerance",
    "optim.tolerance_step": "step tolerance",
}
"""Where a key's last part is too short to be clear, or too long for the room."""


def label_of(field: Field) -> str:
    """The label of a field: `learning rate` for `optim.lr`."""
    return LABELS.get(field.key, field.name.replace("_", " "))


def shown_keys(draft: Draft) -> list[str]:
    """All fields of the form, those of folded sections too."""
    return [key for group in _groups(draft) for key in _keys_of(group) if shown(draft, key)]


@cache
def _keys_of(group: str) -> tuple[str, ...]:
    return tuple(key for key, field in FIELDS.items() if field.group == group)


def shown(draft: Draft, key: str) -> bool:
    """Whether the field belongs to the form: it is in no list, and applies beside the others."""
    return key not in NOT_IN_FORM and draft.applies(key)


def is_basic(draft: Draft, key: str) -> bool:
    """Whether the field is one of the few that come first; the path is where it names one's own file."""
    return FIELDS[key].setting.basic and (key != "data.path" or draft.card.name == OWN)


def head_of(group: str) -> str:
    """The key of a section's head, which is no key of a field."""
    return f"[{group}]"


def group_of(key: str) -> str:
    """The section of a head; empty for a field."""
    return key[1:-1] if key.startswith("[") else ""


def stops(draft: Draft, unfolded: Collection[str]) -> list[str]:
    """Where the cursor can be, from top to bottom: basic fields, heads, fields of `unfolded` sections and wrong ones."""
    return _stops(draft, unfolded, shown_keys(draft))


def _stops(draft: Draft, unfolded: Collection[str], keys: list[str]) -> list[str]:
    found = [key for key in keys if is_basic(draft, key)]
    for group in _groups(draft):
        if rest := _further(draft, group, keys):
            found += [head_of(group), *(key for key in rest if group in unfolded or key in draft.errors)]
    return found


def _further(draft: Draft, group: str, keys: list[str]) -> list[str]:
    """Those of the `keys` that the section holds."""
    return [key for key in keys if FIELDS[key].group == group and not is_basic(draft, key)]


def _groups(draft: Draft) -> list[str]:
    # Of one's own data the file comes first.
    return sorted(SECTIONS, key=lambda group: group != "data") if draft.card.name == OWN else list(SECTIONS)


def form_lines(draft: Draft, width: int, unfolded: Collection[str]) -> list[Line]:
    """The whole form at `width` columns."""
    lines = [Line(title="Basic settings", note="p: presets")]
    previous = ""
    keys = shown_keys(draft)
    for key in _stops(draft, unfolded, keys):
        group = group_of(key)
        if group:
            if width >= ROOMY and (not previous or {group, previous} & set(unfolded)):
                lines.append(Line())
            previous = group
            lines.append(_head(draft, group, _further(draft, group, keys), unfolded=group in unfolded))
            continue
        lines.append(Line(key))
        if key in draft.errors:
            sentence = plain(str(draft.errors[key]))
            lines.extend(Line(key, error=line) for line in textwrap.wrap(sentence, max(width - 5, 20)))
    return lines


def _head(draft: Draft, group: str, keys: list[str], *, unfolded: bool) -> Line:
    """The head of a section that holds the `keys`; of a folded one with what differs in it."""
    changed = [] if unfolded else [key for key in keys if draft.changed(key)]
    texts = ", ".join(f"{label_of(FIELDS[key])} {plain(_shown_text(draft, key), 40)}" for key in changed)
    return Line(
        head_of(group), title=f"{'−' if unfolded else '+'} {SECTIONS[group]}", note=f"{len(keys)} more", changed=texts
    )


def _shown_text(draft: Draft, key: str) -> str:
    text = draft.text(key)
    return dict(choices_of(FIELDS[key])).get(text, text)


def draw_head(line: Line, width: int, *, here: bool) -> Content:
    """A section's head, or a title."""
    content = Content.assemble(
        (("▸" if here else " ") + ("•" if line.changed else " "), "bold $warning"),
        (line.title, "bold $primary"),
        (f"  {line.note}" if line.note else "", "$text-muted"),
        (f" · {line.changed}" if line.changed else "", "bold $warning"),
    )
    content = content.truncate(width, ellipsis=True)
    return content.pad_right(max(width - content.cell_length, 0)).stylize_before("on $boost") if here else content


def choice_columns(field: Field, text: str, width: int) -> list[tuple[int, int, str]]:
    """Where each choice is drawn: first column, end column, text.

    Where they do not fit side by side only the chosen one is drawn, and a click on one of its halves chooses its neighbour.
    """
    offered = choices_of(field)
    room = width - LABEL
    for gap in (2, 1):
        if sum(len(label) + 2 for _, label in offered) + gap * (len(offered) - 1) <= room:
            columns = []
            column = LABEL
            for choice, label in offered:
                columns.append((column, column + len(label) + 2, choice))
                column += len(label) + 2 + gap
            return columns
    choices = [choice for choice, _ in offered]
    index = choices.index(text) if text in choices else 0
    half = LABEL + 2 + len(plain(text, room - 4)) // 2
    return [(LABEL, half, choices[index - 1]), (half, width, choices[(index + 1) % len(choices)])]


def draw_field(draft: Draft, field: Field, width: int, *, here: bool, edit: LineEdit | None) -> Content:
    """The field's line. `here`: the focus is on it; `edit`: how it is being typed."""
    # Narrower it is only for a moment, while a terminal changes its size: then the end is cut off.
    width = max(width, LEAST)
    wrong, changed = field.key in draft.errors, draft.changed(field.key)
    marks = ("▸" if here else " ") + ("✗" if wrong else "•" if changed else " ")
    text = draft.text(field.key)
    line = Content.assemble(
        (marks, "bold $text-error" if wrong else "bold $warning"),
        (f"{label_of(field)[: LABEL - 3]:{LABEL - 2}}", "bold" if here else ""),
    )
    strong = "bold $warning" if changed else "bold"
    if not choices_of(field):
        room = _help_column(width) - LABEL - 2 if width >= ROOMY else width - LABEL - 1
        long = field.kind == "str" or is_several(field, text)
        line += _typed(text, room if long else min(ENTRY, room), changed, edit if here else None)
    else:
        line += _choices(field, text, width, strong)
    line += _note(draft, field, width, width - line.cell_length, changed)
    if here:
        line = line.pad_right(max(width - line.cell_length, 0)).stylize_before("on $boost")
    return line


def _typed(text: str, room: int, changed: bool, edit: LineEdit | None) -> Content:
    style = "bold $warning on $surface" if changed else "on $surface"
    if edit is None:
        return Content.styled(f"{plain(text, room):{room}}", style)
    part, cursor = edit.window(room)
    part = f"{plain(part):{room}}"
    content = Content.styled(part, "on $panel")
    if edit.selected:
        content = content.stylize("on $input-selection-background", 0, len(edit.text))
    return content.stylize("reverse", cursor, cursor + 1)


def _choices(field: Field, text: str, width: int, strong: str) -> Content:
    columns = choice_columns(field, text, width)
    labels = dict(choices_of(field))
    if columns[0][2] not in labels or len(columns) != len(labels):
        return Content.styled(f"◂ {plain(labels.get(text, text), width - LABEL - 4)} ▸", strong)
    parts: list[tuple[str, str]] = []
    column = LABEL
    for start, end, choice in columns:
        parts.append((" " * (start - column), ""))
        parts.append((f"● {labels[choice]}", strong) if choice == text else (f"○ {labels[choice]}", "$text-muted"))
        column = end
    return Content.assemble(*parts)


def _help_column(width: int) -> int:
    """Where the help of all fields begins in a wide form: past the widest choice."""
    return min(LABEL + 35, width * 4 // 7)


def _note(draft: Draft, field: Field, width: int, room: int, changed: bool) -> Content:
    """What stands beside the value: the unit, the default, in a wide form the help."""
    parts = [field.setting.unit] if field.setting.unit else []
    if (several := draft.tried(field.key)) is not None:
        from rnnlab.ui.setup.draft.several import number_text

        parts.append(number_text(several))
    if changed:
        default = field.text(draft.default(field.key))
        parts.append(f"default {dict(choices_of(field)).get(default, default)}")
    if width < ROOMY:
        note = "  " + plain(" · ".join(parts))
        return Content.styled(note, "$text-muted") if parts and len(note) <= room else Content("")
    gap = max(2, _help_column(width) - (width - room))
    return Content.styled(" " * gap + plain(" · ".join([*parts, field.setting.help])), "$text-muted").truncate(
        room, ellipsis=True
    )
