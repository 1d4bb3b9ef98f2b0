"""Intervals and differences as text, without NumPy: the command line writes them and the app shows them alike."""

from __future__ import annotations

from rnnlab.plots.run.figures import format_of
from rnnlab.sweeps.results import Interval


def signed(value: float, figure: str) -> str:
    """A difference with its sign: +.011, −.004."""
    return ("−" if value < 0 else "+") + format_of(figure)(abs(value))


def interval_text(interval: Interval, figure: str) -> str:
    """The ends of an interval of a figure: `.832 to .840`."""
    shown = format_of(figure)
    return f"{shown(interval.low)} to {shown(interval.high)}"
