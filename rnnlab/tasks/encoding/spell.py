"""Classes at each step as one text."""

from __future__ import annotations

from collections.abc import Sequence


def spell(classes: Sequence[str], labels: Sequence[int]) -> str:
    """The classes at each step as one text: letters side by side, longer names with spaces; `·` where nothing was asked."""
    between = "" if all(len(name) == 1 for name in classes) else " "
    return between.join("·" if label < 0 else classes[label] for label in labels)
