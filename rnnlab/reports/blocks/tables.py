"""The runs in a table, and what follows from it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from rnnlab.config.objectives import SELECTIONS
from rnnlab.errors import UsageError
from rnnlab.reports.document.document import Block
from rnnlab.reports.document.elements import Element, Heading, Items, Paragraph, TableElement
from rnnlab.reports.document.options import names_of
from rnnlab.reports.material.choose import references, settings_in
from rnnlab.reports.material.material import Material
from rnnlab.sweeps.conclude.tables import Shown, tables_of

_FLAG = re.compile(r"--(grid|by|columns|show|against)\b")
ONE_SEED = (
    "No setting was trained from several seeds, so nothing can be said of what chance alone does: train each from five "
    "(rnnlab train TASK --seeds 5, or rnnlab sweep TASK … --seeds 5)."
)


def table(material: Material, block: Block) -> Iterator[Element]:
    """A table for each set of runs that compare."""
    options = block.options
    figures = names_of(options["show"])
    if unknown := [name for name in figures if name not in SELECTIONS]:
        raise UsageError(
            f"{block.where}: show = {unknown[0]!r} is not allowed; it must be one or more of {', '.join(SELECTIONS)}"
        )
    by = settings_in(material, block)
    against = references(material, options["against"], block.where) if options["against"] else ()
    shown = Shown(figures, ",".join(names_of(options["columns"])), by, options["grid"], against)
    concluded = material.conclusions(options["statistics"], against)
    try:
        tables = tables_of([group.comparison for group in material.groups], concluded, shown)
    except UsageError as error:
        sentence = _FLAG.sub(r"\1", str(error))  # an option of the block is called as that of the command
        raise UsageError(f"{block.where}: {sentence}") from None
    for group, each in zip(material.groups, tables, strict=True):
        yield TableElement(replace(each, heading=group.headed(each.heading)))
    if not tables:
        yield Paragraph("There is no run that can be read yet.", "warning")


def statistics(material: Material, block: Block) -> Iterator[Element]:
    """The sentences of each set of runs that compare."""
    concluded = material.conclusions(block.options["statistics"])
    for group, found in zip(material.groups, concluded, strict=True):
        if len(material.groups) > 1:
            yield Heading(group.heading)
        if found is None:
            yield Paragraph(ONE_SEED, "note")
        else:
            yield Items(found.sentences)
