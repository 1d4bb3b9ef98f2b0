"""What is copied to the clipboard, in a format that is chosen with a second key."""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, ClassVar

from textual.app import App, ComposeResult
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Static

from rnnlab.plots.figure_formats import Format
from rnnlab.reports.drawing.style import PAPER
from rnnlab.reports.drawing.text_picture import lines_svg
from rnnlab.text.lines import Lines, to_text
from rnnlab.text.markdown import to_markdown
from rnnlab.text.palette import MONO, Palette
from rnnlab.text.sanitise import plain
from rnnlab.text.spreadsheet import to_csv
from rnnlab.text.table import Table
from rnnlab.ui.described.clipboard import copy_text, copy_whole

NAMES: dict[Format, tuple[str, str]] = {
    "txt": ("t", "text"),
    "csv": ("c", "CSV"),
    "md": ("m", "Markdown"),
    "svg": ("s", "SVG"),
}
"""Formats that fit a clipboard, with their keys."""
_TITLE = 24
"""Characters of a title that leave room for all the keys in 80 columns."""


@dataclass(frozen=True)
class Copyable:
    """Something that is shown, under its title.

    `made` gives it in the formats that need no other process, text at least; `drawn` are the arguments of `rnnlab plot`, which
    gives the others.
    """

    title: str
    made: Mapping[Format, Callable[[], str]]
    drawn: tuple[str, ...] = field(default=())

    @property
    def formats(self) -> list[Format]:
        """The formats that there are."""
        return [name for name in NAMES if self.drawn or name in self.made]


def written_tables(tables: Callable[[], Sequence[Table]]) -> dict[Format, Callable[[], str]]:
    """Tables in the formats of a table."""
    return {"csv": lambda: to_csv(tables()), "md": lambda: to_markdown(tables())}


def written_lines(title: str, draw: Callable[[Palette], Lines]) -> dict[Format, Callable[[], str]]:
    """Lines as text, and as a picture on white paper."""
    return {"txt": lambda: to_text(draw(MONO)), "svg": lambda: lines_svg(title, draw(PAPER))}


class CopyScreen(ModalScreen[Format | None]):
    """A line that asks for the format; Enter, and the key that asked, take text."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("t,enter,Y", "copy('txt')", "text"),
        Binding("c", "copy('csv')", "CSV"),
        Binding("m", "copy('md')", "Markdown"),
        Binding("s", "copy('svg')", "SVG"),
        Binding("escape,q", "leave", "back"),
    ]
    DEFAULT_CSS = """
    CopyScreen { align: center bottom; background: transparent; }
    CopyScreen > #copy-as { dock: bottom; height: auto; width: 100%; background: $panel; padding: 0 1; }
    """

    def __init__(self, copyable: Copyable) -> None:
        super().__init__()
        self._copyable = copyable

    def compose(self) -> ComposeResult:
        parts: list[str | tuple[str, str]] = [f"Copy {plain(self._copyable.title, _TITLE)} as  "]
        for name in self._copyable.formats:
            key, words = NAMES[name]
            parts += [(key, "bold $accent"), f" {words}  "]
        yield Static(Content.assemble(*parts, ("esc", "bold $accent"), " back"), id="copy-as", markup=False)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Formats that there are."""
        return parameters[0] in self._copyable.formats if action == "copy" else True

    def action_copy(self, name: Format) -> None:
        self.dismiss(name)

    def action_leave(self) -> None:
        self.dismiss(None)


def ask_and_copy(app: App[Any], copyable: Copyable) -> None:
    """Copy it in the format that a person chooses; where there is text alone, that."""
    if len(copyable.formats) == 1:
        copy_text(app, copyable.title, copyable.made["txt"]())
        return

    def copy(name: Format | None) -> None:
        if name == "txt":
            copy_text(app, copyable.title, copyable.made["txt"]())
        elif name is not None:
            app.run_worker(_copy(app, copyable, name), name="copy", group="copy", exclusive=True, exit_on_error=False)

    app.push_screen(CopyScreen(copyable), copy)


async def _copy(app: App[Any], copyable: Copyable, name: Format) -> None:
    words = NAMES[name][1]
    if name in copyable.made:
        text, problem = copyable.made[name](), ""
    else:
        text, problem = await _drawn(copyable.drawn, name)
    if problem:
        app.notify(plain(problem), severity="error", markup=False, timeout=6)
    else:
        copy_whole(app, copyable.title, text, words)


async def _drawn(arguments: tuple[str, ...], name: Format) -> tuple[str, str]:
    """What `rnnlab plot ARGUMENTS` writes in the format, or why it writes nothing."""
    from rnnlab.ui.queries.subprocess_query import run_query

    with tempfile.TemporaryDirectory(prefix="rnnlab-") as folder:
        file = Path(folder) / f"figure.{name}"
        result = await run_query("plot", *arguments, "--json", "-o", str(file))
        if result.code != 0:
            return "", result.problem or f"rnnlab plot ended with code {result.code}"
        return await asyncio.to_thread(file.read_text, "utf-8"), ""
