"""Datasets of users' own files."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from rnnlab.tasks.encoding.tokens import shown_as_text, to_text, to_tokens
from rnnlab.tasks.own.labels import ordered
from rnnlab.tasks.own.sequences import Sequences, padded
from rnnlab.tasks.own.text import Texts
from rnnlab.tasks.splitting.dataset import Dataset
from rnnlab.tasks.splitting.types import SUBSET_NAMES, TEST, TRAIN, Split, Subset

MOST_SYMBOLS = 1000
FEWEST_GROUPS = 3
"""Minimum number of folders above the labels' for a split by them; fewer are taken for mere order."""
SHOWN_CHARACTERS = 400
SHOWN_VALUES = 60


def text_dataset(texts: Texts, notes: tuple[str, ...]) -> Dataset:
    """Dataset of texts as tokens over all characters that occur; `with_training_alphabet` keeps those of training."""
    symbols = "".join(sorted(set().union(*map(set, texts.texts))))
    classes = ordered(list(dict.fromkeys(texts.labels)))
    number = {name: index for index, name in enumerate(classes)}
    inputs, lengths = to_tokens(texts.texts, symbols)
    return Dataset(
        inputs=inputs,
        lengths=lengths,
        targets=np.array([number[label] for label in texts.labels], dtype=np.int64),
        keys=texts.texts,
        input_size=len(symbols) + 1,
        outputs=len(classes),
        classes=tuple(classes),
        symbols=symbols,
        notes=notes,
        show_input=shown_as_text(symbols),
    )


def with_training_alphabet(split: Split) -> Split:
    """Split with its tokens renumbered: a character that no training row holds becomes token 0.

    Of more than `MOST_SYMBOLS` characters the most frequent ones are kept.
    """
    counts = np.bincount(split.train.inputs.astype(np.int64).ravel(), minlength=len(split.symbols) + 1)
    counts[0] = 0
    known = np.flatnonzero(counts)
    notes = split.notes
    if len(known) > MOST_SYMBOLS:
        notes += (
            f"the texts hold {len(known):,} different characters; the {MOST_SYMBOLS:,} most frequent are told apart",
        )
        known = np.sort(known[np.argsort(-counts[known], kind="stable")][:MOST_SYMBOLS])
    table = np.zeros(len(split.symbols) + 1, dtype=np.int32)
    table[known] = np.arange(1, len(known) + 1)
    symbols = "".join(split.symbols[token - 1] for token in known.tolist())
    train, validation, test = (
        replace(subset, inputs=table[subset.inputs]) for subset in map(split.subset, SUBSET_NAMES)
    )

    def show(subset: Subset, row: int) -> str:
        length = min(int(subset.lengths[row]), SHOWN_CHARACTERS)
        return to_text(subset.inputs[row, :length].astype(np.int32), symbols) + (
            "…" if subset.lengths[row] > length else ""
        )

    return replace(
        split,
        train=train,
        validation=validation,
        test=test,
        symbols=symbols,
        input_size=len(symbols) + 1,
        show_input=show,
        notes=notes,
    )


def sequence_dataset(sequences: Sequences, notes: tuple[str, ...], group: str = "folder") -> Dataset:
    """Dataset of measurements, padded; `given` marks the test set that comes with the file, `group` says what a group is."""
    keys = [_key(values) for values in sequences.values]
    inputs, lengths = padded(sequences.values)
    classes: list[str] = []
    targets: NDArray[np.int64] | NDArray[np.float32]
    if sequences.classifies:
        classes = ordered(list(sequences.labels.names))
        number = {name: index for index, name in enumerate(classes)}
        targets = np.array([number[name] for name in sequences.labels.names], dtype=np.int64)[
            sequences.labels.numbers()
        ]
    else:
        targets = np.array(sequences.targets, dtype=np.float32)
    tested = np.frombuffer(sequences.tested, dtype=np.int8).astype(bool)
    groups, names = _numbered(sequences.groups)
    grouped = len(names) >= FEWEST_GROUPS
    return Dataset(
        inputs=inputs,
        lengths=lengths,
        targets=targets,
        keys=keys,
        input_size=sequences.channels,
        outputs=len(classes) or targets.shape[1],
        classes=tuple(classes),
        notes=notes,
        show_input=show_values,
        groups=groups if grouped else None,
        group=group if grouped else "",
        group_names=names if grouped else (),
        given=np.where(tested, TEST, TRAIN).astype(np.int8) if tested.any() else None,
        dropped=_repeats_of_test(keys, targets, tested) if tested.any() else None,
        normalise=True,
    )


def _key(values: NDArray[np.float32]) -> str:
    return f"{values.shape[0]}:{hashlib.blake2b(values.tobytes(), digest_size=16).hexdigest()}"


def _numbered(names: Sequence[str]) -> tuple[NDArray[np.int64], tuple[str, ...]]:
    number: dict[str, int] = {}
    indices = [number.setdefault(name, len(number)) for name in names]
    return np.array(indices, dtype=np.int64), tuple(number)


def _repeats_of_test(
    keys: list[str], targets: NDArray[np.int64] | NDArray[np.float32], tested: NDArray[np.bool_]
) -> NDArray[np.bool_]:
    """Training rows (rows,) that are test rows too: the test set is kept, so they are not trained on."""
    pairs = [(key, target.tobytes()) for key, target in zip(keys, targets, strict=True)]
    held = {pair for pair, test in zip(pairs, tested.tolist(), strict=True) if test}
    return np.array([not test and pair in held for pair, test in zip(pairs, tested.tolist(), strict=True)], dtype=bool)


def show_values(subset: Subset, row: int) -> str:
    """Numbers of a row as text, step by step, its channels in brackets; a long one is cut."""
    values = subset.inputs[row, : subset.lengths[row]]
    steps = max(1, SHOWN_VALUES // values.shape[1])
    words = [", ".join(f"{value:.4g}" for value in step[:SHOWN_VALUES]) for step in values[:steps]]
    if values.shape[1] > 1:
        words = [f"({word})" for word in words]
    return ", ".join(words) + (", …" if len(values) > steps else "")
