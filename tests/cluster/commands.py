"""Commands that the tests of both engines give on a cluster."""

from __future__ import annotations

ENDLESS = (
    "sweep",
    "sinusoids",
    "--over",
    "model.hidden=4;6;8",
    "train.epochs=100000",
    "train.patience=none",
    "--plain",
)
"""A sweep of three runs that end only where they are stopped."""
