"""Which axis of an array is which: rows, steps, channels."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from rnnlab.tasks.own.arrays.array_files import Stored
from rnnlab.tasks.own.arrays.array_names import PartName
from rnnlab.tasks.own.common.findings import Findings

_CHANNEL_NAMES = re.compile(
    r"(channel|feature|sensor|column|signal|variable|dimension|axis|axes|lead|joint)s?_?(name|label|title)?s?$"
)
_TIMES = re.compile(r"(t|time|times|timestamps?|time_?steps?|seconds|secs|ms)$")


@dataclass(frozen=True)
class Layout:
    """Axes of an array of inputs: `first` where channels stand before steps. `shape` is it without axes of length 1 too many."""

    shape: tuple[int, ...]
    first: bool

    @property
    def steps(self) -> int:
        """Number of steps of a row."""
        return self.shape[2] if self.first and len(self.shape) == 3 else self.shape[1]

    @property
    def channels(self) -> int:
        """Number of channels."""
        return 1 if len(self.shape) == 2 else self.shape[1] if self.first else self.shape[2]


def squeezed(shape: tuple[int, ...]) -> tuple[int, ...]:
    """The shape with at most three axes: of more, those of length 1 are taken out, the last first, but not the rows."""
    found = list(shape)
    while len(found) > 3 and 1 in found[1:]:
        del found[len(found) - 1 - found[::-1].index(1)]
    return tuple(found)


def layouts(
    inputs: Mapping[PartName, Stored],
    others: Mapping[str, tuple[int, ...] | None],
    masks: Mapping[PartName, Stored],
    longest: int,
    setting: str,
    findings: Findings,
) -> dict[PartName, Layout]:
    """Layout of the inputs of each part, `inputs`; what was assumed is noted.

    Channels stand last, or where `setting` says, or first where another array says so: `others` are the shapes of those that
    are not used, `masks` those beside the inputs, `longest` is the largest of the lengths (0: there are none).
    """
    shapes = {part: squeezed(stored.shape) for part, stored in inputs.items()}
    name, shape = inputs["train"].name, shapes["train"]
    if len(shape) != 3:
        return {part: Layout(shape, first=False) for part, shape in shapes.items()}
    first = setting == "first"
    said = _told(shapes, others, {part: squeezed(stored.shape) for part, stored in masks.items()}, longest)
    _, one, other = shape
    if not first and said and not said[1]:
        first = True
        findings.warn(
            "channels",
            f"{name} was read as {_axes(other, one)}, channels first, as {said[0]} says",
        )
    elif not first and not said and one < other:
        findings.warn(
            "channels",
            f"{name} was read as {_axes(one, other)}; if it is {_axes(other, one)}, set data.channels=first",
        )
    return {part: Layout(shape, first) for part, shape in shapes.items()}


def _axes(steps: int, channels: int) -> str:
    return f"{steps:,} step{'' if steps == 1 else 's'} of {channels:,} channel{'' if channels == 1 else 's'}"


def _told(
    shapes: Mapping[PartName, tuple[int, ...]],
    others: Mapping[str, tuple[int, ...] | None],
    masks: Mapping[PartName, tuple[int, ...]],
    longest: int,
) -> tuple[str, bool] | None:
    """What says where the channels stand, and whether that is last; None where nothing does, or they disagree."""
    _, one, other = shapes["train"]
    if one == other:
        return None
    found: list[tuple[str, bool]] = []
    for part, shape in shapes.items():
        if len(shape) == 3 and (shape[1] == one) != (shape[2] == other):
            found.append((f"the shape of X_{part} beside that of X_train", shape[2] == other))
    for part, shape in masks.items():
        if len(shape) == 2 and part == "train" and shape[1] in (one, other):
            found.append(("the shape of the mask", shape[1] == one))
    if longest and longest <= max(one, other) and (longest > min(one, other) or longest in (one, other)):
        found.append(("the largest of the lengths", longest <= one if one > other else longest <= min(one, other)))
    for name, known in others.items():
        if known is None or len(known) != 1 or known[0] not in (one, other):
            continue
        if _CHANNEL_NAMES.search(name.lower()):
            found.append((f"the length of {name[:40]}", known[0] == other))
        elif _TIMES.search(name.lower()):
            found.append((f"the length of {name[:40]}", known[0] == one))
    return found[0] if len({last for _, last in found}) == 1 else None
