"""A measurement of Setup's draft by the command line in a process of its own: how far it is, what it found, a value to take."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any, ClassVar

from rich.text import Text
from textual.binding import Binding, BindingType
from textual.containers import Vertical, VerticalScroll
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Static

from rnnlab.catalog.models.own_cells import CHOSEN
from rnnlab.text.numbers import duration
from rnnlab.text.sanitise import plain
from rnnlab.ui.common.key_bar import KeyBar
from rnnlab.ui.common.palette import palette_of
from rnnlab.ui.described.copying import Copyable, ask_and_copy, written_lines, written_tables
from rnnlab.ui.queries.subprocess_query import run_query
from rnnlab.ui.setup.draft.command_line import arguments_of
from rnnlab.ui.setup.draft.draft import Draft

if TYPE_CHECKING:
    from collections.abc import Mapping

    from textual.app import ComposeResult

    from rnnlab.text.lines import Lines
    from rnnlab.text.palette import Palette
    from rnnlab.text.table import Table

_SPINNER = "⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏"
_SECONDS = 0.2
_COPIED = 100, 24
"""Columns and about the lines of a text that is copied."""

Taken = tuple[str, str]
"""The key of a setting and the text that is taken for it."""


class MeasureScreen(ModalScreen["Taken | None"]):
    """Runs a command on the draft, shows what it found, and gives the setting that is taken, or None.

    A subclass says which command, how its JSON is drawn, and which setting it suggests.
    """

    DEFAULT_CSS = """
    MeasureScreen #measure { width: 96%; max-width: 110; height: 90%; max-height: 32; background: $surface; }
    MeasureScreen VerticalScroll { height: 1fr; scrollbar-size-vertical: 1; scrollbar-gutter: stable; }
    MeasureScreen #found { width: 1fr; height: auto; text-wrap: nowrap; }
    MeasureScreen #advice { height: auto; padding: 1 0 0 0; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "take", "Take it", priority=True),
        Binding("Y", "copy", "Copy", key_display="Y"),
        Binding("escape", "leave", "Leave", priority=True),
    ]
    DOING: ClassVar[str] = ""
    """What is underway, as a sentence begins."""

    def __init__(self, draft: Draft) -> None:
        super().__init__()
        self.arguments = self.command_of(draft)
        self.document: Mapping[str, Any] | None = None
        """What the command found."""
        self._began = time.monotonic()

    def command_of(self, draft: Draft) -> list[str]:
        """The arguments of `rnnlab` that measure the draft."""
        raise NotImplementedError

    def drawn(self, document: Mapping[str, Any], width: int, height: int, palette: Palette) -> Lines:
        """What was found, in so many columns and about so many lines."""
        raise NotImplementedError

    def table(self, document: Mapping[str, Any]) -> Table:
        """The numbers that were found."""
        raise NotImplementedError

    def advice(self, document: Mapping[str, Any]) -> str:
        """What follows from it, in sentences."""
        raise NotImplementedError

    def suggested(self, document: Mapping[str, Any]) -> Taken | None:
        """The setting that enter takes; None: none is suggested."""
        raise NotImplementedError

    def compose(self) -> ComposeResult:
        with Vertical(id="measure", classes="box") as box:
            box.border_title = str(self.TITLE)
            box.border_subtitle = Content(plain(" ".join(["rnnlab", *self.arguments]), 90))
            with VerticalScroll(can_focus=True):
                yield Static(id="found", markup=False)
            yield Static(id="advice", markup=False)
        yield KeyBar()

    def on_mount(self) -> None:
        self._timer = self.set_interval(_SECONDS, self._tick)
        self.run_worker(self._measure(), name="measure")
        self.app.theme_changed_signal.subscribe(self, lambda _: self._draw())
        self._tick()

    def on_resize(self) -> None:
        self.call_after_refresh(self._draw)

    def _advise(self) -> None:
        """Say what follows; what was found is drawn in the room that is left."""
        assert self.document is not None
        taken = self.suggested(self.document)
        take = f" ⏎ sets {taken[0]} to {taken[1]}." if taken else ""
        self._say(f"{self.advice(self.document)}{take}", "")
        self.call_after_refresh(self._draw)

    def _tick(self) -> None:
        seconds = time.monotonic() - self._began
        glyph = _SPINNER[int(seconds / _SECONDS) % len(_SPINNER)]
        text = f"{glyph} {self.DOING}, {duration(seconds)} so far; esc stops it"
        self.query_one("#found", Static).update(Content.styled(plain(text), "$text-accent"))

    async def _measure(self) -> None:
        result = await run_query(*self.arguments, "--json")
        self._timer.stop()
        if result.problem or not isinstance(result.document, dict):
            self.query_one("#found", Static).update("")
            self._say(f"✗ {result.problem or 'nothing was found'}", "$text-error")
            return
        self.document = result.document
        self._advise()
        self.refresh_bindings()

    def _draw(self) -> None:
        if (document := self.document) is None:
            return
        region = self.query_one(VerticalScroll).scrollable_content_region
        lines = self.drawn(document, max(30, region.width), max(8, region.height), palette_of(self.app))
        text = Text("\n").join(
            Text.assemble(*((segment.text, segment.style or "") for segment in line)) for line in lines
        )
        text.no_wrap = True
        self.query_one("#found", Static).update(text)

    def _say(self, text: str, style: str) -> None:
        self.query_one("#advice", Static).update(Content.styled(plain(text, 1500), style))

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Nothing is taken or copied before something was found."""
        if action == "copy":
            return self.document is not None
        return action != "take" or (self.document is not None and self.suggested(self.document) is not None)

    def action_take(self) -> None:
        """Take what is suggested."""
        if self.document is not None:
            self.dismiss(self.suggested(self.document))

    def action_copy(self) -> None:
        """What was found to the clipboard, with what follows from it where it is text."""
        if (document := self.document) is None:
            return
        title = str(self.TITLE)
        lines = written_lines(title, lambda palette: self.drawn(document, *_COPIED, palette))
        drawn = lines["txt"]
        lines["txt"] = lambda: f"{drawn()}\n\n{self.advice(document)}"
        tables = written_tables(lambda: [self.table(document)])
        ask_and_copy(self.app, Copyable(title, {**lines, **tables}))

    def action_leave(self) -> None:
        """Close; what is underway is stopped."""
        self.dismiss(None)


def measured_arguments(command: str, draft: Draft) -> list[str]:
    """The arguments of a command that takes the settings of `rnnlab train`, for the draft."""
    chosen = CHOSEN.get(draft.text("model.name"))
    return [command, *arguments_of(draft)[1:], *([] if chosen is None else ["--cells", str(chosen.path)])]
