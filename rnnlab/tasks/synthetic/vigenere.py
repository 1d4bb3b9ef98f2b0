"""Vigenère's cipher, to be deciphered letter by letter.

Each letter of a sentence is shifted along the alphabet by a letter of a keyword of seven, which repeats (Blaise de Vigenère,
Traicté des chiffres, 1586; earlier Giovan Battista Bellaso, 1553). The target of each step is the clear letter, so the net
has to find the keyword and to keep count of where in it it is. All sentences are enciphered with the same keyword.
In the test set four letters of 32 are replaced by `-`: what stood there can only be guessed from the letters
around it, of which a net that reads one way knows those before. The net never saw a `-` in training.
"""

from __future__ import annotations

import string
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from rnnlab.catalog.tasks.catalog import TASKS
from rnnlab.config import RunConfig, UsageError
from rnnlab.runs.data_summary import DataSummary
from rnnlab.tasks.encoding.tokens import shown_as_text, to_tokens, tokens_of
from rnnlab.tasks.splitting.dataset import Dataset
from rnnlab.tasks.splitting.split import split_dataset
from rnnlab.tasks.splitting.types import Split, Subset
from rnnlab.tasks.synthetic.generate import draws
from rnnlab.tasks.synthetic.sentences import sentences

LETTERS = 32
KEYWORD = "network"
REPLACED = 4
"""Number of letters of a sentence that are replaced in the test set."""
GAP = "-"
SYMBOLS = string.ascii_lowercase + GAP
CLASSES = tuple(string.ascii_lowercase)
STEP_KINDS = ("clean", "replaced")
MOST_ROWS = 1_000_000
_SEED = 1586


def encipher(text: str) -> str:
    """`text`, of small letters, shifted by the keyword."""
    key = (KEYWORD * (len(text) // len(KEYWORD) + 1))[: len(text)]
    return "".join(CLASSES[(ord(a) + ord(b) - 2 * ord("a")) % 26] for a, b in zip(text, key, strict=True))


def read(config: RunConfig) -> Dataset:
    """Dataset of `data.rows` sentences, enciphered, none damaged: tokens (rows, 32), the clear letters (rows, 32)."""
    rows = config.data.rows
    if rows > MOST_ROWS:
        raise UsageError(f"data.rows = {rows:,} sentences are too many to make; at most {MOST_ROWS:,}")
    clear = ["".join(words) for words in sentences(_SEED, rows, LETTERS)]
    secret = [encipher(text) for text in clear]
    inputs, lengths = to_tokens(secret, SYMBOLS)
    return Dataset(
        inputs=inputs,
        lengths=lengths,
        targets=to_tokens(clear, SYMBOLS)[0].astype(np.int64) - 1,
        keys=secret,
        input_size=len(SYMBOLS) + 1,
        outputs=len(CLASSES),
        classes=CLASSES,
        symbols=SYMBOLS,
        step_kinds=np.zeros_like(inputs, dtype=np.int8),
        step_kind_names=STEP_KINDS,
        notes=(f"in the test part {REPLACED} letters of {LETTERS} are replaced by {GAP}",),
        show_input=shown_as_text(SYMBOLS),
    )


def load(config: RunConfig) -> Split:
    """Split of the sentences, those of the test set damaged. Raises `UsageError`."""
    split = split_dataset(TASKS["vigenere"], read(config), config)
    return replace(split, test=damage(split.test, draws("vigenere damage", config.split_seed, len(split.test))))


def damage(subset: Subset, draw: np.random.Generator) -> Subset:
    """Subset with `REPLACED` letters of each row replaced by `-`, with the kinds of `STEP_KINDS`."""
    indices = np.argsort(draw.random(subset.inputs.shape), axis=1)[:, :REPLACED]
    inputs, step_kinds = subset.inputs.astype(np.int32), np.zeros(subset.inputs.shape, dtype=np.int8)
    np.put_along_axis(inputs, indices, np.int32(SYMBOLS.index(GAP) + 1), axis=1)
    np.put_along_axis(step_kinds, indices, np.int8(STEP_KINDS.index("replaced")), axis=1)
    return replace(subset, inputs=inputs, step_kinds=step_kinds)


def encode(summary: DataSummary, text: str) -> NDArray[np.int32]:
    """Tokens (steps,) of a typed secret text, from the keyword's first letter on. Raises `UsageError`."""
    typed = "".join(text.lower().split())
    if strange := sorted(set(typed) - set(SYMBOLS)):
        raise UsageError(f"{strange[0]!r} is no letter of the secret text; type letters a to z, and {GAP} for a gap")
    return tokens_of(typed, summary.symbols)
