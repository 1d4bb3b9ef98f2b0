"""Dataset of texts that are read word by word, and its vocabulary, which is that of the training rows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from rnnlab.catalog.tasks.own import KIND_TITLES
from rnnlab.config import UsageError
from rnnlab.runs.events import SubsetName
from rnnlab.tasks.encoding.words import LONGEST_WORDS, may_be_known, shown_as_words, to_words
from rnnlab.tasks.own.common.findings import Findings
from rnnlab.tasks.own.common.labels import ordered
from rnnlab.tasks.own.common.limits import cut_after
from rnnlab.tasks.own.text_tokens import blanks_of
from rnnlab.tasks.splitting.dataset import Dataset
from rnnlab.tasks.splitting.types import SUBSET_NAMES, Split
from rnnlab.text.numbers import percent

FEWEST_OCCURRENCES = 2
"""Times that a word has to stand in the training texts: of one that stands there once nothing is learned, and the token of the
unknown words, which takes its place, is learned from such as these."""
SHOWN_WORDS = 80


def word_dataset(texts: Sequence[str], labels: Sequence[str], findings: Findings) -> Dataset:
    """Dataset of texts as tokens over all words that occur; `with_training_vocabulary` keeps those of training.

    Its keys are the texts, one for all that have the same words: texts that differ in case or blanks alone are one input.
    What was cut or put together is added to `findings`, whose notes are those of the dataset.
    """
    longest = cut_after(len(texts), sum(blanks_of(texts)) + len(texts), LONGEST_WORDS)
    inputs, lengths, words, cut = to_words(texts, longest)
    if cut:
        many = "1 text of more" if cut == 1 else f"{cut:,} texts of more"
        findings.warn("cut words", f"{many} than {longest} words: what follows the first {longest} was cut", count=cut)
    keys = _keys(texts, inputs, lengths)
    if merged := len(set(texts)) - len(set(keys)):
        many = "1 text differs" if merged == 1 else f"{merged:,} texts differ"
        message = f"{many} from another in case or blanks alone: read word by word, they are the same input"
        findings.warn("same words", message, count=merged)
    classes = ordered(list(dict.fromkeys(labels)))
    number = {name: index for index, name in enumerate(classes)}
    return Dataset(
        inputs=inputs,
        lengths=lengths,
        targets=np.array([number[label] for label in labels], dtype=np.int64),
        keys=keys,
        input_size=len(words) + 1,
        outputs=len(classes),
        classes=tuple(classes),
        vocabulary=tuple(words),
        notes=findings.notes(KIND_TITLES["text"]),
        show_input=shown_as_words(words, SHOWN_WORDS),
    )


def _keys(texts: Sequence[str], inputs: NDArray[np.int32], lengths: NDArray[np.int64]) -> list[str]:
    """For each row the first text, in the order of the alphabet, of those with the same tokens.

    So the split, which is drawn from the keys, is that of the same texts read by characters but for such rows.
    """
    tokens = [row[:length].tobytes() for row, length in zip(inputs, lengths.tolist(), strict=True)]
    first: dict[bytes, str] = {}
    for row, text in zip(tokens, texts, strict=True):
        held = first.get(row)
        if held is None or text < held:
            first[row] = text
    return [first[row] for row in tokens]


def with_training_vocabulary(split: Split, most: int) -> Split:
    """Split with its tokens renumbered: a word that stands less than twice in the training rows becomes token 0.

    Of more than `most` words the most frequent ones are kept; of equally frequent ones the first in the order of the alphabet.
    Token 1 is the most frequent word. Raises `UsageError` where no word is left.
    """
    words = split.vocabulary
    counts = np.bincount(split.train.inputs.astype(np.int64).ravel(), minlength=len(words) + 1)
    counts[0] = 0
    frequent = [
        token for token in np.flatnonzero(counts >= FEWEST_OCCURRENCES).tolist() if may_be_known(words[token - 1])
    ]
    frequent.sort(key=lambda token: (-int(counts[token]), words[token - 1]))
    known = frequent[:most]
    if not known:
        raise UsageError(
            "no word stands twice in the training texts, so there is nothing to learn of words; set data.tokens to characters, "
            "or take more texts"
        )
    table = np.zeros(len(words) + 1, dtype=np.int32)
    table[known] = np.arange(1, len(known) + 1)
    vocabulary = tuple(words[token - 1] for token in known)
    train, validation, test = (
        replace(subset, inputs=table[subset.inputs]) for subset in map(split.subset, SUBSET_NAMES)
    )
    found = replace(
        split,
        train=train,
        validation=validation,
        test=test,
        vocabulary=vocabulary,
        input_size=len(vocabulary) + 1,
        show_input=shown_as_words(vocabulary, SHOWN_WORDS),
    )
    return replace(found, notes=(*split.notes, _vocabulary_note(found, len(frequent))))


def unknown_share(split: Split, name: SubsetName) -> float:
    """Share of the words of a subset that the vocabulary lacks."""
    subset = split.subset(name)
    inside = np.arange(subset.inputs.shape[1]) < subset.lengths[:, None]
    return float((subset.inputs[inside] == 0).mean())


def _vocabulary_note(split: Split, frequent: int) -> str:
    """What the net knows of the words: how many are told apart, and the share of unknown ones in each subset."""
    shares = [f"{name} {percent(unknown_share(split, name), 1)}" for name in SUBSET_NAMES]
    known = len(split.vocabulary)
    kept = f"the {known:,} most frequent of {frequent:,} words" if known < frequent else f"{known:,} words"
    return f"read word by word: {kept} that stand twice or more in the training texts; unknown: {', '.join(shares)}"
