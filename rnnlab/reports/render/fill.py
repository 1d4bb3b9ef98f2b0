"""Filling a specification: the elements of each of its blocks, in order."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

from rnnlab.errors import UsageError
from rnnlab.reports.blocks.config import config, repeat
from rnnlab.reports.blocks.data import data
from rnnlab.reports.blocks.errors import errors
from rnnlab.reports.blocks.figures import classes, confusion, curves, forecast, further, gradients, over
from rnnlab.reports.blocks.notes import notes
from rnnlab.reports.blocks.overview import overview
from rnnlab.reports.blocks.published import published
from rnnlab.reports.blocks.questions import questions
from rnnlab.reports.blocks.tables import statistics, table
from rnnlab.reports.blocks.warnings import warnings
from rnnlab.reports.document.document import Block, Document
from rnnlab.reports.document.elements import Element, FigureElement, Paragraph
from rnnlab.reports.material.material import Material

Maker = Callable[[Material, Block], Iterator[Element]]

MAKERS: dict[str, Maker] = {
    "overview": overview,
    "notes": notes,
    "data": data,
    "table": table,
    "published": published,
    "statistics": statistics,
    "curves": curves,
    "confusion": confusion,
    "classes": classes,
    "forecast": forecast,
    "further": further,
    "gradients": gradients,
    "over": over,
    "errors": errors,
    "questions": questions,
    "warnings": warnings,
    "config": config,
    "repeat": repeat,
}
"""What makes the elements of each kind of block."""


_NOTHING = Paragraph("These runs have nothing to show here yet.", "note")
"""What a block is filled with where it would be empty, as nothing under a heading looks like a fault."""


@dataclass(frozen=True)
class Filled:
    """A block and what it was filled with."""

    block: Block
    elements: tuple[Element, ...]


def fill(document: Document, material: Material) -> list[Filled]:
    """Every block of the specification, filled. Raises `UsageError` naming the first block that cannot be."""
    names: dict[str, int] = {}
    filled = []
    for block in document.blocks:
        try:
            elements = tuple(MAKERS[block.kind](material, block))
        except UsageError as error:
            text = str(error)
            raise UsageError(text if text.startswith(block.where) else f"{block.where}: {text}") from None
        filled.append(Filled(block, tuple(_renamed(elements or (_NOTHING,), names))))
    return filled


def _renamed(elements: Sequence[Element], names: dict[str, int]) -> Iterator[Element]:
    """The elements, each figure under a name that no other has."""
    for element in elements:
        if isinstance(element, FigureElement):
            name = element.figure.name
            names[name] = names.get(name, 0) + 1
            if names[name] > 1:
                yield FigureElement(replace(element.figure, name=f"{name}-{names[name]}"), element.open_table)
                continue
        yield element
