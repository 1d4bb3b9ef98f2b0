"""Names in eighteen languages: the data of PyTorch's tutorial on character-level classification (Sean Robertson, 2017)."""

from __future__ import annotations

import string
import unicodedata

import numpy as np
from numpy.typing import NDArray

from rnnlab.catalog.tasks.catalog import TASKS
from rnnlab.config import RunConfig, UsageError
from rnnlab.runs.data_summary import DataSummary
from rnnlab.tasks.download.data_folders import locate
from rnnlab.tasks.encoding.tokens import shown_as_text, to_tokens, tokens_of
from rnnlab.tasks.published.textfile import read_lines
from rnnlab.tasks.splitting.class_subset import chosen_classes
from rnnlab.tasks.splitting.dataset import Dataset

LANGUAGES = (
    "Arabic", "Chinese", "Czech", "Dutch", "English", "French", "German", "Greek", "Irish",
    "Italian", "Japanese", "Korean", "Polish", "Portuguese", "Russian", "Scottish", "Spanish", "Vietnamese",
)  # fmt: skip
ALPHABET = string.ascii_letters + " .,;'"
"""Alphabet of the tutorial: all else (a hyphen, `ß`, a stray digit) is left out, once accents are removed."""

_MARKS = frozenset(" .,;'-’")
"""Characters of a name beside letters where the alphabet is Unicode's."""
_LONGEST = 100
"""Maximum characters of a name; the longest one published has 20. More is not a name, and would pad all others to its length."""
_KEPT = frozenset(ALPHABET)


def fold(text: str) -> str:
    """`text` in the alphabet: decomposed (NFD), without accents, the rest left out."""
    if not text.isascii():
        text = unicodedata.normalize("NFD", text)
    if _KEPT.issuperset(text):
        return text
    return "".join(character for character in text if character in _KEPT)


def compose(text: str) -> str:
    """`text` as written: composed (NFC), letters with their accents and a few marks, the rest left out."""
    composed = unicodedata.normalize("NFC", text.replace("\xa0", " "))
    return "".join(
        character for character in composed if character in _MARKS or unicodedata.category(character)[0] in "LM"
    )


def read(config: RunConfig) -> Dataset:
    """Dataset of all 18 languages: 20,074 names, stripped, in the alphabet of `data.alphabet`.

    The alphabet `unicode` consists of all letters of these names, in their order, so that it does not depend on the
    split; the weights of a letter that only a test name has are never trained. Raises `UsageError`, `MissingData`.
    """
    languages = chosen_classes(config, LANGUAGES)
    keep = compose if config.data.alphabet == "unicode" else fold
    folder = locate(TASKS["names"], config)
    published: list[str] = []
    targets: list[int] = []
    skipped = changed = 0
    for target, language in enumerate(languages):
        path = folder / f"{language}.txt"
        if not path.exists():
            raise UsageError(f"{path} is missing from the {len(LANGUAGES)} files of names; fetch them again")
        lines = [line for line in read_lines(path) if line.strip()]
        folded = [keep(line) for line in lines]
        kept = [name for name in folded if name.strip()]
        if kept and max(map(len, kept)) > _LONGEST:
            number = next(i for i, line in enumerate(read_lines(path), start=1) if len(keep(line)) > _LONGEST)
            raise UsageError(
                f"{path} line {number} is longer than {_LONGEST} characters, so no name; fetch the files again"
            )
        if not kept:
            raise UsageError(
                f"{path} holds no name in {'Latin letters' if keep is fold else 'letters'}; fetch it again"
            )
        changed += sum(name.strip() != line.strip() for name, line in zip(folded, lines, strict=True) if name.strip())
        skipped += len(lines) - len(kept)
        published += kept
        targets += [target] * len(kept)
    names = [name.strip() for name in published]
    symbols = ALPHABET if keep is fold else "".join(sorted(set().union(*names)))
    inputs, lengths = to_tokens(names, symbols)
    return Dataset(
        inputs=inputs,
        lengths=lengths,
        targets=np.array(targets, dtype=np.int64),
        keys=names,
        as_published=published,
        changed=changed,
        input_size=len(symbols) + 1,
        outputs=len(languages),
        classes=languages,
        symbols=symbols,
        notes=(f"{skipped:,} lines without a {'Latin ' if keep is fold else ''}letter were skipped",)
        if skipped
        else (),
        show_input=shown_as_text(symbols),
    )


def encode(summary: DataSummary, text: str) -> NDArray[np.int32]:
    """Tokens (steps,) of a typed name, in the alphabet of the data. Raises `UsageError`."""
    if summary.symbols != ALPHABET:
        return tokens_of(compose(text.strip()).strip(), summary.symbols)
    folded = fold(text.strip()).strip()
    if text.strip() and not folded:
        raise UsageError(
            f"{text.strip()[:40]!r} has no letter of the Latin alphabet the net was trained on; type a name such as Kowalska"
        )
    return tokens_of(folded, summary.symbols)
