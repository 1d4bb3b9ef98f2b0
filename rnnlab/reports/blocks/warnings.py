"""What the lab noticed of the runs, with what to do about it; the same thing of many runs is said once."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from rnnlab.plots.run.status import status_sentence
from rnnlab.reports.document.document import Block
from rnnlab.reports.document.elements import Element, Paragraph, TableElement
from rnnlab.reports.document.simple_table import simple_table
from rnnlab.reports.material.choose import chosen_rows
from rnnlab.reports.material.material import Group, Material
from rnnlab.runs.state import RunState
from rnnlab.runs.verdict import few_updates_text, verdict_of
from rnnlab.text.table import Table

_NAMED = 6
"""Runs that are named of those with the same warning."""


class Warned(NamedTuple):
    """A warning: what kind it is, where in the run, what was noticed, and what to do."""

    kind: str
    where: str
    message: str
    remedy: str


def warnings(material: Material, block: Block) -> Iterator[Element]:
    """A table for each set of runs that compare, or a sentence where there is nothing to warn of."""
    any_of = any_begun = False
    for chosen in chosen_rows(material, block):
        group = chosen[0].group
        found: dict[str, list[tuple[str, Warned]]] = {}
        for name in sorted({name for each in chosen for name in each.names}):
            state = material.state(group, name)
            any_begun = any_begun or state.started is not None
            for warned in warnings_of(state):
                found.setdefault(warned.kind, []).append((name, warned))
        if found:
            any_of = True
            yield TableElement(_table(group, found))
    if any_begun and not any_of:
        yield Paragraph("Nothing to warn of was noticed in these runs.", "good")


def warnings_of(state: RunState) -> Iterator[Warned]:
    """What is to be said of one run: its end where that was bad, then what was noticed, each kind once."""
    verdict = verdict_of(state)
    if state.failed and (state.message or state.hint):
        yield Warned(f"{state.status} {state.kind}", f"epoch {state.epoch}", state.message or state.status, state.hint)
    elif verdict and verdict.label.replace(" ", "-") not in {each.kind for each in state.diagnoses}:
        yield Warned(verdict.label, "end", status_sentence(state.status, verdict)[1], "")
    if few := few_updates_text(state):
        message, _, remedy = few.partition("; ")
        yield Warned("few updates", "end", message, remedy)
    seen: set[str] = set()
    for each in state.diagnoses:
        if each.kind not in seen:
            seen.add(each.kind)
            yield Warned(f"noticed {each.kind}", f"epoch {each.epoch}", each.message, each.remedy)


def _table(group: Group, found: dict[str, list[tuple[str, Warned]]]) -> Table:
    rows = []
    for each in found.values():
        name, first = each[0]
        others = [other for other, _ in each[1:]]
        more = f" and {len(others) - _NAMED} more" if len(others) > _NAMED else ""
        also = f"; also {', '.join(others[:_NAMED])}{more}" if others else ""
        rows.append((f"{name}, {first.where}{also}", first.message, first.remedy))
    return simple_table(group.heading, (("run", True), ("what was noticed", True), ("what to do", True)), rows)
