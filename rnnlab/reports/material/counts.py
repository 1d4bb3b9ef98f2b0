"""Confusion counts of the best weights of a row's runs, summed over its seeds."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from rnnlab.reports.material.choose import Chosen
from rnnlab.reports.material.material import Material
from rnnlab.runs.events import SubsetName
from rnnlab.runs.summary import final_evaluations


class Counted(NamedTuple):
    """Counts, `counts[true][predicted]`, with the classes, the part of the data, and over how many runs they are summed."""

    counts: tuple[tuple[int, ...], ...]
    classes: tuple[str, ...]
    part: SubsetName
    runs: int

    @property
    def where(self) -> str:
        """Where the counts are from, in words."""
        return f"{self.part} part" + (f", summed over {self.runs} seeds" if self.runs > 1 else "")


def summed_counts(material: Material, chosen: Chosen, part: SubsetName | None = None) -> Counted | None:
    """The counts on `part`; without it on the test part, or on validation where no run was tested. None where there are none."""
    wanted_parts: tuple[SubsetName, ...] = (part,) if part else ("test", "validation")
    for wanted in wanted_parts:
        found = _on(material, chosen, wanted)
        if found is not None:
            return found
    return None


def _on(material: Material, chosen: Chosen, part: SubsetName) -> Counted | None:
    total: list[list[int]] = []
    classes: tuple[str, ...] = ()
    runs = 0
    for name in chosen.names:
        event = next((each for each in final_evaluations(material.run(chosen.group, name)) if each.split == part), None)
        started = material.state(chosen.group, name).started
        if event is None or event.confusion is None or started is None:
            continue
        if not _square(event.confusion, len(started.data.classes)) or classes not in ((), started.data.classes):
            continue
        classes = started.data.classes
        total = total or [[0] * len(classes) for _ in classes]
        for at, row in enumerate(event.confusion):
            total[at] = [held + count for held, count in zip(total[at], row, strict=True)]
        runs += 1
    return Counted(tuple(map(tuple, total)), classes, part, runs) if runs else None


def _square(counts: Sequence[Sequence[int]], size: int) -> bool:
    return size > 0 and len(counts) == size and all(len(row) == size for row in counts)
