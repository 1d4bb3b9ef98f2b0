"""A progress bar as text."""

from __future__ import annotations

import math

from rich.segment import Segment

from rnnlab.text.lines import Line
from rnnlab.text.palette import Palette, Role


def progress_bar(share: float, width: int, palette: Palette, *, role: Role = "train") -> Line:
    """A bar of exactly `width` cells, filled to `share` of one by half cells: ━━━━╸─────."""
    if width <= 0:
        return []
    share = min(1.0, max(0.0, share)) if math.isfinite(share) else 0.0
    halves = round(share * width * 2)
    full, half = divmod(halves, 2)
    done = "━" * full + "╸" * half
    return [Segment(done, palette.style(role)), Segment("─" * (width - full - half), palette.style("grid"))]
