"""Groups of a comparison: runs that differ in their seed or fold only, under what sets each apart, as curves and matrices."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from rnnlab.plots.comparison.columns import named_rows
from rnnlab.plots.comparison.matrices import Named
from rnnlab.plots.comparison.mean import mean_chart, repeated_over
from rnnlab.plots.comparison.overlay import overlay_chart
from rnnlab.plots.comparison.table import data_text
from rnnlab.plots.confusion.cells import Counts, is_square
from rnnlab.plots.drawing.axes import XAxis
from rnnlab.plots.drawing.chart import Chart
from rnnlab.plots.run.report import matrix_of
from rnnlab.runs.comparison import Compared, Comparison
from rnnlab.runs.state import RunState


@dataclass(frozen=True)
class Group:
    """A row of a comparison under what sets it apart: `hidden 256`."""

    name: str
    row: Compared
    comparison: Comparison


def groups_of(comparisons: Sequence[Comparison]) -> list[Group]:
    """The rows of the comparisons of one task, each of other data, by rank; no two have one name."""
    found: list[Group] = []
    taken: set[str] = set()
    for comparison in comparisons:
        data = data_text(comparison) if len(comparisons) > 1 else ""
        for name, row in named_rows(comparison, comparison.rows).items():
            full = f"{name} · {data}" if data and name != row.runs[0] else name
            full = row.runs[0] if full in taken else full
            taken.add(full)
            found.append(Group(full, row, comparison))
    return found


def counted_runs(row: Compared) -> tuple[str, ...]:
    """The runs of the row that its figures are over, which got to their end; all of them before any has."""
    counted = next(iter(row.each.get("validation", {}).values()), {})
    return tuple(run for run in row.runs if run in counted) or row.runs


def grouped_chart(
    groups: Mapping[str, Sequence[RunState]], figure: str, *, x_axis: XAxis = "epochs", log_y: bool = False
) -> Chart:
    """`figure` of each named group: the mean of its runs and a band of ± one standard deviation; of single runs their curves."""
    if any(len(states) > 1 for states in groups.values()):
        return mean_chart(groups, figure, x_axis=x_axis, log_y=log_y)
    runs = [(name, states[0]) for name, states in groups.items() if states]
    return overlay_chart(runs, figure, x_axis=x_axis, log_y=log_y)


def band_text(groups: Mapping[str, Sequence[RunState]]) -> str:
    """What the line and the band are: `mean ± std over seeds`; empty where each group is one run."""
    repeated = any(len(states) > 1 for states in groups.values())
    return f"mean ± std over {repeated_over(groups)}" if repeated else ""


def summed_matrices(states: Iterable[RunState]) -> dict[int, tuple[Counts, tuple[str, ...], str]]:
    """The matrices that are added up for a group, by the position of their run: counts, classes, and of which part.

    Where some runs have a matrix of the test part, it is these alone; of runs with other classes, those like the first.
    """
    found: dict[int, tuple[Counts, tuple[str, ...], str]] = {}
    for at, state in enumerate(states):
        counts, note = matrix_of(state)
        classes = tuple(state.started.data.classes) if state.started else ()
        if counts is not None and is_square(counts, classes):
            found[at] = (counts, classes, note.partition(" ")[0])
    part = "test" if any(each[2] == "test" for each in found.values()) else "validation"
    of_part = {at: each for at, each in found.items() if each[2] == part}
    first = next(iter(of_part.values()), None)
    return {at: each for at, each in of_part.items() if first is not None and each[1] == first[1]}


def matrix_of_group(name: str, states: Iterable[RunState]) -> tuple[Named, tuple[str, ...], str] | None:
    """The sum of the runs' confusion counts, their classes, and of which part it is; None where there is none."""
    kept = list(summed_matrices(states).values())
    if not kept:
        return None
    _, classes, part = kept[0]
    total = [[sum(counts[i][j] for counts, _, _ in kept) for j in range(len(classes))] for i in range(len(classes))]
    many = f", sum of {len(kept)} runs" if len(kept) > 1 else ""
    return Named(f"{name} ({part}{many})", total), classes, part
