"""Confusion matrices in sentences: what is confused most, and how two nets differ."""

from __future__ import annotations

from collections.abc import Sequence

from rnnlab.plots.comparison.matrices import Differences, share_of
from rnnlab.plots.confusion.cells import Counts
from rnnlab.plots.confusion.order import frequent_confusions
from rnnlab.plots.describe.charts import listed
from rnnlab.text.numbers import percent, probability, whole
from rnnlab.text.sanitise import plain

WORST = 5
"""Confusions that are named."""
_LONGEST = 40
"""Characters of a class's name."""


def describe_confusion(counts: Counts, classes: Sequence[str]) -> str:
    """How many are right, the most frequent confusions, the classes that are found least and most, and those never predicted."""
    classes = [plain(name, _LONGEST) for name in classes]
    total, right = sum(map(sum, counts)), sum(row[i] for i, row in enumerate(counts))
    sentences = [f"{len(classes)} classes, {whole(total)} predictions"]
    sentences[0] += f", {percent(right / total, 1)} of them right." if total else "."
    if worst := frequent_confusions(counts, WORST):
        pairs = [
            f"{classes[i]} as {classes[j]} {whole(n)} ({percent(share_of(counts, i, j))} of {classes[i]})"
            for i, j, n in worst
        ]
        sentences.append(f"Most frequent confusions: {'; '.join(pairs)}.")
    recalls = sorted((share_of(counts, i, i), i) for i, row in enumerate(counts) if any(row))
    if len(recalls) > 1:
        low, high = recalls[0], recalls[-1]
        sentences.append(
            f"Recall is lowest for {classes[low[1]]} ({probability(low[0])}), highest for {classes[high[1]]} "
            f"({probability(high[0])})."
        )
    never = [classes[j] for j in range(len(classes)) if any(counts[j]) and not any(row[j] for row in counts)]
    if never:
        sentences.append(f"Never predicted: {listed(never)}.")
    return plain(" ".join(sentences))


def describe_difference(
    first: tuple[str, Counts], second: tuple[str, Counts], differences: Differences, classes: Sequence[str]
) -> str:
    """Recall of which classes is higher and lower in the second of two named matrices, and the most changed confusion."""
    classes = [plain(name, _LONGEST) for name in classes]
    gained = sorted(((differences[i][i], i) for i in range(len(classes))), reverse=True)
    better = [f"{classes[i]} {100 * value:+.0f}" for value, i in gained if value >= 0.005]
    worse = [f"{classes[i]} {100 * value:+.0f}" for value, i in reversed(gained) if value <= -0.005]
    sentences = [f"Recall of {second[0]} less that of {first[0]}, in points of percent."]
    sentences.append(f"Higher: {listed(better)}." if better else "Higher: none.")
    sentences.append(f"Lower: {listed(worse)}." if worse else "Lower: none.")
    changed = sorted(
        (
            (abs(value), value, i, j)
            for i, row in enumerate(differences)
            for j, value in enumerate(row)
            if i != j and value
        ),
        key=lambda each: (-each[0], each[2:]),
    )
    if changed:
        _, value, i, j = changed[0]
        sentences.append(f"Most changed confusion: {classes[i]} as {classes[j]} {100 * value:+.0f}.")
    return plain(" ".join(sentences))
