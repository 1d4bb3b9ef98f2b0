"""Further tests of the best weights: other lengths of the sequences, and their first steps alone (early decision)."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Literal, get_args

from rich.cells import cell_len
from rich.segment import Segment

from rnnlab.catalog.tasks.catalog import TASKS
from rnnlab.plots.drawing.chart import Chart, chart_lines
from rnnlab.plots.drawing.curves import Annotation, Curve
from rnnlab.plots.drawing.run_styles import STYLES
from rnnlab.plots.run.figure_table import cell_for, short_figure_title
from rnnlab.plots.run.figures import LEAKING, SECONDARY, format_of, is_share, title_of
from rnnlab.runs.comparison import Compared
from rnnlab.runs.data_summary import ExtraTest
from rnnlab.runs.event_numbers import Number, real
from rnnlab.runs.repeats import Spread
from rnnlab.runs.state import RunState
from rnnlab.text import numbers
from rnnlab.text.lines import Line, Lines, fit, padded
from rnnlab.text.palette import Palette
from rnnlab.text.sections import heading, paragraph

_SPAN = 30
"""A figure that spans so many times its least value has a logarithmic axis."""
ExtraKind = Literal["length", "prefix"]
EXTRA_KINDS: tuple[ExtraKind, ...] = get_args(ExtraKind)
_CURVE = 10
"""Lines of a curve in the app."""
ALL_STEPS = "all steps"
_OPEN = "going on"
"""Title of the column with the share of sequences that are longer than the prefix."""


def extra_report(state: RunState, width: int, palette: Palette, *, plot_height: int = 12) -> list[Lines]:
    """A block for the further tests and one for prefixes: a table, what a reader has to know, and the curve."""
    prefixes = described(state, "prefix")
    blocks: list[Lines] = []
    if others := {name: figures for name, figures in state.extra.items() if name not in prefixes}:
        lines = _table(state, "tested further", others, width, palette)
        for note in length_notes(state):
            lines += paragraph(f"→ {note}", width, palette.style("muted"))
        blocks.append(lines + length_plot(state, width=width, height=plot_height, palette=palette))
    if prefixes:
        rows = {name: state.extra[name] for name in prefixes}
        if "test" in state.final:
            rows[ALL_STEPS] = state.final["test"]
        lines = _table(state, "early decision", rows, width, palette)
        lines += paragraph(f"→ {early_note(state)}", width, palette.style("muted"))
        blocks.append(lines + prefix_plot(state, width=width, height=plot_height, palette=palette))
    return blocks


def curves_that_fit(state: RunState, width: int, room: int, palette: Palette) -> Lines:
    """The curves over length and over first steps, each under an empty line, as many as fit in `room` lines."""
    lines: Lines = []
    for draw in (length_plot, prefix_plot):
        if room - len(lines) > _CURVE:
            curve = draw(state, width=width, height=_CURVE, palette=palette)
            lines += [[], *curve] if curve else []
    return lines


def described(state: RunState, kind: ExtraKind) -> dict[str, ExtraTest]:
    """The further tests of one kind (`length`, `prefix`) that were made, by name, the fewest steps first."""
    known = state.started.data.extra if state.started else {}
    found = {name: test for name, test in known.items() if test.kind == kind and name in state.extra}
    return dict(sorted(found.items(), key=lambda item: item[1].steps))


def trained_steps(state: RunState) -> tuple[int, bool]:
    """The length trained at, as `data.steps` counts it, and whether shorter sequences were trained on, too; 0: unknown."""
    if state.started is None:
        return 0, False
    data = state.started.data
    card = TASKS.get(data.task)
    steps = state.started.config.get("data", {}).get("steps")
    if card is None or "data.steps" not in card.options or not isinstance(steps, int):
        return data.longest, False
    return steps, card.shorter_too


def length_points(state: RunState, figure: str = "") -> tuple[list[float], list[float]]:
    """Lengths and the figure at each (the task's metric), that of the test set itself at the length trained at."""
    figure = figure or state.metric
    trained, shorter_too = trained_steps(state)
    found = {test.steps: state.extra[name] for name, test in described(state, "length").items()}
    if trained and found and not shorter_too and "test" in state.final:
        found[trained] = state.final["test"]
    return _points(found, figure)


def prefix_points(state: RunState, figure: str = "") -> tuple[list[float], list[float]]:
    """Numbers of first steps and the figure of each (the task's metric), that of whole sequences last."""
    found = {test.steps: state.extra[name] for name, test in described(state, "prefix").items()}
    if found and "test" in state.final and state.started is not None:
        found[max(state.started.data.longest, *found)] = state.final["test"]
    return _points(found, figure or state.metric)


def _points(found: Mapping[int, Mapping[str, Number]], figure: str) -> tuple[list[float], list[float]]:
    steps = sorted(step for step, figures in found.items() if figure in figures)
    return [float(step) for step in steps], [real(found[step][figure]) for step in steps]


def length_plot(state: RunState, *, width: int, height: int, palette: Palette) -> Lines:
    """The chart of `length_chart` as text; empty where there is none."""
    chart = length_chart(state) if height > 0 else None
    return [] if chart is None else chart_lines(chart, width=width, height=height, palette=palette)


def length_chart(state: RunState) -> Chart | None:
    """The metric over the length of the sequences, and that of a constant prediction; None for fewer than two lengths."""
    x, y = length_points(state)
    tests = described(state, "length").values()
    constant = [(float(test.steps), test.baseline) for test in tests if test.baseline is not None]
    return _chart(state, "length", [("test", x, y)], {"constant prediction": constant}, trained_marks(state, x))


def trained_marks(state: RunState, x: Sequence[float]) -> list[Annotation]:
    """The mark of the length trained at, where it lies among the lengths `x`."""
    trained, shorter_too = trained_steps(state)
    label = "longest trained" if shorter_too else "trained"
    return [Annotation(float(trained), label)] if x and min(x) <= trained <= max(x) else []


def prefix_plot(state: RunState, *, width: int, height: int, palette: Palette) -> Lines:
    """The chart of `prefix_chart` as text; empty where there is none."""
    chart = prefix_chart(state) if height > 0 else None
    return [] if chart is None else chart_lines(chart, width=width, height=height, palette=palette)


def prefix_chart(state: RunState) -> Chart | None:
    """The metric over the number of first steps, and the share of sequences going on; None for fewer than two points."""
    x, y = prefix_points(state)
    tests = described(state, "prefix").values()
    going_on = [(float(test.steps), 1 - test.ended / test.rows) for test in tests if test.rows]
    return _chart(state, "first steps", [("test", x, y)], {_OPEN: going_on}, [])


def rows_chart(rows: Sequence[tuple[str, Compared, RunState]], kind: ExtraKind) -> Chart | None:
    """The metric of several named rows over length, or over first steps: means over seeds, with ± their standard deviation.

    The state is that of a run of the row. None where no row has two points. Rows beyond the eighth are left out.
    """
    curves, x_seen = [], set[float]()
    for (name, row, state), (role, marker) in zip(rows, STYLES, strict=False):
        points = _row_points(row, state, kind)
        if len(points) > 1:
            x = [float(steps) for steps in points]
            mean = [real(spread.mean) for spread in points.values()]
            std = [0.0 if spread.std is None else real(spread.std) for spread in points.values()]
            several = any(std)
            low = [value - each for value, each in zip(mean, std, strict=True)] if several else None
            high = [value + each for value, each in zip(mean, std, strict=True)] if several else None
            curves.append(Curve(name, x, mean, low, high, role=role, marker=marker))
            x_seen.update(x)
    if not curves:
        return None
    over = "length" if kind == "length" else "first steps"
    marks = trained_marks(rows[0][2], sorted(x_seen)) if kind == "length" else []
    return _chart_of(rows[0][1].metric, over, curves, marks, sorted(x_seen))


def _row_points(row: Compared, state: RunState, kind: ExtraKind) -> dict[int, Spread]:
    """Lengths, or numbers of first steps, and the row's metric at each, in order."""
    tests = described(state, kind)
    found = {test.steps: row.extra.get(name, {}).get(row.metric) for name, test in tests.items()}
    trained, shorter_too = trained_steps(state)
    whole = trained if kind == "length" and not shorter_too else 0
    if kind == "prefix" and state.started is not None:
        whole = max(state.started.data.longest, *found, 0)
    if found and whole:
        found[whole] = row.test.get(row.metric)
    return {steps: spread for steps, spread in sorted(found.items()) if spread is not None}


Points = tuple[str, Sequence[float], Sequence[float]]
"""A curve: its name, x and y."""


def _chart(
    state: RunState,
    over: str,
    measured: Sequence[Points],
    beside: Mapping[str, Sequence[tuple[float, float]]],
    marks: Sequence[Annotation],
) -> Chart | None:
    if len(measured[0][1]) < 2:
        return None
    curves = [Curve(name, x, y, role="test", marker="◆") for name, x, y in measured]
    for name, points in beside.items():
        if points:
            x, y = zip(*points, strict=True)
            curves.append(Curve(name, x, y, role="baseline", dotted=True))
    return _chart_of(state.metric, over, curves, marks, measured[0][1])


def _chart_of(
    metric: str, over: str, curves: Sequence[Curve], marks: Sequence[Annotation], ticks: Sequence[float]
) -> Chart:
    values = [value for curve in curves for value in curve.y if math.isfinite(value)]
    log_y = not is_share(metric) and bool(values) and min(values) > 0 and max(values) > _SPAN * min(values)
    return Chart(
        curves=curves,
        title=f"{title_of(metric)} over {over}" + (" · log" if log_y else ""),
        x_labels=[(step, numbers.whole(step)) for step in ticks],
        x_name=over,
        x_format=numbers.whole,
        x_value=int,
        log_y=log_y,
        annotations=marks,
        y_limits=(0.0, 1.0) if is_share(metric) else (0.0, math.inf),
        y_format=format_of(metric),
    )


def _table(
    state: RunState, title: str, rows: Mapping[str, Mapping[str, Number]], width: int, palette: Palette
) -> Lines:
    """A row a test: the metric first, the loss last, then what a constant prediction scores, and of prefixes who goes on."""
    names = list(dict.fromkeys(name for figures in rows.values() for name in figures if name not in SECONDARY))
    names.sort(key=lambda name: (name != state.metric, name == "loss"))
    tests = state.started.data.extra if state.started else {}
    further = ["constant"] if any(name in tests for name in rows) else []
    further += [_OPEN] if any(tests[name].kind == "prefix" for name in rows if name in tests) else []
    first = min(width // 2, max([8, *(cell_len(fit(part, 40).rstrip()) for part in rows)]))
    cell = cell_for(state, names)
    names = names[: max(1, (width - first) // cell - len(further))]
    further = further[: max(0, (width - first) // cell - len(names))]
    muted = palette.style("muted")
    titles = [short_figure_title(state, name) for name in names] + further
    lines: Lines = [
        heading(title, width, palette, "with the best weights", warning=LEAKING if state.leaks else ""),
        padded([Segment(" " * first), *(Segment(fit(each, cell, "right"), muted) for each in titles)], width),
    ]
    for part, figures in rows.items():
        row: Line = [Segment(fit(part, first), palette.style("test"))]
        for name in names:
            text = format_of(name)(real(figures[name])) if name in figures else "–"
            row.append(Segment(fit(text, cell, "right"), palette.style("text", bold=name == state.metric)))
        for name in further:
            text = _further_text(state, tests.get(part), name, whole=part == ALL_STEPS)
            row.append(Segment(fit(text, cell, "right"), muted))
        lines.append(padded(row, width))
    return lines


def _further_text(state: RunState, test: ExtraTest | None, column: str, *, whole: bool) -> str:
    if column == _OPEN:
        if test is None or not test.rows:
            return numbers.percent(0.0) if whole else "–"
        return numbers.percent(1 - test.ended / test.rows)
    constant = test.baseline if test is not None else None
    if whole and state.started is not None:
        constant = state.started.data.baseline.get("test")
    return "–" if constant is None else format_of(state.metric)(constant)


def length_notes(state: RunState) -> list[str]:
    """What a figure at another length may not be taken for."""
    notes = []
    tests = described(state, "length")
    if known := [f"{name} ({test.trained:,} of {test.rows:,})" for name, test in tests.items() if test.trained]:
        notes.append(f"among the training sequences, so no test of what is new: {', '.join(known)}")
    if beyond := [f"{name} ({test.outside:,} of {test.rows:,})" for name, test in tests.items() if test.outside]:
        notes.append(f"targets beyond those trained on, where the output must extrapolate: {', '.join(beyond)}")
    return notes


def early_note(state: RunState) -> str:
    """What an early decision is, in a phrase."""
    longest = state.started.data.longest if state.started else 0
    return (
        "each test sequence cut after so many steps, as if it ended there, by a net trained on whole sequences; one that "
        f"has ended by then is read whole and stays counted; {_OPEN}: the share that is longer (at most {longest:,} steps)"
    )
