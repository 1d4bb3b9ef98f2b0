"""Datasets of users' own files."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rnnlab.runs.events import SubsetName
from rnnlab.tasks.encoding.tokens import shown_as_text, to_text, to_tokens
from rnnlab.tasks.own.common.labels import ordered
from rnnlab.tasks.own.common.limits import FEWEST_GROUPS
from rnnlab.tasks.own.common.sequences import Sequences, padded
from rnnlab.tasks.own.text import Texts
from rnnlab.tasks.splitting.dataset import Dataset
from rnnlab.tasks.splitting.normalise import digits_of, in_single
from rnnlab.tasks.splitting.types import SUBSET_NAMES, TEST, TRAIN, Split, Subset

MOST_SYMBOLS = 1000
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


def with_given_test(dataset: Dataset, tested: int) -> Dataset:
    """Dataset whose last rows, `tested` of them, are the test set that comes with the data; repeats of them are dropped."""
    if not tested:
        return dataset
    given = np.full(len(dataset), TRAIN, dtype=np.int8)
    given[len(dataset) - tested :] = TEST
    targets = dataset.targets.astype(np.int64)
    return replace(dataset, given=given, dropped=_held_out_too(list(dataset.keys), targets, given))


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


def with_texts(split: Split, keys: Sequence[str]) -> Split:
    """Split that knows its texts as they stand in the file, `keys` those of the dataset; read word by word, it shows them so."""
    texts: dict[SubsetName, tuple[str, ...]] = {
        name: tuple(keys[row] for row in split.subset(name).row_indices.tolist()) for name in SUBSET_NAMES
    }
    written = [(split.subset(name).inputs, texts[name]) for name in SUBSET_NAMES]

    def show(subset: Subset, row: int) -> str:
        held = next((of_subset for inputs, of_subset in written if inputs is subset.inputs), None)
        if held is None:
            return split.show_input(subset, row)
        return held[row][:SHOWN_CHARACTERS] + ("…" if len(held[row]) > SHOWN_CHARACTERS else "")

    return replace(split, texts=texts, show_input=show if split.vocabulary else split.show_input)


def sequence_dataset(sequences: Sequences, notes: tuple[str, ...], group: str = "") -> Dataset:
    """Dataset of measurements, padded; `given` marks the sets that come with the file, `group` says what a group is."""
    middle = sequences.middle()
    keys = [_key(values) for values in sequences.values]
    inputs, lengths = padded(sequences.values, middle)
    classes: list[str] = []
    targets: NDArray[np.int64] | NDArray[np.float32] | NDArray[np.float64]
    if sequences.classifies:
        classes = ordered(list(sequences.labels.names))
        number = {name: index for index, name in enumerate(classes)}
        targets = np.array([number[name] for name in sequences.labels.names], dtype=np.int64)[
            sequences.labels.numbers()
        ]
    else:
        targets = in_single(np.array(sequences.targets, dtype=np.float64))
    given = np.frombuffer(sequences.given, dtype=np.int8)
    comes_split = bool((given != TRAIN).any())
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
        group=(group or sequences.group or "folder") if grouped else "",
        group_names=names if grouped else (),
        given=given if comes_split else None,
        dropped=_held_out_too(keys, targets, given) if comes_split else None,
        show_number=_number_shown(targets),
        normalise=True,
        middle=middle,
        gaps=sequences.leading > 0,
    )


def _number_shown(targets: NDArray[Any]) -> Callable[[NDArray[Any]], str]:
    """Function that shows the numbers (outputs,) of a row, in as many digits as tell those of the file apart."""
    digits = digits_of(targets) if targets.ndim == 2 else []
    return lambda numbers: ", ".join(f"{value:.{many}g}" for value, many in zip(numbers, digits, strict=True))


def _key(values: NDArray[np.float32] | NDArray[np.float64]) -> str:
    return f"{values.shape[0]}:{hashlib.blake2b(values.tobytes(), digest_size=16).hexdigest()}"


def _numbered(names: Sequence[str]) -> tuple[NDArray[np.int64], tuple[str, ...]]:
    number: dict[str, int] = {}
    indices = [number.setdefault(name, len(number)) for name in names]
    return np.array(indices, dtype=np.int64), tuple(number)


def _held_out_too(
    keys: list[str],
    targets: NDArray[np.int64] | NDArray[np.float32] | NDArray[np.float64],
    given: NDArray[np.int8],
) -> NDArray[np.bool_]:
    """Rows (rows,) that stand in a later one of the subsets they come with, too: the later one is kept."""
    pairs = [(key, target.tobytes()) for key, target in zip(keys, targets, strict=True)]
    latest: dict[tuple[str, bytes], int] = {}
    for pair, subset in zip(pairs, given.tolist(), strict=True):
        latest[pair] = max(subset, latest.get(pair, subset))
    return np.array([subset < latest[pair] for pair, subset in zip(pairs, given.tolist(), strict=True)], dtype=bool)


def show_values(subset: Subset, row: int) -> str:
    """Numbers of a row as text, step by step, its channels in brackets; a long one is cut."""
    values = subset.inputs[row, : subset.lengths[row]]
    steps = max(1, SHOWN_VALUES // values.shape[1])
    digits = digits_of(values)
    words = [
        ", ".join(f"{value:.{many}g}" for value, many in zip(step.tolist(), digits, strict=False))
        for step in values[:steps, :SHOWN_VALUES]
    ]
    if values.shape[1] > 1:
        words = [f"({word})" for word in words]
    return ", ".join(words) + (", …" if len(values) > steps else "")
