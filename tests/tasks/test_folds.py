"""Nobody in two parts: the folds are those of scikit-learn's StratifiedGroupKFold."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rnnlab.tasks.splitting.folds import group_folds, kept_groups


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 2**16), st.integers(2, 5), st.integers(6, 14))
def test_the_folds_are_scikit_learns(seed: int, folds: int, people: int) -> None:
    from sklearn.model_selection import StratifiedGroupKFold

    draw = np.random.default_rng(seed)
    labels = draw.integers(0, 4, 200)
    groups = draw.integers(0, people, 200)
    labels[:20] = np.repeat(np.arange(4), 5)  # each class often enough for every fold
    groups[:people] = np.arange(people)
    places = group_folds(labels, groups, np.arange(people), folds)
    theirs = StratifiedGroupKFold(n_splits=folds).split(np.zeros(200), labels, groups)
    for fold, (_, tested) in enumerate(theirs):
        assert set(np.flatnonzero(places == fold).tolist()) == set(groups[tested].tolist())


@given(st.permutations(list(range(8))), st.sampled_from([0.125, 0.2, 0.25, 0.5]))
def test_about_the_share_wanted_is_kept_and_the_order_decides_whom(order: list[int], share: float) -> None:
    groups = np.repeat(np.arange(8), 30)
    labels = np.tile(np.arange(3), 80)
    kept = kept_groups(labels, groups, np.array(order), share)
    assert order[0] in kept
    assert len(kept) == pytest.approx(8 * share, abs=1)


def test_one_group_cannot_be_kept_apart() -> None:
    with pytest.raises(ValueError, match="fewer than two"):
        kept_groups(np.zeros(4, dtype=np.int64), np.zeros(4, dtype=np.int64), np.array([0]), 0.2)
