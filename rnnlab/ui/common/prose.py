"""Text in a given width: wrapped between words, cut with an ellipsis. It must be `plain` already."""

from __future__ import annotations

from rich.cells import cell_len, set_cell_size


def cut(clean: str, width: int) -> str:
    """`clean` in at most `width` cells, the last an ellipsis where something was cut."""
    if cell_len(clean) <= width:
        return clean
    return set_cell_size(clean, width - 1).rstrip() + "…" if width > 0 else ""


def wrap(clean: str, width: int, most: int = 99) -> list[str]:
    """`clean` in lines of at most `width` cells, broken between words; at most `most` lines, the last one cut."""
    lines: list[str] = []
    line = ""
    if width < 2 or most < 1:
        return lines
    for word in clean.split(" "):
        joined = f"{line} {word}" if line else word
        if cell_len(joined) <= width:
            line = joined
            continue
        if line:
            lines.append(line)
        while cell_len(word) > width:
            # A word wider than the line is broken where it must be.
            head = set_cell_size(word, width).rstrip(" ") or word[0]
            lines.append(head)
            word = word[len(head) :]
        line = word
        if len(lines) > most:
            break
    if line:
        lines.append(line)
    if len(lines) > most:
        lines = [*lines[: most - 1], cut(" ".join(lines[most - 1 :]), width)]
    return lines
