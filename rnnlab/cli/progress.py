"""The line that `rnnlab train` keeps under the prompt, and the line it ends with."""

from __future__ import annotations

from typing import TextIO

from rnnlab.cli.echo import redraw, write_lines
from rnnlab.plots.run.progress import as_it_is_now, begun_text, concluded_lines, progress_text, waits_for
from rnnlab.runs.folders import RunFolder
from rnnlab.runs.state import RunState


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
            self._write_line(begun_text(run, state))
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
        for text in concluded_lines(run, state):
            self._write_line(text)

    def _write_line(self, text: str) -> None:
        self.end()
        write_lines(self.stream, text)
