"""Screen whose focused panel is copied to the clipboard and described in sentences, each on a key."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import ClassVar, Protocol, runtime_checkable

from textual.binding import Binding, BindingType
from textual.content import Content

from rnnlab.errors import UsageError
from rnnlab.text.sanitise import plain
from rnnlab.text.table import Table
from rnnlab.ui.common.help import TextScreen
from rnnlab.ui.described.copying import Copyable, ask_and_copy, written_tables
from rnnlab.ui.described.figures import Described
from rnnlab.ui.opening.fitted import FittedScreen

COPY_HELP = (
    "i puts what the panel with the focus shows into a sentence. Y copies the panel to the clipboard: as text, a table "
    "also as CSV or Markdown, a figure as SVG too. A terminal without OSC 52 ignores that, and there f writes a file."
)


_END = re.compile(r"(?<=[.]) (?=[^a-z])")
"""Between two sentences: names from data may begin with anything."""


@runtime_checkable
class DescribedPanel(Protocol):
    """A panel that can say what it shows."""

    @property
    def title(self) -> str:
        """Its title."""

    def plain_text(self) -> str:
        """What stands in it, as plain text."""

    def sentences(self) -> Described:
        """What it shows in sentences. Raises `UsageError` where that is nothing yet."""


@runtime_checkable
class TabledPanel(Protocol):
    """A panel of which some are tables."""

    def tables(self) -> Sequence[Table]:
        """The tables by themselves, none where there is none yet."""


class DescribedScreen(FittedScreen[None]):
    """Any panel of the screen that has the focus and is a `DescribedPanel`."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("i", "describe", "the panel in sentences", show=False),
        Binding("Y", "copy_panel", "copy the panel as text, CSV, SVG", key_display="Y", show=False),
    ]

    def described_panel(self) -> DescribedPanel | None:
        """The panel that the keys are about; where there is none a notice says so."""
        panel: object = self.focused
        if isinstance(panel, DescribedPanel):
            return panel
        self.notify("No panel has the focus: tab goes to one.", markup=False)
        return None

    def copyable(self, panel: DescribedPanel) -> Copyable:
        """What is copied of the panel, in the formats of a table where it has any; a screen adds those of its figures."""
        tables = written_tables(panel.tables) if isinstance(panel, TabledPanel) and panel.tables() else {}
        return Copyable(panel.title, {"txt": panel.plain_text, **tables})

    def action_copy_panel(self) -> None:
        panel = self.described_panel()
        if panel is None:
            return
        ask_and_copy(self.app, self.copyable(panel))

    def action_describe(self) -> None:
        panel = self.described_panel()
        if panel is None:
            return
        try:
            found = panel.sentences()
        except UsageError as error:
            self.notify(plain(str(error)), markup=False)
            return
        self.app.push_screen(TextScreen(found.title, Content(_one_a_line(found.text))))


def _one_a_line(text: str) -> str:
    """The sentences, each on a line of its own; text of several lines as it is."""
    lines = text.split("\n") if "\n" in text else _END.split(text)
    return "\n".join(plain(line) for line in lines)
