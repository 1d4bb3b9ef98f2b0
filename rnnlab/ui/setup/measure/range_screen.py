"""A learning-rate range test of Setup's draft: the loss over the learning rate, and the rate that it suggests."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from rnnlab.config import FIELDS
from rnnlab.runs.event_numbers import real
from rnnlab.ui.setup.draft.draft import Draft
from rnnlab.ui.setup.measure.measure_screen import MeasureScreen, Taken, measured_arguments

if TYPE_CHECKING:
    from collections.abc import Mapping

    from rnnlab.text.lines import Lines
    from rnnlab.text.palette import Palette
    from rnnlab.text.table import Table


class RangeScreen(MeasureScreen):
    """`rnnlab lr-range` of the draft; the rate that is suggested is taken for `optim.lr`."""

    TITLE = "Learning-rate range test"
    HELP = (
        "Trains for one pass, of 100 to 400 updates, with a learning rate that grows from update to update: where the loss falls "
        "fastest is a good rate, where it blows up one that is too high. It is a run of today's session without weights. enter "
        "takes the rate that is suggested, Y copies the curve, esc stops the test or leaves the setting as it is."
    )
    DOING = "trying ever larger learning rates, 100 to 400 updates"

    def command_of(self, draft: Draft) -> list[str]:
        tested = Draft({**draft.settings(), "optim.schedule": "range"})
        arguments = measured_arguments("lr-range", tested)
        if "--schedule" in arguments:  # the command sets it itself
            at = arguments.index("--schedule")
            del arguments[at : at + 2]
        return arguments

    def drawn(self, document: Mapping[str, Any], width: int, height: int, palette: Palette) -> Lines:
        from rnnlab.plots.drawing.chart import chart_lines
        from rnnlab.plots.run.figures import tried_rates_chart

        rates, losses = _tried(document)
        if not rates:
            return []
        return chart_lines(tried_rates_chart(rates, losses), width=width, height=height, palette=palette)

    def table(self, document: Mapping[str, Any]) -> Table:
        from rnnlab.text.table import Column, Table, figure_cell

        rows = (tuple(figure_cell(number) for number in each) for each in zip(*_tried(document), strict=True))
        return Table("", (Column("lr", "learning rate"), Column("loss", "loss")), tuple(rows))

    def advice(self, document: Mapping[str, Any]) -> str:
        text = str(document.get("words") or "nothing was found")
        return f"{text[:1].upper()}{text[1:]}."

    def suggested(self, document: Mapping[str, Any]) -> Taken | None:
        rate = document.get("suggested")
        return None if rate is None else ("optim.lr", FIELDS["optim.lr"].text(float(rate)))


def _tried(document: Mapping[str, Any]) -> tuple[list[float], list[float]]:
    """The learning rates that were tried, and the loss at each."""
    rates, losses = ([real(value) for value in document.get(name) or ()] for name in ("rates", "losses"))
    return rates, losses
