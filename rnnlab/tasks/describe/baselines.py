"""Baselines: constant predictions, naive forecasts, and classifiers that ignore the order of the steps.

All are fitted on the training rows alone. Scores are in the task's metric: accuracy, or the mean absolute error.
"""

from __future__ import annotations

import warnings
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rnnlab.config import RunConfig, UsageError
from rnnlab.runs.events import SubsetName
from rnnlab.tasks.describe.features import simple_features
from rnnlab.tasks.describe.naive_forecast import naive_errors
from rnnlab.tasks.describe.ngrams import ngram_features
from rnnlab.tasks.describe.score_cache import cached_scores
from rnnlab.tasks.describe.words import word_features
from rnnlab.tasks.encoding.tokens import to_text, to_tokens
from rnnlab.tasks.splitting.types import SUBSET_NAMES, Split, Subset

Scores = dict[str, float]
"""By the name of a subset."""
Classifier = Callable[[Any], NDArray[np.int64]]
"""Features (rows, features), dense or sparse → classes (rows,)."""
_LEARNED = {
    "centroid": "nearest centroid",
    "logistic": "logistic regression",
    "values": "logistic regression on all values",
    "ngrams": "logistic regression on character n-grams",
    "words": "logistic regression on words",
}
"""Name of each learned baseline, by the value of `data.baseline`."""
_KINDS: dict[str, tuple[str, ...]] = {"none": (), "texts": ("words", "ngrams")}
"""Baselines that a value of `data.baseline` stands for, where it is none or several."""
_OF_TEXTS = ("ngrams", "words")

_MOST_ROWS = 20_000
"""Training rows that a baseline is fitted on; of more it takes an even sample."""
_LEAST_SPREAD = 0.2
_MOST_SYMBOLS = 1000
"""Characters that n-grams tell apart, where the net reads words: the most frequent of the training texts."""
_MOST_CHARACTERS, _FEWEST_CHARACTERS = 4_000_000, 200
"""Characters of a subset whose n-grams are counted, where the net reads words: of longer texts the beginnings, at least so many
characters of each. Four million make 16 million runs, which are sorted in half a gigabyte."""
_MOST_VALUES = 4096
"""Values of a row, that a regression on all of them is fitted on."""
_ITERATIONS = 60
_TOLERANCE = 1e-3


def all_baselines(split: Split, config: RunConfig) -> tuple[str, dict[str, Scores]]:
    """Name of the best simple baseline, and the scores of all by name, with the learned one of `data.baseline`.

    Of constants the best is the median, which none beats on the training rows; of naive forecasts that with the least
    error on the validation set.
    """
    found = simple_baselines(split)
    best = _best(split, found)
    if split.card.problem == "classification":
        for kind in _KINDS.get(config.data.baseline, (config.data.baseline,)):
            name, scores = learned_baseline(split, kind)
            found[name] = scores
    return best, found


def simple_baselines(split: Split) -> dict[str, Scores]:
    """Baselines without learning: the majority class; median and mean; of a series also its naive forecasts."""
    if split.classes:
        counts = np.stack([class_counts(split.subset(name), len(split.classes)) for name in SUBSET_NAMES])
        majority = int(np.argmax(counts[0]))
        shares = counts[:, majority] / np.maximum(1, counts.sum(axis=1))
        return {f"always {split.classes[majority]}": dict(zip(SUBSET_NAMES, shares.tolist(), strict=True))}
    found: dict[str, Scores] = {}
    trained = split.train.targets.astype(np.float64)
    constants: dict[str, NDArray[np.float64]] = {"median": np.median(trained, axis=0), "mean": trained.mean(axis=0)}
    for kind, constant in constants.items():
        shown = f"{split.show_number(constant.astype(split.train.targets.dtype))}, " if split.outputs == 1 else ""
        found[f"always {shown}the training {kind}"] = {
            name: float(np.mean(np.abs(split.subset(name).targets - constant))) for name in SUBSET_NAMES
        }
    if split.series is not None:
        for name in SUBSET_NAMES:
            for lag, error in naive_errors(split.series, split.subset(name)).items():
                found.setdefault(lag, {})[name] = error
    return found


def class_counts(subset: Subset, classes: int) -> NDArray[np.int64]:
    """Number of targets of each class (classes,), at each step that has one; -1 stands for none."""
    targets = subset.targets.astype(np.int64).ravel()
    return np.bincount(targets[targets >= 0], minlength=classes)


def _best(split: Split, found: dict[str, Scores]) -> str:
    if split.series is None:
        return next(iter(found))
    # A naive forecast needs no fitting, and may not reach back from the first training windows.
    return min(found, key=lambda name: found[name].get("validation", np.inf))


def learned_baseline(split: Split, kind: str) -> tuple[str, Scores]:
    """Name of a learned baseline and its accuracy on each subset.

    `centroid`: the class whose mean is nearest. `logistic`: logistic regression. On `simple_features`, each standardised
    with the training rows. `ngrams`: logistic regression on `ngram_features`; `words`: on `word_features`; `values`: on all
    values of a row, one beside the other. Raises `UsageError` for n-grams and words of measurements, and for values of texts or
    of rows too long.
    """
    if kind in _OF_TEXTS and split.card.inputs != "tokens":
        raise UsageError(f"data.baseline = {kind} is of texts, and these inputs are measurements; set it to logistic")
    if kind == "values":
        _check_values(split)
    fit = partial(_fitted_scores, _sampled(split) if kind in _OF_TEXTS and split.texts else split, kind)
    return _LEARNED[kind], fit() if kind == "centroid" else cached_scores(split, kind, fit)


def _check_values(split: Split) -> None:
    """Raise `UsageError` where the values of a row are symbols, or too many."""
    if split.card.inputs == "tokens":
        raise UsageError("data.baseline = values is of measurements, and these inputs are texts; set it to ngrams")
    if (count := split.train.inputs[0].size) > _MOST_VALUES:
        raise UsageError(
            f"data.baseline = values is of at most {_MOST_VALUES:,} values a row, and these rows have {count:,}; "
            "set it to logistic"
        )


def _sampled(split: Split) -> Split:
    """The split with so many training rows as a baseline is fitted on: what they hold is counted in Python, row by row."""
    rows = len(split.train)
    if rows <= _MOST_ROWS:
        return split
    chosen = _even_sample(rows)
    train = split.train
    return replace(
        split,
        train=Subset(train.inputs[chosen], train.lengths[chosen], train.targets[chosen]),
        texts=split.texts | {"train": tuple(split.texts["train"][row] for row in chosen.tolist())},
    )


def _even_sample(rows: int) -> NDArray[np.int64]:
    return np.sort(np.random.default_rng(0).choice(rows, _MOST_ROWS, replace=False))


def _all_values(subset: Subset, count: int) -> NDArray[np.float32]:
    """The values of each row, zero past its length: (rows, count)."""
    flat = subset.inputs.reshape(len(subset), -1).astype(np.float32)
    found = np.zeros((len(subset), count), dtype=np.float32)
    found[:, : flat.shape[1]] = flat[:, :count]
    return found


def _fitted_scores(split: Split, kind: str) -> Scores:
    features = _features(split, kind)
    known, targets = features["train"], split.train.targets.astype(np.int64)
    rows = known.shape[0]
    if rows > _MOST_ROWS:
        chosen = _even_sample(rows)
        known, targets = known[chosen], targets[chosen]
    predict = _centroid(known, targets) if kind == "centroid" else _logistic(known, targets)
    return {name: float(np.mean(predict(features[name]) == split.subset(name).targets)) for name in SUBSET_NAMES}


def _features(split: Split, kind: str) -> dict[str, Any]:
    """The features of each subset."""
    if kind == "ngrams":
        return _ngrams(split)
    if kind == "words":
        texts = {name: _texts(split, name) for name in SUBSET_NAMES}
        of_texts = word_features(texts["train"])
        return {name: of_texts(texts[name]) for name in SUBSET_NAMES}
    count = int(split.train.inputs[0].size)
    features = partial(_all_values, count=count) if kind == "values" else simple_features(split)
    raw = {name: features(split.subset(name)) for name in SUBSET_NAMES}
    center, spread = raw["train"].mean(axis=0), raw["train"].std(axis=0)
    if split.card.inputs == "tokens":
        # A rare letter must not weigh a hundredfold, and the regression converges in half the time.
        spread = np.maximum(spread, _LEAST_SPREAD)
    spread = np.where(spread > 0, spread, 1)
    return {name: ((values - center) / spread).astype(np.float32) for name, values in raw.items()}


def _ngrams(split: Split) -> dict[str, Any]:
    """Features of runs of characters, which are the tokens but where texts are read word by word."""
    subsets, symbols = {name: split.subset(name) for name in SUBSET_NAMES}, split.input_size
    if split.vocabulary:
        frequent = Counter(character for text in split.texts["train"] for character in text).most_common(_MOST_SYMBOLS)
        alphabet = "".join(sorted(character for character, _ in frequent))
        symbols = len(alphabet) + 1
        for name, subset in subsets.items():
            most = max(_FEWEST_CHARACTERS, _MOST_CHARACTERS // len(subset))
            inputs, lengths = to_tokens([text[:most] for text in split.texts[name]], alphabet)
            subsets[name] = replace(subset, inputs=inputs, lengths=lengths)
    runs = ngram_features(subsets["train"], symbols)
    return {name: runs(subset) for name, subset in subsets.items()}


def _texts(split: Split, name: SubsetName) -> Sequence[str]:
    """Texts of the rows of a subset, as they stand in the file, or as their tokens spell them."""
    if split.texts:
        return split.texts[name]
    subset = split.subset(name)
    rows = zip(subset.inputs.astype(np.int32), subset.lengths.tolist(), strict=True)
    return [to_text(row[:length], split.symbols) for row, length in rows]


def _centroid(features: NDArray[np.float32], targets: NDArray[np.int64]) -> Classifier:
    present = np.unique(targets)
    means = np.stack([features[targets == label].mean(axis=0) for label in present])

    def predict(rows: NDArray[np.float32]) -> NDArray[np.int64]:
        # |row - mean|² without the term that is the same for every mean.
        nearest: NDArray[np.int64] = present[np.argmin((means**2).sum(axis=1) - 2 * rows @ means.T, axis=1)]
        return nearest

    return predict


def _logistic(features: Any, targets: NDArray[np.int64]) -> Classifier:
    present = np.unique(targets)
    if len(present) < 2:
        return lambda rows: np.full(rows.shape[0], present[0])
    from sklearn.linear_model import LogisticRegression

    model = LogisticRegression(max_iter=_ITERATIONS, tol=_TOLERANCE)
    with warnings.catch_warnings():
        # One that has not converged is a baseline all the same.
        warnings.simplefilter("ignore")
        model.fit(features, targets)

    def predict(rows: Any) -> NDArray[np.int64]:
        return np.asarray(model.predict(rows), dtype=np.int64)

    return predict
