"""Leaks of a split as text: what training shares with validation or test, counted."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from rnnlab.text.numbers import whole

_PLURALS = {"person": "people", "class": "classes"}
LEAK_KINDS = ("rows", "people", "windows", "future")
"""Kinds of leak for which a split is refused, in the order in which they are named."""


def plural(noun: str) -> str:
    """The plural of what groups of sequences are called."""
    return _PLURALS.get(noun, f"{noun}s")


def leak_text(found: Mapping[str, int], group: str = "") -> str:
    """Counted leaks: `1,480 rows and 8 people`; `group` names a member of the groups where these are not people."""
    names = {
        "rows": ("row", "rows"),
        "people": (group or "person", plural(group or "person")),
        "windows": ("overlapping window", "overlapping windows"),
        "future": ("row of the future", "rows of the future"),
    }
    parts = [f"{whole(found[kind])} {names[kind][found[kind] != 1]}" for kind in LEAK_KINDS if found.get(kind)]
    return enumerated(parts)


def enumerated(words: Sequence[str]) -> str:
    """`a, b and c`."""
    return " and ".join([", ".join(words[:-1]), words[-1]] if len(words) > 1 else words)


def contradiction_text(leaks: Mapping[str, int], problem: str) -> str:
    """Inputs that stand in training and in another part, under another class, or another target, each; empty for none."""
    inputs = leaks.get("inputs", 0)
    if inputs <= leaks.get("rows", 0):
        return ""
    stand = "1 input stands" if inputs == 1 else f"{whole(inputs)} inputs stand"
    other = "with another target each" if problem == "regression" else "under another class each"
    return f"{stand} in two parts, {other}: no net can be right on both"


def unused_text(rows: int, used: int) -> str:
    """Rows that are in no part of the split; empty where there is none."""
    if used >= rows:
        return ""
    are = "is" if rows - used == 1 else "are"
    them = "it repeats another, which is" if rows - used == 1 else "they repeat others, each of which is"
    return f"{whole(rows - used)} of {whole(rows)} rows {are} in no part: {them} used once"
