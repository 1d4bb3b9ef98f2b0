"""The inside of a net: a table of its layers, and how far back its gradient reaches, as a map of steps and epochs."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import cast

from rich.segment import Segment
from rich.style import Style

from rnnlab.plots.drawing.axes import nice_step
from rnnlab.plots.drawing.chart import Chart, chart_lines
from rnnlab.plots.drawing.curves import Curve
from rnnlab.runs.event_numbers import real
from rnnlab.runs.events import GateUse, GradientFlow, Inspected
from rnnlab.runs.state import RunState
from rnnlab.text import numbers
from rnnlab.text.lines import Line, Lines, fit, padded, sentence
from rnnlab.text.palette import Palette, Role
from rnnlab.text.sanitise import plain
from rnnlab.text.sections import heading, paragraph

DECADES = 8.0
"""Powers of ten that the map's shades span at most, below the greatest norm."""
_LEAST_DECADES = 0.5
"""Those that they span at least: what differs by less than a factor of three looks alike."""
SHADES = " ·░▒▓█"
GUTTER = 7
WIDEST = 6
"""Cells of a step at most."""
LOWEST = 5
"""Lines of the lowest map: a title, two epochs, an axis, and air."""
WAITING = "Drawn from the first inspection of the net on, after the first evaluation (train.inspect)."


def inside(state: RunState, *, width: int, height: int, palette: Palette) -> Lines:
    """Table and maps in exactly `width` × `height` cells; of the layers as many as there is room for."""
    flows = {name: kept.all() for name, kept in state.flows.items() if kept.last is not None}
    if not flows and state.inspected is None:
        text = WAITING if not state.ended else "This run was not inspected (train.inspect)."
        return sentence(text, width, height, palette.style("muted"))
    table = [] if state.inspected is None else layer_table(state.inspected, width, palette)
    most = height - LOWEST if flows else height
    lines = table if len(table) <= most else table[: max(0, most)]
    if lines and flows:
        lines = [*lines, []]
    # The words are explained where that takes nothing from the maps.
    words = explained(state, width, palette)
    wanted = sum(min(len(kept), _ENOUGH) + 3 for kept in flows.values())
    words = words if len(lines) + wanted + len(words) <= height else []
    room = height - len(lines) - len(words)
    shown = list(flows.items())[: max(1, room // LOWEST)]
    for index, (name, kept) in enumerate(shown):
        each = room // (len(shown) - index)
        wanted = min(each, len(kept) + 3)
        lines += flow_map(kept, name, width=width, height=wanted, palette=palette, more=len(flows) - len(shown))
        room -= wanted
    free = height - len(lines) - len(words)
    if flows and free >= _LOWEST_DECAY:
        lines += decay_chart(*next(iter(flows.items())), width=width, height=min(free, _HIGHEST_DECAY), palette=palette)
    lines += words
    return [padded(line, width) for line in lines[:height]] + [[Segment(" " * width)]] * (height - len(lines))


def decay_chart(layer: str, flows: Sequence[GradientFlow], *, width: int, height: int, palette: Palette) -> Lines:
    """‖∂L/∂h‖ of a layer over the steps on a logarithmic axis: of the last inspection, and dotted of the first."""
    curves = []
    for flow, role, dotted in ((flows[-1], "train", False), (flows[0], "muted", True)):
        norms = [real(norm) for norm in flow.norms]
        steps = [float(step) for step in range(1 - len(norms), 1)]
        curves.append(Curve(f"epoch {flow.epoch}", steps, norms, role=cast(Role, role), dotted=dotted))
    longest = max(len(flow.norms) for flow in (flows[0], flows[-1]))
    every = max(1, int(nice_step(longest, max(2, width // 12))))
    marks = [(float(-step), f"-{step}" if step else "last step") for step in range(0, longest, every)]
    chart = Chart(
        curves=curves[: 1 if flows[0] is flows[-1] else 2],
        title=f"‖∂L/∂h‖ {plain(layer, 40)} by step",
        log_y=True,
        x_labels=marks[::-1],
        x_name="steps before the last",
        empty="No gradient reaches this layer.",
    )
    return [[], *chart_lines(chart, width=width, height=height - 1, palette=palette)]


_LOWEST_DECAY, _HIGHEST_DECAY = 9, 18
"""Lines of the chart and of the air over it."""


def explained(state: RunState, width: int, palette: Palette) -> Lines:
    """What the words of the table and the maps mean, a line or two each."""
    lines: Lines = [heading("what this shows", width, palette)]
    inspected = state.inspected
    gated = inspected is not None and any(gate.name != "units" for layer in inspected.layers for gate in layer.gates)
    units = inspected is not None and any(gate.name == "units" for layer in inspected.layers for gate in layer.gates)
    for word, text in _WORDS:
        if (word == "stuck" and not gated) or (word == "dead units" and not units):
            continue
        rows = paragraph(text, max(10, width - _WORD), palette.style("muted"))
        lines += [
            [Segment(fit(word if not index else "", _WORD), palette.style("text")), *row]
            for index, row in enumerate(rows)
        ]
    return lines


_WORD = 12
_ENOUGH = 12
"""Epochs of a map with which it is read well."""
_WORDS = (
    ("gradient", "norm of the loss' gradient for the layer's weights: near 0 the layer learns nothing"),
    ("‖Δw‖/‖w‖", "size of the last update as a share of the weights: about 1e-3 is usual, 1e-1 a leap"),
    ("stuck", "share of a gate's values below .05 (shut) and above .95 (open): saturated, it hardly learns there"),
    ("dead units", "share of units that were 0 at every step: no gradient passes through them"),
    (
        "‖∂L/∂h‖",
        "how much the loss depends on the state at each step (across; the last at the right), by epoch (down): "
        "fading to the left, the net does not learn from what was that long ago (vanishing gradient)",
    ),
)


def inside_report(state: RunState, width: int, palette: Palette) -> Lines:
    """The same for the written report, as long as it needs to be; nothing where the run was not inspected."""
    if state.inspected is None:
        return []
    lines: Lines = [heading("inside the net", width, palette, f"epoch {state.inspected.epoch}")]
    lines += layer_table(state.inspected, width, palette)
    for name, kept in state.flows.items():
        flows = kept.all()
        lines += [[], *flow_map(flows, name, width=width, height=min(12, len(flows)) + 3, palette=palette)]
    return lines


def layer_table(inspected: Inspected, width: int, palette: Palette) -> Lines:
    """A line a layer: the norm of its gradient, how far an update moves it, and how much of its gates is stuck."""
    muted, text = palette.style("muted"), palette.style("text")
    head: Line = [
        Segment(fit("layer", 14), muted),
        Segment(fit("gradient", 10, "right"), muted),
        Segment(fit("‖Δw‖/‖w‖", 11, "right"), muted),
    ]
    gated = any(layer.gates for layer in inspected.layers)
    if gated:
        head.append(Segment(fit("  stuck gates: shut/open", max(0, width - 35)), muted))
    lines: Lines = [head]
    for layer in inspected.layers:
        moved = "–" if layer.moved is None else numbers.figure(real(layer.moved), 2)
        gates = " · ".join(_gate(gate) for gate in layer.gates)
        lines.append(
            [
                Segment(fit(layer.name, 14), text),
                Segment(fit(numbers.figure(real(layer.gradient)), 10, "right"), text),
                Segment(fit(moved, 11, "right"), text),
                Segment(fit(f"  {gates}", max(0, width - 35)), muted),
            ]
        )
    return lines


def _gate(gate: GateUse) -> str:
    if gate.name == "units":
        return f"dead units {gate.shut:.0%}"
    return f"{gate.name} {gate.shut:.0%}/{gate.open:.0%}"


def flow_map(
    flows: Sequence[GradientFlow], layer: str, *, width: int, height: int, palette: Palette, more: int = 0
) -> Lines:
    """‖∂L/∂h‖ of a layer in `width` × `height` cells: steps across, the last one at the right; epochs down.

    Shades are powers of ten below the greatest norm of all; the last two lines are the axis and a line of air.
    """
    rows = max(1, height - 3)
    shown = thinned_flows(flows, rows)
    steps = max((len(flow.norms) for flow in shown), default=0)
    greatest = greatest_norm(shown)
    room = max(1, width - GUTTER)
    if not steps or greatest <= 0:
        return [_title(layer, "no gradient reaches it", width, palette)]
    columns = min(room, WIDEST * steps)
    decades = spanned_decades(shown, greatest)
    reach = f"{_reach(shown[-1])}{_others(more)}"
    scale = _scale_text(decades)
    if len(f"{_name(layer)}  {scale} · {reach}") > width:
        scale = scale.removesuffix(", log")  # the figure is what must not be cut
    lines: Lines = [_title(layer, f"{scale} · {reach}", width, palette)]
    for flow in shown:
        shares = shade_shares(step_norms(flow, steps, columns), greatest, decades)
        line: Line = [Segment(fit(f"{flow.epoch:,} ", GUTTER, "right"), palette.style("muted"))]
        lines.append([*line, *(Segment(_shade(share), _style(share, palette)) for share in shares)])
    lines.append(_axis(steps, columns, palette))
    return lines


def _name(layer: str) -> str:
    return f"‖∂L/∂h‖ {layer}"


def _title(layer: str, note: str, width: int, palette: Palette) -> Line:
    name = _name(layer)
    return [
        Segment(fit(name, min(width, len(name))), palette.style("text", bold=True)),
        Segment(fit(f"  {note}", max(0, width - len(name))), palette.style("muted")),
    ]


def _reach(flow: GradientFlow) -> str:
    """How much of the gradient is left at the first step, as text."""
    norms = [real(norm) for norm in flow.norms]
    greatest = max(norms)
    share = norms[0] / greatest if greatest > 0 else 0.0
    left = numbers.figure(share, 2) if share > 1e-30 else "nothing left"
    return f"first of {len(norms)} steps: {left}"


def _scale_text(decades: float) -> str:
    """What the shades stand for: the palest and the fullest, as shares of the greatest norm."""
    return f"“{SHADES[1]}” {numbers.figure(10.0**-decades, 2)} to “{SHADES[-1]}” 1 of the greatest, log"


def _others(more: int) -> str:
    return f" · {more} more layers" if more > 1 else " · 1 more layer" if more else ""


def spanned_decades(flows: Sequence[GradientFlow], greatest: float) -> float:
    """Powers of ten from the greatest norm down to the least that is not zero: as many as the shades are to span."""
    values = (value for flow in flows for value in map(real, flow.norms) if math.isfinite(value) and value > 0)
    least = min(values, default=greatest)
    return max(_LEAST_DECADES, min(DECADES, math.log10(greatest / least)))


def thinned_flows(flows: Sequence[GradientFlow], rows: int) -> list[GradientFlow]:
    """As many as there are rows, the first and the last among them."""
    if len(flows) <= rows:
        return list(flows)
    if rows == 1:
        return [flows[-1]]
    return [flows[round(row * (len(flows) - 1) / (rows - 1))] for row in range(rows)]


def greatest_norm(flows: Sequence[GradientFlow]) -> float:
    """The greatest finite norm of all; 0 where there is none."""
    return max((value for flow in flows for value in map(real, flow.norms) if math.isfinite(value)), default=0.0)


def step_norms(flow: GradientFlow, steps: int, columns: int) -> list[float | None]:
    """Of each column the greatest finite norm of its steps; None where this inspection has no step there.

    Inspections are aligned at their last step. A column in which no norm is finite has -1.
    """
    absent = steps - len(flow.norms)
    found: list[float | None] = []
    for column in range(columns):
        first, after = column_steps(column, steps, columns)
        here = [real(flow.norms[step - absent]) for step in range(max(first, absent), after)]
        found.append(max((value for value in here if math.isfinite(value)), default=-1.0) if here else None)
    return found


def column_steps(column: int, steps: int, columns: int) -> tuple[int, int]:
    """The first step of a column, and the one after its last."""
    first = column * steps // columns
    return first, max(first + 1, (column + 1) * steps // columns) if columns < steps else first + 1


def shade_shares(norms: Sequence[float | None], greatest: float, decades: float = DECADES) -> list[float]:
    """Of each norm its shade, from 0 to 1 over so many powers of ten; -1 where there is no step.

    Where the shades span less than `DECADES`, the least norm is as pale as can be seen, and none is left out.
    """
    pale = 1 / (len(SHADES) - 1) if decades < DECADES else 0.0
    shares = []
    for norm in norms:
        below = -math.inf if norm is None or norm <= 0 else math.log10(norm / greatest)
        share = min(1.0, max(0.0, 1 + below / decades))
        shares.append(-1.0 if norm is None else 0.0 if math.isinf(below) else pale + (1 - pale) * share)
    return shares


def _shade(share: float) -> str:
    return " " if share < 0 else SHADES[min(len(SHADES) - 1, math.ceil(share * (len(SHADES) - 1)))]


def _style(share: float, palette: Palette) -> Style:
    return palette.style("train") if share <= 0 else palette.shade(share, "train")


def _axis(steps: int, columns: int, palette: Palette) -> Line:
    """How many steps before the last one the columns stand: at the left, in the middle, at the right."""
    left, middle, right = f"-{steps - 1}" if steps > 1 else "", f"-{steps // 2}", "last step"
    text = left.ljust(columns)
    if columns >= 40:
        at = columns // 2
        text = text[:at] + middle + text[at + len(middle) :]
    if columns >= len(left) + len(right) + 2:
        text = text[: columns - len(right)] + right
    return [Segment(fit("step ", GUTTER, "right"), palette.style("muted")), Segment(text, palette.style("muted"))]
