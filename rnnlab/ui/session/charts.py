"""The charts of a session: those that `rnnlab compare` and `rnnlab plot SESSION` draw, in the size of a panel."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, partial
from itertools import combinations

import msgspec

from rnnlab.plots.comparison.columns import named_rows, short_key
from rnnlab.plots.comparison.grid import MOST_ACROSS, grid_table
from rnnlab.plots.comparison.mean import mean_chart
from rnnlab.plots.comparison.over import chart_over, numeric_keys, scores_by_value
from rnnlab.plots.comparison.overlay import overlay_chart
from rnnlab.plots.comparison.table import comparison_table
from rnnlab.plots.comparison.where import Where
from rnnlab.plots.drawing.chart import Chart, chart_lines
from rnnlab.plots.drawing.run_styles import STYLES
from rnnlab.plots.run.figures import title_of, wants_log
from rnnlab.runs.comparison import Compared, Comparison
from rnnlab.runs.folders import RunFolder, Session
from rnnlab.runs.log_reader import read_state
from rnnlab.runs.state import RunState
from rnnlab.text.lines import Lines
from rnnlab.text.palette import Palette
from rnnlab.text.sections import paragraph
from rnnlab.text.table import Table
from rnnlab.text.table_lines import table_lines
from rnnlab.ui.session.conclusions import Found
from rnnlab.ui.session.contents import Contents

MOST_ROWS = 200
"""Rows of a leaderboard."""
_MOST_PAIRS = 6
"""Pairs of settings that are offered as a map."""
_MANY = 400
"""Rows from which on a chart over a setting is drawn in a thread."""
_MOST_COUNTED = 8
"""Runs of one row whose logs are read for its mean curve."""

Draw = Callable[[int, int, Palette], Lines]


@dataclass(frozen=True)
class SessionChart:
    """A chart of a session: what it is called on the command line, what it shows, and how it is drawn in a size.

    `tall`: it has as many lines as it needs and is scrolled. `slow`: logs are read, or thousands of rows drawn: in a thread.
    """

    name: str
    title: str
    draw: Draw
    tall: bool = False
    slow: bool = False


def charts_of(contents: Contents, found: Found, where: Where) -> list[SessionChart]:
    """The charts of the session's rows that meet the filter, those of each of its comparisons.

    The leaderboard first; then the figure over each setting that differs (boxes, or points over a number), a map over two, both
    as a table; the curves of the best rows: the mean over seeds in a band of ± one standard deviation; boxes of one row each.
    """
    charts: list[SessionChart] = []
    for at, comparison in enumerate(contents.comparisons):
        kept = tuple(where.rows(comparison))
        narrowed = comparison
        if where.terms:
            narrowed = msgspec.structs.replace(comparison, rows=kept, differing=_differing(comparison, kept))
        end = f"@{at + 1}" if at else ""
        of = f"{comparison.task}: " if len(contents.comparisons) > 1 else ""
        if kept:
            charts += _of_comparison(contents.session, narrowed, found, (of, end))
    return charts


def charts_beside(contents: Contents, found: Found, where: Where) -> list[SessionChart]:
    """Those that are shown beside the table, which is the leaderboard."""
    return [chart for chart in charts_of(contents, found, where) if not chart.tall]


def leaderboards(contents: Contents, found: Found, where: Where) -> list[Table]:
    """The tables of the rows that meet the filter, as `rnnlab compare` has them."""
    narrowed = [msgspec.structs.replace(each, rows=tuple(where.rows(each))) for each in contents.comparisons]
    return [_table(each, found) for each in narrowed if each.rows]


def _differing(comparison: Comparison, rows: Sequence[Compared]) -> tuple[str, ...]:
    """The settings in which these rows differ."""
    return tuple(key for key in comparison.differing if len({row.settings[key] for row in rows}) > 1)


def _of_comparison(
    session: Session, comparison: Comparison, found: Found, names: tuple[str, str]
) -> list[SessionChart]:
    of, end = names
    figure = f"validation {title_of(comparison.ranked_by)}"
    charts = [
        SessionChart(
            "leaderboard", f"{of}leaderboard by {figure}", _listed(partial(_leaderboard, comparison, found)), tall=True
        )
    ]
    keys = [key for key in comparison.differing if key != "data.seed"]
    single: list[SessionChart] = []
    if any(row.score(comparison.ranked_by) is not None for row in comparison.rows):
        numeric, slow = numeric_keys(comparison), len(comparison.rows) > _MANY
        for key in keys:
            title = f"{of}{figure} over {short_key(key)}, {'points' if key in numeric else 'boxes'}"
            over = SessionChart(f"over:{key}{end}", title, partial(_over, comparison, (key,)), slow=slow)
            (charts if key in numeric or _has_repeats(comparison, key) else single).append(over)
        for pair in list(combinations(keys, 2))[:_MOST_PAIRS]:
            title = " and ".join(map(short_key, pair))
            name, drawn = f"over:{','.join(pair)}{end}", partial(_over, comparison, pair)
            charts.append(
                SessionChart(
                    name,
                    f"{of}{figure} over {title}, heat map",
                    drawn,
                    slow=slow,
                )
            )
            if _fits_a_grid(comparison, pair):
                charts.append(
                    SessionChart(
                        "", f"{of}{figure}, {title} as a table", _listed(partial(_grid, comparison, pair)), tall=True
                    )
                )
    return charts + _curves(session, comparison, of, end) + single


def _has_repeats(comparison: Comparison, key: str) -> bool:
    """Whether a value of the setting has several rows with a score, without which a box is a line."""
    scores = scores_by_value(comparison, (key,), comparison.ranked_by)
    return any(len(each) > 1 for each in scores.values())


def _listed(lines: Callable[[int, Palette], Lines]) -> Draw:
    """Lines of a table, which has as many as it needs."""
    return lambda width, _height, palette: lines(width, palette)


def _fits_a_grid(comparison: Comparison, pair: tuple[str, str]) -> bool:
    return len({str(comparison.setting(row, pair[1])) for row in comparison.rows}) <= MOST_ACROSS


def _curves(session: Session, comparison: Comparison, of: str, end: str) -> list[SessionChart]:
    """The loss and the metric of the first eight rows: of repeats their mean."""
    repeated = any(len(row.runs) > 1 for row in comparison.rows)

    @cache
    def state_of(name: str) -> RunState:
        return read_state(RunFolder(session.runs_path / name).events_path)[0]

    charts = []
    for figure in dict.fromkeys(filter(None, (comparison.metric, comparison.ranked_by, "loss"))):
        over = "mean over repeats ± one standard deviation" if repeated else "the best runs"
        charts.append(
            SessionChart(
                f"{figure}{end}",
                f"{of}{title_of(figure)} by epoch, {over}",
                partial(_curve, comparison, figure, state_of, repeated),
                slow=True,
            )
        )
    return charts


def _leaderboard(comparison: Comparison, found: Found, width: int, palette: Palette) -> Lines:
    """The table of `rnnlab compare`, the best first, and what follows from it."""
    top = msgspec.structs.replace(comparison, rows=comparison.rows[:MOST_ROWS])
    lines = table_lines(_table(top, found), palette, width)
    if len(comparison.rows) > MOST_ROWS:
        lines += paragraph(f"the first {MOST_ROWS} of {len(comparison.rows):,} rows", width, palette.style("muted"))
    for sentence in found.sentences_of(comparison):
        lines += [[], *paragraph(sentence, width, palette.style("text"))]
    return lines


def _table(comparison: Comparison, found: Found) -> Table:
    return comparison_table(comparison, statistics=found.cells(comparison), statistics_note=found.note(comparison))


def _over(comparison: Comparison, keys: Sequence[str], width: int, height: int, palette: Palette) -> Lines:
    return chart_over(comparison, keys, width=width, height=height, palette=palette)


def _grid(comparison: Comparison, pair: tuple[str, str], width: int, palette: Palette) -> Lines:
    return table_lines(grid_table(comparison, pair), palette, width)


def _curve(
    comparison: Comparison,
    figure: str,
    state_of: Callable[[str], RunState],
    repeated: bool,
    width: int,
    height: int,
    palette: Palette,
) -> Lines:
    chart = _curve_chart(comparison, figure, state_of, repeated)
    return chart_lines(chart, width=width, height=height, palette=palette)


def _curve_chart(comparison: Comparison, figure: str, state_of: Callable[[str], RunState], repeated: bool) -> Chart:
    """The curves of up to eight rows by rank, under what sets each apart."""
    rows = named_rows(comparison, comparison.rows[: len(STYLES)])
    groups = {name: [state_of(run) for run in _counted(row)[:_MOST_COUNTED]] for name, row in rows.items()}
    log_y = any(wants_log(state, figure) for states in groups.values() for state in states)
    if repeated:
        return mean_chart(groups, figure, log_y=log_y)
    return overlay_chart([(name, states[0]) for name, states in groups.items()], figure, log_y=log_y)


def _counted(row: Compared) -> tuple[str, ...]:
    """The runs of the row that its figures are over; all of them before any has got to its end."""
    counted: Mapping[str, object] = next(iter(row.each.get("validation", {}).values()), {})
    return tuple(run for run in row.runs if run in counted) or row.runs
