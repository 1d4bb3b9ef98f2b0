"""A run's whole story as text: what it was, its curves, its mistakes, its figures, what was done to it and how it ended."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from rich.cells import cell_len
from rich.segment import Segment
from rich.style import Style

from rnnlab.plots.drawing.axes import XAxis
from rnnlab.plots.run.confusion import confusion
from rnnlab.plots.run.extra_tests import extra_report
from rnnlab.plots.run.figure_table import SPLITS, figures_table
from rnnlab.plots.run.figures import (
    LEAKING,
    command_label,
    figure_title,
    format_of,
    is_range_test,
    is_starred,
    loss_plot,
    metric_plot,
    title_of,
    value_text,
    wants_log,
)
from rnnlab.plots.run.forecast import forecast_errors, forecast_plot
from rnnlab.plots.run.gradients import inside_report
from rnnlab.plots.run.per_class import per_class
from rnnlab.plots.run.status import status_mark, status_sentence
from rnnlab.runs.data_columns import labelled
from rnnlab.runs.event_numbers import real
from rnnlab.runs.events import RunStarted, Sample
from rnnlab.runs.normalised import how_normalised
from rnnlab.runs.state import AppliedCommand, RunState
from rnnlab.runs.verdict import BELOW_BASELINE, against_baseline, few_updates_text, verdict_of
from rnnlab.text import numbers
from rnnlab.text.leaks import leak_text
from rnnlab.text.lines import Line, Lines, beside, fit, padded, width_of
from rnnlab.text.palette import Palette, Role
from rnnlab.text.sanitise import plain
from rnnlab.text.sections import Paragraph, heading, paragraph, paragraphs

SIDE_BY_SIDE = 120
"""From so many cells on, the two plots stand side by side."""


def run_report(
    state: RunState,
    width: int,
    palette: Palette,
    *,
    name: str = "",
    damaged: int = 0,
    unknown: int = 0,
    torn: bool = False,
    plot_height: int = 15,
    x_axis: XAxis = "epochs",
) -> Lines:
    """The report in lines of `width` cells.

    `name` is the run's; `damaged` and `unknown` count lines of its log that could not be read; `torn`: the last line is
    unfinished.
    """
    width = max(20, width)
    parts: list[Lines] = [
        run_heading(state, width, palette, name, plotted=bool(state.curves)),
        run_outcome(state, width, palette, damaged=damaged, unknown=unknown, torn=torn),
    ]
    if state.leaks:
        parts.append(paragraph(f"⚠ {leak_sentence(state)}", width, palette.style("bad", bold=True)))
    if state.curves:
        parts.append(run_plots(state, width, plot_height, palette, x_axis=x_axis))
    parts += [
        _forecast(state, width, palette, plot_height),
        _mistakes(state, width, palette),
        _classes(state, width, palette),
        figures_table(state, width, palette),
        *extra_report(state, width, palette, plot_height=plot_height),
        inside_report(state, width, palette),
        data_notes(state, width, palette),
        _samples(state, width, palette),
        _commands(state.applied_commands, width, palette),
        noticed(state, width, palette),
    ]
    lines: Lines = []
    for part in parts:
        if part and lines:
            lines.append([Segment(" " * width)])
        lines += [padded(line, width) for line in part]
    return lines


def run_heading(state: RunState, width: int, palette: Palette, name: str = "", *, plotted: bool = False) -> Lines:
    """Task, model, data, machine and progress in up to four lines; `plotted`: plots stand below, whose ★ is explained here."""
    started = state.started
    glyph, label, role = status_mark(state.status, verdict_of(state), state.paused_after)
    status = f"{glyph} {label}"
    muted, text = palette.style("muted"), palette.style("text")
    if started is None:
        left = [Segment(fit(name, min(cell_len(plain(name)), width)), palette.style("text", bold=True))]
        return [_ends(left, [Segment(status, palette.style(role, bold=True))], width)]
    title: list[tuple[str, Style]] = [
        (started.data.task, palette.style("text", bold=True)),
        (started.model, palette.style("text", bold=True)),
        (name or started.run, muted),
    ]
    lines = [
        _ends(
            _joined(title, width - cell_len(status) - 2, muted),
            [Segment(status, palette.style(role, bold=True))],
            width,
        )
    ]
    rows = started.data.rows
    counts = ", ".join(f"{numbers.whole(rows[split])} {split}" for split in SPLITS if split in rows)
    split = [(f"split: {started.data.split}", muted)] if started.data.split else []
    lines.append(_joined([(started.data.title, text), (f"rows: {counts}", muted), *split], width, muted))
    device = f"{started.device} ({started.device_name})" if started.device_name else started.device
    threads = f"{started.threads} thread{'s' if started.threads != 1 else ''}"
    versions = [f"{package} {version}" for package, version in started.versions.items()]
    machine = [(device, muted), (threads, muted), *((version, muted) for version in versions)]
    lines.append(_joined([(f"{numbers.whole(started.parameters)} parameters", text), *machine], width, muted))
    lines.append(_joined(_course(state, started, palette, plotted and is_starred(state)), width, muted))
    return lines


def _course(state: RunState, started: RunStarted, palette: Palette, starred: bool) -> list[tuple[str, Style]]:
    """How far the run got, how long that took, and its best epoch."""
    muted, text = palette.style("muted"), palette.style("text")
    parts = [(f"epoch {state.epoch} of {started.epochs}", text)]
    if state.best is not None:
        value = real(state.best.metrics.get(state.selected, "nan"))
        best = (
            f"best {figure_title(state, state.selected)} {format_of(state.selected)(value)} at epoch {state.best.epoch}"
        )
        parts.append((f"★ {best}" if starred else best, palette.style("good", bold=True)))
    parts += [(f"step {numbers.whole(state.step)}", muted), (numbers.duration(state.seconds), muted)]
    if state.examples_per_second:
        parts.append((f"{numbers.count(state.examples_per_second)} examples/s", muted))
    return parts


def run_plots(
    state: RunState, width: int, height: int, palette: Palette, *, x_axis: XAxis = "epochs", stacked: bool | None = None
) -> Lines:
    """Loss and metric, side by side where there is room, else one over the other; each `height` lines."""
    if is_range_test(state):
        return loss_plot(state, width=width, height=height, palette=palette)
    stacked = width < SIDE_BY_SIDE if stacked is None else stacked
    left = width if stacked else (width - 3) // 2
    right = width if stacked else width - 3 - left
    log_loss, log_metric = wants_log(state), wants_log(state, state.metric)
    loss = loss_plot(
        state,
        width=left,
        height=height,
        palette=palette,
        x_axis=x_axis,
        log_y=log_loss,
        title=figure_title(state, "loss") + (" · log" if log_loss else ""),
    )
    metric = metric_plot(
        state,
        width=right,
        height=height,
        palette=palette,
        x_axis=x_axis,
        log_y=log_metric,
        title=title_of(state.metric) + (" · log" if log_metric else ""),
    )
    if stacked:
        return [*loss, [Segment(" " * width)], *metric]
    return beside([loss, metric], [left, right], gap=3)


def sample_line(sample: Sample, width: int, palette: Palette) -> Line:
    """One prediction: ✓ or ✗, the input, the predicted class, its probability, and the target where it was wrong."""
    role: Role = "good" if sample.correct else "bad"
    cells = max(8, min(16, width // 4))
    tail = f" not {plain(sample.target)}" if not sample.correct else ""
    shown = max(4, min(24, width - 2 * cells - 10))
    line = [
        Segment("✓ " if sample.correct else "✗ ", palette.style(role, bold=True)),
        Segment(fit(sample.input, shown), palette.style("text")),
        Segment(" → ", palette.style("muted")),
        Segment(fit(sample.prediction, cells), palette.style(role)),
    ]
    if sample.probability is not None:
        line.append(Segment(fit(numbers.probability(sample.probability), 4, "right"), palette.style("muted")))
    rest = width - width_of(line)
    return padded([*line, Segment(fit(tail, max(0, rest)), palette.style("muted"))], width)


def run_outcome(
    state: RunState, width: int, palette: Palette, *, damaged: int = 0, unknown: int = 0, torn: bool = False
) -> Lines:
    """What the run came to, why, and what to do about it; what of its log could not be read."""
    lines: Lines = []
    if verdict := verdict_of(state):
        glyph, sentence, worth = status_sentence(state.status, verdict)
        lines += paragraph(f"{glyph} {sentence}.", width, palette.style(worth, bold=True))
    noticed = {each.kind for each in state.diagnoses}
    if (standing := against_baseline(state)) and BELOW_BASELINE not in noticed:  # which says it, with a remedy
        mark = "⚠ " if standing.worse else ""
        lines += paragraph(f"{mark}{standing.text}.", width, palette.style("warning" if standing.worse else "text"))
    if few := few_updates_text(state):
        lines += paragraph(f"⚠ {few}.", width, palette.style("warning"))
    if state.message:
        role: Role = "bad" if state.failed else "text"
        kind = f"{state.kind}: " if state.kind and state.failed else ""
        lines += paragraph(kind + state.message, width, palette.style(role, bold=state.failed))
    if state.hint:
        lines += paragraph(f"→ {state.hint}", width, palette.style("warning"))
    unread = []
    if damaged:
        unread.append(f"{_several(damaged, 'line')} of the log {'is' if damaged == 1 else 'are'} damaged and left out")
    if state.missing:
        unread.append(f"{_several(state.missing, 'event')} {'is' if state.missing == 1 else 'are'} missing")
    if unknown:
        unread.append(f"{_several(unknown, 'event')} of a kind that this version does not know")
    if torn:
        unread.append("the last line is unfinished" + ("" if state.ended else ": it is being written, or was cut off"))
    if unread:
        lines += paragraph(f"⚠ {'; '.join(unread)}.", width, palette.style("warning"))
    return lines


def leak_sentence(state: RunState) -> str:
    """What training shares with the other parts, and what that does to the figures."""
    split = f" (data.split = {state.started.data.split})" if state.started and state.started.data.split else ""
    return f"leaking split{split}: training shares {leak_text(state.leaks)} with validation or test; its figures flatter the net."


def _forecast(state: RunState, width: int, palette: Palette, height: int) -> Lines:
    """The forecast over the truth, and how far each curve is off."""
    forecast = state.forecast
    if forecast is None or not forecast.truth:
        return []
    unit = state.started.data.unit if state.started else ""
    dates = f"{forecast.first} to {forecast.last}" if forecast.first else ""
    note = " · ".join(part for part in (state.forecast_split, dates, unit) if part)
    lines = [heading("forecast", width, palette, note, warning=LEAKING if state.leaks else "")]
    lines += forecast_plot(forecast, width=width, height=height, palette=palette)
    errors = forecast_errors(forecast)
    longest = max((cell_len(fit(name, 40).rstrip()) for name in errors), default=0)
    for name, error in errors.items():
        line = [
            Segment(fit(name, min(longest, width // 2)), palette.style("text")),
            Segment(f"  mean absolute error {numbers.figure(error)}", palette.style("muted")),
        ]
        lines.append(padded(line, width))
    return lines


def matrix_of(state: RunState) -> tuple[tuple[tuple[int, ...], ...] | None, str]:
    """The test's confusion counts where the run got there, else the latest of validation; and which they are."""
    if state.final_confusion is not None:
        return state.final_confusion, "test · the best weights"
    kept = state.matrices.get("validation")
    if kept is not None and kept.last is not None:
        return kept.last.counts, f"validation · epoch {kept.last.epoch}"
    return None, ""


def _mistakes(state: RunState, width: int, palette: Palette) -> Lines:
    """The confusion matrix: of the test split where the run got there, else the latest of validation."""
    counts, note = matrix_of(state)
    classes = state.started.data.classes if state.started else ()
    if counts is None or not classes:
        return []
    height = min(len(classes) + 1, 31)
    return [
        heading("confusion", width, palette, f"{note} · % of each true class", warning=LEAKING if state.leaks else ""),
        *confusion(counts, classes, width=width, height=height, palette=palette),
    ]


def _classes(state: RunState, width: int, palette: Palette) -> Lines:
    """Precision, recall and F1 of each class, of the same matrix."""
    counts, note = matrix_of(state)
    classes = state.started.data.classes if state.started else ()
    if counts is None or not classes:
        return []
    height = min(len(classes) + 1, 31)
    return [
        heading("classes", width, palette, note, warning=LEAKING if state.leaks else ""),
        *per_class(counts, classes, width=width, height=height, palette=palette),
    ]


def data_notes(state: RunState, width: int, palette: Palette) -> Lines:
    """What the loader did that a person should know."""
    if state.started is None:
        return []
    data = state.started.data
    normalised = how_normalised(
        data.task, data.reads_tokens, data.scale, state.started.config.get("data", {}).get("normalise")
    )
    notes = ([f"normalised: {normalised}"] if normalised else []) + list(data.notes[:12])
    if not notes:
        return []
    lines = [heading("about the data", width, palette)]
    for label, text in map(labelled, notes):
        lines += paragraphs([Paragraph(text if label else f"→ {text}", "muted", label)], width, palette)
    return lines


def _samples(state: RunState, width: int, palette: Palette) -> Lines:
    if not state.samples:
        return []
    lines = [heading("samples", width, palette, f"{state.samples_split} · epoch {state.samples_epoch}")]
    shown = state.samples[:12]
    if width < 100:
        return lines + [sample_line(sample, width, palette) for sample in shown]
    half = (len(shown) + 1) // 2
    left, right = (width - 4) // 2, width - 4 - (width - 4) // 2
    columns = [[sample_line(s, w, palette) for s in part] for part, w in ((shown[:half], left), (shown[half:], right))]
    return lines + beside(columns, [left, right], gap=4)


def _commands(applied: Sequence[AppliedCommand], width: int, palette: Palette) -> Lines:
    """Commands that were given while the run trained."""
    if not applied:
        return []
    lines = [heading("commands", width, palette)]
    for command in applied[-12:]:
        where = f"epoch {command.epoch:.1f} · step {numbers.whole(command.step)}"
        what = command.command
        if command.command == "set":
            before = f"{value_text(command.before)} → " if command.before is not None or not command.error else ""
            what = f"{command.key} {before}{value_text(command.value)}"
        elif command.command == "rollback":
            what = command_label(command)
        line = [
            Segment("▾ ", palette.style("warning", bold=True)),
            Segment(fit(where, 26), palette.style("muted")),
            Segment(fit(what, max(1, min(40, width - 28))).rstrip(), palette.style("text")),
        ]
        if command.error:
            line.append(
                Segment(fit(f"  refused: {command.error}", max(0, width - width_of(line))), palette.style("bad"))
            )
        lines.append(line)
    if len(applied) > 12:
        lines.insert(1, [Segment(f"  … {len(applied) - 12} earlier", palette.style("muted", italic=True))])
    return lines


def noticed(state: RunState, width: int, palette: Palette) -> Lines:
    """Diagnoses, and what to do about them."""
    if not state.diagnoses:
        return []
    lines = [heading("noticed", width, palette)]
    for diagnosis in state.diagnoses[-6:]:
        lines += paragraph(f"⚠ epoch {diagnosis.epoch}: {diagnosis.message}", width, palette.style("warning"))
        if diagnosis.remedy:
            lines += paragraph(f"  → {diagnosis.remedy}", width, palette.style("muted"))
    return lines


def _several(n: int, noun: str) -> str:
    return f"{numbers.whole(n)} {noun}{'s' if n != 1 else ''}"


def _joined(parts: Iterable[tuple[str, Style]], width: int, dot: Style) -> Line:
    """The parts with a dot between, those that fit in `width`."""
    line: Line = []
    used = 0
    for text, style in parts:
        if not text:
            continue
        gap = 3 if line else 0
        room = width - used - gap
        cells = cell_len(fit(text, 4096).rstrip())
        if cells > room:
            if line or room < 1:
                continue
            cells = room
        if gap:
            line.append(Segment(" · ", dot))
        line.append(Segment(fit(text, cells), style))
        used += gap + cells
    return line


def _ends(left: Line, right: Line, width: int) -> Line:
    """One at each end of the line."""
    gap = width - width_of(left) - width_of(right)
    return padded([*left, Segment(" " * max(1, gap)), *right], width)
