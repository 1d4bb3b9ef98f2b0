"""The differences of a comparison's rows to one of them."""

from __future__ import annotations

from dataclasses import dataclass

from rnnlab.plots.comparison.columns import Shown, any_loss_of_its_own, figure_key
from rnnlab.plots.run.figures import is_share
from rnnlab.runs.comparison import PARTS, Compared, Comparison
from rnnlab.runs.event_numbers import real
from rnnlab.text import numbers
from rnnlab.text.table import Cell, Column


@dataclass(frozen=True)
class Against:
    """The row that the others are compared with; none where the run is in another table, of other data."""

    name: str
    row: Compared | None
    figures: tuple[str, ...]
    """The figures whose differences are shown."""

    def concerns(self, part: str, figure: str) -> bool:
        """Whether the figure of that part has a column of differences."""
        return self.row is not None and figure in self.figures and figure in self.row.part(part) and part in PARTS[1:]

    @property
    def note(self) -> str:
        """What the differences are."""
        if self.row is None:
            return f"no Δ: {self.name} was evaluated on other data"
        many = f" × {len(self.row.runs)}" if len(self.row.runs) > 1 else ""
        return f"Δ: difference of means to {self.row.runs[0]}{many}"


def against_run(comparison: Comparison, name: str) -> Against:
    """The row of the run called `name`, as what the other rows are compared with."""
    row = next((row for row in comparison.rows if name in row.runs), None)
    figures = dict.fromkeys((comparison.metric, comparison.ranked_by))
    if any_loss_of_its_own(comparison):
        figures.pop("loss", None)
    return Against(name, row, tuple(figures))


def difference_column(against: Against, part: str, figure: str) -> Shown:
    """The difference of each row's mean to that of the row compared with, with its sign."""
    reference = against.row
    assert reference is not None
    base = real(reference.part(part)[figure].mean)

    def cell(row: Compared) -> Cell:
        spread = row.part(part).get(figure)
        if spread is None or row.runs == reference.runs:
            return Cell("", (None,))
        difference = real(spread.mean) - base
        leaks = "⚠ " if row.leaks or reference.leaks else ""
        return Cell(leaks + signed(difference, figure), (difference,))

    return Shown(Column(f"{figure_key(part, figure)}_difference", "Δ", part), cell)


def signed(difference: float, figure: str) -> str:
    """A difference with its sign: `+.012`, `-1.85`; `0` where it rounds to that."""
    text = numbers.probability(difference, 3) if is_share(figure) else numbers.figure(difference)
    if not text.strip("-.0"):
        return text.removeprefix("-")
    return text if text.startswith("-") else f"+{text}"
