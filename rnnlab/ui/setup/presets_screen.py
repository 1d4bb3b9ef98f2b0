"""The presets of a task: settings that were published or are usual for it, each with its figure, of which one is taken."""

from __future__ import annotations

import asyncio
import textwrap
from typing import TYPE_CHECKING, ClassVar

from textual.binding import Binding, BindingType
from textual.containers import Horizontal, VerticalScroll
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import OptionList, Static
from textual.widgets.option_list import Option

from rnnlab.text.sanitise import plain
from rnnlab.ui.common.key_bar import KeyBar
from rnnlab.ui.setup.draft.command_line import command_line
from rnnlab.ui.setup.draft.draft import Draft

if TYPE_CHECKING:
    from collections.abc import Sequence

    from textual.app import ComposeResult

    from rnnlab.recipes.presets import Preset


class PresetsScreen(ModalScreen["Preset | None"]):
    """Gives the preset that was picked, or None."""

    TITLE = "Presets"
    HELP = (
        "Settings for one run on this task. Own settings are the lab's; the others are from the recipes, with the figure that "
        "was published for them and how it was obtained: another split or another machine gives another one. ↑ ↓ and enter, or "
        "its number, take one; ^z takes it back."
    )
    DEFAULT_CSS = """
    PresetsScreen #presets { width: 96%; max-width: 120; height: 85%; max-height: 24; background: $surface; }
    PresetsScreen OptionList { width: 24; height: 1fr; border: none; background: $surface; padding: 0; }
    PresetsScreen OptionList:focus { border: none; }
    PresetsScreen VerticalScroll { width: 1fr; height: 1fr; padding: 0 1; scrollbar-size-vertical: 1; scrollbar-gutter: stable; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "take", "Take it", priority=True),
        Binding("escape", "leave", "Leave all as it was", priority=True),
        *(Binding(str(number), f"pick({number})", show=False) for number in range(1, 10)),
    ]

    def __init__(self, task: str) -> None:
        super().__init__()
        self._of = task
        self._presets: Sequence[Preset] = ()

    def compose(self) -> ComposeResult:
        with Horizontal(id="presets", classes="box") as box:
            box.border_title = Content(f"Presets for {plain(self._of)}")
            yield OptionList(markup=False)
            with VerticalScroll(can_focus=False):
                yield Static(Content.styled("the recipes are being read …", "$text-muted"), markup=False)
        yield KeyBar()

    def on_mount(self) -> None:
        self.run_worker(self._read(), name="read the presets")

    async def _read(self) -> None:
        from rnnlab.recipes.presets import presets_of

        self._presets = await asyncio.to_thread(presets_of, self._of)
        names = self.query_one(OptionList)
        for number, preset in enumerate(self._presets, 1):
            names.add_option(Option(Content.assemble((f"{number} ", "bold $accent"), plain(preset.name))))
        names.highlighted = 0
        names.focus()

    def on_resize(self) -> None:
        self.call_after_refresh(self._describe)  # in the room that the text has then

    def on_option_list_option_highlighted(self) -> None:
        self._describe()

    def _describe(self) -> None:
        index = self.query_one(OptionList).highlighted
        if index is None or not self._presets:
            return
        view = self.query_one(VerticalScroll)
        self.query_one(Static).update(
            described(self._of, self._presets[index], max(24, view.scrollable_content_region.width - 1))
        )
        view.scroll_home(animate=False)

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        event.stop()
        self.action_pick(event.option_index + 1)

    def action_take(self) -> None:
        """Take the preset under the cursor."""
        if (index := self.query_one(OptionList).highlighted) is not None:
            self.action_pick(index + 1)

    def action_pick(self, number: int) -> None:
        """Take the preset of that number, counted from 1."""
        if number <= len(self._presets):
            self.dismiss(self._presets[number - 1])

    def action_leave(self) -> None:
        self.dismiss(None)


def described(task: str, preset: Preset, width: int) -> Content:
    """The net of a preset, its figure and where that is from, and the command that trains it."""

    def lines(text: str, style: str = "", indent: str = "") -> list[Content]:
        rows = textwrap.wrap(plain(text, 2000), width, subsequent_indent=indent, break_on_hyphens=False)
        return [Content.styled(row, style) for row in rows]

    size = f" · {preset.parameters:,} parameters" if preset.parameters else ""
    found = [*lines(preset.title + size, "bold"), *lines(preset.figure, "$text-accent"), Content("")]
    found += lines(preset.source, "$text-muted") + [
        row for note in preset.notes for row in lines(f"– {note}", "", "  ")
    ]
    if preset.recipe:
        found += lines(f"Its recipe is {preset.recipe}: f10 in Setup trains all that it compares.", "$text-muted")
    command = command_line(Draft({"task.name": task, **preset.settings}))
    return Content("\n").join([*found, Content(""), *lines(command, "$secondary", "  ")])
