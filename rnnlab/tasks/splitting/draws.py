"""Numbers that rows and groups draw from the seed of the split, and which rows are alike."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from rnnlab.tasks.splitting.dataset import Dataset


def distinct(keys: Sequence[str], labels: NDArray[np.int64]) -> NDArray[np.int64]:
    """Indices of the first row of each (input, class), in order."""
    first: dict[tuple[str, int], int] = {}
    for row, pair in enumerate(zip(keys, labels.tolist(), strict=True)):
        first.setdefault(pair, row)
    return np.fromiter(first.values(), dtype=np.int64, count=len(first))


def numbered(keys: Sequence[str]) -> NDArray[np.int64]:
    """A number for each row (rows,): the same for equal inputs."""
    numbers: dict[str, int] = {}
    return np.array([numbers.setdefault(key, len(numbers)) for key in keys], dtype=np.int64)


def numbered_copies(keys: Sequence[str], labels: NDArray[np.int64]) -> Sequence[str]:
    """`keys`, each duplicate of an (input, class) with its number, so that duplicates draw their own numbers."""
    seen: Counter[tuple[str, int]] = Counter()
    keys_of_copies = []
    for pair in zip(keys, labels.tolist(), strict=True):
        copy = seen[pair]
        seen[pair] += 1
        keys_of_copies.append(f"{pair[0]}\0{copy}" if copy else pair[0])
    return keys_of_copies


def drawn(keys: Sequence[str], labels: NDArray[np.int64], seed: int) -> NDArray[np.uint64]:
    """A number for each row (rows,), from the seed, its input and its class."""
    salt = f"rnnlab split {seed}".encode()
    digests = b"".join(
        hashlib.blake2b(f"{label}\0{key}".encode("utf-8", "surrogatepass"), digest_size=8, key=salt).digest()
        for key, label in zip(keys, labels.tolist(), strict=True)
    )
    return np.frombuffer(digests, dtype="<u8").astype(np.uint64)


def drawn_groups(dataset: Dataset, groups: NDArray[np.int64], seed: int) -> NDArray[np.int64]:
    """The different groups among `groups` (rows,), in the order that the seed and their names draw."""
    present = np.unique(groups)
    names = [dataset.group_names[group] if dataset.group_names else str(group) for group in present.tolist()]
    return present[np.argsort(drawn(names, np.zeros(len(names), dtype=np.int64), seed), kind="stable")]
