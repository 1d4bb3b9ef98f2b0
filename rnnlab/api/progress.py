"""Progress of runs in one line, for a terminal or a notebook."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Sequence

from rnnlab.plots.run.progress import as_it_is_now, begun_text, concluded_lines, progress_text, waits_for
from rnnlab.runs.folders import RunFolder
from rnnlab.runs.silence import SilenceWatch
from rnnlab.runs.state import RunState
from rnnlab.text.sanitise import plain

_NOTEBOOK_WIDTH = 110
"""Characters of a line of a notebook's output on a small screen."""


class ProgressLine:
    """One line on standard error, redrawn in place; where that is a file, a line for each evaluation.

    `wanted` None: only on a terminal and in a notebook.
    """

    def __init__(self, wanted: bool | None) -> None:
        self._stream = sys.stderr
        notebook = _in_notebook()
        self._live = notebook or self._stream.isatty()
        self._quiet = not (self._live if wanted is None else wanted)
        self._width = _NOTEBOOK_WIDTH if notebook else None
        self._shown = ""
        self._named = False
        self._evaluation = -1
        self._silence = SilenceWatch()

    def show(self, runs: Sequence[RunFolder], states: Sequence[RunState], notice: str = "") -> None:
        """Draw the first run that has not ended, and how many have; `notice` is what a Ctrl-C did."""
        if self._quiet:
            return
        at = next((index for index, state in enumerate(states) if not state.ended), len(states) - 1)
        run, state = runs[at], as_it_is_now(runs[at], states[at])
        if not self._named and state.started is not None and len(runs) == 1:
            self._named = True
            self._line(begun_text(run, state))
        text = progress_text(state, notice, silence=self._silence.text(state), reason=waits_for(run, state))
        if len(runs) > 1:
            text = f"{sum(each.ended for each in states)} of {len(states)} ended · {run.name}: {text}"
        if self._live:
            self._redraw(text)
        elif (curve := state.curves.get(f"{state.metric}/validation")) and curve.step[-1] != self._evaluation:
            self._evaluation = curve.step[-1]
            self._line(text)

    def end(self, runs: Sequence[RunFolder] = (), states: Sequence[RunState] = ()) -> None:
        """End the line, and say what the runs came to."""
        if self._quiet:
            return
        self._clear()
        for run, state in zip(runs, states, strict=True):
            lines = concluded_lines(run, state)[:-1]
            self._line(f"{run.name}: {lines[0]}" if len(runs) > 1 else lines[0], *lines[1:])

    def _line(self, *lines: str) -> None:
        self._clear()
        self._stream.write("".join(plain(line) + "\n" for line in lines))
        self._stream.flush()

    def _redraw(self, text: str) -> None:
        width = self._width or shutil.get_terminal_size().columns - 1
        text = plain(text, width)
        if text != self._shown:
            # Blanks, not a sequence that clears the line, which not every notebook obeys.
            self._stream.write("\r" + text.ljust(len(self._shown)))
            self._stream.flush()
            self._shown = text

    def _clear(self) -> None:
        if self._shown:
            self._stream.write("\r" + " " * len(self._shown) + "\r")
            self._shown = ""


def _in_notebook() -> bool:
    """Whether a Jupyter kernel shows what is printed."""
    kernel = sys.modules.get("ipykernel.zmqshell")
    return kernel is not None and kernel.ZMQInteractiveShell.initialized()
