"""Waiting for what another process brings about."""

from __future__ import annotations

import time
from collections.abc import Callable

PATIENCE = 120.0
"""Seconds for what takes a moment: the machine may be busy."""


def seconds_until(reached: Callable[[], object], seconds: float, every: float = 0.02) -> float | None:
    """Seconds until it is so, asked `every` so many; None where it is not within `seconds`."""
    began = time.monotonic()
    while not reached():
        if time.monotonic() - began > seconds:
            return None
        time.sleep(every)
    return time.monotonic() - began


def until(reached: Callable[[], object], what: str, seconds: float = PATIENCE, every: float = 0.02) -> float:
    """Seconds until it is so. Raises `TimeoutError`, which says `what` was waited for."""
    if (took := seconds_until(reached, seconds, every)) is None:
        raise TimeoutError(f"{what}: not within {seconds:.0f} s")
    return took
