"""Questions about gradients: why they are clipped, and how far back they reach."""

from __future__ import annotations

import math
import statistics
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from rnnlab.plots.run.status import status_mark
from rnnlab.reports.document.elements import Element, Paragraph, TableElement
from rnnlab.reports.document.simple_table import simple_table
from rnnlab.reports.material.choose import Chosen, as_chosen, best_run
from rnnlab.reports.material.material import Group, Material
from rnnlab.reports.questions.question import MOST_ROWS, begun_rows, states_of
from rnnlab.runs.event_numbers import real
from rnnlab.runs.state import RunState
from rnnlab.text.numbers import figure, percent, rate, whole

_NAMED = 4
"""Settings that a sentence names."""
_OFTEN = 0.5
_FADED = 0.01
"""Share of the last step's gradient below which a step is called forgotten."""


class _Norms(NamedTuple):
    """Norms of the gradient of a row's runs before clipping, and how these ended; `limit` None: they were not clipped."""

    label: str
    limit: float | None
    median: float
    greatest: float
    share: float | None
    """Of the recorded points, those above the limit."""
    ended: tuple[str, ...]


def clipping(material: Material, group: Group) -> Iterator[Element]:
    """How large gradients were before they were clipped, and what became of the runs."""
    rows = [
        found for chosen in begun_rows(group) + _failed(group) if (found := _norms_of(material, chosen)) is not None
    ]
    if not rows:
        return
    columns = (("setting", True), ("clip norm", False), ("median", False), ("greatest", False), ("above it", False))
    lines = [
        (
            row.label,
            "none" if row.limit is None else rate(row.limit),
            figure(row.median),
            figure(row.greatest),
            "–" if row.share is None else percent(row.share, 1),
            ", ".join(row.ended),
        )
        for row in rows
    ]
    notes = ["over the points of each log, each the mean of some updates: single updates may have been larger"]
    yield TableElement(simple_table("Norm of the gradient before clipping", (*columns, ("ended", True)), lines, notes))
    yield Paragraph(
        "The gradient of a recurrent net is a product over the steps, so that a few updates may have one far above the usual, "
        "and undo what was learned. Clipping keeps their direction and bounds their length. " + _acted(rows)
    )


def _norms_of(material: Material, chosen: Chosen) -> _Norms | None:
    states = states_of(material, chosen)
    norms = [value for state in states for value in _norms(state)]
    if not norms:
        return None
    limit = _clip_norm(states[0])
    share = sum(value > limit for value in norms) / len(norms) if limit else None
    ended = tuple(sorted({status_mark(state.status)[1] for state in states}))
    return _Norms(chosen.label, limit, statistics.median(norms), max(norms), share, ended)


def _acted(rows: Sequence[_Norms]) -> str:
    """Where clipping acted, and what became of runs that were not clipped, in sentences."""
    told = []
    if acted := [row.label for row in rows if row.share]:
        told.append(f"Here it acted on {_listed(acted)}.")
    elif any(row.limit is not None for row in rows):
        told.append("Here no recorded mean was above the bound, so that it seldom acted.")
    if often := [row.label for row in rows if row.share is not None and row.share > _OFTEN]:
        told.append(
            f"Where most norms are above the bound ({_listed(often)}), it sets the length of nearly every update, as a smaller "
            "learning rate would."
        )
    free = [row for row in rows if row.limit is None]
    told += [
        f"{row.label} was not clipped and diverged, its gradient growing from {figure(row.median)}, the median, to "
        f"{figure(row.greatest)}."
        for row in free
        if "diverged" in row.ended
    ][:_NAMED]
    if calm := [row.label for row in free if "diverged" not in row.ended]:
        told.append(f"Not clipped, and stable all the same: {_listed(calm)}.")
    return " ".join(told)


def _listed(labels: Sequence[str]) -> str:
    return ", ".join(labels[:_NAMED]) + (" and others" if len(labels) > _NAMED else "")


def _failed(group: Group) -> list[Chosen]:
    """The rows of which no run has a result, as they diverged."""
    diverged = {name for name, run in group.summaries.items() if run.status == "diverged"}
    rows = [row for row in group.comparison.rows if not row.validation and diverged & set(row.runs)]
    return [as_chosen(group, row) for row in rows[:MOST_ROWS]]


def _norms(state: RunState) -> Sequence[float]:
    series = state.curves.get("grad_norm")
    return series.mean if series is not None else ()


def _clip_norm(state: RunState) -> float | None:
    value = state.started.config.get("optim", {}).get("clip_norm") if state.started is not None else None
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) and value > 0 else None


def forgetting(material: Material, group: Group) -> Iterator[Element]:
    """How much of the gradient of a state is left, from the last step back to the first."""
    lines: list[tuple[str, ...]] = []
    faded: list[list[float]] = []
    for chosen in begun_rows(group):
        state = material.state(group, best_run(chosen))
        for layer, flows in state.flows.items():
            norms = [real(norm) for norm in flows.last.norms] if flows.last is not None else []
            greatest = max((norm for norm in norms if math.isfinite(norm)), default=0.0)
            if layer.endswith(" backwards") or len(norms) < 2 or greatest <= 0 or not math.isfinite(norms[0]):
                continue
            share = norms[0] / greatest
            faded.append(norms)
            lines.append(
                (
                    chosen.label,
                    layer,
                    whole(len(norms)),
                    figure(norms[-1]),
                    figure(norms[0]),
                    _share_text(share),
                    _faded(norms),
                )
            )
    if not lines:
        return
    yield TableElement(
        simple_table(
            "‖∂L/∂h‖ at the last inspection of the best run of each setting",
            (
                ("setting", True),
                ("layer", True),
                ("steps", False),
                ("at the last step", False),
                ("at the first", False),
                ("first / greatest", False),
                ("below a hundredth", True),
            ),
            lines,
            named=2,
        )
    )
    longest = max(len(flow) for flow in faded)
    if not any(_is_faded(flow) for flow in faded):
        yield Paragraph(
            f"In none of these runs does the gradient of a state fall below a hundredth of that of the last step: over {longest} "
            "steps they do not show forgetting. Longer sequences may."
        )
        return
    yield Paragraph(
        "The less is left of the gradient at a step, the less the net can learn from what it read there. In an Elman net each "
        "step back multiplies it by the same matrix and by the slope of the activation, so that it fades, or explodes, like a "
        "power; the cell state of an LSTM, and the state of a GRU, let it pass where their gates are open."
    )


def _is_faded(norms: Sequence[float]) -> bool:
    return norms[-1] > 0 and min(norms) < _FADED * norms[-1]


def _share_text(share: float) -> str:
    return figure(share, 2) if share > 1e-30 else "nothing"


def _faded(norms: Sequence[float]) -> str:
    """How many steps before the end the norm first falls below a hundredth of the last step's."""
    last = norms[-1]
    for back, norm in enumerate(reversed(norms)):
        if last > 0 and norm < _FADED * last:
            return f"{back} steps back"
    return "nowhere"
