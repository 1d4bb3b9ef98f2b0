"""Character n-grams of token sequences, for the baseline that a net on short texts has to beat.

Which runs of one to four symbols occur in a row, its beginning and its end counted as symbols, so that prefixes and endings
have features of their own. Cavnar and Trenkle 1994, N-gram-based text categorization, is the classic of such features.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rnnlab.tasks.splitting.types import Subset

LONGEST = 4
"""Symbols of the longest run."""
_LEAST_ROWS = 2
"""Training rows in which a run has to occur: what is in one alone says nothing of others."""
_MOST = 60_000
"""Features: the runs in the most training rows."""


def ngram_features(train: Subset, input_size: int) -> Callable[[Subset], Any]:
    """Function from a subset to its features: a SciPy matrix (rows, features) in CSR, 1 where the run occurs, else 0.

    The features are the runs of the training rows.
    """
    _, codes = _occurrences(train, input_size)
    known, counts = np.unique(codes, return_counts=True)
    known, counts = known[counts >= _LEAST_ROWS], counts[counts >= _LEAST_ROWS]
    if len(known) > _MOST:
        known = np.sort(known[np.argsort(-counts, kind="stable")[:_MOST]])

    def features(subset: Subset) -> Any:
        from scipy.sparse import csr_matrix

        rows, found = _occurrences(subset, input_size)
        if not len(known):
            return csr_matrix((len(subset), 1), dtype=np.float32)
        columns = np.minimum(np.searchsorted(known, found), len(known) - 1)
        held = known[columns] == found
        ones = np.ones(int(held.sum()), dtype=np.float32)
        return csr_matrix((ones, (rows[held], columns[held])), shape=(len(subset), len(known)))

    return features


def _occurrences(subset: Subset, input_size: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Rows and codes of the runs that occur in them, each pair once."""
    lengths = subset.lengths + 2
    steps = int(lengths.max())
    tokens = np.zeros((len(subset), steps), dtype=np.int64)
    tokens[:, 1 : steps - 1] = subset.inputs[:, : steps - 2] + 1
    tokens[:, 0] = input_size + 1
    tokens[np.arange(len(subset)), lengths - 1] = input_size + 2
    base = input_size + 3
    rows, codes = [], []
    for size in range(1, LONGEST + 1):
        # The lengths differ by a leading one, so that runs of two sizes have no code in common.
        code = np.ones((len(subset), max(0, steps - size + 1)), dtype=np.int64)
        for offset in range(size):
            code = code * base + tokens[:, offset : offset + code.shape[1]]
        inside = np.arange(code.shape[1]) <= (lengths - size)[:, None]
        rows.append(np.nonzero(inside)[0])
        codes.append(code[inside])
    row, code = np.concatenate(rows), np.concatenate(codes)
    order = np.lexsort((code, row))
    row, code = row[order], code[order]
    first = np.ones(len(row), dtype=np.bool_)
    first[1:] = (row[1:] != row[:-1]) | (code[1:] != code[:-1])
    return row[first], code[first]
