"""Filter of a comparison's rows over settings and figures: `hidden=256 acc>.8`, as a person types it.

Terms are parted by blanks and all of them hold. A term is a column, an operator (`=`, `!=`, `<`, `<=`, `>`, `>=`, `~` for
"holds the text") and a value, or several parted by `|`; or a text alone, which a row's name, model, status, tags or notes hold.
A figure without a part of the data before it is that of the validation part; of repeats it is the mean.
"""

from __future__ import annotations

import math
import operator
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import reduce

from rnnlab.config.tree import FIELDS
from rnnlab.errors import ConfigError, UsageError
from rnnlab.plots.comparison.column_names import ColumnNames
from rnnlab.plots.comparison.columns import (
    FIXED,
    figure_of,
    has_column,
    setting_text,
    setting_value,
    short_key,
    value_in,
)
from rnnlab.plots.run.figures import is_share, title_of
from rnnlab.runs.comparison import Compared, Comparison
from rnnlab.runs.summary import RunSummary
from rnnlab.text.sanitise import plain
from rnnlab.text.table import Value

_SPACED = re.compile(r"\s*(!=|<=|>=|==|[=<>~≤≥≠])\s*")
_TERM = re.compile(r'("[^"]*"|[^\s"=<>~!]+)(!=|<=|>=|==|[=<>~])("[^"]*"|\S*)|("[^"]*"|\S+)')
_WRITTEN = {"≤": "<=", "≥": ">=", "≠": "!=", "==": "="}
_ORDER: dict[str, Callable[[float, float], bool]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}
_SIZES = {"%": 0.01, "k": 1e3, "M": 1e6, "s": 1.0, "min": 60.0, "h": 3600.0}
_NUMBER = re.compile(r"([-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?)\s*(%|k|M|s|min|h)?")
_CLOSE = 1e-9
"""Relative difference up to which two numbers are equal: what was typed and what was computed."""

_NUMBERS = (int, float)
"""Not `int | float`, which is made anew for each of thousands of rows."""

Takes = Callable[[Compared], bool]


@dataclass(frozen=True)
class Term:
    """One condition: a column's `key` (empty: any text of the row), an operator and the values of which one has to do."""

    key: str
    operator: str
    values: tuple[Value, ...]

    @property
    def text(self) -> str:
        """The condition in full: `validation accuracy > .8`."""
        values = " or ".join(f"{value:g}" if isinstance(value, float) else str(value) for value in self.values)
        if not self.key:
            return f"“{values}”"
        figure = figure_of(self.key)
        name = f"{'training' if figure[0] == 'train' else figure[0]} {title_of(figure[1])}" if figure else self.key
        if figure is None:
            name = FIXED[self.key].column.title if self.key in FIXED else short_key(self.key)
        return f"{name} {'holds' if self.operator == '~' else self.operator} {values}"


@dataclass(frozen=True)
class Where:
    """The terms of a filter, all of which a row has to meet. Empty: every row does."""

    terms: tuple[Term, ...] = ()

    @property
    def by_figures(self) -> bool:
        """Whether rows are chosen by what came of them: how many were tried in all then matters to what follows from them."""
        return any(figure_of(term.key) is not None for term in self.terms)

    @property
    def text(self) -> str:
        """What is asked for, in full: which part of the data a figure is of."""
        return ", ".join(term.text for term in self.terms)

    def taker(self, comparison: Comparison) -> Takes:
        """Whether a row of the comparison meets all terms. A row without a value in the column meets `!=` alone."""
        checks = [_check(comparison, term) for term in self.terms]
        # Asked of thousands of rows at each letter that is typed.
        return reduce(_both, checks) if checks else lambda _: True

    def rows(self, comparison: Comparison) -> list[Compared]:
        """The rows that meet all terms, in their order."""
        takes = self.taker(comparison)
        return [row for row in comparison.rows if takes(row)]


def parse_where(text: str, comparisons: Sequence[Comparison]) -> Where:
    """The filter that `text` is, its columns among those of the comparisons.

    Raises `UsageError` for a column that there is not, with the nearest one, and for a value that the column cannot have.
    """
    names = ColumnNames(comparisons)
    return Where(tuple(_term(found, names) for found in _terms(text)))


def where_so_far(text: str, names: ColumnNames) -> tuple[Where, str]:
    """The same while somebody types: the terms that can be meant, and what is wrong with the first of the others."""
    terms, problem = [], ""
    for found in _terms(text):
        try:
            terms.append(_term(found, names))
        except UsageError as error:
            problem = problem or str(error)
    return Where(tuple(terms)), problem


def _terms(text: str) -> Iterator[re.Match[str]]:
    return _TERM.finditer(_SPACED.sub(lambda found: _WRITTEN.get(found[1], found[1]), text.strip()))


def narrowed(
    runs: Sequence[RunSummary], comparisons: Sequence[Comparison], where: Where
) -> tuple[list[RunSummary], str]:
    """The runs of the rows that meet the filter, whole rows only, so that a mean is over all of its seeds; and how many rows."""
    kept = [row for comparison in comparisons for row in where.rows(comparison)]
    total = sum(len(comparison.rows) for comparison in comparisons)
    names = {name for row in kept for name in row.runs}
    text = f"{where.text}: {len(kept):,} of {total:,} rows"
    if where.by_figures:
        text += f", chosen by their figures: verdicts and p-values are as if the other {total - len(kept):,} had not been tried"
    return [run for run in runs if run.name in names], text


def _term(found: re.Match[str], names: ColumnNames) -> Term:
    name, sign, given, alone = found.groups()
    if alone is not None:
        return Term("", "~", (_unquoted(alone),))
    key = names.key_called(_unquoted(name))
    parts = [given[1:-1]] if given.startswith('"') else given.split("|")
    if not all(part.strip() for part in parts):
        example = f"{_unquoted(name)}{'=' if sign == '~' else sign}{_example(key, names.comparisons)}"
        raise UsageError(f"{plain(found[0])!r} has no value; write one behind it, such as {example}")
    sign = _WRITTEN.get(sign, sign)
    return Term(key, sign, tuple(_value(key, sign, part.strip(), plain(found[0], 60)) for part in parts))


def _unquoted(text: str) -> str:
    return text.strip('"') if text.startswith('"') else text


def _example(key: str, comparisons: Sequence[Comparison]) -> str:
    """A value that the column has in a row."""
    for comparison in comparisons:
        held = value_in(comparison, key)
        for row in comparison.rows:
            if (value := held(row)) not in (None, ""):
                return f"{value:.3g}" if isinstance(value, float) else str(value)
    return "1"


def _value(key: str, sign: str, text: str, term: str) -> Value:
    """The value that is compared with. Raises `UsageError` where the column can have none such."""
    figure = figure_of(key)
    if sign == "~":
        return text
    if sign in _ORDER or figure is not None or key in ("parameters", "seconds", "examples_per_second", "best_epoch"):
        number = _number(text)
        if number is None:
            raise UsageError(f"{term!r}: {text!r} is no number; write one such as .8, 1e-3, 80% or 100k")
        if figure is not None and is_share(figure[1]) and abs(number) > 1:
            raise UsageError(f"{term!r}: {title_of(figure[1])} is a share from 0 to 1; write .8, or 80%")
        return number
    if key not in FIELDS or key == "train.seed":
        return text
    try:
        return setting_value(key, FIELDS[key].parse(text))
    except ConfigError as error:
        raise UsageError(f"{term!r}: {error}") from None


def _number(text: str) -> float | None:
    """The number that the text is, with `%`, `k`, `M`, `s`, `min` or `h` behind it; None where it is none."""
    found = _NUMBER.fullmatch(text)
    if found is None:
        return None
    number = float(found[1]) * _SIZES.get(found[2] or "", 1.0)
    return number if math.isfinite(number) else None


def _both(first: Takes, second: Takes) -> Takes:
    return lambda row: first(row) and second(row)


def _check(comparison: Comparison, term: Term) -> Takes:
    """Whether a row meets the term."""
    if not term.key:
        wanted = str(term.values[0]).casefold()
        return lambda row: wanted in _any_text(row)
    if not has_column(comparison, term.key):
        misses = term.operator == "!="
        return lambda _: misses
    held = _run_names if term.key == "run" else value_in(comparison, term.key)
    if term.operator in _ORDER:
        compared = _ORDER[term.operator]
        limits = [value for value in term.values if isinstance(value, _NUMBERS)]
        if len(limits) == 1:
            (limit,) = limits
            return lambda row: isinstance(value := held(row), _NUMBERS) and compared(value, limit)
        return lambda row: isinstance(value := held(row), _NUMBERS) and any(compared(value, each) for each in limits)
    if term.operator == "~":
        texts = [str(value).casefold() for value in term.values]
        written = _text_in(comparison, term.key)
        return lambda row: any(text in written(row) for text in texts)
    wanted_equal = term.operator == "="
    if len(term.values) == 1:
        (only,) = term.values
        return lambda row: _equal(held(row), only) is wanted_equal
    return lambda row: any(_equal(held(row), value) for value in term.values) is wanted_equal


def _equal(held: Value, value: Value) -> bool:
    """Whether a cell's value is the wanted one; of a text also where that is one of its words, as a tag or a seed."""
    if isinstance(held, _NUMBERS) and isinstance(value, _NUMBERS):
        return math.isclose(held, value, rel_tol=_CLOSE, abs_tol=0.0)
    if held is None or value is None:
        return False
    text, wanted = str(held).casefold(), str(value).casefold()
    return text == wanted or wanted in re.split(r"[\s,#×-]+", text)


def _text_in(comparison: Comparison, key: str) -> Callable[[Compared], str]:
    """A row's text in the column, in small letters."""
    if key in FIELDS and key != "train.seed":
        return lambda row: setting_text(key, comparison.setting(row, key)).casefold()
    held = _run_names if key == "run" else value_in(comparison, key)
    return lambda row: "" if (value := held(row)) is None else str(value).casefold()


def _run_names(row: Compared) -> str:
    return " ".join(row.runs)


def _any_text(row: Compared) -> str:
    """What a text alone is looked for in."""
    held = (*row.runs, row.model, row.status, row.verdict, *(f"#{tag}" for tag in row.tags), row.notes, row.message)
    return " ".join(held).casefold()
