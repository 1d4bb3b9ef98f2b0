"""The head of the Run screen: which run it is, what it is doing, how far it has come, how good it is so far."""

from __future__ import annotations

from collections.abc import Hashable

from rich.segment import Segment

from rnnlab.catalog.models.catalog import MODELS
from rnnlab.config import UsageError
from rnnlab.plots.run.figures import LEAKING, figure_title, format_of
from rnnlab.plots.run.status import status_mark
from rnnlab.runs.commands import Command, Verb
from rnnlab.runs.current import room_text, waiting_text
from rnnlab.runs.event_numbers import real
from rnnlab.runs.folders import RunFolder
from rnnlab.runs.room import has_room
from rnnlab.runs.state import RunState
from rnnlab.runs.verdict import verdict_of
from rnnlab.text.lines import Line, Lines, fit, padded, width_of
from rnnlab.text.numbers import count, duration, percent
from rnnlab.text.palette import Palette
from rnnlab.text.sanitise import plain
from rnnlab.ui.common.prose import cut
from rnnlab.ui.run.following.follow import RunFollower
from rnnlab.ui.run.panels.panel import Drawn

_PENDING: dict[Verb, str] = {
    "pause": "pausing",
    "resume": "resuming",
    "stop": "stopping",
    "evaluate": "evaluating",
    "save": "saving",
    "rollback": "restoring the best weights",
}
_SETTINGS = {"optim.lr": "the learning rate", "optim.clip_norm": "the clip", "model.dropout": "the dropout"}


def _pending_text(sent: Command) -> str:
    return _PENDING.get(sent.command) or f"setting {_SETTINGS.get(sent.key, 'a value')}"


class StatusLine(Drawn):
    """One line where it fits, two where the screen is narrow."""

    def depends_on(self, follower: RunFollower) -> Hashable:
        """The end of the log, the run's process, the commands underway, and the room on the disk."""
        return (
            follower.state.last_seq,
            follower.status,
            follower.foreign,
            follower.problem,
            follower.opened.is_set(),
            tuple(follower.pending),
            follower.silence_text,
            not has_begun(follower.state) and has_room(follower.run.path),
        )

    def draw(self, width: int, height: int) -> Lines:
        """Name, status and progress in one line, or in two."""
        if self.follower is None:
            return []
        palette = self.palette
        name = _name(self.follower, palette, self._planned(self.follower.run))
        doing = _doing(self.follower, palette)
        far = _progress(self.follower, palette, width if height > 1 else width - width_of(name) - width_of(doing) - 8)
        gap: Line = [Segment("   ")]
        if height == 1:
            left = [Segment(" "), *name]
            right = [*doing, *gap, *far, Segment(" ")]
            space = width - width_of(left) - width_of(right)
            return [padded([*left, Segment(" " * max(2, space)), *right], width)]
        if width_of(name) + width_of(doing) > width - 3:
            doing = _doing(self.follower, palette, brief=True)
        space = width - 2 - width_of(name) - width_of(doing)
        first = [Segment(" "), *name, Segment(" " * max(1, space)), *doing]
        return [padded(first, width), padded([Segment(" "), *far], width)]

    _plan: tuple[RunFolder, str] | None = None

    def _planned(self, run: RunFolder) -> str:
        """Task and model of a run that has not started, from its configuration."""
        if self._plan is None or self._plan[0] != run:
            try:
                config = run.config()
                hidden = ",".join(map(str, config.model.hidden))
                plan = f"{config.task.name} · {MODELS[config.model.name].title} {hidden}"
            except UsageError:
                plan = ""
            self._plan = (run, plan)
        return self._plan[1]


def has_begun(state: RunState) -> bool:
    """Whether the run has started, or has ended without."""
    return state.started is not None or state.ended


def _name(follower: RunFollower, palette: Palette, planned: str) -> Line:
    started = follower.state.started
    run = follower.run.name
    number = run.partition("-")[0]
    muted = palette.style("muted")
    if started is not None:
        task, model = plain(started.data.task, 24), plain(started.model, 30)
    elif planned:
        task, _, model = plain(planned, 56).partition(" · ")
    else:
        return [Segment(cut(plain(run), 40), palette.style("text", bold=True))]
    label = number if number.isdigit() else plain(run, 24)
    return [
        Segment(task, palette.style("text", bold=True)),
        Segment(" · ", muted),
        Segment(model, palette.style("text")),
        Segment(" · ", muted),
        Segment(label, palette.style("text")),
    ]


def _doing(follower: RunFollower, palette: Palette, *, brief: bool = False) -> Line:
    """What the run is doing; `brief`: of a sentence its first clause."""
    state = follower.state
    if follower.problem:
        return [Segment("✗ deleted" if follower.deleted else "✗ unreadable", palette.style("bad", bold=True))]
    if not follower.opened.is_set() and not state.ended:
        return [Segment("… reading the log", palette.style("muted"))]
    silence = follower.silence_text
    glyph, label, role = status_mark(state.status, verdict_of(state), state.paused_after)
    waiting = waiting_text(state.status, room_text(follower.run)) if not has_begun(state) else ""
    if silence:
        glyph, label, role = "◌", silence, "warning"
    line = [Segment(f"{glyph} {plain(label)}", palette.style(role, bold=True))]
    if state.leaks:
        line.append(Segment(f" {LEAKING}", palette.style("bad", bold=True)))
    pending = [_pending_text(sent) for sent in follower.pending.values()]
    if pending:
        line.append(Segment(f" · {pending[-1]} …", palette.style("warning")))
    elif state.reason:
        line.append(Segment(f": {plain(state.reason, 60)}", palette.style("warning")))
    elif follower.foreign and not follower.begun:
        text = "y: resume it here" if follower.gone else "queued elsewhere · y: train it here"
        line.append(Segment(f" · {text}", palette.style("muted")))
    elif waiting:
        text = waiting.partition(":")[0] if brief else waiting
        return [Segment(f"{glyph} {text}", palette.style(role, bold=True))]
    return line


def _progress(follower: RunFollower, palette: Palette, width: int) -> Line:
    """Epoch, bar, share, speed, time left and the best epoch; what does not fit goes, the least important first."""
    state = follower.state
    started = state.started
    if started is None:
        return []
    muted, text = palette.style("muted"), palette.style("text")
    share = max(0.0, min(1.0, state.step / started.steps_total)) if started.steps_total else 0.0
    parts: dict[str, Line] = {
        "epoch": [Segment("epoch ", muted), Segment(f"{state.epoch}/{started.epochs}", text)],
        "share": [Segment(fit(percent(share), 6, "right"), text)],
        "speed": [Segment(count(state.examples_per_second), text), Segment(" ex/s", muted)],
    }
    if follower.gone or follower.silence_text:
        parts.pop("speed")  # of a time that is over
    elif state.ended:
        parts["took"] = [Segment("took ", muted), Segment(duration(state.seconds), text)]
    else:
        parts["left"] = [Segment("left ", muted), Segment(duration(state.eta), text)]
    if state.best is not None and state.selected in state.best.metrics:
        value = real(state.best.metrics[state.selected])
        shown = format_of(state.selected)(value)
        named = f"{figure_title(state, state.selected)} " if state.selected != state.metric else ""
        parts["best"] = [
            Segment(f"best {named}", muted),
            Segment(shown, palette.style("good", bold=True)),
            Segment(f" @ {state.best.epoch}", muted),
        ]
    for dropped in ("", "speed", "epoch"):
        parts.pop(dropped, None)
        taken = sum(width_of(part) + 3 for part in parts.values())
        if width - taken >= 8 or dropped == "epoch":
            break
    bar = max(0, min(24, width - taken - 1))
    line: Line = []
    for name, part in parts.items():
        if name == "share":
            if bar >= 4:
                line += [*(_GAP if line else []), *_bar(share, bar, palette)]
            line += part
        else:
            line += [*(_GAP if line else []), *part]
    return line


_GAP = [Segment("   ")]


def _bar(share: float, width: int, palette: Palette) -> Line:
    """`width` cells in halves: ━━━╸────."""
    halves = round(share * width * 2)
    full, half = divmod(halves, 2)
    bar = "━" * full + ("╸" if half else "")
    return [Segment(bar, palette.style("train")), Segment("─" * (width - len(bar)), palette.style("grid"))]
