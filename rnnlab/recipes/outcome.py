"""What came of a recipe: the published figures beside those measured here, each with its interval, and why they may differ."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from rnnlab.config import FIELDS, UsageError
from rnnlab.plots.run.figure_table import short_title
from rnnlab.plots.run.figures import baselines_of, format_of, is_share
from rnnlab.recipes.catalog import recipe_called
from rnnlab.recipes.recipe import PER_1000, Part, Published, Recipe
from rnnlab.runs.comparison import Compared, Comparison, compare
from rnnlab.runs.event_numbers import real
from rnnlab.runs.folders import RunFolder, Session, is_session, sessions_root
from rnnlab.runs.log_reader import read_state
from rnnlab.runs.state import RunState, initial_state
from rnnlab.runs.summaries import Summaries
from rnnlab.runs.summary import WHOLE, RunSummary
from rnnlab.sweeps.results import Interval
from rnnlab.sweeps.specification import specification_of
from rnnlab.text.numbers import duration
from rnnlab.text.table import Cell, Column, Table

Predict = Callable[[RunFolder, str], float]
"""What a run's best weights predict for an input. Raises `UsageError`."""
NOT_HERE = "not in this form"
"""Beside a figure whose runs the quick form leaves out."""
_COLUMNS = (
    Column("what", "", left=True),
    Column("published", "published", fields=("published_low", "published_high")),
    Column("measured", "measured", fields=("measured", "measured_low", "measured_high", "measured_runs")),
    Column("ours", "rnnlab's settings", fields=("ours", "ours_low", "ours_high", "ours_runs")),
    Column("verdict", "verdict", left=True),
    Column("reason", "see", left=True),
)


@dataclass(frozen=True)
class Measured:
    """A figure of the runs of a configuration, or of several.

    `values` is one a run, or of several configurations the mean of each. `interval` is of the mean over seeds on this split, of
    one run alone for that net on new rows (`new_rows`). `note` says what there is where there is no value.
    """

    values: tuple[float, ...] = ()
    interval: Interval | None = None
    new_rows: bool = False
    configurations: int = 1
    note: str = ""

    @property
    def mean(self) -> float | None:
        """The mean of the values."""
        return math.fsum(self.values) / len(self.values) if self.values else None


@dataclass(frozen=True)
class Outcome:
    """What came of a recipe: the table, and the sentences that its last column numbers, the first one being 1."""

    table: Table
    reasons: tuple[str, ...]


def outcome_of(recipe: Recipe, *, quick: bool, root: Path | None = None, predict: Predict | None = None) -> Outcome:
    """The recipe's published figures beside those of its sessions in `root`, as far as these were carried out.

    `predict` gives the figures that are predictions; without it they are left empty. Reads logs and predictions.
    """
    return _outcome(recipe, recipe.parts, _sessions(recipe, quick, root or sessions_root()), quick, predict)


def outcome_of_session(session: Session, predict: Predict | None = None) -> Outcome | None:
    """The figures that were published of the experiment which the session repeats, beside its own; `predict` as in `outcome_of`.

    None where it is of no recipe, or of one that is not known here, or nothing was published of that part.
    """
    try:
        specification = specification_of(session)
        if specification is None or specification.recipe is None:
            return None
        origin = specification.recipe
        recipe = recipe_called(origin.name)
    except UsageError:
        return None
    own = next((part for part in recipe.parts if part.name == origin.part), None)
    if own is None:
        return None
    parts = [part for part in recipe.parts if part.published and part.name in (own.name, own.beside)]
    sessions = _sessions(recipe, origin.quick, session.path.parent) | {own.name: session}
    return _outcome(recipe, parts, sessions, origin.quick, predict) if parts else None


def _sessions(recipe: Recipe, quick: bool, root: Path) -> dict[str, Session]:
    """The session of each part, by its name."""
    return {part.name: Session(root / recipe.session_name(part, quick)) for part in recipe.parts}


def _outcome(
    recipe: Recipe, parts: Sequence[Part], sessions: Mapping[str, Session], quick: bool, predict: Predict | None
) -> Outcome:
    reasons: list[str] = []
    rows: list[tuple[Cell, ...]] = []
    for part in parts:
        if not part.published:
            continue
        runs, other = PartRuns(part, sessions[part.name], predict, quick), recipe.part_beside(part)
        beside = None if other is None else PartRuns(other, sessions[other.name], predict, quick)
        for figure in part.published:
            ours = beside.measured(figure, figure.ours) if beside is not None and figure.ours else None
            rows.append(_row(figure, runs.measured(figure, figure.runs), ours, reasons))
        rows += runs.baseline_rows()
    notes = [
        "measured: in the settings of the publication, mean and 95 % interval over seeds on this split; of one run alone for "
        "that net on new rows"
    ]
    if quick:
        notes.append(
            "the quick form has fewer epochs, seeds or values than the publication, and may differ for that alone"
        )
    heading = f"{recipe.title}{', in its quick form' if quick else ''}: published and measured"
    table = Table(heading, _COLUMNS, tuple(rows), tuple(notes), facts=(("recipe", recipe.name),))
    return Outcome(table, tuple(reasons))


def _row(figure: Published, measured: Measured, ours: Measured | None, reasons: list[str]) -> tuple[Cell, ...]:
    reason = " ".join(filter(None, (f"Reported: {figure.how}." if figure.how else "", figure.why)))
    if reason and reason not in reasons:
        reasons.append(reason)
    return (
        Cell(figure.title, (figure.title,)),
        Cell(_published_text(figure), (figure.low, figure.high)),
        _measured_cell(measured, figure.figure),
        _measured_cell(ours or Measured(), figure.figure),
        Cell(text := verdict(figure, measured), (text,)),
        Cell(f"({reasons.index(reason) + 1})" if reason else "", (reason,)),
    )


def _published_text(figure: Published) -> str:
    if figure.low is None or figure.high is None:
        return figure.words
    ends = dict.fromkeys((figure.low, figure.high))
    return "–".join(_as_published(end, figure.figure, figure.digits) for end in ends)


def _as_published(value: float, figure: str, digits: int) -> str:
    """The number with so many digits behind the point, of a share at least two."""
    if figure == "seconds" or 0 < abs(value) < 1e-3:
        return _text(value, figure)
    text = f"{value:.{max(digits, 2 if is_share(figure) else 0)}f}"
    return text.removeprefix("0") if text.startswith("0.") else text


def _text(value: float, figure: str) -> str:
    return duration(value) if figure == "seconds" else format_of(figure)(value)


def _measured_cell(measured: Measured, figure: str) -> Cell:
    mean = measured.mean
    if mean is None:
        return Cell(measured.note, (None, None, None, 0))
    number, interval = len(measured.values), measured.interval
    if measured.configurations > 1:
        low, high = min(measured.values), max(measured.values)
        text = f"{_text(low, figure)} to {_text(high, figure)} ({number} configurations)"
        return Cell(text, (mean, low, high, number))
    text = _text(mean, figure)
    if interval is not None:
        text += f" ({_text(interval.low, figure)} to {_text(interval.high, figure)})"
    elif number > 1:
        text += f" ({number} seeds)"
    low_high = (None, None) if interval is None else (interval.low, interval.high)
    return Cell(text + (f", {measured.note}" if measured.note else ""), (mean, *low_high, number))


def verdict(figure: Published, measured: Measured) -> str:
    """`higher` or `lower`: what was measured, where it does not overlap with what was published.

    Where it does, `no difference seen`, of several configurations `overlaps`; empty where either lacks. A published number
    stands for all that are rounded to it.
    """
    if figure.low is None or figure.high is None or measured.mean is None:
        return ""
    half = 0.5 * 10.0**-figure.digits
    low, high = figure.low - half, figure.high + half
    ends = measured.interval
    if measured.configurations > 1:
        least, most = min(measured.values), max(measured.values)
    else:
        least, most = (measured.mean, measured.mean) if ends is None else (ends.low, ends.high)
    if low <= most and least <= high:
        return "overlaps" if measured.configurations > 1 else "no difference seen"
    word = "lower" if most < low else "higher"
    return word if ends is not None or measured.configurations > 1 else f"{word} (no interval)"


class PartRuns:
    """The runs of a part in one of its forms, as they are in its session."""

    def __init__(self, part: Part, session: Session, predict: Predict | None = None, quick: bool = False) -> None:
        self.part = part
        self.session = session
        self._predict = predict
        self.runs: Sequence[RunSummary] = Summaries(session).read() if is_session(session) else ()
        specification = part.specification(quick)
        tried = ("train.seed", *specification.keys)
        self._shared = {key: value for key, value in specification.settings.items() if key not in tried}
        """What all runs of the sweep share: others may be in its session, as of an older recipe of that name."""
        self._status = {run.name: run.status for run in self.runs}
        self._comparisons = compare(self.runs, is_share)

    def measured(self, figure: Published, settings: Mapping[str, Any]) -> Measured:
        """The figure of the runs that have these settings."""
        rows = [
            (comparison, row)
            for comparison in self._comparisons
            for row in comparison.rows
            if _has(comparison, row, {**self._shared, **settings})
        ]
        if not rows:
            return Measured(note="" if not self.runs else NOT_HERE)
        each = [self._of_row(figure, row) for _, row in rows]
        if len(each) == 1:
            return each[0]
        values = tuple(found.mean for found in each if found.mean is not None)
        return Measured(values, configurations=len(values), note="" if values else each[0].note)

    def _of_row(self, figure: Published, row: Compared) -> Measured:
        """The figure over the runs that got to their end; of the others how they ended."""
        ended = [name for name in row.runs if self._status.get(name) in WHOLE]
        values = [(name, value) for name in ended if (value := self._value(figure, row, name)) is not None]
        numbers = tuple(value for _, value in values if math.isfinite(value))
        diverged = sum(self._status.get(name) == "diverged" for name in row.runs)
        note = f"{diverged} of {len(row.runs)} diverged" if diverged and len(row.runs) > 1 else "diverged" * diverged
        if not note and "diverged" in row.verdict:
            note = row.verdict  # it got to its end, and its loss had risen
        if not numbers:
            # An end without the figure says nothing: predictions, say, that nobody makes here.
            return Measured(note=note or ("" if ended else row.status))
        if len(numbers) > 1:
            return Measured(numbers, _over_seeds(numbers, figure.figure), note=note)
        interval = self._on_new_rows(figure, *values[0])
        return Measured(numbers, interval, new_rows=interval is not None, note=note)

    def _value(self, figure: Published, row: Compared, name: str) -> float | None:
        """The figure of one run; None where it has none."""
        run = RunFolder(self.session.runs_path / name)
        if figure.figure == "seconds":
            return next((each.seconds for each in self.runs if each.name == name and each.seconds), None)
        if figure.figure == PER_1000:
            state = _state(run)
            return 1000 * state.seconds / state.step if state.step else None
        if figure.figure == "prediction":
            return self._prediction(run, figure.input)
        if figure.epoch == "best":
            found = row.each.get(figure.extra or figure.subset, {}).get(figure.figure, {}).get(name)
        else:
            found = _state(run).latest.get(figure.subset, {}).get(figure.figure)
        return None if found is None else real(found)

    def _prediction(self, run: RunFolder, text: str) -> float | None:
        if self._predict is None:
            return None
        try:
            return self._predict(run, text)
        except UsageError:
            return None

    def _on_new_rows(self, figure: Published, name: str, value: float) -> Interval | None:
        """The interval of one net's accuracy on new rows: from its predictions, or of an epoch before from its share alone."""
        from rnnlab.sweeps.conclude.run_scores import scores_in
        from rnnlab.sweeps.statistics import new_rows_interval, share_scores

        if figure.figure != "accuracy" or figure.subset == "train":
            return None
        if figure.epoch == "best" and not figure.extra:
            scores = scores_in(self.session, figure.subset, figure.figure)
            found = scores(name) if scores is not None else None
            return None if found is None else new_rows_interval(found.scores, found.groups)
        started = _state(RunFolder(self.session.runs_path / name)).started
        rows = 0 if started is None else started.data.rows.get(figure.subset, 0)
        if figure.extra and started is not None:
            # Rows of one person are not independent, and who a row is from is not known of a further test.
            described = started.data.extra.get(figure.extra) if started.data.split == "distinct" else None
            rows = 0 if described is None else described.rows
        return new_rows_interval(share_scores(value, rows)) if rows > 1 else None

    def baseline_rows(self) -> list[tuple[Cell, ...]]:
        """A row for each baseline that the runs were measured against, on the part that the published figures are of."""
        first = next((each for each in self.part.published if each.figure != "prediction"), None)
        run = next((each for each in self.runs if each.metric and not each.problem), None)
        if run is None or first is None:
            return []
        state = _state(RunFolder(Path(run.path)))
        subset = first.subset if first.subset != "train" else "test"
        rows: list[tuple[Cell, ...]] = []
        for name, scores in baselines_of(state).items():
            if subset not in scores:
                continue
            value = real(scores[subset])
            title = f"baseline, {subset} {short_title(run.metric)}: {name}"
            cells = (Cell(), Cell(_text(value, run.metric), (value, None, None, 1)), Cell(), Cell(), Cell())
            rows.append((Cell(title, (title,)), *cells))
        return rows


def _state(run: RunFolder) -> RunState:
    """The run's state; one that has not begun where its log cannot be read."""
    try:
        found = run.events_path.stat()
        return _read_once(run.events_path, found.st_mtime_ns, found.st_size)
    except (UsageError, OSError):
        return initial_state()


@lru_cache(maxsize=128)
def _read_once(path: Path, _changed: int, _size: int) -> RunState:
    """The state of a log that was changed last then and is so long: several figures are of the same runs."""
    return read_state(path)[0]


def _over_seeds(values: Sequence[float], figure: str) -> Interval | None:
    from rnnlab.sweeps.statistics import mean_interval

    found = mean_interval(values)
    if found is None or figure == "prediction":
        return found
    # No share is above one, and no error, loss or time below zero.
    return Interval(max(0.0, found.low), min(1.0, found.high) if is_share(figure) else found.high, found.level)


def _has(comparison: Comparison, row: Compared, settings: Mapping[str, Any]) -> bool:
    """Whether the runs of the row have these settings."""
    return all(FIELDS[key].check(comparison.setting(row, key)) == value for key, value in settings.items())
