"""What the best weights of a run predict wrong: confusions, calibration, the worst rows with their inputs."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from rnnlab.errors import UsageError
from rnnlab.plots.predictions.examples import measure_of, measure_title
from rnnlab.plots.run.errors import calibration_text, counts_text, worst_text
from rnnlab.predictions.errors import error_report, kept_subset
from rnnlab.predictions.predictions_file import read_predictions
from rnnlab.reports.document.document import Block
from rnnlab.reports.document.elements import Element, FigureElement, Heading, Paragraph, TableElement
from rnnlab.reports.document.simple_table import simple_table
from rnnlab.reports.figures.errors import calibration_figure, error_figure
from rnnlab.reports.material.choose import Chosen, best_run, chosen_rows
from rnnlab.reports.material.material import Material
from rnnlab.runs.error_report import ErrorReport
from rnnlab.runs.events import SubsetName
from rnnlab.text.numbers import whole
from rnnlab.text.sanitise import plain
from rnnlab.text.table import Table

FOREIGN = (
    "the inputs are not shown, as the run was not queued by you on this machine, so the data it names are not loaded"
)
_HERE = "cannot be read here:"
_LISTED = 40
"""Classes that a sentence names."""
_LONGEST = 120
"""Characters of an input that are shown."""


def errors(material: Material, block: Block) -> Iterator[Element]:
    """The errors of each row's best run."""
    groups = chosen_rows(material, block)
    _check_classes(material, block, [each for group in groups for each in group])
    several = sum(map(len, groups)) > 1
    for chosen in (each for group in groups for each in group):
        if several:
            yield Heading(chosen.label)
        yield from _of(material, block, chosen)


def _check_classes(material: Material, block: Block, chosen: Sequence[Chosen]) -> None:
    """Raise `UsageError` where a class that the block names is none of any of the runs."""
    states = [material.state(each.group, name) for each in chosen for name in each.names]
    classes = dict.fromkeys(
        name for state in states if state.started is not None for name in state.started.data.classes
    )
    known = {name.casefold() for name in classes}
    for option in ("true", "predicted"):
        name = block.options[option]
        if name and states and name.casefold() not in known:
            listed = ", ".join(list(classes)[:_LISTED]) + (", …" if len(classes) > _LISTED else "")
            has = f"the classes are {listed}" if classes else "they predict numbers"
            raise UsageError(f"{block.where}: {option} = {name!r} is no class of these runs; {has}")


def _of(material: Material, block: Block, chosen: Chosen) -> Iterator[Element]:
    name = best_run(chosen)
    folder = material.run(chosen.group, name)
    options = block.options
    part: SubsetName | None = options["part"] or None
    try:
        report = error_report(
            folder,
            kept_subset(folder, part),
            true=options["true"],
            predicted=options["predicted"],
            worst=options["worst"],
            not_loaded=FOREIGN if name in chosen.group.source.foreign else "",
        )
    except UsageError as error:
        yield Paragraph(f"The errors of {name} are not shown: {chosen.group.source.portable(str(error))}", "note")
        return
    seeds = f", the best of {len(chosen.names)} runs of this setting" if len(chosen.names) > 1 else ""
    yield Paragraph(f"{report.run}{seeds}, on the {report.split} part, predicted with the best weights.")
    yield Paragraph(counts_text(report))
    if report.calibration is not None:
        yield Paragraph(calibration_text(report.calibration, report.problem))
    for note in map(_portable, report.notes):
        yield Paragraph(note[:1].upper() + note[1:] + ("" if note.endswith(".") else "."), "note")
    yield from _drawn(material, chosen, name, report)
    if report.confusions:
        yield TableElement(_confusions(report))
    if report.worst:
        yield TableElement(_worst(report))
    elif not report.asked:
        yield Paragraph("There is no such error.")


def _drawn(material: Material, chosen: Chosen, name: str, report: ErrorReport) -> Iterator[Element]:
    """How far probabilities can be believed, or how the errors of numbers are distributed."""
    try:
        held = read_predictions(material.run(chosen.group, name), report.split)
    except UsageError:
        return
    drawn = calibration_figure(held, name, report.split)
    if held.of_numbers:
        drawn = error_figure(held, name, report.split, report.unit)
    if drawn is not None:
        yield FigureElement(drawn)


def _portable(note: str) -> str:
    """A note without what is true of one machine alone: why the data cannot be read there."""
    return note[: note.index(_HERE) + len(_HERE) - 1] if _HERE in note else note


def _confusions(report: ErrorReport) -> Table:
    noun = "steps" if report.problem == "per-step classification" else "rows"
    rows = [(each.true, each.predicted, whole(each.count)) for each in report.confusions]
    return simple_table(
        "Most frequent confusions", (("true class", True), ("predicted as", True), (noun, False)), rows, named=2
    )


def _worst(report: ErrorReport) -> Table:
    grouped = bool(report.group)
    inputs = any(row.input for row in report.worst)
    columns = [("row", False), (measure_title(report), False), *([(report.group, True)] if grouped else [])]
    columns += [("target", True), ("prediction", True), *([("input", True)] if inputs else [])]
    rows = [
        [
            str(row.row),
            measure_of(report, row),
            *([row.group] if grouped else []),
            plain(row.target, _LONGEST),
            plain(row.prediction, _LONGEST),
            *([plain(row.input, _LONGEST)] if inputs else []),
        ]
        for row in report.worst
    ]
    return simple_table(f"Worst rows: {worst_text(report)}", columns, rows)
