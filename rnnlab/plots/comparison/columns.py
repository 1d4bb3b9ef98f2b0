"""The columns that a comparison's table may have, by key: what a person names, and what a row shows there."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Container, Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from typing import NamedTuple

from rnnlab.config.objectives import CLASS_FIGURES
from rnnlab.config.tree import FIELDS
from rnnlab.errors import UsageError
from rnnlab.plots.run.figure_table import short_title
from rnnlab.plots.run.spread import spread_text
from rnnlab.plots.run.status import paused_text
from rnnlab.runs.comparison import EACH, PARTS, Compared, Comparison
from rnnlab.runs.event_numbers import real
from rnnlab.runs.notes import tags_text
from rnnlab.runs.repeats import Spread
from rnnlab.text import numbers
from rnnlab.text.table import Cell, Column, Value

_PREFIXES = {"training": "train", "train": "train", "validation": "validation", "test": "test"}
"""Parts of the data as they begin a column's key. `train.loss` is the setting, `training.loss` the figure."""
EXTRA = "extra."
"""What a key begins with that stands for a figure of every further test: other lengths, first steps alone."""
_NOT_SHOWN = ("runtime.threads",)
_SPREAD = ("", "_std", "_n")


class Shown(NamedTuple):
    """A column and the cell that each row has in it."""

    column: Column
    cell: Callable[[Compared], Cell]


def _text_column(key: str, title: str, text: Callable[[Compared], str]) -> Shown:
    return Shown(Column(key, title, left=True), lambda row: Cell(text(row), (text(row),)))


def _spread_column(
    key: str, title: str, held: Callable[[Compared], Spread | None], written: Callable[[Compared], str]
) -> Shown:
    fields = tuple(key + end for end in _SPREAD)
    return Shown(Column(key, title, fields=fields), lambda row: Cell(written(row), spread_values(held(row))))


def spread_values(spread: Spread | None) -> tuple[Value, Value, Value]:
    """Mean, standard deviation and n, each a number."""
    if spread is None:
        return None, None, None
    return real(spread.mean), None if spread.std is None else real(spread.std), spread.n


STAR = Shown(Column("best", "", left=True), lambda row: Cell("★" if row.best else "", (int(row.best),)))


def _run_name(row: Compared) -> Cell:
    many = f" × {len(row.runs)}" if len(row.runs) > 1 else ""
    return Cell(row.runs[0] + many, (row.runs[0], len(row.runs), row.counted))


def _status(row: Compared) -> str:
    """How it ended; or what is wrong with the outcome, as in the list of sessions."""
    if len(row.runs) > 1:
        return ", ".join(text for text in (row.status, row.verdict) if text)
    if row.status == "stopped" and row.paused_after:
        return paused_text(row.paused_after)
    return row.verdict or row.status


def _whole_text(held: Callable[[Compared], Spread | None], name: str) -> Callable[[Compared], str]:
    """Of numbers that are whole, or large: in full where they do not differ."""

    def text(row: Compared) -> str:
        spread = held(row)
        if spread is None:
            return ""
        if spread.std is not None and real(spread.std) != 0:
            return spread_text(spread, name)
        return numbers.whole(real(spread.mean)) + ("" if spread.std is None else " ± 0")

    return text


FIXED: dict[str, Shown] = {
    "run": Shown(Column("run", "run", left=True, fields=("run", "runs", "counted")), _run_name),
    "model": _text_column("model", "model", lambda row: row.model),
    "seeds": _text_column("seeds", "seeds", lambda row: ",".join(map(str, row.seeds))),
    "status": _text_column("status", "status", _status),
    "parameters": Shown(
        Column("parameters", "weights"),
        lambda row: Cell(numbers.count(row.parameters), (row.parameters,)) if row.parameters else Cell("", (None,)),
    ),
    "seconds": _spread_column(
        "seconds",
        "time",
        lambda row: row.seconds_spread,
        lambda row: numbers.duration(row.seconds) if row.seconds else "",
    ),
    "examples_per_second": _spread_column(
        "examples_per_second",
        "examples/s",
        lambda row: row.examples_per_second,
        _whole_text(lambda row: row.examples_per_second, "examples_per_second"),
    ),
    "best_epoch": _spread_column(
        "best_epoch", "best epoch", lambda row: row.best_epoch, _whole_text(lambda row: row.best_epoch, "best_epoch")
    ),
    "task": _text_column("task", "task", lambda row: row.task),
    "tags": _text_column("tags", "tags", lambda row: tags_text(row.tags)),
    "notes": _text_column("notes", "notes", lambda row: " ".join(row.notes.split())),
    "reason": _text_column("reason", "reason", lambda row: row.message),
}
"""Columns that every table may have, by key."""


@dataclass(frozen=True)
class Chosen:
    """What a person asked for: keys of columns to be added, and of those to be left out."""

    added: tuple[str, ...] = ()
    without: tuple[str, ...] = ()


def class_figures_in(text: str) -> tuple[str, ...]:
    """Figures of classes that columns are asked for of; older logs hold them in their confusion counts alone."""
    found = (figure_of(name.strip()) for name in text.split(","))
    return tuple(dict.fromkeys(name for _, name in filter(None, found) if name in CLASS_FIGURES))


STATISTICS: dict[str, tuple[str, ...]] = {
    "verdict": ("verdict",),
    "difference": ("difference", "difference_low", "difference_high", "p", "adjusted_p"),
    "interval": ("interval_low", "interval_high"),
}
"""Columns of a statistical comparison, what matters most first, and the names of the numbers in each."""


def choose(text: str, comparisons: Iterable[Comparison]) -> Chosen:
    """The columns that `test.loss,best_epoch,-status` asks for, checked against what the tables have.

    `extra.rmse` asks for that figure of every further test, `200 steps.rmse` for that of one.
    Raises `UsageError` for a name that none of them has.
    """
    comparisons = list(comparisons)
    added: list[str] = []
    without: list[str] = []
    for written in (part.strip() for part in text.split(",")):
        name = written.removeprefix("-")
        key = canonical(name)
        if not name:
            continue
        if name.startswith(EXTRA) and not written.startswith("-"):
            keys = [f"{test}.{name.removeprefix(EXTRA)}" for each in comparisons for test in further_tests(each)]
            if held := [key for key in keys if any(has_column(comparison, key) for comparison in comparisons)]:
                added += held
                continue
        left_out = written.startswith("-") and name in STATISTICS
        if not left_out and not any(has_column(comparison, key) for comparison in comparisons):
            raise UsageError(_unknown(name, comparisons))
        (without if written.startswith("-") else added).append(key)
    return Chosen(tuple(dict.fromkeys(added)), tuple(without))


def canonical(name: str) -> str:
    """A column's key as it is written in full: `training.accuracy` of `train.accuracy`, `parameters` of the heading `weights`."""
    if name == "examples per second":
        return "examples_per_second"
    headed = next((key for key, shown in FIXED.items() if name == shown.column.title), None)
    named = headed or next((key for key in FIELDS if name == short_key(key) and key not in _NOT_SHOWN), None)
    if named is not None:
        return named
    found = figure_of(name)
    return name if found is None else figure_key(*found)


def figure_key(part: str, figure: str) -> str:
    """A figure's key: `test.accuracy`, `training.loss`."""
    return f"{'training' if part == 'train' else part}.{figure}"


def figure_of(key: str) -> tuple[str, str] | None:
    """Part, or further test, and figure that a key names; None where it names none, as a setting's does not."""
    prefix, dot, figure = key.partition(".")
    if key in FIELDS or not dot or not figure:
        return None
    if " " in prefix:  # as the name of every further test has, and no setting
        return prefix, figure
    return (_PREFIXES[prefix], figure) if prefix in _PREFIXES else None


def figures_in(comparison: Comparison) -> list[str]:
    """The keys of the figures that the rows have; of a further test with a name that no key can hold, none."""
    parts = (*PARTS, *further_tests(comparison))
    found = {(part, figure): None for part in parts for row in comparison.rows for figure in row.part(part)}
    return [key for each in found if figure_of(key := figure_key(*each)) == each]


def further_tests(comparison: Comparison) -> tuple[str, ...]:
    """The names of the further tests that any row was put to, in their order."""
    return tuple(dict.fromkeys(name for row in comparison.rows for name in row.extra))


def has_column(comparison: Comparison, key: str) -> bool:
    """Whether the comparison's rows have such a column."""
    figure = figure_of(key)
    if figure is None:
        return key in FIXED or (key in FIELDS and key not in _NOT_SHOWN)
    part, name = figure
    if name in CLASS_FIGURES and comparison.metric == "accuracy":
        return True
    return any(name in row.part(part) for row in comparison.rows)


def _unknown(name: str, comparisons: Sequence[Comparison]) -> str:
    figures = list(dict.fromkeys(key for comparison in comparisons for key in figures_in(comparison)))
    close = difflib.get_close_matches(name, [*FIXED, *figures, *FIELDS], n=1)
    hint = f" (did you mean {close[0]}?)" if close else ""
    return (
        f"--columns {name!r} is no column{hint}; there are {', '.join([*FIXED, *figures])}, and every setting by its key, "
        "such as optim.lr"
    )


@cache
def short_key(key: str) -> str:
    """A setting's last part, where no other setting ends with it."""
    if key == "data.seed":
        return "split seed"
    if key == "train.seed":
        return "seeds"
    name = FIELDS[key].name
    return name if sum(field.name == name for field in FIELDS.values()) == 1 else key


def setting_text(key: str, value: object) -> str:
    """A setting's value as a person would type it; `each` of seeds with a split of their own."""
    return EACH if value == EACH else FIELDS[key].text(value)


def row_name(comparison: Comparison, row: Compared, taken: Container[str] = ()) -> str:
    """What sets the row apart in up to three settings, else its first run's name, as where that is `taken`."""
    keys = [key for key in comparison.differing if key != "data.seed"]
    if not 0 < len(keys) <= 3:
        return row.runs[0]
    values = {key: setting_text(key, comparison.setting(row, key)) for key in keys}
    name = ", ".join(value if key == "model.name" else f"{short_key(key)} {value}" for key, value in values.items())
    return row.runs[0] if name in taken else name


def named_rows(comparison: Comparison, rows: Iterable[Compared]) -> dict[str, Compared]:
    """The rows by what sets each apart, no two under one name."""
    found: dict[str, Compared] = {}
    for row in rows:
        found[row_name(comparison, row, found)] = row
    return found


def setting_value(key: str, value: object) -> Value:
    """A setting's value for a program: a number where it is one."""
    if isinstance(value, list | tuple) and len(value) == 1:
        value = value[0]
    if isinstance(value, int | float) and not isinstance(value, bool):
        return value
    return setting_text(key, value)


def setting_column(comparison: Comparison, key: str) -> Shown:
    """The column of a setting."""
    if key == "train.seed":
        return FIXED["seeds"]

    def cell(row: Compared) -> Cell:
        value = comparison.setting(row, key)
        return Cell(setting_text(key, value), (setting_value(key, value),))

    return Shown(Column(key, short_key(key), left=True), cell)


def figure_column(comparison: Comparison, part: str, figure: str) -> Shown:
    """The column of a figure: mean, standard deviation and n."""
    key = figure_key(part, figure)
    fields = tuple(key + end for end in _SPREAD)
    if figure == "loss":
        title = "plain loss" if any_loss_of_its_own(comparison) else "loss"
        return Shown(Column(key, title, part, fields=fields), _loss_cell(part))
    column = Column(key, short_title(figure), part, fields=fields)

    def cell(row: Compared) -> Cell:
        spread = row.part(part).get(figure)
        return Cell(figure_text(row, spread, figure), spread_values(spread))

    return Shown(column, cell)


def _loss_cell(part: str) -> Callable[[Compared], Cell]:
    """The plain loss; of a log that holds none, the weighted one, marked."""

    def cell(row: Compared) -> Cell:
        figures = row.part(part)
        if row.loss == "loss" or "plain_loss" in figures:
            held = figures.get("plain_loss", figures.get("loss"))
            return Cell(figure_text(row, held, "loss"), spread_values(held))
        text = figure_text(row, figures.get("loss"), "loss")
        # For a program it is no number of this column.
        return Cell(text and f"{text} *", (None, None, None))

    return cell


def figure_text(row: Compared, spread: Spread | None, figure: str) -> str:
    """Mean ± standard deviation, marked where the training has seen rows of the other parts; empty where there is none."""
    return "" if spread is None else ("⚠ " if row.leaks else "") + spread_text(spread, figure)


def any_loss_of_its_own(comparison: Comparison) -> bool:
    """Whether a row's loss is another figure than the plain one."""
    return any(row.loss != "loss" for row in comparison.rows)


def shown_for(comparison: Comparison, key: str) -> Shown | None:
    """The column of any key; None where this comparison has none such."""
    if not has_column(comparison, key):
        return None
    if key in FIXED:
        return FIXED[key]
    figure = figure_of(key)
    return setting_column(comparison, key) if figure is None else figure_column(comparison, *figure)


_HELD: dict[str, Callable[[Compared], Spread | None]] = {
    "seconds": lambda row: row.seconds_spread,
    "examples_per_second": lambda row: row.examples_per_second,
    "best_epoch": lambda row: row.best_epoch,
}


def value_in(comparison: Comparison, key: str) -> Callable[[Compared], Value]:
    """What a row's cell in the column holds for a program: the number it is ordered and filtered by, or its text.

    Of repeats the mean. Without the cell's text, which costs more than the number in thousands of rows.
    """
    if (figure := figure_of(key)) is not None:
        part, name = figure
        return lambda row: _mean(_figure_held(row, part, name))
    if (held := _HELD.get(key)) is not None:
        return lambda row: _mean(held(row))
    if key == "parameters":
        return lambda row: row.parameters or None
    if key in FIXED or key == "train.seed":
        cell = FIXED["seeds" if key == "train.seed" else key].cell
        return lambda row: cell(row).values[0] or None
    return lambda row: setting_value(key, comparison.setting(row, key))


def _mean(spread: Spread | None) -> float | None:
    return None if spread is None else real(spread.mean)


def _figure_held(row: Compared, part: str, figure: str) -> Spread | None:
    """A row's figure; of the loss the plain one, and none where the log holds but a weighted one (see `figure_column`)."""
    figures = row.part(part)
    if figure != "loss" or ("plain_loss" not in figures and row.loss == "loss"):
        return figures.get(figure)
    return figures.get("plain_loss")
