"""Probabilities of the classes step by step: a row for each class, a column for each step, shaded and with their numbers."""

from __future__ import annotations

from rich.cells import cell_len
from rich.segment import Segment

from rnnlab.plots.drawing.chart import Chart, chart_lines
from rnnlab.plots.drawing.curves import Baseline, Curve
from rnnlab.plots.steps.columns import Columns, columns_in, heading
from rnnlab.runs.step_prediction import ClassSteps, StepPrediction
from rnnlab.text.bar import bar_text
from rnnlab.text.lines import Line, Lines, fit, sentence
from rnnlab.text.numbers import figure, probability
from rnnlab.text.palette import Palette, Role
from rnnlab.text.sanitise import plain

_LONGEST_NAME = 14
_BAR = 16
SHADES = " ·░▒▓█"
"""Shades of a probability where a column has no room for its number."""
_LEAST = 0.005
"""Probability below which a number would be zero."""


def output_lines(
    predicted: StepPrediction, *, width: int, height: int, palette: Palette, cursor: int | None = None
) -> Lines:
    """What is predicted after each step, in at most `width` × `height` cells: probabilities, or a curve of the numbers."""
    if width < 8 or height < 2:
        return []
    if predicted.classes:
        return probability_lines(predicted, width=width, height=height, palette=palette, cursor=cursor)
    if predicted.numbers:
        return number_lines(predicted, width=width, height=height, palette=palette, cursor=cursor)
    text = "A forecast needs its whole window: there is no prediction after its first steps."
    return sentence(text, width, min(height, 3), palette.style("muted"))


def probability_lines(
    predicted: StepPrediction, *, width: int, height: int, palette: Palette, cursor: int | None = None
) -> Lines:
    """Rows of classes, the likeliest at the end first, in at most `width` × `height` cells; what is read stands over them.

    The likeliest class of each column is in another colour and bold: that of a right or a wrong prediction where the target is
    known. Where each step has a class, a row of the predicted ones comes first.
    """
    per_step = predicted.problem == "per-step classification"
    names = min(_LONGEST_NAME, max(cell_len(plain(each.name)) for each in predicted.classes), max(4, width // 4))
    bars = 0 if per_step else _BAR + 8
    gutter = max(names, 7 if per_step else 0) + 3
    columns = columns_in(
        len(predicted.columns), width - bars if width > 60 + bars else width, gutter=gutter, cursor=cursor
    )
    if columns.width + bars > width:
        bars = 0
    lines: Lines = [heading(predicted.labels, columns, palette, cursor=cursor)]
    if per_step:
        lines += _classes_by_step(predicted, columns, palette)
    likeliest = [
        max(range(len(predicted.classes)), key=lambda at: predicted.classes[at].probabilities[column])
        for column in range(len(predicted.columns))
    ]
    shown = predicted.classes[: height - len(lines)]
    for at, each in enumerate(shown):
        mark = "✓ " if each.name == predicted.target else "  "
        line: Line = [
            Segment(mark, palette.style("good", bold=True)),
            Segment(fit(each.name, gutter - 3) + " ", palette.style("text", bold=at == likeliest[-1])),
        ]
        for column in columns.indices:
            top = likeliest[column] == at
            line.append(_cell(each.probabilities[column], columns.cell, _role(predicted, each, top), palette))
        if bars:
            share = each.probabilities[-1]
            line.append(Segment(f" {share:6.1%} ", palette.style("text", bold=at == likeliest[-1])))
            line.append(Segment(bar_text(share, _BAR), palette.style(_role(predicted, each, likeliest[-1] == at))))
        lines.append(line)
    hidden = len(predicted.classes) - len(shown) + predicted.left_out
    if hidden and lines and len(lines) == height and height > 4:
        lines[-1] = [Segment(fit(f"  +{hidden + 1} more classes", width), palette.style("muted", italic=True))]
    return lines


def _role(predicted: StepPrediction, each: ClassSteps, top: bool) -> Role:
    if not top:
        return "train"
    if not predicted.target or predicted.problem == "per-step classification":
        return "accent"
    return "good" if each.name == predicted.target else "bad"


def _cell(share: float, cells: int, role: Role, palette: Palette) -> Segment:
    """One probability: its number where that fits, else a shade."""
    if cells >= 3:
        text = "·" if share < _LEAST else probability(share) if cells > 3 else f"{100 * share:.0f}"[:2]
        text = "1.0" if share >= 0.995 and cells > 3 else "99" if cells == 3 and share >= 0.99 else text
        return Segment(fit(text, cells - 1, "right") + " ", palette.heat(0.0 if share < 0.02 else share, role))
    shade = SHADES[0 if share < _LEAST else min(len(SHADES) - 1, 1 + int(share * (len(SHADES) - 1)))]
    return Segment(shade * cells, palette.shade(share, role))


def _classes_by_step(predicted: StepPrediction, columns: Columns, palette: Palette) -> Lines:
    """The predicted class of each column, and under the wrong ones the true class, where it is known."""
    answers = [predicted.prediction.steps[step][0] for step in predicted.columns]
    targets = predicted.target_steps
    line: Line = [Segment(fit("  output", columns.gutter), palette.style("text", bold=True))]
    wrong = [bool(targets) and targets[at] not in ("·", answers[at]) for at in range(len(answers))]
    for at in columns.indices:
        role: Role = "bad" if wrong[at] else "good" if targets and targets[at] != "·" else "text"
        answer = "·" if targets and targets[at] == "·" else answers[at]
        line.append(Segment(_short(answer, columns.cell), palette.style(role, bold=True)))
    lines = [line]
    if any(wrong):
        lines.append(
            [
                Segment(fit("  target", columns.gutter), palette.style("muted")),
                *(
                    Segment(_short(targets[at] if wrong[at] else "", columns.cell), palette.style("muted"))
                    for at in columns.indices
                ),
            ]
        )
    return lines


def _short(text: str, cells: int) -> str:
    return fit(text, cells, "centre") if cells > 2 else fit(plain(text, 1), cells)


def number_lines(
    predicted: StepPrediction, *, width: int, height: int, palette: Palette, cursor: int | None = None
) -> Lines:
    """Curves of the predicted numbers after each step, and the true ones as lines, where they are known."""
    outputs = len(predicted.numbers[0])
    steps = [float(column + 1) for column in predicted.columns]
    names = ["prediction"] if outputs == 1 else [f"output {at + 1}" for at in range(outputs)]
    roles: tuple[Role, ...] = ("train", "validation", "test", "accent")
    curves = [
        Curve(
            names[at],
            steps,
            [row[at] for row in predicted.numbers],
            role=roles[at % len(roles)],
            marker="◆" if outputs == 1 else "",
        )
        for at in range(outputs)
    ]
    baselines = [Baseline(value, "target") for value in predicted.after[:1]] if outputs == 1 else []
    every = max(1, -(-len(steps) * 6 // max(12, width - 10)))
    chart = Chart(
        curves=curves,
        title=predicted.unit,
        baselines=baselines,
        x_limits=(1.0, float(max(2, predicted.steps))),
        x_labels=[(steps[at], plain(predicted.labels[at], 6)) for at in range(0, len(steps), every)],
        x_name="step",
        y_format=figure,
    )
    return chart_lines(
        chart, width=width, height=height, palette=palette, cursor=None if cursor is None else steps[cursor]
    )
