"""Which setting matters: told where it can be, and not where chance would say as much."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

from rnnlab.sweeps.conclude.importance import LEAST, setting_importance


def study(n: int, seed: int = 0) -> tuple[list[dict[str, Any]], list[float]]:
    """Settings drawn at random; the learning rate alone decides, and more than noise does."""
    rng = np.random.default_rng(seed)
    configs: list[dict[str, Any]] = [
        {
            "optim.lr": float(10 ** rng.uniform(-4, -1)),
            "model.name": str(rng.choice(["gru", "lstm"])),
            "model.hidden": (int(rng.choice([32, 64])),),
            "optim.clip_norm": 1.0 if rng.random() < 0.5 else None,
        }
        for _ in range(n)
    ]
    scores = [0.8 + 0.02 * (math.log10(config["optim.lr"]) + 4) + float(rng.normal(0, 0.01)) for config in configs]
    return configs, scores


def test_the_setting_that_decides_is_first_and_beyond_chance() -> None:
    first, *others = setting_importance(*study(48))
    assert first.key == "optim.lr"
    assert first.share > first.by_chance
    assert first.p < 0.05
    assert {each.key for each in others} == {"model.name", "model.hidden", "optim.clip_norm"}
    assert all(each.p > 0.05 and each.share <= first.share for each in others)


def test_a_useless_setting_is_seldom_said_to_matter() -> None:
    wrong = 0
    for seed in range(60):
        configs, _ = study(LEAST, seed)
        noise = np.random.default_rng(1000 + seed).normal(size=LEAST).tolist()
        wrong += any(each.p < 0.05 for each in setting_importance(configs, noise))
    assert wrong <= 8  # three expected at .05 of 60


def test_the_share_of_a_setting_that_alone_decides_is_one() -> None:
    configs = [{"model.layers": 1 + n % 2, "train.batch_size": 16 * (1 + n // 12)} for n in range(24)]
    first, second = setting_importance(configs, [0.8 + 0.1 * (n % 2) for n in range(24)])
    assert (first.key, second.key) == ("model.layers", "train.batch_size")
    assert (first.share, second.share) == pytest.approx((1.0, 0.0), abs=1e-12)


def test_below_24_configurations_nothing_is_ranked() -> None:
    configs, scores = study(LEAST)
    assert setting_importance(configs, scores)
    assert setting_importance(configs[1:], scores[1:]) == []
    assert setting_importance(configs, [math.nan, *scores[1:]]) == []
    assert setting_importance(configs, [0.8] * LEAST) == []
    assert setting_importance([], []) == []


def test_it_is_the_same_each_time() -> None:
    assert setting_importance(*study(30)) == setting_importance(*study(30))
