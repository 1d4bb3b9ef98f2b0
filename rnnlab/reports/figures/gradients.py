"""Figure of the gradient's flow: how much of it reaches back to earlier steps, by layer and epoch."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from rnnlab.plots.describe.gradients import EPOCHS, LAYERS, Flow, describe_flow, drawn_flows, flows_by_layer
from rnnlab.plots.run.gradients import (
    DECADES,
    column_steps,
    flow_map,
    shade_shares,
)
from rnnlab.reports.drawing.heat import HeatCell, draw_cells
from rnnlab.reports.drawing.style import PAPER, entitle, entitle_part, label, name_axes, new_drawing, set_ticks, slug
from rnnlab.reports.figures.figure import Figure
from rnnlab.runs.state import RunState
from rnnlab.text import numbers
from rnnlab.text.lines import Lines
from rnnlab.text.palette import Palette
from rnnlab.text.sanitise import plain
from rnnlab.text.table import Cell, Column, Table, text_cell

if TYPE_CHECKING:
    from matplotlib.figure import Figure as Drawing


def gradient_figure(state: RunState, name: str) -> Figure | None:
    """‖∂L/∂h‖ of each layer of the run called `name`; None where it was not inspected."""
    held = flows_by_layer(state)
    flows = drawn_flows(held)
    if not flows:
        return None
    title = plain(f"{name}: gradient reaching each step, ‖∂L/∂h‖ relative to the greatest")
    notes = [f"{len(held) - LAYERS} more layers left out"] if len(held) > LAYERS else []
    rows = sum(len(flow.epochs) for flow in flows)
    size = (6.8, min(9.0, 1.2 + 0.9 * len(flows) + 0.17 * rows))

    def lines(width: int, palette: Palette) -> Lines:
        found: Lines = []
        for layer, each in held[:LAYERS]:
            found += flow_map(each, layer, width=width, height=min(EPOCHS, len(each)) + 3, palette=palette)
        return found

    return Figure(
        name=slug("gradients", name),
        title=title,
        description=" ".join([*map(describe_flow, flows), *(f"{note}." for note in notes)]),
        numbers=_table(flows, title, notes),
        lines=lines,
        draw=lambda: _draw(flows, title, size),
        size=size,
    )


def _draw(flows: Sequence[Flow], title: str, size: tuple[float, float]) -> Drawing:
    drawing = new_drawing(size)
    several = drawing.subplots(
        len(flows), 1, squeeze=False, gridspec_kw={"height_ratios": [len(flow.epochs) + 2 for flow in flows]}
    )
    for axes, flow in zip(several[:, 0], flows, strict=True):
        shares = [shade_shares(norms, flow.greatest) for norms in flow.norms]

        def cell(i: int, j: int, shares: list[list[float]] = shares) -> HeatCell:
            return HeatCell(max(0.03, shares[i][j]) if shares[i][j] >= 0 else 0.0, "train")

        columns = len(flow.norms[0])
        draw_cells(axes, len(flow.epochs), columns, cell, [str(epoch) for epoch in flow.epochs], [], square=False)
        marks = sorted({0, columns // 4, columns // 2, 3 * columns // 4, columns - 1})
        set_ticks(axes, "x", [(float(at), _step_text(flow, at)) for at in marks])
        name_axes(axes, "", "epoch")
        entitle_part(axes, label(flow.layer), size[0])
    several[-1, 0].set_xlabel("step, counted back from the last", parse_math=False)
    _add_key(drawing)
    entitle(drawing, title)
    return drawing


def _add_key(drawing: Drawing) -> None:
    """What the shades mean: powers of ten below the greatest norm."""
    from matplotlib.patches import Patch

    handles = []
    for power in range(0, int(DECADES) + 1, 2):
        style = PAPER.heat(max(0.03, 1 - power / DECADES), "train")
        assert style.bgcolor is not None
        text = "1" if not power else f"1e-{power}" + (" or less" if power == DECADES else "")
        handles.append(Patch(facecolor=style.bgcolor.get_truecolor().hex, label=text))
    drawing.legend(handles=handles, loc="outside lower left", ncols=len(handles))


def _step_text(flow: Flow, column: int) -> str:
    """The steps of a column: `-12`, `-12 to -9`, `last`."""
    first, after = column_steps(column, flow.steps, len(flow.norms[0]))
    ends = [step - flow.steps + 1 for step in (first, after - 1)]
    texts = ["last" if not end else str(end) for end in dict.fromkeys(ends)]
    return " to ".join(texts)


def _table(flows: Sequence[Flow], title: str, notes: Sequence[str]) -> Table:
    columns = [Column("layer", "layer", left=True), Column("step", "step", left=True)]
    epochs = list(dict.fromkeys(epoch for flow in flows for epoch in flow.epochs))
    columns += [Column(f"epoch_{epoch}", f"epoch {epoch}") for epoch in epochs]
    rows = []
    for flow in flows:
        for at in range(len(flow.norms[0])):
            text = _step_text(flow, at)
            found = {epoch: norms[at] for epoch, norms in zip(flow.epochs, flow.norms, strict=True)}
            cells = [text_cell(flow.layer), Cell(text, (text,))]
            for epoch in epochs:
                norm = found.get(epoch)
                norm = None if norm is None or norm < 0 else norm
                cells.append(Cell("" if norm is None else numbers.figure(norm), (norm,)))
            rows.append(tuple(cells))
    return Table(title, tuple(columns), tuple(rows), ("step 0 is the last one", *notes), named=2)
