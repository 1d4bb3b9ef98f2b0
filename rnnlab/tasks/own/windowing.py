"""Windows cut from recordings, or whole recordings, so that no data is in two subsets of the split."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from rnnlab.config.data import Data
from rnnlab.tasks.own.sequences import Sequences

USUAL_WINDOW = 128
"""Steps of a window, where recordings are long enough: 2.56 s at 50 Hz, as in Anguita et al. (2013) of the task har."""
SHORTEST_WINDOW = 8
_UNSET = (Data().window, Data().stride)
"""Window and stride of a series to forecast: what stands there when nobody has set them."""
BLOCKS = 10
"""Parts of a recording that are kept whole where there are no people to split by."""


@dataclass(frozen=True)
class Windowing:
    """Steps of a window, and from one to the next."""

    window: int
    stride: int


@dataclass(frozen=True)
class Segment:
    """Steps of one person and one label without a gap: values (steps, channels), label, its place and its group."""

    values: NDArray[np.float64]
    target: str | tuple[float, ...]
    where: str
    group: str = ""


def is_set(data: Data) -> bool:
    """Whether a window or a stride is set."""
    return (data.window, data.stride) != _UNSET


def windowing(data: Data, lengths: Sequence[int]) -> Windowing:
    """The windows that are set, or that suit segments of such lengths: half a usual one, at most `USUAL_WINDOW`, by halves."""
    if is_set(data):
        return Windowing(data.window, data.stride)
    usual = int(np.median(lengths)) if len(lengths) else USUAL_WINDOW
    window = max(SHORTEST_WINDOW, min(USUAL_WINDOW, usual // 2))
    return Windowing(window, max(1, window // 2))


def add_windows(sequences: Sequences, segments: Sequence[Segment], chosen: Windowing, *, grouped: bool) -> int:
    """Adds the windows of all segments to `sequences`; returns the number of segments that were too short for one.

    Without groups each segment is parted into blocks that no window crosses, each a group: windows that share steps are then
    never in two subsets.
    """
    short = 0
    for segment in segments:
        steps = len(segment.values)
        if steps < chosen.window:
            short += 1
            continue
        if grouped:
            parts = [(0, steps, segment.group)]
        else:
            count = max(1, min(BLOCKS, steps // chosen.window))
            edges = np.linspace(0, steps, count + 1).astype(int).tolist()
            parts = [
                (begin, end, f"{segment.where}, part {index}")
                for index, (begin, end) in enumerate(pairwise(edges), start=1)
            ]
        for begin, end, group in parts:
            for first in range(begin, end - chosen.window + 1, chosen.stride):
                values = segment.values[first : first + chosen.window]
                sequences.add(values, segment.target, f"{segment.where} step {first + 1}", group=group)
    return short
