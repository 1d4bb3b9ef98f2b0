"""Figures of a report: curves, scores over settings, confusion matrices, classes, forecasts, gradients."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import partial

from rnnlab.errors import UsageError
from rnnlab.plots.comparison.groups import counted_runs
from rnnlab.plots.run.extra_tests import EXTRA_KINDS
from rnnlab.plots.run.figures import title_of
from rnnlab.plots.run.forecast import forecast_errors
from rnnlab.reports.document.document import Block
from rnnlab.reports.document.elements import Element, FigureElement, Paragraph, TableElement
from rnnlab.reports.document.simple_table import simple_table
from rnnlab.reports.figures.confusion import confusion_figure, difference_figure
from rnnlab.reports.figures.curves import loss_figure, mean_figure, metric_figure
from rnnlab.reports.figures.extra_tests import rows_figure
from rnnlab.reports.figures.figure import Figure
from rnnlab.reports.figures.forecast import forecast_figure
from rnnlab.reports.figures.gradients import gradient_figure
from rnnlab.reports.figures.over import over_figure
from rnnlab.reports.figures.per_class import class_figure
from rnnlab.reports.material.choose import Chosen, best_run, chosen_rows, settings_in
from rnnlab.reports.material.counts import Counted, summed_counts
from rnnlab.reports.material.material import Material
from rnnlab.reports.questions.question import states_of
from rnnlab.runs.state import RunState
from rnnlab.text.numbers import figure as number_text

_VALIDATION = "/validation"


def curves(material: Material, block: Block) -> Iterator[Element]:
    """The mean of each row with its band, or training and validation of each row's best run."""
    groups = chosen_rows(material, block)
    _check_figure(block, _known([state for chosen in groups for each in chosen for state in states_of(material, each)]))
    for chosen in groups:
        group = chosen[0].group
        states, uncounted = _counted_states(material, chosen)
        figure = block.options["figure"] or group.comparison.metric
        if figure not in (known := _known([state for found in states.values() for state in found])):
            yield Paragraph(f"{group.heading}: no {title_of(figure)} was recorded{'' if known else ' yet'}.", "note")
            continue
        if block.options["part"] == "both":
            for each in chosen:
                name = best_run(each)
                state = material.state(group, name)
                shown = _named(each, name)
                drawn = loss_figure(state, shown) if figure == "loss" else metric_figure(state, shown, metric=figure)
                yield from _figure(drawn, f"{shown}: no {title_of(figure)} was recorded.")
        else:
            held = {label: found for label, found in states.items() if found}
            yield from _figure(
                mean_figure(held, figure, uncounted=uncounted), f"{group.heading}: nothing was evaluated yet."
            )


def _counted_states(material: Material, chosen: Sequence[Chosen]) -> tuple[dict[str, list[RunState]], list[str]]:
    """The states that each row's mean is over, under its label, and the names of runs that are in none."""
    states: dict[str, list[RunState]] = {}
    uncounted: list[str] = []
    for each in chosen:
        names = tuple(name for name in each.names if name in counted_runs(each.row)) or each.names
        label = each.label if each.label not in states else f"{each.label} ({each.names[0]})"
        states[label] = states_of(material, replace(each, names=names))
        uncounted += [name for name in each.names if name not in names]
    return states, uncounted


def _known(states: Sequence[RunState]) -> list[str]:
    """The figures that have a curve on the validation part."""
    names = [name for state in states for name in state.curves if name.endswith(_VALIDATION)]
    return list(dict.fromkeys(name.removesuffix(_VALIDATION) for name in names))


def _check_figure(block: Block, known: Sequence[str]) -> None:
    """Raise `UsageError` where the block's figure is none of those that any of the runs have."""
    figure = block.options["figure"]
    if figure and known and figure not in known:
        raise UsageError(
            f"{block.where}: figure = {figure!r} is none of these runs' figures; they have {', '.join(dict.fromkeys(known))}"
        )


def _figure(figure: Figure | None, otherwise: str, *, open_table: bool = False) -> Iterator[Element]:
    yield Paragraph(otherwise, "note") if figure is None else FigureElement(figure, open_table)


def confusion(material: Material, block: Block) -> Iterator[Element]:
    """A matrix of each row; of two rows both side by side, with their difference."""
    for chosen in chosen_rows(material, block):
        counted = list(_counted(material, block, chosen))
        if len(counted) == 2 and counted[0][1].classes == counted[1][1].classes:
            (first, ours), (second, theirs) = counted
            note = ours.where if ours.where == theirs.where else f"{first}: {ours.where}; {second}: {theirs.where}"
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
    """Precision, recall and F1 of each row's classes, as a figure and in a table."""
    for chosen in chosen_rows(material, block):
        counted = list(_counted(material, block, chosen))
        for label, found in counted:
            figure = class_figure(found.counts, found.classes, label, found.where)
            yield from _figure(figure, f"{label}: there are no classes.", open_table=True)
        if not counted:
            yield Paragraph(f"{chosen[0].group.heading}: {_WITHOUT}", "note")


def forecast(material: Material, block: Block) -> Iterator[Element]:
    """The forecast of each row's best run, and the mean absolute error of each of its curves."""
    for each in (each for chosen in chosen_rows(material, block) for each in chosen):
        name = best_run(each)
        state = material.state(each.group, name)
        figure = forecast_figure(state, _named(each, name))
        yield from _figure(
            figure, f"{_named(each, name)}: no forecast is recorded, as it is of no series or was not evaluated."
        )
        if figure is not None and state.forecast is not None:
            lines = [(curve, number_text(error)) for curve, error in forecast_errors(state.forecast).items()]
            unit = f", {state.started.data.unit}" if state.started is not None and state.started.data.unit else ""
            yield TableElement(
                simple_table(
                    f"Mean absolute error over these steps of the {state.forecast_split} part{unit}",
                    (("forecast", True), ("error", False)),
                    lines,
                )
            )


def gradients(material: Material, block: Block) -> Iterator[Element]:
    """The gradient flow of each row's best run."""
    for each in (each for chosen in chosen_rows(material, block) for each in chosen):
        name = best_run(each)
        figure = gradient_figure(material.state(each.group, name), _named(each, name))
        yield from _figure(
            figure, f"{_named(each, name)}: the net was not inspected (train.inspect), or has no recurrent layer."
        )


def further(material: Material, _block: Block) -> Iterator[Element]:
    """The curves of further tests of each set of runs that compare."""
    any_found = False
    for group in material.groups:
        for kind in EXTRA_KINDS:
            figure = rows_figure(group.comparison, partial(material.state, group), kind, group.heading)
            if figure is not None:
                any_found = True
                yield FigureElement(figure, open_table=True)
    if not any_found:
        yield Paragraph("These runs were not tested at other lengths, nor after their first steps alone.", "note")


def over(material: Material, block: Block) -> Iterator[Element]:
    """The figure over the settings, for each set of runs that differ in them."""
    by = settings_in(material, block)
    _check_figure(
        block, [figure for group in material.groups for row in group.comparison.rows for figure in row.validation]
    )
    for group in material.groups:
        keys = by or group.comparison.differing
        if not 1 <= len(keys) <= 2 or not set(keys) <= set(group.comparison.differing):
            if not by:
                yield Paragraph(
                    f"{group.heading}: the runs differ in {len(keys)} settings; name one or two with by.", "note"
                )
            continue
        figure = over_figure(group.comparison, keys, figure=block.options["figure"])
        yield from _figure(figure, f"{group.heading}: no row has such a figure yet.")


def _named(chosen: Chosen, name: str) -> str:
    """A row's best run in a title."""
    return f"{chosen.label} ({name})" if chosen.label != name and len(chosen.names) > 1 else chosen.label
