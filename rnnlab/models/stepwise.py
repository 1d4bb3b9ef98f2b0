"""A net read one step at a time, so that every state and every gate on the way can be inspected.

The kernels that train return a layer's outputs at all steps at once. The gradient by these is only the direct part of ∂L/∂h_t,
which reaches the loss without passing a later step. Compiled kernels can record the whole on their way back. Elsewhere each
state becomes a tensor of its own here, which both the readout and the next step read.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import cast

from torch import Tensor, nn

from rnnlab.models.layer import Layer
from rnnlab.models.net import Net
from rnnlab.models.recurrent.cell import RecurrentCell, Trace


class TracedCell(RecurrentCell):
    """Stand-in for one direction of a recurrent layer, with its weights, that keeps the trace of the last pass."""

    trace_of_pass: Trace

    def __init__(self, cell: RecurrentCell) -> None:
        nn.Module.__init__(self)
        self.cell = cell

    def forward(self, inputs: Tensor, state: Tensor | None = None) -> Tensor:
        """The outputs of the cell at every step; its states and gates are recorded."""
        self.trace_of_pass = self.cell.trace(inputs, state)
        return self.trace_of_pass.outputs


@contextmanager
def traced(net: Net) -> Iterator[dict[str, TracedCell]]:
    """`net` with its recurrent layers read step by step.

    The stand-ins are named `lstm 1`, and `lstm 1 backwards` for the direction that reads from the end.
    """
    stand_ins: dict[str, TracedCell] = {}
    replaced: list[tuple[Layer, str, RecurrentCell]] = []
    try:
        for index, layer in enumerate(net.layers, start=1):
            for direction, suffix in (("forwards", ""), ("backwards", " backwards")):
                cell = getattr(layer, direction, None)
                if isinstance(cell, RecurrentCell):
                    stand_ins[f"{net.cell} {index}{suffix}"] = stand_in = TracedCell(cell)
                    replaced.append((cast("Layer", layer), direction, cell))
                    setattr(layer, direction, stand_in)
        yield stand_ins
    finally:
        for layer, direction, cell in replaced:
            setattr(layer, direction, cell)
