"""The net that the form describes, counted while one types; of several values the sweep that they make."""

from __future__ import annotations

import asyncio

from textual.content import Content
from textual.reactive import reactive
from textual.widget import Widget

from rnnlab.text.numbers import bytes_text, shown_seconds, time_text
from rnnlab.ui.setup.draft.draft import Draft
from rnnlab.ui.setup.draft.duplicate import Duplicate
from rnnlab.ui.setup.draft.estimate import Estimate, estimate
from rnnlab.ui.setup.draft.sweep_estimate import SweepEstimate

BAR = 24
"""Columns of the longest bar."""


class NetSummary(Widget):
    """Parameters, memory and updates: two lines, or with `roomy` a line a layer."""

    DEFAULT_CSS = "NetSummary { text-wrap: nowrap; text-overflow: ellipsis; }"

    roomy: reactive[bool] = reactive(False, layout=True)

    def __init__(self, draft: Draft) -> None:
        super().__init__()
        self.draft = draft
        self._asked_pace = False
        self.pace: float | None = None
        """How fast this machine is; see `rnnlab.sweeps.cost.speed`."""
        self._last: Estimate | None = None
        self.sweep = SweepEstimate(self, draft, self._show)
        self.duplicate = Duplicate(self, draft, self._show)

    def forget(self) -> None:
        """Ask anew at the next change: runs may have been made or ended meanwhile."""
        self.sweep.forget()
        self.duplicate.forget()

    def measure(self) -> None:
        """Learn in a thread how fast runs went here, and show what follows from it."""
        self.run_worker(self._measure(), name="pace")

    async def _measure(self) -> None:
        self._asked_pace = True
        from rnnlab.sweeps.cost.speed import pace

        self.pace = await asyncio.to_thread(pace)
        self.recount()

    def recount(self) -> None:
        """The draft has changed."""
        self.sweep.recount()
        # The first frame does not wait for it: what is asked for before the pace is known is asked then.
        if self._asked_pace:
            self.duplicate.recount()
        self._show()

    def _show(self) -> None:
        self.border_title = "Sweep" if self.draft.is_sweep else "Net"
        self.border_subtitle = Content.styled(self.duplicate.text, "$text-warning") if self.duplicate.text else ""
        height = self.get_content_height(None, None, self.size.width)
        self.refresh(layout=height != self.size.height)

    def get_content_height(self, container: object, viewport: object, width: int) -> int:
        if self.draft.is_sweep and not self.draft.errors:
            lines = len(self.sweep.lines(width or self.size.width, brief=not self.roomy))
            return max(lines, self._net_height() if self.roomy else 2)
        return self._net_height() if self.roomy else 2

    def _net_height(self) -> int:
        # While the form is wrong the height stays: nothing jumps under a person who types.
        figures = estimate(self.draft, self.pace) or self._last
        return 2 if figures is None else min(len(figures.layers), 8) + 3

    def render(self) -> Content:
        if self.draft.is_sweep and not self.draft.errors:
            return Content("\n").join(self.sweep.lines(self.size.width, brief=not self.roomy))
        figures = estimate(self.draft, self.pace)
        if figures is None:
            reason = "counted once the data has been read"
            if self.draft.errors:
                reason = "counted again when the form is right"
            elif not self.draft.card.input_size:
                reason = "counted once your file has been checked"
            return Content.styled(reason, "$text-muted")
        self._last = figures
        lines = self._table(figures) if self.roomy else self._brief(figures)
        return Content("\n").join(lines)

    def _state(self, figures: Estimate) -> str:
        """What is in memory besides the weights."""
        optimiser = f", {self.draft.value('optim.name')}'s state" if figures.averages else ""
        return f"gradients{optimiser} and a batch's activations"

    def _time(self, figures: Estimate, template: str) -> str:
        """How long an epoch takes, put into `template`; empty where that is not known."""
        seconds = figures.seconds_per_step * figures.steps_per_epoch
        return template.format(time_text(seconds)) if seconds else ""

    def _whole(self, figures: Estimate) -> str:
        """How long the run takes: no less than the epochs at what is shown of one."""
        epoch = shown_seconds(figures.seconds_per_step * figures.steps_per_epoch)
        seconds = max(figures.seconds_per_step * figures.steps, epoch * figures.steps / figures.steps_per_epoch)
        return f", {time_text(seconds, up=True)}" if seconds else ""

    def _measured(self, figures: Estimate) -> str:
        """Where the time is from."""
        if not figures.seconds_per_step:
            return ""
        return " · as runs went here" if figures.paced else " · no run here yet"

    def _brief(self, figures: Estimate) -> list[Content]:
        layers = " · ".join(f"{layer.name} {layer.total:,}" for layer in figures.layers)
        return [
            Content.assemble((f"{figures.parameters:,} parameters", "bold"), (f" · {layers}", "$text-muted")),
            Content.styled(
                f"≈ {_updates(figures)}{self._time(figures, ', {} an epoch')} · {bytes_text(figures.training_bytes)}",
                "$text-muted",
            ),
        ]

    def _table(self, figures: Estimate) -> list[Content]:
        most = max(layer.total for layer in figures.layers)
        lines = []
        names = max(12, *(len(layer.name) + 1 for layer in figures.layers))
        for layer in figures.layers[:7] if len(figures.layers) > 8 else figures.layers:
            bar = "█" * round(layer.total / most * BAR) or "▏"
            lines.append(
                Content.assemble(
                    f"{layer.name:<{names}}{layer.total:>12,}  ",
                    (f"{bar:<{BAR}}", "$primary"),
                    (
                        f"  {layer.weights:,} weights" + (f" + {layer.biases:,} biases" if layer.biases else ""),
                        "$text-muted",
                    ),
                )
            )
        if len(figures.layers) > 8:
            rest = sum(layer.total for layer in figures.layers[7:])
            lines.append(Content.styled(f"{f'{len(figures.layers) - 7} more':<{names}}{rest:>12,}", "$text-muted"))
        return [
            *lines,
            Content.assemble(
                (f"{'in all':<{names}}{figures.parameters:>12,}  parameters", "bold"),
                (
                    f"  receptive field: {figures.receptive_field:,} steps" if figures.receptive_field else "",
                    "$text-muted",
                ),
            ),
            Content.styled(
                f"{bytes_text(figures.weights_bytes)} of weights; "
                f"{bytes_text(figures.training_bytes)} with {self._state(figures)}",
                "$text-muted",
            ),
            Content.styled(
                f"≈ {figures.rows:,} rows: {_updates(figures)}"
                f"{self._time(figures, ', {}')} an epoch; {figures.steps:,}{self._whole(figures)} in all"
                f"{self._measured(figures)}",
                "$text-muted",
            ),
        ]


def _updates(figures: Estimate) -> str:
    return "1 update" if figures.steps_per_epoch == 1 else f"{figures.steps_per_epoch:,} updates"
