"""Progress of a run in one line: what the command line, and `rnnlab.train` in Python, keep under the prompt."""

from __future__ import annotations

import msgspec

from rnnlab.plots.run.figure_table import chosen_by
from rnnlab.plots.run.figures import figure_title
from rnnlab.plots.run.status import status_sentence
from rnnlab.runs.current import room_text, status_now, waiting_text
from rnnlab.runs.folders import RunFolder
from rnnlab.runs.state import RunState
from rnnlab.runs.verdict import against_baseline, few_updates_text, verdict_of
from rnnlab.text.numbers import count, duration, figure

_BAR = 24


def as_it_is_now(run: RunFolder, state: RunState) -> RunState:
    """The state with the status that the run has now, which a log does not have before its first event."""
    status = status_now(run, state.status)
    return state if status == state.status else msgspec.structs.replace(state, status=status)


def waits_for(run: RunFolder, state: RunState) -> str:
    """What keeps a run from going on; empty: nothing, or a person's pause. A log that could not be begun does not have it."""
    return (room_text(run) if state.started is None and not state.ended else "") or state.reason


def progress_text(state: RunState, notice: str = "", *, silence: str = "", reason: str = "") -> str:
    """The run's progress and figures in one line.

    Of a silent run nothing is shown that may no longer hold; `reason` is what keeps a run from continuing, `notice` what a
    Ctrl-C does.
    """
    started = state.started
    if started is None or state.status in ("queued", "loading"):
        return waiting_text(state.status, reason)
    done = state.step / started.steps_total if started.steps_total else 0.0
    filled = round(done * _BAR)
    parts = [
        f"epoch {min(state.epoch, started.epochs)}/{started.epochs} {'━' * filled}{'─' * (_BAR - filled)} {done:4.0%}",
        silence or f"{count(state.examples_per_second)} ex/s",
    ]
    if state.eta is not None and not state.ended and not silence:
        parts.append(f"left {duration(state.eta)}")
    if state.loss is not None:
        parts.append(f"{figure_title(state, 'loss')} {figure(float(state.loss))}")
    validation = state.latest.get("validation", {})
    if state.metric in validation:
        parts.append(f"{state.metric} {figure(float(validation[state.metric]))}")
    if state.best is not None and state.selected in state.best.metrics:
        named = f"{figure_title(state, state.selected)} " if state.selected != state.metric else ""
        parts.append(f"best {named}{figure(float(state.best.metrics[state.selected]))} @ {state.best.epoch}")
    if reason:
        parts.append(f"paused: {reason}; it resumes when there is room")
    if notice and not state.ended:
        parts.append(notice)
    elif not reason and state.status not in ("training", "evaluating"):
        parts.append(state.status)
    return "  ".join(parts)


def begun_text(run: RunFolder, state: RunState) -> str:
    """What is trained on what, and where: the data, the net, the device, the run's folder. Empty before the run has begun."""
    started = state.started
    if started is None:
        return ""
    return (
        f"{started.data.title} · {started.model} · {count(started.parameters)} parameters · "
        f"{count(started.data.rows.get('train', 0))} training rows · {started.device} · {run.path}"
    )


def concluded_lines(run: RunFolder, state: RunState) -> list[str]:
    """What the run came to, a text a line."""
    metric = state.metric
    if state.status == "failed" or not state.final:
        lines = [f"{state.status}: {state.message or state.status}"]
        lines += [f"  {state.hint}"] if state.hint else []
    else:
        best = f", best epoch {state.best.epoch}{chosen_by(state)}" if state.best else ""
        figures = " · ".join(
            f"{split} {metric} {figure(float(values[metric]))}"
            for split, values in state.final.items()
            if metric in values
        )
        lines = [f"{state.status} in {duration(state.seconds)}{best}: {figures}"]
        if verdict := verdict_of(state):
            glyph, sentence, _ = status_sentence(state.status, verdict)
            lines.append(f"{glyph} {sentence}")
        if standing := against_baseline(state):
            lines.append(f"{'⚠ ' if standing.worse else ''}{standing.text}")
        if few := few_updates_text(state):
            lines.append(f"⚠ {few}")
        if state.message:
            lines.append(f"  {state.message}")
    return [*lines, f"replay it with: rnnlab replay {run.path}"]
