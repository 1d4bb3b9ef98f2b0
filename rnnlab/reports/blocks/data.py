"""The data as the log of a run describes them: parts, classes and imbalance, leaks, baselines, notes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from rnnlab.plots.dataset.profile import leak_block
from rnnlab.plots.run.figure_table import SPLITS
from rnnlab.plots.run.figures import baselines_of, format_of, title_of
from rnnlab.plots.run.report import leak_sentence
from rnnlab.reports.document.document import Block
from rnnlab.reports.document.elements import Element, Items, Paragraph, TableElement
from rnnlab.reports.document.simple_table import facts_table, simple_table
from rnnlab.reports.material.material import Group, Material
from rnnlab.runs.data_summary import DataSummary
from rnnlab.runs.normalised import how_normalised
from rnnlab.runs.state import RunState
from rnnlab.text.lines import to_text
from rnnlab.text.numbers import percent, whole
from rnnlab.text.palette import MONO
from rnnlab.text.table import Table

_ANY_WIDTH = 10_000
_MOST_CLASSES = 60
IMBALANCED = 3.0
"""Rows of the largest class for each of the smallest, from which on classes are called imbalanced."""


def data(material: Material, _block: Block) -> Iterator[Element]:
    """A card for each set of data."""
    seen: list[DataSummary] = []
    for group in material.groups:
        state = material.begun(group)
        if state is None or state.started is None:
            yield Paragraph(f"{group.heading}: no run has loaded its data yet.", "note")
            continue
        if state.started.data in seen:
            yield Paragraph(f"{group.heading}: the same data as above.", "note")
            continue
        seen.append(state.started.data)
        yield from _card(group, state, state.started.data)


def _card(group: Group, state: RunState, found: DataSummary) -> Iterator[Element]:
    normalised = how_normalised(found.task, found.reads_tokens, found.scale, _normalise(state))
    yield TableElement(
        facts_table(
            f"{group.heading} · {found.title}",
            [
                ("problem", found.problem),
                ("split", found.split),
                ("input", _input_text(found)),
                ("longest sequence", f"{whole(found.longest)} steps" if found.longest else ""),
                ("unit", found.unit),
                ("normalised", normalised),
            ],
        )
    )
    yield from _leaks(state, found)
    if found.rows:
        yield TableElement(_parts(found))
    if any(found.counts_of(part) for part in SPLITS):
        yield TableElement(_classes(found))
    if counts := found.counts_of("train"):
        yield Paragraph(imbalance_sentence(found.classes, counts))
    if baselines := baselines_of(state):
        yield TableElement(_baselines(found, baselines))
    if found.notes:
        yield Items(found.notes)


def _normalise(state: RunState) -> str | None:
    value = state.started.config.get("data", {}).get("normalise") if state.started else None
    return value if isinstance(value, str) else None


def _input_text(found: DataSummary) -> str:
    if found.vocabulary:
        return f"words, {whole(len(found.vocabulary))} of them known"
    if found.symbols:
        return f"characters, {whole(len(found.symbols))} of them known"
    return f"{whole(found.input_size)} value{'' if found.input_size == 1 else 's'} a step" if found.input_size else ""


def _leaks(state: RunState, found: DataSummary) -> Iterator[Element]:
    """What training has seen of the other parts, in the words of `rnnlab show` and `rnnlab data show`."""
    if found.leaks:
        yield Paragraph(leak_sentence(state), "warning")
        return
    document: dict[str, Any] = {"leaks": {}} | ({"series": True} if found.problem == "forecasting" else {})
    for line in leak_block(document, _ANY_WIDTH, MONO):
        yield Paragraph(to_text([line]).strip().removeprefix("✓ "), "good")


def _parts(found: DataSummary) -> Table:
    total = sum(found.rows.values()) or 1
    rows = [
        (part, whole(found.rows[part]), percent(found.rows[part] / total, 1)) for part in SPLITS if part in found.rows
    ]
    return simple_table("Parts", (("part", True), ("sequences", False), ("share", False)), rows)


def _classes(found: DataSummary) -> Table:
    counts = {part: found.counts_of(part) for part in SPLITS if found.counts_of(part)}
    totals = [sum(column) for column in zip(*counts.values(), strict=True)]
    every = sum(totals) or 1
    rows = [
        (
            name,
            whole(totals[at]),
            percent(totals[at] / every, 1),
            *(whole(column[at]) for column in counts.values()),
        )
        for at, name in enumerate(found.classes)
    ]
    notes = [f"{len(rows) - _MOST_CLASSES} more classes"] if len(rows) > _MOST_CLASSES else []
    columns = [("class", True), ("sequences", False), ("share", False), *((part, False) for part in counts)]
    if "step" in found.problem:
        columns[1] = ("steps", False)
    return simple_table("Classes", columns, rows[:_MOST_CLASSES], notes)


def imbalance_sentence(classes: Sequence[str], counts: Sequence[int]) -> str:
    """How unequal the classes of the training part are, and what predicting the most frequent one alone would score."""
    total = sum(counts) or 1
    most, least = counts.index(max(counts)), counts.index(min(counts))
    share = percent(counts[most] / total, 1)
    if counts[least] and counts[most] < IMBALANCED * counts[least]:
        return (
            f"The classes are of similar size: the largest, {classes[most]}, is {share} of the training part, and "
            f"the smallest, {classes[least]}, {percent(counts[least] / total, 1)}."
        )
    times = f"{counts[most] / counts[least]:.0f} times as many as" if counts[least] else "and none is of"
    return (
        f"The classes are imbalanced: {classes[most]} is {share} of the training part, {times} "
        f"{classes[least]}. A net that always predicts {classes[most]} has that accuracy; macro F1 and balanced "
        "accuracy count every class alike."
    )


def _baselines(found: DataSummary, baselines: dict[str, dict[str, float]]) -> Table:
    parts = [part for part in SPLITS if any(part in scores for scores in baselines.values())]
    shown = format_of(found.metric)
    rows = [(name, *(shown(scores[p]) if p in scores else "–" for p in parts)) for name, scores in baselines.items()]
    unit = f", {found.unit}" if found.unit and found.metric in ("mae", "rmse") else ""
    return simple_table(
        f"Baselines: {title_of(found.metric)}{unit}", [("baseline", True), *((part, False) for part in parts)], rows
    )
