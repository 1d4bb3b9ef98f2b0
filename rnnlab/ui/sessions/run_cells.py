"""The cells of a run's row, and those of the row of its repeats."""

from __future__ import annotations

import time

from rnnlab.plots.run.figure_table import short_title
from rnnlab.plots.run.figures import format_of
from rnnlab.plots.run.spread import spread_text
from rnnlab.plots.run.status import status_mark
from rnnlab.runs.event_numbers import real
from rnnlab.runs.silence import rounded
from rnnlab.runs.summary import WHOLE, RunSummary
from rnnlab.text.numbers import count, duration
from rnnlab.text.palette import Role
from rnnlab.ui.sessions.listing import ListedRepeats, ListedRun

_RANGE_TEST = "range test"


def cell(row: ListedRun | ListedRepeats, title: str, now: float) -> tuple[str, Role]:
    """The text and the colour's role of the column called `title`."""
    match title:
        case "status":
            glyph, label, role = doing(row) if isinstance(row, ListedRun) else doing_together(row)
            return f"{glyph} {label}", role
        case "best":
            return best_text(row) if isinstance(row, ListedRun) else mean_text(row), "text"
        case "time":
            return (duration(seconds) if (seconds := seconds_of(row)) else ""), "muted"
        case "epochs" if isinstance(row, ListedRepeats):
            return "mean±std", "muted"
    summary = summary_of(row)
    match title:
        case "task":
            return summary.task, "text"
        case "model":
            return summary.model, "text"
        case "epochs":
            return (f"{summary.epoch}/{summary.epochs}" if summary.epochs else ""), "muted"
        case "weights":
            return (count(summary.parameters) if summary.parameters else ""), "muted"
        case _:
            return ago(summary.started, now), "muted"


def doing(row: ListedRun) -> tuple[str, str, Role]:
    """Glyph, label and colour of what the run is doing."""
    status = row.summary.status
    if status is None:
        return "✗", "unreadable", "bad"
    if row.silent:
        return "◌", f"silent {rounded(row.silent)}", "warning"
    return status_mark(status, row.summary.verdict, row.summary.paused_after)


def doing_together(row: ListedRepeats) -> tuple[str, str, Role]:
    """Glyph, label and colour of what repeats are doing: how many have finished, and what the others do."""
    states = [doing(listed) for listed in row.runs]
    done, total = len(row.repeats.counted), len(row.repeats.runs)
    if done == total:
        # What is wrong with one of them is shown for all.
        glyph, _, role = next((state for state in states if state[2] != "good"), states[0])
        return glyph, f"{done} done", role
    training = next((state for listed, state in zip(row.runs, states, strict=True) if listed.held), None)
    if training is None:
        waiting = [listed for listed in row.runs if listed.summary.status == "queued"]
        others = [state for listed, state in zip(row.runs, states, strict=True) if listed.summary.status not in WHOLE]
        training = status_mark("queued") if waiting else others[0]
    return training[0], f"{done}/{total} done", training[2]


def best_text(row: ListedRun) -> str:
    """The best validation figure that selects the weights, and its epoch; empty before there is one.

    A learning-rate range test, which has none, is called that.
    """
    summary = row.summary
    figure = summary.selected
    if summary.is_range_test:
        return _RANGE_TEST
    if figure not in summary.best:
        return ""
    value = format_of(figure)(real(summary.best[figure]))
    return f"{'⚠ ' if summary.leaks else ''}{_brief(figure)}{value} @ {summary.best_epoch}"


def mean_text(row: ListedRepeats) -> str:
    """Mean and standard deviation of that figure over the seeds; empty before there is one."""
    repeats = row.repeats
    if all(run.is_range_test for run in repeats.runs):
        return _RANGE_TEST
    figure = next((run.selected for run in repeats.runs if run.metric), "")
    spread = repeats.of("validation").get(figure)
    if spread is None:
        return ""
    leaks = any(listed.summary.leaks for listed in row.runs)
    name = "" if figure == repeats.metric else _brief(figure)
    return f"{'⚠ ' if leaks else ''}{name}{spread_text(spread, figure)}"


def _brief(figure: str) -> str:
    """The figure's name before its value, in as few cells as tell it from others; none of accuracy, which is usual."""
    if figure == "accuracy":
        return ""
    return {"macro_f1": "F1", "balanced_accuracy": "bal."}.get(figure, short_title(figure)) + " "


def summary_of(row: ListedRun | ListedRepeats) -> RunSummary:
    """The run's, or, where repeats are alike, that of the last one of them to have begun."""
    if isinstance(row, ListedRun):
        return row.summary
    return max((listed.summary for listed in row.runs), key=lambda summary: summary.started or 0)


def seconds_of(row: ListedRun | ListedRepeats) -> float:
    """Seconds of training; of repeats, of one of them."""
    if isinstance(row, ListedRun):
        return row.summary.seconds
    seconds = row.repeats.seconds
    return real(seconds.mean) if seconds is not None else 0.0


def ago(wall: float | None, now: float) -> str:
    """How long since: `now`, `12 min`, `3 h`, `2 d`, or the day."""
    if not wall:
        return ""
    seconds = now - wall
    if seconds < 60:
        return "now"
    if seconds < 3600:
        return f"{seconds // 60:.0f} min"
    if seconds < 86_400:
        return f"{seconds // 3600:.0f} h"
    if seconds < 14 * 86_400:
        return f"{seconds // 86_400:.0f} d"
    try:
        then = time.localtime(wall)
    except (OverflowError, ValueError, OSError):
        return ""
    same = then.tm_year == time.localtime(now).tm_year
    return time.strftime("%d %b" if same else "%b %Y", then).lstrip("0")
