"""Plain training: the settings of a textbook loop, without what a task's defaults add to it."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from rnnlab.config.tree import FIELDS

PLAIN: Mapping[str, object] = MappingProxyType(
    {
        "optim.schedule": "constant",
        "optim.clip_norm": None,
        "optim.clip_value": None,
        "model.dropout": 0.0,
        "optim.weight_decay": 0.0,
        "data.normalise": "none",
        "data.bucketing": "off",
    }
)
"""Constant learning rate, no clipping, no dropout, no weight decay, no normalisation, plain shuffling; all else as set."""


def plain_text() -> str:
    """The settings of `PLAIN` as text: `optim.schedule=constant, …`."""
    return ", ".join(f"{key}={FIELDS[key].text(value)}" for key, value in PLAIN.items())
