"""How small a terminal may be."""

MIN_COLUMNS, MIN_LINES = 60, 16


def too_small(columns: int, lines: int) -> bool:
    """Whether no screen fits into a terminal of so many characters."""
    return columns < MIN_COLUMNS or lines < MIN_LINES
