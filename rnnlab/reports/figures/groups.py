"""Figures of groups of runs, as the Compare screen draws them: repeats as one line with a band, or as one matrix."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial

from rnnlab.plots.comparison.groups import Group, counted_runs, matrix_of_group
from rnnlab.plots.comparison.pages import Page
from rnnlab.plots.drawing.run_styles import STYLES
from rnnlab.plots.run.figures import title_of
from rnnlab.reports.figures.confusion import difference_figure
from rnnlab.reports.figures.curves import mean_figure, overlay_figure
from rnnlab.reports.figures.figure import Figure
from rnnlab.reports.figures.offers import Axes, Offer, common_figures
from rnnlab.runs.state import RunState

PREFIX = "groups:"
"""Of the names of these figures."""


def group_offers(page: Page, states: Mapping[str, RunState], axes: Axes) -> list[Offer]:
    """The figures of the groups of a page, `states` the runs by name; those alone that there is something to draw of."""
    offers = [
        Offer(
            f"{PREFIX}{figure}",
            f"{title_of(figure)}: mean over repeats, band of ± one standard deviation",
            partial(groups_figure, page.groups, states, figure, axes),
            zooms=True,
        )
        for figure in common_figures(list(states.values()))
    ]
    if len(page.groups) == 2:
        about = "confusion matrices of both groups, summed over repeats, and their difference"
        offers.append(Offer(f"{PREFIX}confusion", about, partial(matrices_figure, page.groups, states)))
    return offers


def groups_figure(groups: Sequence[Group], states: Mapping[str, RunState], figure: str, axes: Axes) -> Figure | None:
    """`figure` of up to eight groups: the mean of each with its band; where none holds repeats their curves."""
    shown = {group.name: [states[run] for run in counted_runs(group.row)] for group in groups[: len(STYLES)]}
    more = len(groups) - len(shown)
    if not any(len(held) > 1 for held in shown.values()):
        runs = [(name, held[0]) for name, held in shown.items()]
        return overlay_figure(runs, figure, name="groups", **axes.options, more=more)
    uncounted = [run for group in groups[: len(STYLES)] for run in group.row.runs if run not in counted_runs(group.row)]
    return mean_figure(shown, figure, name="groups", **axes.options, more=more, uncounted=uncounted)


def matrices_figure(groups: Sequence[Group], states: Mapping[str, RunState]) -> Figure | None:
    """The matrices of two groups in the order in which their runs are given, and the second less the first.

    None where there are not two of the same classes and the same part of the data.
    """
    given = {run: at for at, run in enumerate(states)}
    ordered = sorted(groups, key=lambda group: min(given[run] for run in group.row.runs))
    found = [matrix_of_group(group.name, [states[run] for run in counted_runs(group.row)]) for group in ordered]
    both = [each for each in found if each is not None]
    if len(both) != 2 or both[0][1:] != both[1][1:]:
        return None
    (first, classes, _), (second, _, _) = both
    return difference_figure(first, second, classes)
