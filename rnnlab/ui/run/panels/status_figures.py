"""What a run's status says in numbers: figures of the splits, settings and speeds, recent curves in a line each."""

from __future__ import annotations

import math
from collections.abc import Mapping

from rich.cells import cell_len
from rich.segment import Segment

from rnnlab.config.optim import UNCLIPPED
from rnnlab.machine import Load
from rnnlab.plots.run.figure_table import SPLITS, cell_for, short_figure_title, split_role
from rnnlab.plots.run.figures import SECONDARY, format_of
from rnnlab.runs.event_numbers import Number, real
from rnnlab.runs.events import RunStarted
from rnnlab.runs.series import Series
from rnnlab.runs.state import RunState
from rnnlab.text.lines import Line, Lines, fit
from rnnlab.text.numbers import count, duration, figure, rate, whole
from rnnlab.text.palette import Palette
from rnnlab.text.sanitise import plain
from rnnlab.ui.run.following.follow import RunFollower

_BARS = "▁▂▃▄▅▆▇█"


def final_block(state: RunState, width: int, palette: Palette) -> Lines:
    """The figures of the best weights on the three splits, and on what was tested further."""
    return _table(state, state.final, state.extra, width, palette) if state.final else []


def cells_wanted(state: RunState) -> int:
    """Cells of the table of final figures with all its columns."""
    names = {name for figures in state.final.values() for name in figures} - set(SECONDARY)
    return 12 + cell_for(state, names) * len(names)


def latest_block(state: RunState, width: int, palette: Palette) -> Lines:
    """The figures of the last evaluation."""
    return _table(state, state.latest, {}, width, palette) if state.latest and not state.final else []


Figures = Mapping[str, Mapping[str, Number]]


def _table(state: RunState, splits: Figures, further: Figures, width: int, palette: Palette) -> Lines:
    """A row a split or further part; the metric first, then what is like it, the loss last."""
    names = list(dict.fromkeys(name for figures in (*splits.values(), *further.values()) for name in figures))
    names = [name for name in names if name not in SECONDARY]
    names.sort(key=lambda name: (name != state.metric, name == "loss", name not in _BESIDE, name == "macro_f1"))
    label = min(20, max(12, *(cell_len(fit(part, 18).rstrip()) + 1 for part in further), 0)) if further else 12
    cell = cell_for(state, names)
    columns = names[: max(1, (width - label) // cell)]
    muted = palette.style("muted")
    leaking = fit("⚠ leaking" if state.leaks else "", label)
    lines: Lines = [
        [
            Segment(leaking, palette.style("bad", bold=True)),
            *(Segment(fit(short_figure_title(state, name), cell, "right"), muted) for name in columns),
        ]
    ]
    rows = [(split, splits[split], split_role(split)) for split in SPLITS if split in splits]
    rows += [(part, figures, "test") for part, figures in further.items()]
    for name, figures, role in rows:
        line = [Segment(fit(name, label), palette.style(role, bold=name == "test"))]
        for column in columns:
            text = format_of(column)(real(figures[column])) if column in figures else ""
            line.append(Segment(fit(text, cell, "right"), palette.style("text", bold=name == "test")))
        lines.append(line)
    return lines


_BESIDE = ("balanced_accuracy",)
"""What stands beside the metric."""


_TIGHT = 48
"""Cells below which two columns of settings hold no blank too many."""


def figures_block(follower: RunFollower, width: int, palette: Palette, single: bool = False) -> Lines:
    """Rate, gradient, step, time, machine and net in one column, or in two."""
    state, started = follower.state, follower.state.started
    if started is None:
        return []
    clipped = planned(started, "optim", "name") not in UNCLIPPED
    clip = state.live_settings.get("optim.clip_norm", planned(started, "optim", "clip_norm")) if clipped else None
    norm = "–" if state.grad_norm is None else figure(real(state.grad_norm), 2)
    lr = next((c.value for c in reversed(follower.pending.values()) if c.key == "optim.lr"), None)
    # What a narrow panel shows of a longer value comes last.
    facts: list[tuple[str, ...]] = [
        ("rate", rate(state.lr) + (f" → {rate(lr)} …" if lr is not None else "")),
        ("gradient", norm + (f" (clip {clip:g})" if isinstance(clip, int | float) else ""), norm),
        (
            "step",
            f"{whole(state.step)} / {whole(started.steps_total)}",
            f"{count(state.step)}/{count(started.steps_total)}",
        ),
        ("time", duration(state.seconds)),
        (
            "device",
            plain(started.device, 12) + (f" · {started.threads} thread{'s' if started.threads > 1 else ''}"),
            plain(started.device, 12),
        ),
        (
            "weights",
            f"{count(started.parameters)} · {count(sum(started.data.rows.values()))} rows",
            count(started.parameters),
        ),
        ("optimiser", plain(str(planned(started, "optim", "name")), 16)),
        ("batch", plain(str(planned(started, "train", "batch_size")), 16)),
    ]
    columns = 1 if single else 2
    # Of two panels that share 80 columns, the names in the second column are closer to their values.
    tight = columns == 2 and width < _TIGHT
    labels = [10, 9] if tight else [10] * columns
    room = max(4, (width - 20) // 2 if tight else (width - columns + 1) // columns - 11)
    lines: Lines = []
    for at in range(0, len(facts), columns):
        line: Line = []
        for label, (name, *values) in zip(labels, facts[at : at + columns], strict=True):
            value = next((value for value in values if cell_len(value) <= room), values[-1])
            line += [
                Segment(fit(name, label), palette.style("muted")),
                Segment(fit(value, room), palette.style("text")),
                Segment(" "),
            ]
        line.pop()
        lines.append(line)
    return lines


def planned(started: RunStarted, group: str, name: str) -> object:
    """A setting as the run's log holds it, of any type: a log may come from a stranger. None where it has none."""
    members = started.config.get(group)
    return members.get(name) if isinstance(members, dict) else None


def curves_block(state: RunState, width: int, palette: Palette) -> Lines:
    """Gradient norm and learning rate so far, each in one line."""
    lines: Lines = []
    for name, label, shown in (("grad_norm", "gradient", figure), ("lr", "rate", rate)):
        series = state.curves.get(name)
        if series is None or len(series) < 2 or width < 34:
            continue
        bars = sparkline(series, min(40, width - 10 - 9))
        lines.append(
            [
                Segment(fit(label, 10), palette.style("muted")),
                Segment(bars, palette.style("train")),
                Segment("  " + shown(series.mean[-1]), palette.style("text")),
            ]
        )
    return lines


def sparkline(series: Series, width: int) -> str:
    """The means of a series in `width` bars, oldest first; the least and the greatest fill their height."""
    number = len(series)
    if not number or width < 1:
        return ""
    values = []
    for bar in range(width):
        # Fewer points than bars: each stands for several of them.
        first = bar * number // width
        part = series.mean[first : max(first + 1, (bar + 1) * number // width)]
        values.append(sum(part) / len(part))
    low, high = min(values), max(values)
    span = high - low
    if not math.isfinite(span) or span <= 1e-12 * max(abs(high), abs(low)):
        return _BARS[3] * width
    return "".join(_BARS[min(7, int((value - low) / span * 8))] for value in values)


def load_block(load: Load | None, width: int, palette: Palette) -> Lines:
    """CPU, memory and GPU of the process that trains, in one line; nothing where that is not known."""
    if load is None:
        return []
    cores = "" if load.cores is None else f"{load.cores:.1f} core{'s' if load.cores >= 1.05 else ''} · "
    memory = size_text(load.memory)
    gpu = f" · GPU {load.gpu}" if load.gpu else ""
    busy = "" if load.machine is None else f"{load.machine:.0%} of {load.n_cores} cores, "
    machine = f"{busy}{size_text(load.machine_memory)} of {size_text(load.all_memory)}"
    middle = f"{'CPU ' if cores else ''}{cores}memory {memory}{gpu}"
    long = f"{middle} · machine {machine}"
    short = f"{cores}{memory}{gpu}"
    room = max(4, width - 10)
    text = next((text for text in (long, middle) if cell_len(text) <= room), short)
    return [[Segment(fit("load", 10), palette.style("muted")), Segment(fit(text, room), palette.style("text"))]]


def size_text(size: int) -> str:
    """A number of bytes in MB or GB, as a person reads it."""
    return f"{size / 1e9:.1f} GB" if size >= 1e9 else f"{size / 1e6:.0f} MB"
