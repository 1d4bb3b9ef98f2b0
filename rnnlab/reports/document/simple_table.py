"""Small tables of texts and numbers."""

from __future__ import annotations

from collections.abc import Sequence

from rnnlab.text.table import Cell, Column, Table

Entry = str | Cell


def simple_table(
    heading: str,
    columns: Sequence[tuple[str, bool]],
    rows: Sequence[Sequence[Entry]],
    notes: Sequence[str] = (),
    *,
    named: int = 1,
) -> Table:
    """A table; each column is a title and whether it begins at the left, `named` of them name the row."""
    return Table(
        heading,
        tuple(
            Column(title.replace(" ", "_") or f"column_{at}", title, left=left)
            for at, (title, left) in enumerate(columns)
        ),
        tuple(tuple(each if isinstance(each, Cell) else Cell(each, (each,)) for each in row) for row in rows),
        tuple(notes),
        named=named,
    )


def facts_table(heading: str, facts: Sequence[tuple[str, str]]) -> Table:
    """Pairs of a name and what holds, those without a value left out."""
    return simple_table(heading, (("", True), ("", True)), [fact for fact in facts if fact[1]])
