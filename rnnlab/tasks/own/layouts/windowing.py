"""Windows cut from recordings, or whole recordings, so that no data is in two subsets of the split."""

from __future__ import annotations

import hashlib
from collections.abc import Container, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from rnnlab.config.data import Data
from rnnlab.tasks.own.common.limits import FEWEST_GROUPS
from rnnlab.tasks.own.common.sequences import Sequences

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
    """Steps of one recording and one label without a gap: values (steps, channels), the label, its place.

    `group` is its person, empty where none is known; `recording` what it is a part of; `test`: it is of the test set.
    """

    values: NDArray[np.float64]
    target: str | tuple[float, ...]
    where: str
    group: str = ""
    recording: str = ""
    test: bool = False


@dataclass(frozen=True)
class CutSequences:
    """Sequences with the windows that they were cut by (None: they are whole), and what a group of the split is."""

    sequences: Sequences
    windows: Windowing | None
    group: str


@dataclass(frozen=True)
class WindowSettings:
    """Window and stride as they are set; None where nobody has set them."""

    window: int | None = None
    stride: int | None = None

    @classmethod
    def of(cls, data: Data, given: Container[str] = ()) -> WindowSettings:
        """The settings of a run; `given` are the keys that a person has set, as far as that is known.

        A stride of 1, and 32 steps with it, is what stands there for a series: it counts as not set.
        """
        if (data.window, data.stride) == _UNSET and "data.window" not in given:
            return cls()
        return cls(data.window, data.stride if data.stride != Data().stride else None)

    @property
    def given(self) -> bool:
        """Whether windows are asked for."""
        return self.window is not None

    def suiting(self, lengths: Sequence[int]) -> Windowing:
        """The windows that are set, or that suit segments of such lengths: half a usual one, at most `USUAL_WINDOW`."""
        usual = int(np.median(lengths)) if len(lengths) else USUAL_WINDOW
        window = self.window or max(SHORTEST_WINDOW, min(USUAL_WINDOW, usual // 2))
        return Windowing(window, self.stride or max(1, window // 2))


def cut_windows(
    sequences: Sequences, segments: Sequence[Segment], settings: WindowSettings, person: str = "folder"
) -> CutSequences:
    """Adds the windows of all segments to `sequences`, and says how many there are; `person` is what a person is called.

    No window shares steps with one of another subset: the split keeps persons together, where there are some, else recordings,
    where each label stands in some, else parts of a segment that no window crosses.
    """
    findings = sequences.findings
    chosen = settings.suiting([len(segment.values) for segment in segments])
    groups, noun = _groups(segments, person)
    short = repeated = 0
    seen: set[bytes] = set()
    for segment, group in zip(segments, groups, strict=True):
        steps = len(segment.values)
        if steps < chosen.window:
            short += 1
            continue
        parts = 1 if group else max(1, min(BLOCKS, steps // chosen.window))
        edges = np.linspace(0, steps, parts + 1).astype(int).tolist()
        for part, (begin, end) in enumerate(pairwise(edges), start=1):
            for first in range(begin, end - chosen.window + 1, chosen.stride):
                values = segment.values[first : first + chosen.window]
                key = hashlib.blake2b(values.tobytes(), digest_size=16).digest()
                if key in seen:  # a sensor at rest: the same in the test part would be a leak
                    repeated += 1
                    continue
                seen.add(key)
                sequences.add(
                    values,
                    segment.target,
                    f"{segment.where} step {first + 1}",
                    test=segment.test,
                    group=group or f"{segment.where}, part {part}",
                )
    apart = f", of {len(set(groups)):,} by {noun[:40]}, none of which is in two parts of the split" if noun else ""
    findings.facts["windows"] = {"window": chosen.window, "stride": chosen.stride, "stretches": len(segments)}
    findings.warn(
        "windows",
        f"{sequences.rows:,} windows of {chosen.window:,} steps, one every {chosen.stride:,} (data.window, data.stride), were "
        f"cut from {len(segments):,} stretches of one label{apart}",
        count=sequences.rows,
    )
    if repeated:
        findings.warn(
            "same windows", f"{repeated:,} windows with the values of an earlier one are left out", count=repeated
        )
    if short:
        findings.warn(
            "short", f"{short:,} stretches of one label are shorter than a window and are left out", count=short
        )
    return CutSequences(sequences, chosen, noun or "part")


def _groups(segments: Sequence[Segment], person: str) -> tuple[list[str], str]:
    """Group of each segment, and what it is; empty where neither persons nor recordings can be kept together."""
    people = [segment.group for segment in segments]
    trained = [segment for segment in segments if not segment.test]
    if len({segment.group for segment in trained}) >= FEWEST_GROUPS:
        return people, person
    recordings = [segment.recording for segment in segments]
    held: dict[str | tuple[float, ...], set[str]] = {}
    for segment in trained:
        held.setdefault(segment.target, set()).add(segment.recording)
    if held and min(map(len, held.values())) >= FEWEST_GROUPS:
        return recordings, "recording"
    return [""] * len(segments), ""
