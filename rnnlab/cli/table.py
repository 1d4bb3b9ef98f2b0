"""Rows of text in columns."""

from __future__ import annotations

from collections.abc import Collection, Sequence


def aligned(rows: Sequence[Sequence[str]], left: Collection[int]) -> list[str]:
    """Lines of the rows, all of as many cells; the columns `left` begin together, the others end together."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return [
        "  ".join(
            text.ljust(width) if column in left else text.rjust(width)
            for column, (text, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in rows
    ]


def folded(rows: Sequence[Sequence[str]], left: Collection[int], width: int | None, first: int) -> list[str]:
    """The rows as `aligned` makes them, folded to `width` characters (None: any width).

    Columns that do not fit follow below, as often as needed, each time after the `first` ones.
    """
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    blocks: list[list[int]] = [[]]
    taken = start = sum(widths[:first]) + 2 * (first - 1)
    for column in range(first, len(widths)):
        if width is not None and blocks[-1] and taken + 2 + widths[column] > width:
            blocks.append([])
            taken = start
        blocks[-1].append(column)
        taken += 2 + widths[column]
    lines: list[str] = []
    for block in blocks:
        columns = [*range(first), *block]
        lines += aligned(
            [[row[column] for column in columns] for row in rows],
            [index for index, column in enumerate(columns) if column in left],
        )
    return lines
