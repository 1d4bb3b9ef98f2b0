"""The columns of the Session screen's table: those of `rnnlab compare`, by default what differs and the figures."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from rich.cells import cell_len

from rnnlab.config.tree import FIELDS
from rnnlab.plots.comparison.columns import FIXED, Shown, figure_of, figures_in, shown_for, value_in
from rnnlab.plots.comparison.table import usual_columns
from rnnlab.plots.run.figures import format_of, is_share
from rnnlab.runs.comparison import Comparison
from rnnlab.runs.event_numbers import real
from rnnlab.runs.notes import STAR, tags_text
from rnnlab.sweeps.conclude.number_texts import interval_text
from rnnlab.sweeps.results import RowConclusion
from rnnlab.text.palette import Role
from rnnlab.text.table import Value
from rnnlab.ui.session.contents import Contents, SessionRow
from rnnlab.ui.sessions.listing import ListedRun
from rnnlab.ui.sessions.run_cells import doing, doing_together

INTERVAL, VERDICT = "interval", "verdict"
"""Columns of what is concluded from the seeds; see `rnnlab.ui.session.conclusions`."""
_IN_MODEL = ("model.name", "model.bidirectional")
"""Settings that stand in the column `model`."""
_WIDEST, _SAMPLED = 44, 400
"""Cells of a column at most, and rows that its width is taken from; a wider cell makes it wider when it comes into sight."""

Concluded = Mapping[tuple[str, ...], tuple[str, RowConclusion]]
"""What is concluded of a row, with the figure that it is about, by the names of the row's runs."""


@dataclass(frozen=True)
class TableColumn:
    """A column: its key, what stands above it, and for each comparison how its cells are made (None: it has none)."""

    key: str
    part: str
    title: str
    left: bool
    shown: tuple[Shown | None, ...]
    held: tuple[Callable[..., Value] | None, ...]

    @property
    def higher_first(self) -> bool:
        """Whether the best is the greatest: so it is ordered first."""
        figure = figure_of(self.key)
        return figure is not None and is_share(figure[1])


def default_keys(contents: Contents, *, intervals: bool) -> list[str]:
    """The run, its status, the settings that differ, the figures of the task, intervals, weights and time."""
    comparisons = contents.comparisons
    differing = [key for comparison in comparisons for key in comparison.differing]
    keys = ["run", "status"]
    if len(comparisons) > 1 or any(key in differing for key in _IN_MODEL):
        keys.append("model")
    keys += [key for key in FIELDS if key in differing and key not in _IN_MODEL]
    seeds = {each.summary.settings.get("train.seed") for each in contents.listed}
    if len(seeds) > 1 and not contents.repeated:
        keys.append("train.seed")
    usual = [shown.column.key for comparison in comparisons for shown in usual_columns(comparison)]
    keys += [key for key in usual if figure_of(key) is not None]
    keys += [INTERVAL] * intervals + ["parameters", "seconds"]
    return list(dict.fromkeys(keys))


def offered_keys(contents: Contents) -> list[str]:
    """Every column that the runs may have: those that differ first, then the figures, then the others."""
    comparisons = contents.comparisons
    differing = [key for key in FIELDS if any(key in comparison.differing for comparison in comparisons)]
    figures = [key for comparison in comparisons for key in figures_in(comparison)]
    others = [*FIXED, INTERVAL, VERDICT, *(key for key in FIELDS if key != "runtime.threads")]
    return list(dict.fromkeys([*differing, *figures, *others]))


def columns_for(contents: Contents, keys: Iterable[str]) -> list[TableColumn]:
    """The columns of these keys; one that no comparison has is left out. The run's stands first, always."""
    wanted = list(dict.fromkeys(["run", *keys]))
    found = [_column(contents.comparisons, key) for key in wanted]
    return [column for column in found if column is not None]


def _column(comparisons: Sequence[Comparison], key: str) -> TableColumn | None:
    if key in (INTERVAL, VERDICT):
        title = "95 % interval" if key == INTERVAL else "verdict"
        return TableColumn(key, "", title, True, (None,) * len(comparisons), (None,) * len(comparisons))
    shown = tuple(shown_for(comparison, key) for comparison in comparisons)
    first = next((each for each in shown if each is not None), FIXED.get(key))
    if first is None:
        return None
    held = tuple(
        value_in(comparison, key) if each is not None else None
        for comparison, each in zip(comparisons, shown, strict=True)
    )
    return TableColumn(key, first.column.part, first.column.title, first.column.left, shown, held)


def cell_of(row: SessionRow, column: TableColumn, at: int, concluded: Concluded) -> tuple[str, Role]:
    """The text of a row's cell and its colour's role; `at` is the index of the row's comparison."""
    if column.key == "run":
        return name_of(row), "text"
    if column.key == "status":
        return status_text(row)
    compared = row.compared
    if compared is None:
        return "", "text"
    if column.key in (INTERVAL, VERDICT):
        return _concluded_text(concluded.get(compared.runs), column.key), "muted"
    shown = column.shown[at]
    if shown is None:
        return "", "text"
    text = shown.cell(compared).text
    if not text and (so_far := _so_far(row, column.key)):
        return so_far, "muted"
    return text, "muted" if column.key in ("parameters", "seconds") else "text"


def name_of(row: SessionRow) -> str:
    """The row's name with its tags; the star is a mark before it."""
    tags = dict.fromkeys(tag for each in row.runs for tag in each.summary.tags if tag != STAR)
    return row.name + (f"  {tags_text(tuple(tags))}" if tags else "")


def _so_far(row: SessionRow, key: str) -> str:
    """The best validation figure of a run that has not got to its end: `.712 …`."""
    part, figure = figure_of(key) or ("", "")
    best = row.runs[0].summary.best
    if part != "validation" or not row.alone or figure not in best:
        return ""
    return f"{format_of(figure)(real(best[figure]))} …"


def _concluded_text(held: tuple[str, RowConclusion] | None, key: str) -> str:
    if held is None:
        return ""
    figure, row = held
    if key == VERDICT:
        return "" if row.verdict == "not compared" else row.verdict
    return "" if row.seeds_interval is None else interval_text(row.seeds_interval, figure)


def status_text(row: SessionRow) -> tuple[str, Role]:
    """What the row's runs are doing, a run alone with the epoch it is in."""
    listed = row.listed
    glyph, label, role = doing(listed) if isinstance(listed, ListedRun) else doing_together(listed)
    if isinstance(listed, ListedRun) and listed.held and listed.summary.epochs:
        label = f"{label.removesuffix('ing')}ing {listed.summary.epoch}/{listed.summary.epochs}"
    return f"{glyph} {label}", role


def reason_of(row: SessionRow) -> str:
    """Why a run has no figures: what it failed of, or waits for."""
    if not row.alone:
        return ""
    summary = row.runs[0].summary
    if summary.problem:
        return summary.problem
    ended_badly = summary.status in ("failed", "diverged", "interrupted") or (
        summary.status == "stopped" and not summary.final
    )
    return summary.message if ended_badly or not summary.best else ""


def value_of(row: SessionRow, column: TableColumn, at: int) -> Value:
    """What the row is ordered by in the column: of a run that goes on its best validation figure so far."""
    held = column.held[at] if at < len(column.held) else None
    if held is None or row.compared is None:
        return None
    value = held(row.compared)
    if value is None and row.alone and (figure := figure_of(column.key)) is not None and figure[0] == "validation":
        best = row.runs[0].summary.best.get(figure[1])
        return None if best is None else real(best)
    return value


def width_of_column(contents: Contents, column: TableColumn, concluded: Concluded) -> int:
    """Cells that the column needs: its title and the cells of rows from all over the table."""
    widest = max(cell_len(column.part), cell_len(column.title) + 2)
    for at, rows in enumerate(contents.rows):
        step = max(1, len(rows) // _SAMPLED)
        for row in rows[::step]:
            widest = max(widest, cell_len(cell_of(row, column, at, concluded)[0]))
    for row in contents.unreadable[:_SAMPLED]:
        widest = max(widest, cell_len(cell_of(row, column, -1, concluded)[0]))
    return min(widest, _WIDEST)
