"""The errors of a run's best weights as lines: counts, confusions, calibration, and the worst rows with their inputs."""

from __future__ import annotations

from rich.cells import cell_len
from rich.segment import Segment

from rnnlab.plots.predictions.examples import ExampleTable
from rnnlab.runs.error_report import Calibration, ErrorReport
from rnnlab.text.lines import Line, Lines, fit, padded
from rnnlab.text.numbers import figure, percent, probability, whole
from rnnlab.text.palette import Palette
from rnnlab.text.sections import heading, paragraph

WELL_CALIBRATED = 0.02
"""A mean probability this near the share of right predictions is called well calibrated."""
_LONGEST_NAME = 24


def errors_lines(report: ErrorReport, width: int, palette: Palette) -> Lines:
    """The report in lines of `width` cells."""
    width = max(20, width)
    text, muted = palette.style("text"), palette.style("muted")
    title = heading("errors", width, palette, f"{report.split} part of {report.run}, predicted with the best weights")
    lines: Lines = [title, *paragraph(counts_text(report), width, text)]
    if report.calibration is not None:
        lines += paragraph(calibration_text(report.calibration, report.problem), width, text)
    for note in report.notes:
        lines += paragraph(f"⚠ {note}", width, palette.style("warning"))
    blank: Line = [Segment(" " * width)]
    if report.confusions:
        lines += [blank, heading("most frequent confusions", width, palette, "true → predicted")]
        lines += _confusions(report, width, palette)
    if report.worst:
        lines += [
            blank,
            heading("right rows" if report.right else "worst rows", width, palette, worst_text(report)),
            *ExampleTable(report, width, palette).lines(),
        ]
    elif not report.asked:
        lines += paragraph("There is no such row." if report.right else "There is no such error.", width, muted)
    return [padded(line, width) for line in lines]


def counts_text(report: ErrorReport) -> str:
    """How many rows are wrong, in a sentence or two."""
    rows = f"{whole(report.rows)} row{'' if report.rows == 1 else 's'}"
    if report.problem not in ("classification", "per-step classification"):
        unit = f" {report.unit}" if report.unit else ""
        return f"{rows}, mean absolute error {figure(-report.score)}{unit}."
    share = percent(report.wrong / report.rows, 1) if report.rows else "–"
    if report.problem == "classification":
        text = f"{whole(report.wrong)} of {rows} wrong ({share})."
    else:
        right = percent(report.score, 1)
        text = f"{whole(report.wrong)} of {rows} with a wrong step ({share}); of a row's steps {right} are right."
    if report.true or report.predicted:
        classes = f"{report.true or 'any class'} → {report.predicted or 'any other'}"
        text += f" {whole(report.asked)} {'right' if report.right else 'of them'}: {classes}."
    return text


def calibration_text(found: Calibration, problem: str) -> str:
    """How far the probabilities of the predictions can be believed, in words."""
    gap = found.probability - found.right
    verdict = (
        "on the whole well calibrated"
        if abs(gap) < WELL_CALIBRATED
        else "the net is surer than it is right"
        if gap > 0
        else "the net is less sure than it is right"
    )
    steps = " of steps" if problem == "per-step classification" else ""
    return (
        f"Calibration: mean probability of the predictions{steps} {probability(found.probability, 3)}, right "
        f"{probability(found.right, 3)}: {verdict}; expected calibration error {probability(found.expected_error, 3)} over "
        f"{found.bins} bins."
    )


def worst_text(report: ErrorReport) -> str:
    """How many of the errors are shown, and which first."""
    worst = {
        "classification": "lowest probability first" if report.right else "wrong with the highest probability first",
        "per-step classification": "fewest right steps first",
    }.get(report.problem, "largest absolute error first")
    return f"{len(report.worst):,} of {report.asked:,}, {worst}"


def _confusions(report: ErrorReport, width: int, palette: Palette) -> Lines:
    names = [
        (fit(each.true, _LONGEST_NAME).rstrip(), fit(each.predicted, _LONGEST_NAME).rstrip())
        for each in report.confusions
    ]
    left, right = (max(cell_len(pair[at]) for pair in names) for at in (0, 1))
    counts = [whole(each.count) for each in report.confusions]
    return [
        padded(
            [
                Segment(fit(true, left), palette.style("text")),
                Segment(" → ", palette.style("muted")),
                Segment(fit(predicted, right), palette.style("bad")),
                Segment(fit(count, max(map(len, counts)) + 2, "right"), palette.style("text", bold=True)),
            ],
            width,
        )
        for (true, predicted), count in zip(names, counts, strict=True)
    ]
