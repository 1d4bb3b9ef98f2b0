"""Baselines: constant predictions, naive forecasts, and classifiers that ignore the order of the steps.

All are fitted on the training rows alone. Scores are in the task's metric: accuracy, or the mean absolute error.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from rnnlab.config import RunConfig
from rnnlab.tasks.describe.features import simple_features
from rnnlab.tasks.describe.naive_forecast import naive_errors
from rnnlab.tasks.splitting.types import SUBSET_NAMES, Split, Subset

Scores = dict[str, float]
"""By the name of a subset."""
Classifier = Callable[[NDArray[np.float32]], NDArray[np.int64]]
"""Features (rows, features) → classes (rows,)."""

_MOST_ROWS = 20_000
"""Training rows that a baseline is fitted on; of more it takes an even sample."""
_LEAST_SPREAD = 0.2
_ITERATIONS = 60
_TOLERANCE = 1e-3


def all_baselines(split: Split, config: RunConfig) -> tuple[str, dict[str, Scores]]:
    """Name of the best simple baseline, and the scores of all by name, with the learned one of `data.baseline`.

    Of constants the best is the median, which none beats on the training rows; of naive forecasts that with the least
    error on the validation set.
    """
    found = simple_baselines(split)
    best = _best(split, found)
    kind = config.data.baseline
    if kind != "none" and split.card.problem == "classification":
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
        shown = f"{split.show_number(constant.astype(np.float32))}, " if split.outputs == 1 else ""
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
    with the training rows.
    """
    features = simple_features(split)
    raw = {name: features(split.subset(name)) for name in SUBSET_NAMES}
    center, spread = raw["train"].mean(axis=0), raw["train"].std(axis=0)
    if split.card.inputs == "tokens":
        # A rare letter must not weigh a hundredfold, and the regression converges in half the time.
        spread = np.maximum(spread, _LEAST_SPREAD)
    spread = np.where(spread > 0, spread, 1)
    scaled = {name: ((values - center) / spread).astype(np.float32) for name, values in raw.items()}
    targets = split.train.targets.astype(np.int64)
    known = scaled["train"]
    if len(known) > _MOST_ROWS:
        chosen = np.sort(np.random.default_rng(0).choice(len(known), _MOST_ROWS, replace=False))
        known, targets = known[chosen], targets[chosen]
    predict = _centroid(known, targets) if kind == "centroid" else _logistic(known, targets)
    name = "nearest centroid" if kind == "centroid" else "logistic regression"
    return name, {
        subset: float(np.mean(predict(scaled[subset]) == split.subset(subset).targets)) for subset in SUBSET_NAMES
    }


def _centroid(features: NDArray[np.float32], targets: NDArray[np.int64]) -> Classifier:
    present = np.unique(targets)
    means = np.stack([features[targets == label].mean(axis=0) for label in present])

    def predict(rows: NDArray[np.float32]) -> NDArray[np.int64]:
        # |row - mean|² without the term that is the same for every mean.
        nearest: NDArray[np.int64] = present[np.argmin((means**2).sum(axis=1) - 2 * rows @ means.T, axis=1)]
        return nearest

    return predict


def _logistic(features: NDArray[np.float32], targets: NDArray[np.int64]) -> Classifier:
    if len(np.unique(targets)) < 2:
        return _centroid(features, targets)
    from sklearn.linear_model import LogisticRegression

    model = LogisticRegression(max_iter=_ITERATIONS, tol=_TOLERANCE)
    with warnings.catch_warnings():
        # One that has not converged is a baseline all the same.
        warnings.simplefilter("ignore")
        model.fit(features, targets)

    def predict(rows: NDArray[np.float32]) -> NDArray[np.int64]:
        return np.asarray(model.predict(rows), dtype=np.int64)

    return predict
