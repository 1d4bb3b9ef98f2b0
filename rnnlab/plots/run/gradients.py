"""The inside of a net: a table of its layers, and how far back its gradient reaches, as a map of steps and epochs."""

from __future__ import annotations

import math
from collections.abc import Sequence

from rich.segment import Segment
from rich.style import Style

from rnnlab.runs.event_numbers import real
from rnnlab.runs.events import GateUse, GradientFlow, Inspected
from rnnlab.runs.state import RunState
from rnnlab.text import numbers
from rnnlab.text.lines import Line, Lines, fit, padded, sentence
from rnnlab.text.palette import Palette
from rnnlab.text.sections import heading

DECADES = 8.0
"""Powers of ten that the map's shades span, below the greatest norm."""
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
    room = height - len(lines)
    shown = list(flows.items())[: max(1, room // LOWEST)]
    for index, (name, kept) in enumerate(shown):
        each = room // (len(shown) - index)
        wanted = min(each, len(kept) + 3)
        lines += flow_map(kept, name, width=width, height=wanted, palette=palette, more=len(flows) - len(shown))
        room -= wanted
    return [padded(line, width) for line in lines[:height]] + [[Segment(" " * width)]] * (height - len(lines))


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
        head.append(Segment(fit("  stuck: shut, open", max(0, width - 35)), muted))
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
    return f"{gate.name} {gate.shut:.0%} {gate.open:.0%}"


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
    lines: Lines = [_title(layer, _reach(shown[-1], more), width, palette)]
    for flow in shown:
        shares = shade_shares(step_norms(flow, steps, columns), greatest)
        line: Line = [Segment(fit(f"{flow.epoch:,} ", GUTTER, "right"), palette.style("muted"))]
        lines.append([*line, *(Segment(_shade(share), _style(share, palette)) for share in shares)])
    lines.append(_axis(steps, columns, palette))
    return lines


def _title(layer: str, note: str, width: int, palette: Palette) -> Line:
    name = f"‖∂L/∂h‖ {layer}"
    return [
        Segment(fit(name, min(width, len(name))), palette.style("text", bold=True)),
        Segment(fit(f"  {note}", max(0, width - len(name))), palette.style("muted")),
    ]


def _reach(flow: GradientFlow, more: int) -> str:
    """How much of the gradient is left at the first step, as text."""
    norms = [real(norm) for norm in flow.norms]
    greatest = max(norms)
    share = norms[0] / greatest if greatest > 0 else 0.0
    left = f"{numbers.figure(share, 2)} of the greatest" if share > 1e-30 else "nothing left"
    others = f" · {more} more layers" if more > 1 else " · 1 more layer" if more else ""
    return f"first of {len(norms)} steps: {left} · a shade: {10 ** (DECADES / (len(SHADES) - 1)):.0f}×{others}"


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


def shade_shares(norms: Sequence[float | None], greatest: float) -> list[float]:
    """Of each norm its shade, from 0 to 1 over `DECADES` powers of ten; -1 where there is no step."""
    shares = []
    for norm in norms:
        decades = -math.inf if norm is None or norm <= 0 else math.log10(norm / greatest)
        shares.append(-1.0 if norm is None else min(1.0, max(0.0, 1 + decades / DECADES)))
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
    return [Segment(fit("epoch ", GUTTER, "right"), palette.style("muted")), Segment(text, palette.style("muted"))]
