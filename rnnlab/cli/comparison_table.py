"""The table that `rnnlab compare` prints: a row a run, or a row for repeats of one."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import PurePath
from textwrap import wrap
from typing import NamedTuple

from rnnlab.cli.table import aligned, folded
from rnnlab.config import FIELDS
from rnnlab.config.selection import CLASS_FIGURES
from rnnlab.plots.run.figure_table import short_title
from rnnlab.plots.run.figures import LEAKING, title_of
from rnnlab.plots.run.spread import spread_text
from rnnlab.runs.comparison import EACH, PARTS, Compared, Comparison
from rnnlab.runs.repeats import Spread
from rnnlab.text.numbers import count, duration

_IN_MODEL = ("model.name", "model.hidden", "model.layers", "model.bidirectional")
"""Settings that the column `model` shows already."""


class Column(NamedTuple):
    """A column of the table.

    `text` gives the cell of a row; a `left` column is left-aligned; `part` is the part of the split that it is of.
    """

    title: str
    text: Callable[[Compared], str]
    left: bool = False
    part: str = ""


def comparison_table(comparison: Comparison, figures: Sequence[str] = (), width: int | None = None) -> list[str]:
    """What the runs have in common, a line a row below the names of the columns, and what the marks mean.

    `figures` are shown beside the metric, named as `train.select` names them. Where the table is wider than `width`, titles have
    two lines, and columns that do not fit even so follow below, the runs' names before them.
    """
    keys = [key for key in comparison.differing if key not in _IN_MODEL]
    columns = [
        Column("", lambda row: "★" if row.best else "", left=True),
        Column("run", _name, left=True),
        Column("model", lambda row: row.model, left=True),
        *(Column(_short(key), _setting_of(key), left=True) for key in keys),
        Column("status", _status, left=True),
        *_figure_columns(comparison, figures),
        Column("weights", lambda row: count(row.parameters) if row.parameters else ""),
        Column("time", lambda row: duration(row.seconds) if row.seconds else ""),
    ]
    rows = [[column.text(row) for column in columns] for row in comparison.rows]
    left = [index for index, column in enumerate(columns) if column.left]
    titles = [f"{column.part} {column.title}".strip() for column in columns]
    table = aligned([titles, *rows], left)
    notes = "; ".join(_notes(comparison, "loss" in figures))
    if width is None:
        return [heading_of(comparison), *table, *([notes] if notes else [])]
    if max(map(len, table)) > width:
        heads = [[column.part for column in columns], [column.title for column in columns]]
        table = folded([*heads, *rows], left, width, first=2)
    return [heading_of(comparison), *table, *wrap(notes, max(20, width))]


def heading_of(comparison: Comparison) -> str:
    """The task, and the settings in which these data differ from those of its other tables."""
    if comparison.alone:
        return comparison.task
    differences = [f"{_short(key)} {_data_text(key, value)}" for key, value in comparison.data.items()]
    if not differences:
        differences = [f"data {comparison.fingerprint[:8]}" if comparison.fingerprint else "data not loaded yet"]
    return " · ".join([comparison.task, *differences])


def _data_text(key: str, value: object) -> str:
    return PurePath(str(value)).name if key == "data.path" and value else _setting(key, value)


def _figure_columns(comparison: Comparison, figures: Sequence[str]) -> list[Column]:
    """Those of the metric, of the figure ranked by, and of the others that were asked for and that the task has."""
    classifies = comparison.metric == "accuracy"
    columns: list[Column] = []
    parts = [part for part in PARTS if part != "test" or not _untested(comparison)]
    wanted = [comparison.metric, comparison.ranked_by, *figures]
    for figure in dict.fromkeys(comparison.metric if name == "metric" else name for name in wanted):
        if figure == "loss":
            title = "plain loss" if _any_loss_of_its_own(comparison) else "loss"
            columns += [Column(title, _loss_of(part), part=part) for part in parts]
        elif figure not in CLASS_FIGURES or classifies:
            columns += [Column(short_title(figure), _figure_of(part, figure), part=part) for part in parts[1:]]
    return columns


def _untested(comparison: Comparison) -> bool:
    """Whether the runs that ended were all evaluated on the validation part alone (`train.test`)."""
    rows = comparison.rows
    return any(row.validation for row in rows) and not any(row.test for row in rows)


def _figure_of(part: str, figure: str) -> Callable[[Compared], str]:
    return lambda row: _text(row, row.part(part).get(figure), figure)


def _loss_of(part: str) -> Callable[[Compared], str]:
    """The plain loss; of a log that holds none, the weighted one, marked."""

    def text(row: Compared) -> str:
        figures = row.part(part)
        if row.loss == "loss" or "plain_loss" in figures:
            return _text(row, figures.get("plain_loss", figures.get("loss")), "loss")
        text = _text(row, figures.get("loss"), "loss")
        return text and f"{text} *"

    return text


def _text(row: Compared, spread: Spread | None, figure: str) -> str:
    return "" if spread is None else ("⚠ " if row.leaks else "") + spread_text(spread, figure)


def _any_loss_of_its_own(comparison: Comparison) -> bool:
    return any(row.loss != "loss" for row in comparison.rows)


def _notes(comparison: Comparison, with_losses: bool) -> list[str]:
    """What the marks mean, those alone that stand in the table."""
    notes = []
    if any(row.best for row in comparison.rows):
        named = comparison.chosen_differently or comparison.ranked_by != comparison.metric
        by = f", by {title_of(comparison.ranked_by)}" if named else ""
        notes.append(f"★ best on the validation part{by}")
        if comparison.chosen_differently and comparison.ranked_by == comparison.metric == "accuracy":
            notes.append(
                "its runs were selected by different figures, or weigh classes differently: "
                "--show balanced_accuracy ranks by that"
            )
    if any(len(row.runs) > 1 for row in comparison.rows):
        over = {(len(set(row.seeds)) > 1, bool(row.folds)) for row in comparison.rows if len(row.runs) > 1}
        noun = "seeds" if over == {(True, False)} else "folds" if over == {(False, True)} else "runs, of seeds or folds"
        notes.append(f"× n: mean ± std over n {noun} (of a sample, n - 1)")
    if _untested(comparison):
        notes.append("not tested: train.test = false")
    if with_losses or comparison.ranked_by == "loss":
        if _any_loss_of_its_own(comparison):
            notes.append("plain loss: cross-entropy without class weights, smoothing or focal factor")
        if any(row.loss != "loss" and "loss" in row.test and "plain_loss" not in row.test for row in comparison.rows):
            notes.append("*: the weighted, smoothed or focal loss, as the log holds no plain one; it does not compare")
        if "train.loss" in comparison.differing and comparison.metric != "accuracy":
            notes.append("losses of different train.loss do not compare")
    if any(row.leaks for row in comparison.rows):
        notes.append(f"{LEAKING}: its figures are not to be trusted")
    return notes


def _status(row: Compared) -> str:
    """How it ended; or what is wrong with the outcome, as in the list of sessions."""
    if len(row.runs) > 1:
        return ", ".join(text for text in (row.status, row.verdict) if text)
    return row.verdict or row.status


def _name(row: Compared) -> str:
    return row.runs[0] + (f" × {len(row.runs)}" if len(row.runs) > 1 else "")


def _short(key: str) -> str:
    """A key's last part, where no other key ends with it."""
    if key == "data.seed":
        return "split seed"
    name = FIELDS[key].name
    return name if sum(field.name == name for field in FIELDS.values()) == 1 else key


def _setting_of(key: str) -> Callable[[Compared], str]:
    return lambda row: _setting(key, row.settings[key])


def _setting(key: str, value: object) -> str:
    return EACH if value == EACH else FIELDS[key].text(value)
