"""The line that `rnnlab train` keeps under the prompt, and the line it ends with."""

from __future__ import annotations

from typing import TextIO

import msgspec

from rnnlab.cli.echo import redraw, write_lines
from rnnlab.plots.run.figure_table import chosen_by
from rnnlab.plots.run.figures import figure_title
from rnnlab.plots.run.status import status_sentence
from rnnlab.runs.current import room_text, status_now, waiting_text
from rnnlab.runs.folders import RunFolder
from rnnlab.runs.state import RunState
from rnnlab.runs.verdict import few_updates_text, verdict_of
from rnnlab.text.numbers import count, duration, figure

_BAR = 24


class ProgressLine:
    """One line redrawn in place on a terminal; elsewhere a line an epoch, so that a log file stays readable."""

    def __init__(self, stream: TextIO, quiet: bool) -> None:
        self.stream = stream
        self.quiet = quiet
        self.live = stream.isatty()
        self._shown = ""
        self._step = -1
        self._named = False
        self._silent = False
        self._reason = ""

    def show(self, run: RunFolder, state: RunState, notice: str = "", silence: str = "") -> None:
        """Draw the state, if it has changed; `silence` is for how long it has not, `notice` what a Ctrl-C does."""
        if self.quiet:
            return
        state = as_it_is_now(run, state)
        reason = waits_for(run, state)
        if not self._named and state.started is not None:
            self._named = True
            started = state.started
            rows = started.data.rows.get("train", 0)
            self._write_line(
                f"{started.data.title} · {started.model} · {count(started.parameters)} parameters · "
                f"{count(rows)} training rows · {started.device} · {run.path}"
            )
        if self.live:
            text = progress_text(state, notice, silence=silence, reason=reason)
            if text != self._shown:
                redraw(self.stream, text)
                self._shown = text
        elif reason != self._reason:
            self._reason = reason
            if reason:
                self._write_line(progress_text(state, notice, reason=reason))
        elif (evaluations := state.curves.get(f"{state.metric}/validation")) is not None and evaluations.step[
            -1
        ] != self._step:
            self._step = evaluations.step[-1]
            self._write_line(progress_text(state, notice))
        elif bool(silence) != self._silent and not state.ended:
            # A log file gets the line once.
            self._silent = bool(silence)
            self._write_line(silence or f"{run.name} continues")

    def end(self) -> None:
        """End the line that is redrawn in place, so that what follows starts on a line of its own."""
        if self.live and self._shown and not self.quiet:
            redraw(self.stream)
            self._shown = ""

    def conclude(self, run: RunFolder, state: RunState) -> None:
        """Say what the run came to."""
        metric = state.metric
        if state.status == "failed" or not state.final:
            self._write_line(f"{state.status}: {state.message or state.status}")
            if state.hint:
                self._write_line(f"  {state.hint}")
        else:
            best = f", best epoch {state.best.epoch}{chosen_by(state)}" if state.best else ""
            figures = " · ".join(
                f"{split} {metric} {figure(float(values[metric]))}"
                for split, values in state.final.items()
                if metric in values
            )
            self._write_line(f"{state.status} in {duration(state.seconds)}{best}: {figures}")
            if verdict := verdict_of(state):
                glyph, sentence, _ = status_sentence(state.status, verdict)
                self._write_line(f"{glyph} {sentence}")
            if few := few_updates_text(state):
                self._write_line(f"⚠ {few}")
            if state.message:
                self._write_line(f"  {state.message}")
        self._write_line(f"replay it with: rnnlab replay {run.path}")

    def _write_line(self, text: str) -> None:
        self.end()
        write_lines(self.stream, text)


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
