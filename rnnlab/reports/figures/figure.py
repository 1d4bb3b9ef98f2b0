"""Figure of a report: what it shows, its numbers as a table, and its description in words."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from rnnlab.text.lines import Lines
from rnnlab.text.palette import Palette
from rnnlab.text.table import Table

if TYPE_CHECKING:
    from matplotlib.figure import Figure as Drawing

LINES = 18
"""Height of the text plots."""
MOST_LINES = 42
"""Lines of the text plot of classes: of more of them it shows a part and says so."""


@dataclass(frozen=True)
class Figure:
    """A figure.

    `name` is unique in a report (lower case letters, digits, hyphens): its anchor and file name. `description` says in words what
    a person who cannot see it should know. `numbers` holds every number that is drawn. `lines` draws it as text in a width of
    so many cells. `draw` draws it with matplotlib, which it alone imports; `size` is in inches.
    """

    name: str
    title: str
    description: str
    numbers: Table
    lines: Callable[[int, Palette], Lines]
    draw: Callable[[], Drawing]
    size: tuple[float, float] = (6.4, 3.6)
