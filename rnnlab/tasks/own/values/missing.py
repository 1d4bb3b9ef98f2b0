"""Words for a missing value: an empty field, NA and the like, and what `data.missing` names."""

from __future__ import annotations

import math
from dataclasses import dataclass

from rnnlab.text.characters import tidied

MISSING = frozenset(
    (
        *(
            "",
            "?",
            "-",
            "--",
            "---",
            ".",
            "..",
            "...",
            "…",
            "*",
            "na",
            "n/a",
            "n.a.",
            "#n/a",
            "#na",
            "<na>",
            "nan",
            "-nan",
        ),
        *(
            "nat",
            "nil",
            "null",
            "none",
            "missing",
            "inf",
            "+inf",
            "-inf",
            "#value!",
            "#div/0!",
            "#ref!",
            "#null!",
            "#num!",
        ),
        *("#name?", "1.#qnan", "1.#ind", "-1.#ind"),
    )
)
"""Texts, in lower case, that stand for a missing value."""
LONGEST_NUMBER = 40
"""Characters that a number may have, its unit included."""


def plain_number(word: str) -> float | None:
    """Number of a word as Python writes it; None for what is none."""
    if "_" in word:
        return None
    try:
        return float(word)
    except ValueError:
        return None


@dataclass(frozen=True)
class Missing:
    """What stands for a missing value, as `data.missing` says: words in lower case, and numbers such as -999.

    An empty field always does. In columns of numbers so do NA, null and the like, which are no numbers there in any case.
    """

    words: frozenset[str] = MISSING
    numbers: frozenset[float] = frozenset()
    given: bool = False
    """Whether a person said so; if not, a frequent word may be a class all the same."""

    @classmethod
    def from_setting(cls, text: str) -> Missing:
        """Words of the setting: `auto`, `empty`, or words and numbers with commas between, such as `-999,NA`."""
        setting = text.strip().lower()
        if setting in ("auto", ""):
            return cls()
        words = frozenset() if setting == "empty" else frozenset(tidied(word).lower() for word in text.split(","))
        numbers = {value for word in words if (value := plain_number(word)) is not None and math.isfinite(value)}
        return cls(words | {""}, frozenset(numbers), given=True)

    def is_missing(self, word: str) -> bool:
        """Whether the text stands for a missing value."""
        if len(word) > LONGEST_NUMBER:
            return not word.strip()
        word = tidied(word).lower()
        return word in self.words or (bool(self.numbers) and plain_number(word) in self.numbers)

    def is_no_number(self, word: str) -> bool:
        """Whether the text stands for a missing value in a column of numbers or dates."""
        return self.is_missing(word) or (len(word) < 10 and tidied(word).lower() in MISSING)


AUTO = Missing()


def is_missing(word: str) -> bool:
    """Whether the text stands for a missing value."""
    return len(word) < 10 and word.strip().lower() in MISSING
