"""Texts to words and back. Word i of a vocabulary is token i + 1; token 0 is any other word, and padding.

A word is a run of letters and digits, with apostrophes between them; each other character that is no blank is a word by
itself, and so is each character of a script that puts no blanks between words (Chinese, Japanese, Thai, Khmer, Burmese).
Texts are brought to one form before (Unicode NFKC), and upper case is folded: `Don’t!` is `don't` and `!`.
"""

from __future__ import annotations

import re
import unicodedata
from array import array
from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from rnnlab.config import UsageError
from rnnlab.tasks.splitting.types import Subset

LONGEST_WORDS = 500
"""Maximum words of a text; a longer one is cut, and said to be. A net reads step by step: twice the words take twice the time and
the memory, and a page and a half mostly says what a text is."""
_LONGEST_WORD = 40
"""Characters of a word in a vocabulary; a longer one is an address or a line without blanks. With it the vocabulary of a run fits
into one line of its log."""
UNKNOWN = "\ufffd"
"""What stands for an unknown word where tokens are shown as text."""

_UNSPACED = "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u2e80-\u312f\u31a0-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
"""Scripts without blanks between words; Korean has them."""
_MARKS = (
    "\u0300-\u036f\u0483-\u0489\u0591-\u05bd\u05bf\u05c1\u05c2\u05c4\u05c5\u05c7\u0610-\u061a\u064b-\u065f\u0670\u06d6-\u06dc"
    "\u06df-\u06e4\u06e7\u06e8\u06ea-\u06ed\u0711\u0730-\u074a\u07a6-\u07b0\u0900-\u0963\u0966-\u0dff\u200c\u200d"
)
"""Vowel signs, accents and joiners, which Python does not count among the characters of a word."""
_RUN = f"[^\\W{_UNSPACED}]+(?:[{_MARKS}]+[^\\W{_UNSPACED}]*)*"
WORD_PATTERN = f"{_RUN}(?:'{_RUN})*|[^\\s\u200c\u200d]"
INVISIBLE = "\u00ad\u200b\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2060\ufeff\ufe0e\ufe0f"
"""Characters that are left out: soft hyphens, marks of direction and of how a picture is drawn."""
_WORDS = re.compile(WORD_PATTERN)
ALIKE = "\u2019\u02bc"
"""Apostrophes that are taken for the plain one."""
_LEFT_OUT = str.maketrans(ALIKE, "''", INVISIBLE)


def words_of(text: str) -> list[str]:
    """Words of a text, folded; at least one, which is empty where the text has none."""
    if text.isascii():
        folded = text.lower()
    else:
        folded = unicodedata.normalize("NFKC", text).translate(_LEFT_OUT).casefold()
    return _WORDS.findall(folded) or [""]


def to_words(texts: Sequence[str], longest: int) -> tuple[NDArray[np.int32], NDArray[np.int64], list[str], int]:
    """Tokens (rows, steps) over all words that occur, zero past each end; lengths (rows,); the words; how many texts were cut.

    Word i is token i + 1, in the order of the first row that holds it. A text is cut after `longest` words.
    """
    token: dict[str, int] = {}
    flat = array("i")
    lengths = np.zeros(len(texts), dtype=np.int64)
    cut = 0
    for row, text in enumerate(texts):
        words = words_of(text)
        if len(words) > longest:
            cut += 1
            words = words[:longest]
        lengths[row] = len(words)
        flat.extend([token.setdefault(word, len(token) + 1) for word in words])
    tokens = np.zeros((len(texts), int(lengths.max(initial=1))), dtype=np.int32)
    tokens[np.arange(tokens.shape[1]) < lengths[:, None]] = np.frombuffer(flat, dtype=np.int32)
    return tokens, lengths, list(token), cut


def may_be_known(word: str) -> bool:
    """Whether the word may stand in a vocabulary."""
    return 0 < len(word) <= _LONGEST_WORD


def words_text(tokens: NDArray[np.int32], vocabulary: Sequence[str]) -> str:
    """Text of one row of tokens (steps,): the words with blanks between, `�` for token 0."""
    return " ".join(vocabulary[token - 1] if token else UNKNOWN for token in tokens.tolist())


def shown_as_words(vocabulary: Sequence[str], most: int) -> Callable[[Subset, int], str]:
    """Function that shows a row of tokens as its first `most` words."""

    def show(subset: Subset, row: int) -> str:
        length = min(int(subset.lengths[row]), most)
        shown = words_text(subset.inputs[row, :length].astype(np.int32), vocabulary)
        return f"{shown} …" if subset.lengths[row] > length else shown

    return show


def word_tokens(text: str, vocabulary: Sequence[str]) -> NDArray[np.int32]:
    """Tokens (steps,) of one typed text. Raises `UsageError` where no word of it is known."""
    if not text.strip():
        raise UsageError("there is nothing to predict on: the text is empty; type a sentence")
    known = {word: token for token, word in enumerate(vocabulary, start=1)}
    tokens = np.array([known.get(word, 0) for word in words_of(text)[:LONGEST_WORDS]], dtype=np.int32)
    if not tokens.any():
        raise UsageError(
            f"{text[:40]!r} has no word of the {len(vocabulary):,} that the net was trained on: {' '.join(vocabulary[:12])} …"
        )
    return tokens
