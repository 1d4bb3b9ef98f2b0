"""How slow this machine is, for tests that bound processor time: work that grows with the square must fail them,
a slow processor must not."""

from __future__ import annotations

import time

_USUAL = 0.06
"""Seconds of processor time that a common processor needs for the loop."""


def slowness() -> float:
    """By what a bound is to be multiplied: 1 on a common processor or a quicker one."""
    return max(1.0, min(map(_loop, range(3))) / _USUAL)


def _loop(_: int) -> float:
    began = time.process_time()
    total = 0
    for number in range(1_000_000):
        total += number
    return time.process_time() - began
