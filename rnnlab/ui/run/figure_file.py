"""Saving what a screen shows as a picture, text or numbers: the name of the file is asked for, `rnnlab plot` writes it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Literal

from rnnlab.config import UsageError
from rnnlab.paths import user_path
from rnnlab.plots.figure_formats import FORMATS, format_of_file
from rnnlab.runs.folders import RunFolder
from rnnlab.runs.state import RunState
from rnnlab.text.sanitise import plain
from rnnlab.ui.common.prompt import Prompt
from rnnlab.ui.run.panels.confusion_panel import ConfusionPanel
from rnnlab.ui.run.panels.curve_panel import CurvePanel, is_log
from rnnlab.ui.run.panels.gradient_panel import GradientPanel
from rnnlab.ui.run.panels.panel import Panel
from rnnlab.ui.run.panels.view import View
from rnnlab.ui.run.panels.zoomable_panel import ZoomablePanel

TOPIC = "figure"
"""Of the prompt's question."""
FIGURES = (CurvePanel, ConfusionPanel, GradientPanel)
"""Panels that show a figure."""
_REMEDY = f"end the name in .{', .'.join(FORMATS[:-1])} or .{FORMATS[-1]}"
_WIDTH = 34
_MOST_TRIED = 1000

Severity = Literal["information", "warning", "error"]


def ask_for_file(prompt: Prompt, *parts: str) -> None:
    """Ask for the name of the file, in the folder that the app was started in unless it names another."""
    prompt.ask(TOPIC, "figure to", _free_name(*parts), checked_file, width=_WIDTH)


def checked_file(text: str) -> Path:
    """The file that was typed, its path in full. Raises `UsageError` for another ending, no folder, or a file that is there."""
    path = user_path(text.strip()).absolute()
    format_of_file(path.name, _REMEDY)
    if not path.parent.is_dir():
        raise UsageError("there is no such folder")
    if path.exists():
        raise UsageError("that file is there already; choose another name")
    return path


def _free_name(*parts: str) -> str:
    """A name of letters, digits and hyphens that no file has yet."""
    written = "-".join("".join(c if c.isalnum() or c in "._" else "-" for c in plain(part, 40)) for part in parts)
    name = written.strip("-.") or TOPIC
    tried = (f"{name}{f'-{number}' if number > 1 else ''}.svg" for number in range(1, _MOST_TRIED))
    return next((each for each in tried if not Path(each).exists()), f"{name}.svg")


async def write_figure(arguments: tuple[str, ...], file: str) -> tuple[str, Severity]:
    """Have `rnnlab plot ARGUMENTS` write the file: what came of it, and how it is to be shown."""
    from rnnlab.ui.queries.subprocess_query import run_query

    path = checked_file(file)
    result = await run_query("plot", *arguments, "--json", "-o", str(path))
    if result.code == 0:
        return f"written to {path}", "information"
    return result.problem or f"rnnlab plot ended with code {result.code}", "error"


def figure_of_runs(runs: Sequence[RunFolder], what: str) -> tuple[str, ...]:
    """The arguments of `rnnlab plot` that draw `what` of all the runs on the same axes."""
    first, *others = [str(run.path) for run in runs]
    return first, what, *(part for other in others for part in ("--with", other))


def axes_of(view: View, log_y: bool) -> tuple[str, ...]:
    """The options that draw curves on the axes that are shown."""
    return ("--x", view.x_axis, "--y", "log" if log_y else "linear")


def figure_of_panel(panel: Panel | None, run: RunFolder, state: RunState, view: View) -> tuple[str, ...]:
    """The arguments of `rnnlab plot` that draw what the panel shows; of the status panel, the loss. Raises `UsageError`."""
    path = str(run.path)
    if isinstance(panel, GradientPanel):
        return path, "gradients"
    if isinstance(panel, ConfusionPanel):
        return (path, *_figure_of_matrix(panel))
    if isinstance(panel, CurvePanel) and panel.kind != "loss":
        return path, "metric", *axes_of(view, log_y=False), *part_of(panel)
    loss = panel if isinstance(panel, CurvePanel) else None
    return path, "loss", *axes_of(view, is_log(state, view)), *(part_of(loss) if loss is not None else ())


def part_of(panel: ZoomablePanel) -> tuple[str, ...]:
    """The options that draw the part of the axes that is seen; none where that is all."""
    view = panel.view
    if panel.whole_axes:
        return ()
    x = panel.drawn_extent() if view.x_span is not None else None
    found = [] if x is None else [f"--x-range={x[0]!r}:{x[1]!r}"]
    if (y := view.y_window(panel.kind)) is not None:
        low, high = (10**end for end in y) if panel.chart().log_y else y
        found.append(f"--y-range={low!r}:{high!r}")
    return (*found, *(["--without-spikes"] if view.without_spikes else []))


def _figure_of_matrix(panel: ConfusionPanel) -> tuple[str, ...]:
    if panel.forecasts:
        return ("forecast",)
    if panel.lists_predictions:
        return ("scatter",)
    view = panel.view
    if view.mode == "letters":
        raise UsageError("this panel is a list and no figure; rnnlab errors lists predictions, the worst first")
    if view.mode == "positions":
        return ("positions",)
    what = {"rows": "confusion", "classes": "classes"}.get(view.mode, f"confusion:{view.mode}")
    order = () if view.order == "classes" else ("--sort", view.order)
    return (what, *order) if panel.shown_epoch is None else (what, *order, "--at", str(panel.shown_epoch))
