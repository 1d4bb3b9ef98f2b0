"""A horizontal bar as text: █████▍."""

from __future__ import annotations

_EIGHTHS = " ▏▎▍▌▋▊▉"


def bar_text(share: float, width: int) -> str:
    """A bar of exactly `width` characters, filled to `share` of one by eighths; a share above zero is never empty."""
    eighths = round(min(1.0, max(0.0, share)) * width * 8)
    if share > 0:
        eighths = max(1, eighths)
    full, rest = divmod(eighths, 8)
    return ("█" * full + (_EIGHTHS[rest] if rest else "")).ljust(width)
