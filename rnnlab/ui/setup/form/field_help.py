"""The pane under the form: what the present field sets, which values are usual, why one would change it."""

from __future__ import annotations

from textual.content import Content
from textual.reactive import reactive
from textual.widget import Widget

from rnnlab.config import FIELDS
from rnnlab.text.sanitise import plain
from rnnlab.ui.setup.draft.draft import Draft
from rnnlab.ui.setup.form.form_lines import SECTIONS, group_of, is_basic, label_of, shown_keys


class FieldHelp(Widget):
    """Key, unit and help of one setting; its usual range; why one would change it. Of a section what it holds."""

    key: reactive[str] = reactive("")

    def __init__(self, draft: Draft, *, id: str) -> None:  # noqa: A002 - Textual's name
        super().__init__(id=id)
        self._draft = draft

    def show(self, key: str) -> None:
        """Show the setting with this key, or the section at whose head the cursor is."""
        self.key = key
        self.refresh()

    def render(self) -> Content:
        if not self.key or not self.size.width:
            return Content("")
        group = group_of(self.key)
        what, why = _section_texts(self._draft, group) if group else field_texts(self.key)
        if self.id == "whole-help" and not group:
            why = Content("\n").join([why, _declared(self._draft, self.key)])
        return Content("\n").join(_fitted(what, why, self.size.width, self.size.height))


def field_texts(key: str) -> tuple[Content, Content]:
    """What the setting is; its usual range and why one would change it."""
    setting = FIELDS[key].setting
    unit = f" ({setting.unit})" if setting.unit else ""
    usual = f"Usual: {setting.usual}. " if setting.usual else ""
    what = Content.assemble((key, "bold"), f"{unit}  {setting.help}")
    return what, Content.assemble((usual, "$text-accent"), (setting.why, "$text-muted"))


def _declared(draft: Draft, key: str) -> Content:
    """Which values are allowed, the default, and how the command line names the setting."""
    field = draft.field(key)
    allowed = field.allowed[:1].upper() + field.allowed[1:]
    name = field.setting.flag or f"--set {key}=…"
    return Content(plain(f"{allowed}. Default {field.text(draft.default(key))}. On the command line: {name}.", 1000))


def _section_texts(draft: Draft, group: str) -> tuple[Content, Content]:
    keys = [key for key in shown_keys(draft) if FIELDS[key].group == group and not is_basic(draft, key)]
    names = ", ".join(label_of(FIELDS[key]) for key in keys)
    keys_text = Content.styled("⏎ folds or unfolds it, * all sections.", "$text-muted")
    return Content.assemble((SECTIONS[group], "bold"), f"  {names}"), keys_text


def _fitted(what: Content, why: Content, width: int, height: int) -> list[Content]:
    """The lines of both texts in so many lines: of what the first, and as much of why as there is room for."""
    reasons = _cut(why.wrap(width) if why.plain.strip() else [], width, max(1, height - 1))
    return [*_cut(what.wrap(width), width, max(1, height - len(reasons))), *reasons][: max(1, height)]


def _cut(lines: list[Content], width: int, room: int) -> list[Content]:
    """At most so many of the lines, the last with an ellipsis where there are more."""
    if len(lines) <= room:
        return lines
    return [*lines[: room - 1], Content(" ").join(lines[room - 1 :]).truncate(width, ellipsis=True)]
