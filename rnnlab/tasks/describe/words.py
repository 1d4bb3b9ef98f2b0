"""Words of texts and pairs of words, for the baseline that a net on sentences has to beat.

Which words, and which two words side by side, occur in a text: Wang and Manning 2012, Baselines and bigrams, found such features
hard to beat on sentences and reviews.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import Any

import numpy as np

from rnnlab.tasks.encoding.words import words_of

_LEAST_TEXTS = 2
"""Training texts in which a feature has to occur: what is in one alone says nothing of others."""
_MOST = 60_000
"""Features: those in the most training texts."""


def word_features(train: Sequence[str]) -> Callable[[Sequence[str]], Any]:
    """Function from texts to their features: a SciPy matrix (texts, features) in CSR, 1 where the feature occurs, else 0.

    The features are the words, and the pairs of words side by side, of the training texts.
    """
    counts = Counter(feature for text in train for feature in _occurring(text))
    kept = sorted((-count, feature) for feature, count in counts.items() if count >= _LEAST_TEXTS)[:_MOST]
    column = {feature: index for index, (_, feature) in enumerate(kept)}

    def features(texts: Sequence[str]) -> Any:
        from scipy.sparse import csr_matrix

        ends, columns = [0], list[int]()
        for text in texts:
            columns += sorted(column[feature] for feature in _occurring(text) if feature in column)
            ends.append(len(columns))
        ones = np.ones(len(columns), dtype=np.float32)
        return csr_matrix((ones, columns, ends), shape=(len(texts), max(1, len(column))))

    return features


def _occurring(text: str) -> set[str]:
    words = words_of(text)
    # No word holds a blank, so that a pair is no word.
    return {*words, *map(" ".join, pairwise(words))}
