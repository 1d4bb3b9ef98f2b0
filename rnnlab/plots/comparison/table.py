"""A comparison as a table: a row a run, or a row for repeats of one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import PurePath
from typing import Protocol

from rnnlab.config.objectives import CLASS_FIGURES
from rnnlab.plots.comparison.against import Against, difference_column
from rnnlab.plots.comparison.columns import (
    FIXED,
    STAR,
    STATISTICS,
    Chosen,
    Shown,
    any_loss_of_its_own,
    figure_column,
    figure_key,
    setting_column,
    setting_text,
    short_key,
    shown_for,
    spread_values,
)
from rnnlab.plots.run.figures import LEAKING, is_share, title_of
from rnnlab.plots.run.spread import spread_text
from rnnlab.runs.comparison import PARTS, Comparison
from rnnlab.runs.event_numbers import real
from rnnlab.runs.grouping import Tried
from rnnlab.runs.verdict import beats
from rnnlab.text.table import Cell, Column, Table

_IN_MODEL = ("model.name", "model.hidden", "model.layers", "model.bidirectional")
"""Settings that the column `model` shows already."""

_MOST_NAMED = 10
"""Runs that a note names."""


class RowStatistics(Protocol):
    """What a statistical comparison says of a row, a cell each; empty where it says nothing."""

    @property
    def verdict(self) -> Cell:
        """What follows from the difference, in words."""

    @property
    def difference(self) -> Cell:
        """The difference to the row compared against, with its interval: five numbers, as `STATISTICS` names them."""

    @property
    def interval(self) -> Cell:
        """The confidence interval of its figure: two numbers."""


def comparison_table(
    comparison: Comparison,
    figures: Sequence[str] = (),
    *,
    chosen: Chosen | None = None,
    tried: Tried | None = None,
    against: Against | None = None,
    statistics: Mapping[int, RowStatistics] | None = None,
    statistics_note: str = "",
) -> Table:
    """What the runs have in common, a row each, and what the marks mean.

    `figures` are shown beside the metric, named as `train.select` names them; `chosen` are further columns. `tried` says of
    which configurations each row is the best, `against` which row the others are compared with. `statistics` holds cells by
    the index of a row of `comparison.rows`, and the note says what they are of.
    """
    chosen = chosen or Chosen()
    shown = [
        each for each in usual_columns(comparison, figures, tried, against) if each.column.key not in chosen.without
    ]
    held = {each.column.key for each in shown}
    for key in chosen.added:
        each = shown_for(comparison, key)
        if each is not None and each.column.key not in held:
            shown.append(each)
            held.add(each.column.key)
    columns = [each.column for each in shown]
    rows = [[each.cell(row) for each in shown] for row in comparison.rows]
    if statistics:
        _add_statistics(columns, rows, statistics, chosen.without)
    rows += baseline_rows(comparison, columns)
    named = max((at + 1 for at, column in enumerate(columns) if column.key in ("best", "run")), default=1)
    notes = list(_notes(comparison, held))
    notes += _baseline_note(comparison)
    if statistics_note:
        notes.append(statistics_note)
    if tried is not None:
        if max(tried.counts.values()) > 1:
            notes.append("best of n: the more were tried, the more its validation figure flatters it")
        notes += uncounted_note(tried)
    if against is not None and against.note:
        notes.append(against.note)
    return Table(
        heading_of(comparison) + (f" · {tried_text(comparison, tried)}" if tried is not None else ""),
        tuple(columns),
        tuple(tuple(row) for row in rows),
        tuple(notes),
        named=named,
        best=frozenset(index for index, row in enumerate(comparison.rows) if row.best),
        facts=(("task", comparison.task), ("data", data_text(comparison))),
    )


def baseline_rows(comparison: Comparison, columns: Sequence[Column]) -> list[list[Cell]]:
    """A row for each baseline that is more than a constant, below those of the runs: its name and its scores."""
    keys = {figure_key(part, comparison.metric): part for part in PARTS}
    rows = []
    for name, scores in comparison.baselines.items():
        row = []
        for column in columns:
            spread = scores.get(keys.get(column.key, ""))
            if column.key == "run":
                row.append(Cell("baseline", ("baseline", None, None)))
            elif column.key == "model":
                row.append(Cell(name, (name,)))
            elif spread is not None:
                row.append(Cell(spread_text(spread, comparison.metric), spread_values(spread)))
            else:
                row.append(Cell("", (None,) * len(column.names)))
        rows.append(row)
    return rows


def _baseline_note(comparison: Comparison) -> list[str]:
    """How many of the rows are no better than the best of the baselines, by the metric, on the test part where they have it."""
    part = "validation" if _untested(comparison) else "test"
    metric, higher = comparison.metric, is_share(comparison.metric)
    scores = {name: real(parts[part].mean) for name, parts in comparison.baselines.items() if part in parts}
    values = [real(spread.mean) for row in comparison.rows if (spread := row.part(part).get(metric)) is not None]
    if not scores or not values:
        return []
    name = max(scores, key=lambda each: scores[each] if higher else -scores[each])
    below = sum(not beats(value, scores[name], higher) for value in values)
    return [f"no better than {name} on the {part} part: {below} of {len(values)} rows"]


def _add_statistics(
    columns: list[Column], rows: list[list[Cell]], statistics: Mapping[int, RowStatistics], without: Sequence[str]
) -> None:
    """A column for each kind of statistics that any row has."""
    for name, fields in STATISTICS.items():
        cells = [getattr(statistics[at], name) if at in statistics else Cell() for at in range(len(rows))]
        if name not in without and any(cell.text for cell in cells):
            columns.append(Column(name, name, left=True, fields=fields))
            for row, cell in zip(rows, cells, strict=True):
                row.append(cell)


def heading_of(comparison: Comparison) -> str:
    """The task, and the settings in which these data differ from those of its other tables."""
    return " · ".join(text for text in (comparison.task, data_text(comparison)) if text)


def tried_text(comparison: Comparison, tried: Tried) -> str:
    """Which configurations the rows are, and how they were chosen."""
    total = sum(tried.counts.values())
    return (
        f"best configuration of each {', '.join(map(short_key, tried.keys))}, by validation "
        f"{title_of(comparison.ranked_by)}, of {total} tried"
    )


def uncounted_note(tried: Tried) -> list[str]:
    """The runs that could not be chosen."""
    if not tried.uncounted:
        return []
    names = ", ".join(tried.uncounted[:_MOST_NAMED])
    more = len(tried.uncounted) - _MOST_NAMED
    return [
        f"not counted, as without a result, diverged or leaking: {names}" + (f" and {more} more" if more > 0 else "")
    ]


def data_text(comparison: Comparison) -> str:
    """What sets these data apart from those of the task's other tables; empty where it has no other."""
    if comparison.alone:
        return ""
    differences = [f"{short_key(key)} {_data_text(key, value)}" for key, value in comparison.data.items()]
    if not differences:
        differences = [f"data {comparison.fingerprint[:8]}" if comparison.fingerprint else "data not loaded yet"]
    return " · ".join(differences)


def _data_text(key: str, value: object) -> str:
    return PurePath(str(value)).name if key == "data.path" and value else setting_text(key, value)


def usual_columns(
    comparison: Comparison, figures: Sequence[str] = (), tried: Tried | None = None, against: Against | None = None
) -> Iterator[Shown]:
    """The columns that every table has, as far as it can."""
    grouped = tried.keys if tried is not None else ()
    yield STAR
    yield from (setting_column(comparison, key) for key in grouped)
    yield FIXED["run"]
    yield FIXED["model"]
    keys = [key for key in comparison.differing if key not in _IN_MODEL and key not in grouped]
    yield from (setting_column(comparison, key) for key in keys)
    yield FIXED["status"]
    if tried is not None:
        yield tried_column(tried)
    for part, figure in _figures(comparison, figures):
        yield figure_column(comparison, part, figure)
        if against is not None and against.concerns(part, figure):
            yield difference_column(against, part, figure)
    yield FIXED["parameters"]
    yield FIXED["seconds"]


def tried_column(tried: Tried) -> Shown:
    """How many configurations a row is the best of."""
    return Shown(
        Column("best_of", "best of"),
        lambda row: Cell(str(tried.counts[row.runs]), (tried.counts[row.runs],)),
    )


def _figures(comparison: Comparison, figures: Sequence[str]) -> Iterator[tuple[str, str]]:
    """The metric, the figure ranked by, and the others that were asked for and that the task has, each of its parts."""
    classifies = comparison.metric == "accuracy"
    parts = [part for part in PARTS if part != "test" or not _untested(comparison)]
    wanted = [comparison.metric, comparison.ranked_by, *figures]
    for figure in dict.fromkeys(comparison.metric if name == "metric" else name for name in wanted):
        if figure == "loss" or figure not in CLASS_FIGURES or classifies:
            yield from ((part, figure) for part in (parts if figure == "loss" else parts[1:]))


def _untested(comparison: Comparison) -> bool:
    """Whether the runs that ended were all evaluated on the validation part alone (`train.test`)."""
    rows = comparison.rows
    return any(row.validation for row in rows) and not any(row.test for row in rows)


def _notes(comparison: Comparison, columns: set[str]) -> Iterator[str]:
    """What the marks mean, those alone that stand in the table."""
    if any(row.best for row in comparison.rows):
        named = comparison.chosen_differently or comparison.ranked_by != comparison.metric
        yield "★ best on the validation part" + (f", by {title_of(comparison.ranked_by)}" if named else "")
        if comparison.chosen_differently and comparison.ranked_by == comparison.metric == "accuracy":
            yield (
                "its runs were selected by different figures, or weigh classes differently: "
                "--show balanced_accuracy ranks by that"
            )
    if any(len(row.runs) > 1 for row in comparison.rows):
        over = {(len(set(row.seeds)) > 1, bool(row.folds)) for row in comparison.rows if len(row.runs) > 1}
        noun = "seeds" if over == {(True, False)} else "folds" if over == {(False, True)} else "runs, of seeds or folds"
        yield f"× n: mean ± std over n {noun} (of a sample, n - 1)"
    if _untested(comparison):
        yield "not tested: train.test = false"
    if any(figure_key(part, "loss") in columns for part in PARTS):
        if any_loss_of_its_own(comparison):
            yield "plain loss: cross-entropy without class weights, smoothing or focal factor"
        if any(row.loss != "loss" and "loss" in row.test and "plain_loss" not in row.test for row in comparison.rows):
            yield "*: the weighted, smoothed or focal loss, as the log holds no plain one; it does not compare"
        if "train.loss" in comparison.differing and comparison.metric != "accuracy":
            yield "losses of different train.loss do not compare"
    if any(row.leaks for row in comparison.rows):
        yield f"{LEAKING}: its figures are not to be trusted"
