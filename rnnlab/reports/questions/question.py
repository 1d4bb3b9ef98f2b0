"""A question: its name, how a course asks it, and what answers it of one set of runs."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from rnnlab.plots.run.figures import format_of
from rnnlab.plots.run.spread import spread_text
from rnnlab.reports.document.elements import Element
from rnnlab.reports.material.choose import Chosen, as_chosen
from rnnlab.reports.material.material import Group, Material
from rnnlab.runs.event_numbers import real
from rnnlab.runs.state import RunState

MOST_ROWS = 12
"""Rows of the table of runs that an answer looks at, the best first."""

Answer = Callable[[Material, Group], Iterator[Element]]
"""What answers a question; it yields nothing where the runs show nothing of it."""


@dataclass(frozen=True)
class Question:
    """A question with its `name` for the block's option `only`."""

    name: str
    text: str
    answer: Answer


def begun_rows(group: Group) -> list[Chosen]:
    """The rows that have figures, the best first, at most `MOST_ROWS`."""
    return [as_chosen(group, row) for row in group.comparison.rows if row.validation][:MOST_ROWS]


def states_of(material: Material, chosen: Chosen) -> list[RunState]:
    """The states of a row's runs that have begun."""
    states = [material.state(chosen.group, name) for name in chosen.names]
    return [state for state in states if state.started is not None]


def figure_text(chosen: Chosen, part: str, figure: str) -> str:
    """A row's figure on a part of the data, mean ± deviation; a dash where it has none."""
    spread = chosen.row.part(part).get(figure)
    return "–" if spread is None else spread_text(spread, figure)


def shown(figure: str, value: float) -> str:
    """A figure's value as it is written everywhere."""
    return format_of(figure)(real(value))
