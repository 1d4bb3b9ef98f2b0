"""Styles of the runs in one plot: colour and marker."""

from __future__ import annotations

from rnnlab.text.palette import Role

STYLES: tuple[tuple[Role, str], ...] = (
    ("train", "◆"),
    ("validation", "●"),
    ("good", "▲"),
    ("test", "■"),
    ("warning", "◇"),
    ("accent", "○"),
    ("bad", "△"),
    ("baseline", "□"),
)
"""Colour and marker of each run in turn: they differ without colour too. No more runs are drawn than there are styles."""
