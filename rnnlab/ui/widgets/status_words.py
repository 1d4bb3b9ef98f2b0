"""What a run is doing, as a glyph, a word and a colour: the same on every screen."""

from __future__ import annotations

from rnnlab.plots.palette import Role
from rnnlab.runs.state import Status

_WORDS: dict[Status, tuple[str, str, Role]] = {
    "queued": ("○", "queued", "muted"),
    "loading": ("◌", "loading", "accent"),
    "training": ("●", "training", "good"),
    "evaluating": ("●", "evaluating", "good"),
    "saving": ("●", "saving", "good"),
    "paused": ("‖", "paused", "warning"),
    "completed": ("✓", "completed", "good"),
    "stopped": ("■", "stopped", "muted"),
    "early-stopped": ("✓", "stopped early", "good"),
    "diverged": ("✗", "diverged", "bad"),
    "failed": ("✗", "failed", "bad"),
    "interrupted": ("✗", "process gone", "bad"),
}
"""Shapes differ as well as colours: without colour the glyph still tells."""


def status_words(status: Status) -> tuple[str, str, Role]:
    """The glyph, the word and the colour's role."""
    return _WORDS[status]
