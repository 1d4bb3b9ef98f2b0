"""Leaks of a split as text: what training shares with validation or test, counted."""

from __future__ import annotations

from collections.abc import Mapping

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
    return " and ".join([", ".join(parts[:-1]), parts[-1]] if len(parts) > 1 else parts)
