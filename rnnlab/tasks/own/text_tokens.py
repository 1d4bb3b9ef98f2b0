"""Tokens of a person's own texts: characters or words, by what the texts are."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import repeat
from typing import Literal

TokenKind = Literal["characters", "words"]

FEWEST_WORDS = 4
"""Blank-separated words that half of the texts have, at least, where texts are read word by word. Counted by blanks, names and
codes are below, and so are texts in scripts that have none, whose words are single characters anyway. `python -m
benchmarks.own_texts --seeds 0 --rows 1800`, LSTM 64 read out at its last step, test accuracy (seconds) by characters and by
words, and that of a logistic regression on words: docstrings of six packages, their first 2 words .19 (3), .22 (2), .27;
3 words .35 (6), .38 (3), .42; 4 words .28 (5), .40 (6), .48; 6 words .31 (9), .46 (10), .56; 8 words .29 (10), .51 (6), .59;
whole .29 (23), .50 (11), .62; generated reviews .69 (13), 1.00 (13), .99. Names, one word or two: .74 (14), .51 (11), .51."""


def token_kind(setting: str, texts: int, sentences: int) -> TokenKind:
    """What a net reads of so many texts, of which `sentences` have `FEWEST_WORDS`; `setting` is that of `data.tokens`."""
    if setting == "auto":
        return "words" if texts and 2 * sentences >= texts else "characters"
    return "words" if setting == "words" else "characters"


def blanks_in(text: str) -> int:
    """Blanks and line ends of a text: its words, as quickly as they can be counted, but for one."""
    found = text.count(" ") + text.count("\n")
    return found if text.isascii() else found + text.count("\xa0")


def blanks_of(texts: Sequence[str]) -> Iterator[int]:
    """`blanks_in` of each text, of many at once."""
    joined = "".join(texts)
    if "\n" in joined or not (joined.isascii() or "\xa0" not in joined):
        return map(blanks_in, texts)
    return map(str.count, texts, repeat(" "))
