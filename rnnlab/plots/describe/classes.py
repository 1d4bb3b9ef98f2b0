"""Figures of the classes in a few sentences."""

from __future__ import annotations

from collections.abc import Sequence

from rnnlab.plots.describe.charts import listed
from rnnlab.plots.run.per_class import ClassFigures
from rnnlab.text.numbers import probability
from rnnlab.text.sanitise import plain

_LONGEST = 40
"""Characters of a class's name."""


def describe_classes(figures: Sequence[ClassFigures], classes: Sequence[str]) -> str:
    """The mean F1, the classes with the lowest and the highest, and those never predicted."""
    names = [plain(name, _LONGEST) for name in classes]
    scored = sorted((each.f1, name) for each, name in zip(figures, names, strict=True) if each.f1 is not None)
    if not scored:
        return f"{len(classes)} classes, of which none has a row."
    sentences = [
        f"{len(classes)} classes; macro F1 {probability(sum(score for score, _ in scored) / len(scored), 3)}.",
        f"Lowest F1: {', '.join(f'{name} {probability(score)}' for score, name in scored[:3])}.",
        f"Highest: {', '.join(f'{name} {probability(score)}' for score, name in reversed(scored[-3:]))}.",
    ]
    never = [name for each, name in zip(figures, names, strict=True) if each.rows and not each.predicted]
    if never:
        sentences.append(f"Never predicted: {listed(never)}.")
    return plain(" ".join(sentences))
