"""A task as its card in the catalogue describes it, drawn where its data has not been read."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.segment import Segment

from rnnlab.catalog.tasks.catalog import TASKS
from rnnlab.text.lines import Lines
from rnnlab.text.sections import heading, paragraph

if TYPE_CHECKING:
    from rnnlab.text.palette import Palette, Role
    from rnnlab.ui.data.view import Draw


def description_of(task: str, *notes: tuple[str, Role]) -> Draw:
    """What draws the task under notes on the state of its data, each with its role of the palette."""
    return lambda width, palette: _lines(task, width, palette, notes)


def _lines(task: str, width: int, palette: Palette, notes: tuple[tuple[str, Role], ...]) -> Lines:
    card = TASKS[task]
    lines: Lines = []
    for text, role in notes:
        if text:
            lines += paragraph(text, width, palette.style(role, bold=role == "bad"))
    lines += [[Segment("")]] if lines else []
    lines += paragraph(card.summary, width, palette.style("text"))
    for name, text in (("source", card.source), ("terms", card.terms)):
        if text:
            lines += [[Segment("")], heading(name, width, palette), *paragraph(text, width, palette.style("muted"))]
    return lines
