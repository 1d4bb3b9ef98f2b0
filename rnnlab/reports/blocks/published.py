"""Figures that were published of an experiment, beside those of the session that repeats it."""

from __future__ import annotations

from collections.abc import Iterator

from rnnlab.recipes.outcome import outcome_of_session
from rnnlab.reports.document.document import Block
from rnnlab.reports.document.elements import Element, Paragraph, TableElement
from rnnlab.reports.material.material import Material
from rnnlab.text.table import Table


def published(material: Material, _block: Block) -> Iterator[Element]:
    """A table for each session that repeats a recipe, and under it the reasons for what differs, by number."""
    seen: list[Table] = []
    for source in material.sources:
        outcome = (
            outcome_of_session(source.session, None if source.foreign else material.predict) if source.whole else None
        )
        if outcome is None or outcome.table in seen:
            continue  # the parts of a recipe have one table
        seen.append(outcome.table)
        yield TableElement(outcome.table)
        for at, reason in enumerate(outcome.reasons, 1):
            yield Paragraph(f"({at}) {reason}", "note")
    if not seen:
        yield Paragraph(
            "These runs repeat no recipe of which figures were published (rnnlab recipes lists them).", "note"
        )
