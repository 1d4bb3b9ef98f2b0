"""The status of a run: settings and speeds, recent curves in a line each, samples, warnings, and how it ended."""

from __future__ import annotations

import math
from collections.abc import Hashable, Mapping

from rich.cells import cell_len
from rich.segment import Segment

from rnnlab.catalog.models.catalog import MODELS
from rnnlab.config import UsageError
from rnnlab.config.optim import UNCLIPPED
from rnnlab.plots.run.extra_tests import curves_that_fit
from rnnlab.plots.run.figure_table import SPLITS, cell_for, short_figure_title, split_role
from rnnlab.plots.run.figures import SECONDARY, format_of
from rnnlab.plots.run.status import status_sentence
from rnnlab.runs.current import room_text, waiting_text
from rnnlab.runs.event_numbers import Number, real
from rnnlab.runs.events import RunStarted
from rnnlab.runs.series import Series
from rnnlab.runs.state import RunState
from rnnlab.runs.verdict import few_updates_text, verdict_of
from rnnlab.text.lines import Line, Lines, beside, fit
from rnnlab.text.numbers import count, duration, figure, rate, whole
from rnnlab.text.palette import Palette, Role
from rnnlab.text.sanitise import plain
from rnnlab.ui.common.prose import wrap
from rnnlab.ui.run.following.follow import RunFollower
from rnnlab.ui.run.panels.panel import Panel
from rnnlab.ui.run.panels.samples import sample_lines

_BARS = "▁▂▃▄▅▆▇█"
_SAMPLES = 26
"""Cells in which a sample can be read."""
_WIDE = 74
"""Cells from which on the samples stand beside the figures."""


FOREIGN = (
    "Queued elsewhere, or with other settings: nothing is trained unasked. y trains it here with the settings below."
)
GONE = "Its process is gone: the run is resumed from its last saved state."
GONE_ELSEWHERE = "Its process is gone, and it was queued elsewhere. y resumes it here."


class StatusPanel(Panel):
    """Blocks in a fixed order; where the panel is too low, the least important are left out."""

    predictions_elsewhere = False
    """Whether another panel lists the samples already."""

    def on_mount(self) -> None:
        self.entitle("now")

    def depends_on(self, follower: RunFollower) -> Hashable:
        """The end of the log, its damage, the run's process and the commands underway."""
        return (
            follower.state.last_seq,
            follower.status,
            follower.foreign,
            follower.problem,
            follower.note,
            follower.damaged,
            follower.unknown,
            follower.opened.is_set(),
            tuple(follower.pending),
        )

    def advance(self, follower: RunFollower) -> None:
        """Title the panel, and draw it again where something has changed."""
        state = follower.state
        self.entitle("result" if state.final else "now")
        self.subtitle(("enter", "samples")) if state.samples else self.subtitle()
        super().advance(follower)

    def draw(self, width: int, height: int) -> Lines:
        """The blocks beside one another where there is room, else one under the other."""
        if self.follower is None:
            return []
        inner = width - 2
        lines = self._beside(inner, height) if inner >= _WIDE else self._below(inner, height)
        lines += curves_that_fit(self.follower.state, inner, height - len(lines), self.palette)
        return [[Segment(" "), *line] for line in lines]

    def _below(self, width: int, height: int) -> Lines:
        """Everything one under the other; the less important a block, the sooner it is left out."""
        assert self.follower is not None
        palette, state = self.palette, self.follower.state
        blocks = {
            "trouble": _trouble(self.follower, width, max(2, height - 4), palette),
            "waiting": _waiting(self.follower, width, palette),
            "final": _final(state, width, palette),
            "figures": _figures(self.follower, width, palette),
            "latest": _latest(state, width, palette) if height >= 14 else [],
            "curves": _curves(state, width, palette),
            "samples": [],
            "diagnoses": _diagnoses(state, width, 2 if height < 14 else 6, palette),
        }
        left = height
        for name in ("trouble", "waiting", "final", "figures", "diagnoses", "latest"):
            blocks[name] = blocks[name][:left]
            left -= len(blocks[name])
        if not self.predictions_elsewhere:
            gaps = sum(1 for name in blocks if blocks[name])
            blocks["samples"] = sample_lines(state.samples, width, min(left, max(3, left - gaps)), palette)
        left -= len(blocks["samples"])
        if len(blocks["curves"]) + sum(1 for block in blocks.values() if block) - 1 > left:
            blocks["curves"] = []  # rather a little air
        return _spaced(list(blocks.values()), height)

    def _beside(self, width: int, height: int) -> Lines:
        """Figures at the left, samples at the right, sentences over and under them."""
        assert self.follower is not None
        palette, state = self.palette, self.follower.state
        trouble = _trouble(self.follower, width, max(2, height - 4), palette)
        # A table of many figures takes more than its half, as long as the samples can still be read.
        half = max(width // 2 - 1, min(_cells_wanted(state), width - _SAMPLES - 2))
        final = _final(state, half, palette)
        diagnoses = _diagnoses(state, width, 2 if height < 14 else 6, palette)
        room = max(0, height - len(trouble) - len(diagnoses))
        figures = final or _figures(self.follower, min(half, 33), palette, single=True)
        if final and len(final) < room:
            figures = _spaced([final, _figures(self.follower, half, palette, single=half < 48)], room)
        latest = _latest(state, half, palette)
        if latest and len(figures) + len(latest) <= room:
            figures = _spaced([figures, latest], room)
        curves = _curves(state, half, palette)
        if len(figures) + len(curves) <= room:
            figures = _spaced([figures, curves], room)
        samples = sample_lines(state.samples, width - half - 2, room, palette)
        middle = beside([figures[:room], samples], [half, width - half - 2])
        waiting = _waiting(self.follower, width, palette)
        return _spaced([trouble, waiting, middle, diagnoses], height)


def _spaced(blocks: list[Lines], height: int) -> Lines:
    """The blocks with an empty line between them as far as there is room."""
    blocks = [block for block in blocks if block]
    spare = height - sum(map(len, blocks))
    lines: Lines = []
    for index, block in enumerate(blocks):
        if index and spare > 0:
            lines.append([])
            spare -= 1
        lines += block
    return lines[:height]


def _trouble(follower: RunFollower, width: int, most: int, palette: Palette) -> Lines:
    """Why the run failed and what to do, or why its log cannot be read."""
    state = follower.state
    lines: Lines = []
    if follower.problem:
        lines += _paragraph("✗ ", follower.problem, width, most, palette, "bad")
    elif state.failed:
        lines += _paragraph("✗ ", state.message or state.status, width, most, palette, "bad")
        if state.hint:
            lines += _paragraph("→ ", state.hint, width, max(1, most - len(lines)), palette, "text")
    elif verdict := verdict_of(state):
        glyph, sentence, role = status_sentence(state.status, verdict)
        lines += _paragraph(f"{glyph} ", f"{sentence}.", width, 3, palette, role)
    elif state.message:
        lines += _paragraph("", state.message, width, 2, palette, "muted")
    if few := few_updates_text(state):
        lines += _paragraph("⚠ ", f"{few}.", width, 3, palette, "warning")
    if state.reason:
        text = f"{state.reason}: the run continues by itself when there is room"
        lines += _paragraph("⚠ ", text, width, 3, palette, "warning")
    if follower.gone:
        lines += _paragraph("⚠ ", GONE_ELSEWHERE if follower.foreign else GONE, width, 3, palette, "warning")
    if follower.note:
        lines += _paragraph("⚠ ", follower.note, width, 2, palette, "warning")
    damage = damage_text(follower)
    if damage:
        lines += _paragraph("⚠ ", damage, width, 2, palette, "warning")
    return lines


def damage_text(follower: RunFollower) -> str:
    """What the log has lost, as a phrase; empty where it is whole."""
    parts = []
    if follower.damaged:
        parts.append(f"{whole(follower.damaged)} damaged line{'s' if follower.damaged > 1 else ''} of the log skipped")
    elif follower.state.missing:
        parts.append(f"{whole(follower.state.missing)} events are missing from the log")
    if follower.unknown:
        parts.append(f"{whole(follower.unknown)} events of a newer version skipped")
    return "; ".join(parts)


def _paragraph(mark: str, text: str, width: int, most: int, palette: Palette, role: Role) -> Lines:
    style = palette.style(role, bold=role == "bad")
    wrapped = wrap(plain(text[:2000]), width - len(mark), most)
    return [
        [Segment(mark if i == 0 else " " * len(mark), palette.style(role, bold=True)), Segment(line, style)]
        for i, line in enumerate(wrapped)
    ]


def _waiting(follower: RunFollower, width: int, palette: Palette) -> Lines:
    """What is to be trained, while there are no figures yet."""
    state = follower.state
    if state.started is not None or state.ended or follower.problem or not follower.opened.is_set():
        return []
    lines = _paragraph("", waiting_sentence(follower), width, 3, palette, "text")
    try:
        config = follower.run.config()
    except UsageError as error:
        return lines + _paragraph("⚠ ", str(error), width, 3, palette, "warning")
    shown = [
        ("task", config.task.name),
        ("model", f"{MODELS[config.model.name].title} {','.join(map(str, config.model.hidden))}"),
        ("optimiser", f"{config.optim.name} · rate {rate(config.optim.lr)}"),
        (
            "plan",
            f"{_plan(config.train.epochs, config.train.updates)} · batch {config.train.batch_size} · seed {config.train.seed}",
        ),
    ]
    if follower.foreign and config.data.path:
        shown.append(("data", config.data.path))
    lines.append([])
    for name, value in shown:
        lines.append(
            [
                Segment(fit(name, 10), palette.style("muted")),
                Segment(fit(value, width - 10), palette.style("text")),
            ]
        )
    return lines


def waiting_sentence(follower: RunFollower) -> str:
    """What a run waits for that has not begun, with what a person needs to know of it."""
    if follower.foreign and follower.status == "queued":
        return FOREIGN
    text = waiting_text(follower.status, room_text(follower.run))
    sentence = f"{text[:1].upper()}{text[1:]}." if text else ""
    return f"{sentence} Nothing needs to be kept open for that." if follower.status == "queued" else sentence


def _plan(epochs: int, updates: int | None) -> str:
    """How long the run is to be; `updates` None: no number of updates ends it."""
    return f"{updates:,} updates, at most {epochs} epochs" if updates else f"{epochs} epochs"


def _final(state: RunState, width: int, palette: Palette) -> Lines:
    """The figures of the best weights on the three splits, and on what was tested further."""
    return _table(state, state.final, state.extra, width, palette) if state.final else []


def _cells_wanted(state: RunState) -> int:
    """Cells of the table of final figures with all its columns."""
    names = {name for figures in state.final.values() for name in figures} - set(SECONDARY)
    return 12 + cell_for(state, names) * len(names)


def _latest(state: RunState, width: int, palette: Palette) -> Lines:
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


def _figures(follower: RunFollower, width: int, palette: Palette, single: bool = False) -> Lines:
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
        ("gradient", norm + (f" (clip {clip:g})" if isinstance(clip, int | float) else "")),
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
    each = (width - columns + 1) // columns
    lines: Lines = []
    room = max(4, each - 11)
    for at in range(0, len(facts), columns):
        line: Line = []
        for name, *values in facts[at : at + columns]:
            value = next((value for value in values if cell_len(value) <= room), values[-1])
            line += [
                Segment(fit(name, 10), palette.style("muted")),
                Segment(fit(value, room) + " ", palette.style("text")),
            ]
        lines.append(line)
    return lines


def planned(started: RunStarted, group: str, name: str) -> object:
    """A setting as the run's log holds it, of any type: a log may come from a stranger. None where it has none."""
    members = started.config.get(group)
    return members.get(name) if isinstance(members, dict) else None


def _curves(state: RunState, width: int, palette: Palette) -> Lines:
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


def _diagnoses(state: RunState, width: int, most: int, palette: Palette) -> Lines:
    """The last warnings, the newest first, each kind once."""
    lines: Lines = []
    seen: set[str] = set()
    for diagnosis in reversed(state.diagnoses):
        if diagnosis.kind in seen:
            continue
        seen.add(diagnosis.kind)
        text = diagnosis.message + (f" → {diagnosis.remedy}" if diagnosis.remedy else "")
        lines += _paragraph("⚠ ", text, width, min(3, most), palette, "warning")
        if len(lines) >= most:
            break
    return lines[:most]
