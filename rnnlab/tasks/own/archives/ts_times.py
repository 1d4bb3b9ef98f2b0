"""Values with their times in a `.ts` file: `(0,1.5),(1,2.5):(0,3),(1,4)`, the times numbers or dates."""

from __future__ import annotations

import re
from datetime import UTC, datetime

import numpy as np
from numpy.typing import NDArray

from rnnlab.tasks.own.common.limits import MOST_CHANNELS
from rnnlab.tasks.own.common.row_batch import RowBatch
from rnnlab.tasks.own.values.numbers import number_of

_PAIR = re.compile(r"\(([^()]*),([^(),]*)\)")
_BETWEEN = re.compile(r"[\s,]*")


def values_in_time(body: str, batch: RowBatch, where: str) -> NDArray[np.float64] | None:
    """Values (steps, channels) of a case in the order of their times, NaN where a dimension has none at a time.

    None, and noted, where it cannot be read.
    """
    dimensions = _dimensions(body)
    if len(dimensions) > MOST_CHANNELS:
        batch.row("ragged", where, f"more than {MOST_CHANNELS:,} dimensions")
        return None
    channels = []
    for dimension in dimensions:
        channel = _channel(dimension, batch, where)
        if channel is None:
            return None
        channels.append(channel)
    times = np.unique(np.concatenate([moments for moments, _ in channels]))
    if not len(times):
        batch.row("empty row", where, "there is no value")
        return None
    values = np.full((len(times), len(channels)), np.nan)
    for index, (moments, numbers) in enumerate(channels):
        values[np.searchsorted(times, moments), index] = numbers
    return values


def _dimensions(body: str) -> list[str]:
    """The dimensions: colons part them, but not those of a clock within brackets."""
    found, begin, open_at = [], 0, False
    for match in re.finditer(r"[():]", body):
        if match.group() != ":":
            open_at = match.group() == "("
        elif not open_at:
            found.append(body[begin : match.start()])
            begin = match.end()
    return [*found, body[begin:]]


def _channel(text: str, batch: RowBatch, where: str) -> tuple[NDArray[np.float64], NDArray[np.float64]] | None:
    """Times and values of one dimension; None, and noted, where it holds something else."""
    if text.strip() in ("", "?"):
        return np.zeros(0), np.zeros(0)
    times, values = [], []
    position = 0
    for match in _PAIR.finditer(text):
        if _BETWEEN.fullmatch(text, position, match.start()) is None:
            break
        moment, value = _moment(match[1].strip()), number_of(match[2])
        if moment is None or value is None:
            wrong = match[1] if moment is None else match[2]
            what = "a time" if moment is None else "a number"
            batch.row("not a number", where, f"{wrong.strip()[:20]!r} is not {what}")
            return None
        times.append(moment)
        values.append(value)
        position = match.end()
    if _BETWEEN.fullmatch(text, position) is None:
        batch.row("not a number", where, f"{text[position:].strip()[:20]!r} is no (time,value)")
        return None
    return np.array(times), np.array(values, dtype=np.float64)


def _moment(word: str) -> float | None:
    """A time in its own unit, or in seconds where it is a date."""
    number = number_of(word)
    if number is not None:
        return None if number != number else number
    try:
        return datetime.fromisoformat(word.strip("\"'")).replace(tzinfo=UTC).timestamp()
    except (ValueError, OverflowError, OSError):
        return None
