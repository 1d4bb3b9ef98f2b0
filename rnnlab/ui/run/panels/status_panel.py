"""The status of a run: settings and speeds, recent curves in a line each, samples, warnings, and how it ended."""

from __future__ import annotations

from collections.abc import Hashable

from rich.segment import Segment

from rnnlab.config import RunConfig, UsageError
from rnnlab.machine import Load
from rnnlab.plots.run.course.step_charts import step_charts
from rnnlab.plots.run.extra_tests import curves_that_fit
from rnnlab.plots.run.figure_table import figures_as_table
from rnnlab.plots.run.settings_list import changed_note, changed_text, settings_list
from rnnlab.runs.folders import RunFolder
from rnnlab.text.lines import Lines, beside, fit
from rnnlab.text.sections import heading
from rnnlab.text.table import Table
from rnnlab.ui.run.following.follow import RunFollower
from rnnlab.ui.run.panels.panel import Panel
from rnnlab.ui.run.panels.samples import sample_lines
from rnnlab.ui.run.panels.status_figures import (
    cells_wanted,
    curves_block,
    figures_block,
    final_block,
    latest_block,
    load_block,
)
from rnnlab.ui.run.panels.status_text import diagnoses_block, trouble_block, waiting_block

_SAMPLES = 34
"""Cells in which a sample can be read."""
_WIDE = 74
"""Cells from which on the samples stand beside the figures."""


class StatusPanel(Panel):
    """Blocks in a fixed order; where the panel is too low, the least important are left out."""

    predictions_elsewhere = False
    """Whether another panel lists the samples already."""
    load: Load | None = None
    """What the process that trains takes of the machine, as last read."""
    _config: tuple[RunFolder, RunConfig | None] | None = None

    def show_load(self, load: Load | None) -> None:
        """Show what the process takes of the machine; None: that is not known."""
        if load != self.load:
            self.load = load
            self.redraw()

    def _configuration(self) -> RunConfig | None:
        """The run's configuration, read once; None where it cannot be read, which another panel says."""
        assert self.follower is not None
        run = self.follower.run
        if self._config is None or self._config[0] != run:
            try:
                self._config = (run, run.config())
            except UsageError:
                self._config = (run, None)
        return self._config[1]

    def on_mount(self) -> None:
        self.entitle("now")

    def depends_on(self, follower: RunFollower) -> Hashable:
        """The end of the log, its damage, the run's process and the commands underway."""
        return (
            follower.state.last_seq,
            follower.status,
            follower.foreign,
            follower.problem,
            follower.note,
            follower.damaged,
            follower.unknown,
            follower.opened.is_set(),
            tuple(follower.pending),
        )

    def advance(self, follower: RunFollower) -> None:
        """Title the panel, and draw it again where something has changed."""
        state = follower.state
        self.entitle("result" if state.final else "now")
        self.subtitle(("enter", "samples")) if state.samples else self.subtitle()
        super().advance(follower)

    def tables(self) -> list[Table]:
        """The figures of each split, beside the baselines'."""
        table = figures_as_table(self.follower.state) if self.follower is not None else None
        return [table] if table is not None and table.rows else []

    def draw(self, width: int, height: int) -> Lines:
        """The blocks beside one another where there is room, else one under the other."""
        if self.follower is None:
            return []
        inner = width - 2
        lines = self._beside(inner, height) if inner >= _WIDE else self._below(inner, height)
        lines += curves_that_fit(self.follower.state, inner, height - len(lines), self.palette)
        lines += self._more(inner, height - len(lines))
        return [[Segment(" "), *line] for line in lines]

    def _more(self, width: int, height: int) -> Lines:
        """Where much room is left: learning rate and gradient norm as charts, and what was configured."""
        assert self.follower is not None
        lines: Lines = []
        if not self.has_class("-zoom"):
            return lines
        state, config = self.follower.state, self._configuration()
        settings = settings_list(config, width, self.palette) if config is not None else []
        charts = min(16, max(height - len(settings) - 3, min(height - 1, 10)))
        if drawn := step_charts(state, width=width, height=charts, palette=self.palette):
            lines += [[], *drawn]
        if config is not None and height - len(lines) >= 4:
            room = height - len(lines) - 2
            title = heading("configuration", width, self.palette, changed_note(config))
            lines += [[], title, *settings[:room]]
        return lines

    def _changed(self, width: int) -> Lines:
        """What differs from the task's defaults, in a line."""
        config = self._configuration()
        if config is None or not width:
            return []
        text = changed_text(config) or "nothing: the task's defaults"
        palette = self.palette
        return [
            [Segment(fit("changed", 10), palette.style("muted")), Segment(fit(text, width - 10), palette.style("text"))]
        ]

    def _below(self, width: int, height: int) -> Lines:
        """Everything one under the other; the less important a block, the sooner it is left out."""
        assert self.follower is not None
        palette, state = self.palette, self.follower.state
        blocks = {
            "trouble": trouble_block(self.follower, width, max(2, height - 4), palette),
            "waiting": waiting_block(self.follower, width, palette),
            "final": final_block(state, width, palette),
            "figures": figures_block(self.follower, width, palette),
            "load": [*load_block(self.load, width, palette), *(self._changed(width) if state.started else [])],
            "latest": latest_block(state, width, palette) if height >= 14 else [],
            "curves": curves_block(state, width, palette),
            "samples": [],
            "diagnoses": diagnoses_block(state, width, 2 if height < 14 else 6, palette),
        }
        left = height
        for name in ("trouble", "waiting", "final", "figures", "diagnoses", "load", "latest"):
            blocks[name] = blocks[name][:left]
            left -= len(blocks[name])
        if not self.predictions_elsewhere:
            gaps = sum(1 for name in blocks if blocks[name])
            blocks["samples"] = sample_lines(state.samples, width, min(left, max(3, left - gaps)), palette)
        left -= len(blocks["samples"])
        if len(blocks["curves"]) + sum(1 for block in blocks.values() if block) - 1 > left:
            blocks["curves"] = []  # rather a little air
        return _spaced(list(blocks.values()), height)

    def _beside(self, width: int, height: int) -> Lines:
        """Figures at the left, samples at the right, sentences over and under them."""
        assert self.follower is not None
        palette, state = self.palette, self.follower.state
        trouble = trouble_block(self.follower, width, max(2, height - 4), palette)
        # A table of many figures takes more than its half, as long as the samples can still be read.
        half = max(width // 2 - 1, min(cells_wanted(state), width - _SAMPLES - 2))
        final = final_block(state, half, palette)
        diagnoses = diagnoses_block(state, width, 2 if height < 14 else 6, palette)
        room = max(0, height - len(trouble) - len(diagnoses))
        figures = final or figures_block(self.follower, min(half, 33), palette, single=True)
        if final and len(final) < room:
            figures = _spaced([final, figures_block(self.follower, half, palette, single=half < 48)], room)
        latest = latest_block(state, half, palette)
        if latest and len(figures) + len(latest) <= room:
            figures = _spaced([figures, latest], room)
        if state.started is not None:
            load = load_block(self.load, half, palette)
            # Before the last of the settings, which another panel shows, goes the line that changes.
            figures = [*figures[: room - len(load)], *load]
            figures = [*figures, *self._changed(half)[: max(0, room - len(figures))]]
        curves = curves_block(state, half, palette)
        if len(figures) + len(curves) <= room:
            figures = _spaced([figures, curves], room)
        samples = sample_lines(state.samples, width - half - 2, room, palette)
        middle = beside([figures[:room], samples], [half, width - half - 2])
        waiting = waiting_block(self.follower, width, palette)
        return _spaced([trouble, waiting, middle, diagnoses], height)


def _spaced(blocks: list[Lines], height: int) -> Lines:
    """The blocks with an empty line between them as far as there is room."""
    blocks = [block for block in blocks if block]
    spare = height - sum(map(len, blocks))
    lines: Lines = []
    for index, block in enumerate(blocks):
        if index and spare > 0:
            lines.append([])
            spare -= 1
        lines += block
    return lines[:height]
