"""Generated reviews: sentences of a few words, one of which is praise or blame, and a number that no other has."""

from __future__ import annotations

import random

GOOD, BAD = ["great", "lovely", "superb"], ["dull", "awful", "slow"]
FILL = ["the", "a", "this", "film", "story", "plot", "and", "was", "with", "very", "quite", "really"]


def reviews(rows: int = 200, seed: int = 0) -> list[tuple[str, str]]:
    """Texts and their labels, good and bad in turn."""
    draw = random.Random(seed)
    made = []
    for row in range(rows):
        words = draw.choices(FILL, k=draw.randint(6, 14))
        words[draw.randrange(len(words))] = draw.choice((BAD, GOOD)[row % 2])
        made.append((f"{' '.join(words)} n{row}.", ("bad", "good")[row % 2]))
    return made


def written(rows: list[tuple[str, str]]) -> str:
    """The rows as a CSV of text and label."""
    return "text,label\n" + "".join(f'"{text}",{label}\n' for text, label in rows)
