"""Figures of a report: curves, confusion matrices, and figures of each class."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from rnnlab.errors import UsageError
from rnnlab.plots.run.figures import title_of
from rnnlab.plots.run.per_class import class_figures
from rnnlab.reports.blocks.simple_table import simple_table
from rnnlab.reports.choose import Chosen, best_run, chosen_rows
from rnnlab.reports.counts import Counted, summed_counts
from rnnlab.reports.document import Block
from rnnlab.reports.elements import Element, FigureElement, Paragraph, TableElement
from rnnlab.reports.figure import Figure
from rnnlab.reports.figures.confusion import confusion_figure, difference_figure
from rnnlab.reports.figures.curves import loss_figure, mean_figure, metric_figure
from rnnlab.reports.material import Material
from rnnlab.reports.questions.question import states_of
from rnnlab.runs.state import RunState
from rnnlab.text.numbers import probability, whole
from rnnlab.text.table import Table

_VALIDATION = "/validation"


def curves(material: Material, block: Block) -> Iterator[Element]:
    """The mean of each row with its band, or training and validation of each row's best run."""
    for chosen in chosen_rows(material, block):
        group = chosen[0].group
        states = {each.label: states_of(material, each) for each in chosen}
        figure = block.options["figure"] or group.comparison.metric
        known = _known([state for found in states.values() for state in found])
        if known and figure not in known:
            raise UsageError(
                f"{block.where}: figure = {figure!r} is none of these runs' figures; they have {', '.join(known)}"
            )
        if block.options["part"] == "both":
            for each in chosen:
                name = best_run(each)
                state = material.state(group, name)
                shown = f"{each.label} ({name})" if each.label != name else name
                drawn = loss_figure(state, shown) if figure == "loss" else metric_figure(state, shown, metric=figure)
                yield from _figure(drawn, f"{shown}: no {title_of(figure)} was recorded.")
        else:
            held = {label: found for label, found in states.items() if found}
            yield from _figure(
                mean_figure(held, figure) if held else None, f"{group.heading}: nothing was evaluated yet."
            )


def _known(states: Sequence[RunState]) -> list[str]:
    """The figures that have a curve on the validation part."""
    names = {name.removesuffix(_VALIDATION): None for state in states for name in state.curves if _VALIDATION in name}
    return list(names)


def _figure(figure: Figure | None, otherwise: str) -> Iterator[Element]:
    yield Paragraph(otherwise, "note") if figure is None else FigureElement(figure)


def confusion(material: Material, block: Block) -> Iterator[Element]:
    """A matrix of each row; of two rows both side by side, with their difference."""
    for chosen in chosen_rows(material, block):
        counted = list(_counted(material, block, chosen))
        if len(counted) == 2 and counted[0][1].classes == counted[1][1].classes:
            (first, ours), (second, theirs) = counted
            note = ours.where if ours.where == theirs.where else f"{ours.where}; {theirs.where}"
            yield from _figure(
                difference_figure((first, ours.counts), (second, theirs.counts), ours.classes, note),
                "There is no matrix.",
            )
            continue
        for label, found in counted:
            yield from _figure(
                confusion_figure(found.counts, found.classes, label, found.where), f"{label}: there is no matrix."
            )
        if not counted:
            yield Paragraph(f"{chosen[0].group.heading}: {_WITHOUT}", "note")


_WITHOUT = (
    "no confusion matrix is recorded: these runs predict numbers, have too many classes, or are not at their end."
)


def _counted(material: Material, block: Block, chosen: Sequence[Chosen]) -> Iterator[tuple[str, Counted]]:
    for each in chosen:
        found = summed_counts(material, each, block.options["part"] or None)
        if found is not None:
            yield each.label, found


def classes(material: Material, block: Block) -> Iterator[Element]:
    """A table of each row's precision, recall and F1."""
    for chosen in chosen_rows(material, block):
        counted = list(_counted(material, block, chosen))
        for label, found in counted:
            yield TableElement(_class_table(label, found))
        if not counted:
            yield Paragraph(f"{chosen[0].group.heading}: {_WITHOUT}", "note")


def _class_table(label: str, found: Counted) -> Table:
    lines = [
        (
            name,
            *("–" if value is None else probability(value) for value in (each.precision, each.recall, each.f1)),
            whole(each.rows),
        )
        for name, each in zip(found.classes, class_figures(found.counts), strict=True)
    ]
    columns = (("class", True), ("precision", False), ("recall", False), ("F1", False), ("rows", False))
    return simple_table(f"{label}: figures of each class ({found.where})", columns, lines)
