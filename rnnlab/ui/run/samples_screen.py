"""All sample predictions of a run's last evaluation, over the Run screen."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.geometry import Size
from textual.screen import ModalScreen

from rnnlab.text.lines import Lines
from rnnlab.text.palette import Palette
from rnnlab.ui.described.copying import Copyable, ask_and_copy, written_lines, written_tables
from rnnlab.ui.run.following.follow import RunAdvanced, RunFollower
from rnnlab.ui.run.panels.panel import Drawn
from rnnlab.ui.run.panels.samples import sample_lines, samples_table

_COPIED = 120
"""Columns of a text that is copied."""


class SampleList(Drawn):
    """The samples, one a line, as many as there are."""

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        return max(1, len(self.follower.state.samples)) if self.follower else 1

    def advance(self, follower: RunFollower) -> None:
        """Show the samples of the run's last evaluation."""
        state = follower.state
        self.border_title = Content(f"samples · {state.samples_split} · epoch {state.samples_epoch}")
        keys = [("Y", "$accent"), (" copy  ", "$text-muted"), ("esc", "$accent"), (" back", "$text-muted")]
        self.border_subtitle = Content.assemble(*keys)
        super().advance(follower)
        self.refresh(layout=True)

    def draw(self, width: int, height: int) -> Lines:
        """One line for each sample: input, prediction and probability."""
        if self.follower is None:
            return []
        return sample_lines(self.follower.state.samples, width, height, self.palette)


class SamplesScreen(ModalScreen[None]):
    """The samples over the Run screen, replaced at each evaluation."""

    CSS_PATH = "../styles/run.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,enter,q", "close", "back"),
        Binding("Y", "copy", "copy as text, CSV, SVG", key_display="Y", show=False),
    ]

    def __init__(self, follower: RunFollower) -> None:
        super().__init__()
        self.follower = follower

    def compose(self) -> ComposeResult:
        yield SampleList()

    def on_mount(self) -> None:
        self.follower.watch(self)

    def on_unmount(self) -> None:
        self.follower.unwatch(self)

    def on_run_advanced(self, event: RunAdvanced) -> None:
        event.stop()
        self.query_one(SampleList).advance(event.follower)

    def action_copy(self) -> None:
        """The samples to the clipboard."""
        state = self.follower.state
        samples, title = state.samples, f"samples of {state.samples_split}, epoch {state.samples_epoch}"

        def lines(palette: Palette) -> Lines:
            return sample_lines(samples, _COPIED, len(samples), palette)

        tables = written_tables(lambda: [samples_table(samples)])
        ask_and_copy(self.app, Copyable(title, {**written_lines(title, lines), **tables}))

    def action_close(self) -> None:
        self.dismiss()

    def on_click(self) -> None:
        self.dismiss()
