"""The errors of a run's best weights as lines: counts, confusions, calibration, and the worst rows with their inputs."""

from __future__ import annotations

from typing import Literal

from rich.cells import cell_len
from rich.segment import Segment

from rnnlab.runs.error_report import Calibration, ErrorReport, WorstError
from rnnlab.text.lines import Line, Lines, fit, padded
from rnnlab.text.numbers import figure, percent, probability, whole
from rnnlab.text.palette import Palette, Role
from rnnlab.text.sections import heading, paragraph

WELL_CALIBRATED = 0.02
"""A mean probability this near the share of right predictions is called well calibrated."""
_LONGEST_NAME = 24
_SHARE_OF_TEXT = 3
"""Target and prediction have at most one part each of so many of a line."""


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
        lines += [blank, heading("worst rows", width, palette, worst_text(report)), *_worst(report, width, palette)]
    elif not report.asked:
        lines += paragraph("There is no such error.", width, muted)
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
        text += f" {whole(report.asked)} of them: {classes}."
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
        "classification": "wrong with the highest probability first",
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


def measure_of(report: ErrorReport, row: WorstError) -> str:
    """What makes the row bad: the probability of the wrong prediction, the share of right steps, the absolute error."""
    if report.problem == "classification":
        return "–" if row.probability is None else probability(row.probability, 3)
    if report.problem == "per-step classification":
        return percent(row.score)
    return figure(-row.score)


def measure_title(report: ErrorReport) -> str:
    """What `measure_of` is called over a column."""
    return {"classification": "prob.", "per-step classification": "right"}.get(report.problem, "error")


def _worst(report: ErrorReport, width: int, palette: Palette) -> Lines:
    measured = measure_title(report)
    columns = [
        (measured, [measure_of(report, row) for row in report.worst]),
        ("row", [str(row.row) for row in report.worst]),
        *([(report.group, [row.group for row in report.worst])] if report.group else []),
        ("target", [row.target for row in report.worst]),
        ("prediction", [row.prediction for row in report.worst]),
    ]
    most = max(6, width // _SHARE_OF_TEXT)
    widths = [
        min(most, max(cell_len(fit(cell, most).rstrip()) for cell in (title, *cells))) for title, cells in columns
    ]
    numbers = 2
    rest = max(0, width - sum(widths) - 2 * len(widths))
    muted = palette.style("muted", italic=True)
    head: Line = []
    for at, ((title, _), cells) in enumerate(zip(columns, widths, strict=True)):
        head.append(Segment(fit(title, cells, "right" if at < numbers else "left") + "  ", muted))
    any_input = any(row.input for row in report.worst)
    head.append(Segment(fit("input" if any_input else "", rest), muted))
    lines: Lines = [padded(head, width)]
    for index, row in enumerate(report.worst):
        line: Line = []
        for at, ((title, texts), size) in enumerate(zip(columns, widths, strict=True)):
            align: Literal["left", "right"] = "right" if at < numbers else "left"
            role: Role = "bad" if title in (measured, "prediction") else "muted" if title == "row" else "text"
            line.append(Segment(fit(texts[index], size, align) + "  ", palette.style(role)))
        line.append(Segment(fit(row.input, rest), palette.style("text")))
        lines.append(padded(line, width))
    return lines
