"""Importance of settings in a study: the main effect of each, beside what a setting that does nothing would show."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rnnlab.sweeps.results import Importance
from rnnlab.sweeps.statistics import LEVEL, Floats, holm

LEAST = 24
"""Configurations from which on settings are ranked: of 12, one study in five ranks a useless setting first."""
SHUFFLES = (199, 999)
"""The fewest and the most; in between as many as shuffle a million scores, a fifth of a second."""
_MOST_LEVELS = 5
_GROUPS = 3
"""Groups of equal size into which numbers with more values than `_MOST_LEVELS` are cut, by rank."""
_SHUFFLED = 1_000_000


def setting_importance(configs: Sequence[Mapping[str, Any]], scores: Sequence[float]) -> list[Importance]:
    """Main effect of each setting on the configurations' mean scores, the largest first; empty below `LEAST` of them.

    The share (eta squared) of the variance between configurations that the setting's values explain alone: not what it does only
    together with another one, nor outside the values that were tried. Its uncertainty is what shuffled scores give:
    `by_chance` and `p`. Left out are configurations without a finite score, and settings with almost as many
    unordered values as there are configurations.
    """
    found = np.asarray(scores, dtype=float)
    kept = [index for index in range(len(found)) if np.isfinite(found[index])]
    found = found[kept]
    if len(kept) < LEAST or np.ptp(found) == 0:
        return []
    keys = list(dict.fromkeys(key for index in kept for key in configs[index]))
    coded = {key: _codes([configs[index].get(key) for index in kept]) for key in keys}
    coded = {key: codes for key, codes in coded.items() if 1 < codes.max() + 1 <= len(kept) // 2}
    if not coded:
        return []
    found = (found - found.mean()) / np.sqrt(((found - found.mean()) ** 2).sum())
    shares = {key: float(_explained(found[None], codes)[0]) for key, codes in coded.items()}
    rng = np.random.default_rng(0)
    fewest, most = SHUFFLES
    shuffles = max(fewest, min(most, _SHUFFLED // len(found)))
    shuffled = rng.permuted(np.tile(found, (shuffles, 1)), axis=1)
    by_chance = {key: _explained(shuffled, codes) for key, codes in coded.items()}
    p_values = [(1 + int((by_chance[key] >= shares[key] - 1e-12).sum())) / (1 + shuffles) for key in coded]
    results = [
        Importance(key, shares[key], float(np.quantile(by_chance[key], LEVEL)), p)
        for key, p in zip(coded, holm(p_values), strict=True)
    ]
    return sorted(results, key=lambda each: -each.share)


def _codes(values: Sequence[Any]) -> NDArray[np.int64]:
    """The values as levels 0, 1, …; many different numbers as groups of equal size."""
    plain = all(isinstance(value, int | float) and not isinstance(value, bool) for value in values)
    if plain and len(set(values)) > _MOST_LEVELS:
        ordered = np.sort(np.asarray(values, dtype=float))
        edges = np.unique([ordered[len(ordered) * part // _GROUPS] for part in range(1, _GROUPS)])
        return np.searchsorted(edges, np.asarray(values, dtype=float), side="right").astype(np.int64)
    levels: dict[str, int] = {}
    return np.array([levels.setdefault(repr(value), len(levels)) for value in values], dtype=np.int64)


def _explained(scores: Floats, codes: NDArray[np.int64]) -> Floats:
    """Share of the variance that lies between the levels, of each line of `scores`: mean 0, sum of squares 1."""
    levels, codes = np.unique(codes, return_inverse=True)
    member = np.zeros((scores.shape[1], len(levels)))
    member[np.arange(len(codes)), codes] = 1.0
    return np.asarray(((scores @ member) ** 2 / member.sum(0)).sum(1))
