"""Tokens of a person's own texts: characters or words, by what the texts are."""

from __future__ import annotations

from typing import Literal

TokenKind = Literal["characters", "words"]

FEWEST_WORDS = 4
"""Blank-separated words that half of the texts have, at least, where texts are read word by word. Counted by blanks, names and
codes are below, and so are texts in scripts that have none, whose words are single characters anyway."""


def token_kind(setting: str, texts: int, sentences: int) -> TokenKind:
    """What a net reads of so many texts, of which `sentences` have `FEWEST_WORDS`; `setting` is that of `data.tokens`."""
    if setting == "auto":
        return "words" if texts and 2 * sentences >= texts else "characters"
    return "words" if setting == "words" else "characters"
