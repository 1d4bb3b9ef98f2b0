"""Names in eighteen languages: the data of PyTorch's tutorial on character-level classification (Sean Robertson, 2017)."""

from __future__ import annotations

import string
import unicodedata

import numpy as np
from numpy.typing import NDArray

from rnnlab.config import RunConfig, UsageError
from rnnlab.runs.events import DataSummary
from rnnlab.tasks.catalog import TASKS
from rnnlab.tasks.folders import locate
from rnnlab.tasks.rows import Rows
from rnnlab.tasks.symbols import shown_as_text, to_tokens, tokens_of
from rnnlab.tasks.textfile import read_lines

LANGUAGES = (
    "Arabic", "Chinese", "Czech", "Dutch", "English", "French", "German", "Greek", "Irish",
    "Italian", "Japanese", "Korean", "Polish", "Portuguese", "Russian", "Scottish", "Spanish", "Vietnamese",
)  # fmt: skip
ALPHABET = string.ascii_letters + " .,;'"
"""The tutorial's: whatever is not in it once accents are taken off (a hyphen, `ß`, a stray digit) is left out."""

_LONGEST = 100
"""Characters; the longest name published has 20. More is not a name, and would pad all others to its length."""
_KEPT = frozenset(ALPHABET)


def fold(text: str) -> str:
    """`text` in the alphabet: decomposed (NFD), without accents, the rest left out."""
    if not text.isascii():
        text = unicodedata.normalize("NFD", text)
    if _KEPT.issuperset(text):
        return text
    return "".join(character for character in text if character in _KEPT)


def read(config: RunConfig) -> Rows:
    """Every name published, 20,074, ends stripped and folded to the alphabet. Raises `UsageError`, `MissingData`."""
    folder = locate(TASKS["names"], config)
    published: list[str] = []
    targets: list[int] = []
    skipped = changed = 0
    for target, language in enumerate(LANGUAGES):
        path = folder / f"{language}.txt"
        if not path.exists():
            raise UsageError(f"{path} is missing from the {len(LANGUAGES)} files of names; fetch them again")
        lines = [line for line in read_lines(path) if line.strip()]
        folded = [fold(line) for line in lines]
        kept = [name for name in folded if name.strip()]
        if kept and max(map(len, kept)) > _LONGEST:
            number = next(i for i, line in enumerate(read_lines(path), start=1) if len(fold(line)) > _LONGEST)
            raise UsageError(
                f"{path} line {number} is longer than {_LONGEST} characters, so no name; fetch the files again"
            )
        if not kept:
            raise UsageError(f"{path} holds no name in Latin letters; fetch it again")
        changed += sum(name.strip() != line.strip() for name, line in zip(folded, lines, strict=True) if name.strip())
        skipped += len(lines) - len(kept)
        published += kept
        targets += [target] * len(kept)
    names = [name.strip() for name in published]
    inputs, lengths = to_tokens(names, ALPHABET)
    return Rows(
        inputs=inputs,
        lengths=lengths,
        targets=np.array(targets, dtype=np.int64),
        keys=names,
        as_published=published,
        changed=changed,
        input_size=len(ALPHABET) + 1,
        outputs=len(LANGUAGES),
        classes=LANGUAGES,
        symbols=ALPHABET,
        notes=(f"{skipped:,} lines without a Latin letter were skipped",) if skipped else (),
        show_input=shown_as_text(ALPHABET),
    )


def encode(summary: DataSummary, text: str) -> NDArray[np.int32]:
    """Tokens (steps,) of a typed name, folded as the data was. Raises `UsageError`."""
    folded = fold(text.strip()).strip()
    if text.strip() and not folded:
        raise UsageError(
            f"{text.strip()[:40]!r} has no letter of the Latin alphabet the net was trained on; type a name such as Kowalska"
        )
    return tokens_of(folded, summary.symbols)
