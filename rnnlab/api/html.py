"""Runs as HTML for a notebook: small static tables, a curve as inline SVG. Every text is escaped; nothing is loaded or run."""

from __future__ import annotations

import html
import math
from collections.abc import Iterable, Sequence

from rnnlab.api.curves import Curves, Floats
from rnnlab.plots.run.figures import format_of, title_of
from rnnlab.runs.event_numbers import real
from rnnlab.runs.state import RunState
from rnnlab.text.numbers import count, duration
from rnnlab.text.sanitise import plain
from rnnlab.text.table import Table

_MOST_ROWS = 60
_WIDTH, _HEIGHT = 240, 48
_SIZE = 'style="text-align:left;font-variant-numeric:tabular-nums"'


def run_html(name: str, status: str, state: RunState) -> str:
    """A run: what was trained, how it ended, its figures by part of the data, the loss over the epochs.

    `name` names it with its session; `status` says how it stands now.
    """
    started = state.started
    facts = [("run", name), ("status", status)]
    if started is not None:
        facts += [("task", started.data.title), ("model", f"{started.model}, {count(started.parameters)} parameters")]
        facts += [("trained", f"{state.epoch} of {started.epochs} epochs in {duration(state.seconds)}")]
    if state.best is not None:
        facts.append(("best epoch", str(state.best.epoch)))
    parts = [_table((), [(_cell(name, "th"), _cell(value)) for name, value in facts])]
    figures = state.final
    if not figures and state.best is not None:
        figures = {"best, validation": state.best.metrics}
    if figures:
        names = list(dict.fromkeys(name for values in figures.values() for name in values))
        rows = [
            [
                _cell(part, "th"),
                *(_cell(format_of(name)(real(values[name])) if name in values else "") for name in names),
            ]
            for part, values in figures.items()
        ]
        parts.append(_table(["", *map(title_of, names)], rows))
    return f"<div>{''.join(parts)}{_sparkline(Curves(state))}</div>"


def tables_html(tables: Sequence[Table], runs: int) -> str:
    """Tables of runs, the first rows of each."""
    if not tables:
        return f"<p>{runs} runs, none of which can be read yet</p>" if runs else "<p>no runs</p>"
    parts = []
    for table in tables:
        rows = [[_cell(cell.text) for cell in row] for row in table.rows[:_MOST_ROWS]]
        parts.append(f"<p><b>{_text(table.heading)}</b></p>")
        parts.append(_table([column.heading for column in table.columns], rows))
        more = len(table.rows) - _MOST_ROWS
        notes = [*table.notes, *([f"{more} more runs: to_pandas() has them all"] if more > 0 else [])]
        parts += [f"<p>{_text('; '.join(notes))}</p>"] if notes else []
    return f"<div>{''.join(parts)}</div>"


def _text(text: str) -> str:
    return html.escape(plain(text))


def _cell(text: str, tag: str = "td") -> str:
    return f"<{tag} {_SIZE}>{_text(text)}</{tag}>"


def _table(headings: Sequence[str], rows: Iterable[Iterable[str]]) -> str:
    head = f"<thead><tr>{''.join(_cell(each, 'th') for each in headings)}</tr></thead>" if headings else ""
    body = "".join(f"<tr>{''.join(row)}</tr>" for row in rows)
    return f"<table>{head}<tbody>{body}</tbody></table>"


def _sparkline(curves: Curves) -> str:
    """The validation loss and the training loss over the epochs; nothing of fewer than two evaluations."""
    lines = [(curves.train_loss, "#888", "training"), (curves.validation_loss, "#1f77b4", "validation")]
    finite = [value for values, _, _ in lines for value in values.tolist() if math.isfinite(value)]
    if len(curves.epochs) < 2 or not finite:
        return ""
    low, high = min(finite), max(finite)
    drawn = "".join(
        f'<polyline fill="none" stroke="{colour}" stroke-width="1.5" points="{points}"/>'
        for values, colour, _ in lines
        if (points := _points(curves.epochs, values, low, high))
    )
    label = f"training loss (grey) and validation loss (blue) from epoch {curves.epochs[0]:g} to {curves.epochs[-1]:g}"
    return (
        f'<svg role="img" aria-label="{_text(label)}" width="{_WIDTH}" height="{_HEIGHT}" '
        f'viewBox="0 0 {_WIDTH} {_HEIGHT}">{drawn}</svg><p>{_text(label)}: {low:.4g} to {high:.4g}</p>'
    )


def _points(epochs: Floats, values: Floats, low: float, high: float) -> str:
    span = float(epochs[-1] - epochs[0]) or 1.0
    height = (high - low) or 1.0
    return " ".join(
        f"{(epoch - epochs[0]) / span * (_WIDTH - 4) + 2:.1f},{(high - value) / height * (_HEIGHT - 4) + 2:.1f}"
        for epoch, value in zip(epochs.tolist(), values.tolist(), strict=True)
        if math.isfinite(value)
    )
