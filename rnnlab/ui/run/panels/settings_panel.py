"""The configuration of a run, what differs from the task's defaults first: it scrolls where it does not fit."""

from __future__ import annotations

from collections.abc import Hashable

from rnnlab.config import RunConfig, UsageError
from rnnlab.plots.run.settings_list import changed_note, settings_list, settings_table
from rnnlab.text.lines import Lines, sentence
from rnnlab.text.palette import Palette
from rnnlab.text.table import Table
from rnnlab.ui.run.following.follow import RunFollower
from rnnlab.ui.run.panels.panel import Panel


class SettingsPanel(Panel):
    """The settings that are read in this run, from its folder."""

    def __init__(self, number: int, *, id: str | None = None) -> None:  # noqa: A002 - Textual's name
        super().__init__(number, id=id)
        self._top = 0
        self._lines: Lines = []
        self._colours: Palette | None = None
        """The colours of these lines."""
        self._config: RunConfig | None = None
        """As it was read once; None: not yet, or it cannot be read."""

    def on_mount(self) -> None:
        self.entitle("configuration")

    def depends_on(self, follower: RunFollower) -> Hashable:
        """The folder alone: a configuration does not change while its run lives."""
        return follower.run.path

    def scroll_by(self, down: int) -> None:
        """Show the lines further down, or up."""
        self._top += down
        self._lay_out()

    def advance(self, follower: RunFollower) -> None:
        """Take the run, and read its configuration where that is shown for the first time."""
        super().advance(follower)
        if self._config is None:
            self._lay_out()

    def on_resize(self) -> None:
        self._lay_out()

    def _lay_out(self) -> None:
        """Draw the lines for the present width, and the titles that say what part of them is in sight."""
        self._find_lines()
        self.redraw()  # it may have been painted in this size before, without lines

    def _find_lines(self) -> None:
        width, height = self.content_size
        if self.follower is None or not width:
            return
        self._colours = self.palette
        try:
            config = self._config = self._config or self.follower.run.config()
        except UsageError as error:
            self._lines = sentence(str(error), width, height, self.palette.style("bad"))
            return
        self._lines = settings_list(config, width, self.palette)
        self._top = max(0, min(self._top, len(self._lines) - height))
        self.entitle("configuration", changed_note(config))
        last = min(len(self._lines), self._top + height)
        scrolls = len(self._lines) > height
        self.subtitle(*([("↑↓", f"lines {self._top + 1}–{last} of {len(self._lines)}")] if scrolls else []))

    def notify_style_update(self) -> None:
        """Draw again where the colours are others."""
        super().notify_style_update()
        if self._colours is not None and self._colours != self.palette:
            self._lay_out()

    def tables(self) -> list[Table]:
        """Each setting, its value and the task's default."""
        return [settings_table(self._config)] if self._config is not None else []

    def draw(self, width: int, height: int) -> Lines:
        """The lines in sight."""
        return self._lines[self._top : self._top + height]
