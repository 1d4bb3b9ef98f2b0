"""Table of what differs among groups and what came of it, short enough to stand beside their curves."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from rich.segment import Segment

from rnnlab.plots.comparison.columns import FIXED, Shown, figure_column, setting_column
from rnnlab.plots.comparison.groups import Group
from rnnlab.plots.drawing.run_styles import STYLES
from rnnlab.runs.comparison import Comparison
from rnnlab.text.lines import Lines
from rnnlab.text.palette import Palette
from rnnlab.text.table import Cell, Column, Table
from rnnlab.text.table_lines import table_lines

Intervals = Mapping[tuple[str, ...], str]
"""The 95 % interval of the mean of a row's figure over its seeds as text, by the names of the row's runs."""


def differences_table(
    comparison: Comparison, groups: Sequence[Group], marks: Mapping[str, str], intervals: Intervals
) -> Table:
    """The groups of one comparison, a row each: the mark of its curve, the settings that differ, its figures and status.

    `marks` are the glyphs by the names of groups; a group without one is not drawn.
    """
    rows = [group for group in groups if group.comparison is comparison]
    keys = [key for key in comparison.differing if key != "data.seed"]
    shown = [setting_column(comparison, key) for key in keys]
    if not keys or len({tuple(each.cell(group.row).text for each in shown) for group in rows}) < len(rows):
        shown.insert(0, FIXED["run"])
    elif any(len(group.row.runs) > 1 for group in rows):
        shown.append(_COUNT)
    shown.append(figure_column(comparison, "validation", comparison.metric))
    if intervals:
        shown.append(
            Shown(
                Column("interval", "95 % interval", left=True),
                lambda row: Cell(intervals.get(row.runs, "")),
            )
        )
    if comparison.ranked_by != comparison.metric:
        shown.append(figure_column(comparison, "validation", comparison.ranked_by))
    if any(group.row.test for group in rows):
        shown.append(figure_column(comparison, "test", comparison.metric))
    shown += [FIXED["best_epoch"], FIXED["status"], FIXED["parameters"], FIXED["seconds"]]
    body = [
        (
            Cell(marks.get(group.name, " ")),
            Cell("★" if group.row.best else ""),
            *(each.cell(group.row) for each in shown),
        )
        for group in rows
    ]
    columns = (Column("mark", "", left=True), Column("best", "", left=True), *(each.column for each in shown))
    notes = ["★ best on the validation part"] if any(group.row.best for group in rows) else []
    if any(len(group.row.runs) > 1 for group in rows):
        notes.append("± standard deviation over runs that ended (of a sample, n - 1)")
    if intervals:
        notes.append("interval: of the mean over seeds, t, 95 %")
    named = 2 + (1 if shown[0] is FIXED["run"] else len(keys))
    return Table("", columns, tuple(body), tuple(notes), named=min(named, 5))


_COUNT = Shown(
    Column("runs", "runs"),
    lambda row: Cell(
        str(len(row.runs)) if row.counted == len(row.runs) else f"{row.counted}/{len(row.runs)}", (len(row.runs),)
    ),
)


def marks_of(groups: Sequence[Group], letters: Mapping[str, str]) -> dict[str, str]:
    """The marker of each group's curve, and behind it the letter of its matrix, by the group's name."""
    return {
        group.name: marker + letters.get(group.name, "") for group, (_, marker) in zip(groups, STYLES, strict=False)
    }


def differences_lines(
    comparison: Comparison,
    groups: Sequence[Group],
    palette: Palette,
    width: int,
    letters: Mapping[str, str],
    intervals: Intervals,
) -> Lines:
    """The table in lines of at most `width` cells, its marks in the colours of the curves; `letters` stand beside marks."""
    marks = marks_of(groups, letters)
    roles = {marker: role for role, marker in STYLES}
    lines: Lines = []
    for line in table_lines(differences_table(comparison, groups, marks, intervals), palette, width)[1:]:
        text, style, _ = line[0] if line else Segment("")
        if text[:1] in roles and len(line) == 1:
            lines.append([Segment(text[0], palette.style(roles[text[0]], bold=True)), Segment(text[1:], style)])
        else:
            lines.append(line)
    return lines
