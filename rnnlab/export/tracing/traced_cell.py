"""A recurrent cell as two small graphs of PyTorch's operations, from which other formats are written.

A cell is traced, not described once more: whatever `forward_step` computes, of the catalogue or of a person's own file, is what
is exported. The graphs are those of `make_fx` before dispatch, whose operations are the ones a person writes (`linear`,
`chunk`, `tanh`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import cast

import torch
from torch import Tensor, fx, nn
from torch.fx.experimental.proxy_tensor import make_fx

from rnnlab.errors import UsageError
from rnnlab.models.recurrent.cell import RecurrentCell

_STEPS, _BATCH = 4, 3
"""Sizes of the inputs that a cell is traced with; no operation that depends on them is exported."""


@dataclass(frozen=True)
class TracedGraph:
    """Operations in order, with what goes in and comes out.

    `weights` maps a node to the name and the values of the parameter, buffer or constant that it stands for; `inputs` are the
    nodes of the inputs: of a step its input and each tensor of the state.
    """

    nodes: tuple[fx.Node, ...]
    weights: Mapping[fx.Node, tuple[str, Tensor]]
    inputs: tuple[fx.Node, ...]
    outputs: tuple[fx.Node, ...]


@dataclass(frozen=True)
class TracedCell:
    """What a cell does to all inputs at once, None where that is nothing, and what it does at a step.

    `project`: (steps, batch, input_size) → (steps, batch, features). `step`: (batch, features) and the state → the output
    (batch, hidden_size) and the next state.
    """

    project: TracedGraph | None
    step: TracedGraph


class _Called(nn.Module):
    """Holds a cell so that both of its functions can be called with other weights."""

    def __init__(self, cell: RecurrentCell) -> None:
        super().__init__()
        self.cell = cell

    def forward(self, projects: bool, inputs: Tensor, *state: Tensor) -> tuple[Tensor, ...]:
        if projects:
            return (self.cell.project(inputs),)
        output, after = self.cell.forward_step(inputs, state)
        return (output, *after)


def torch_kind(cell: nn.Module) -> str:
    """`RNN`, `LSTM` or `GRU`: the layer of PyTorch whose parameters the cell has; empty for any other."""
    kinds = (("RNN", nn.RNN), ("LSTM", nn.LSTM), ("GRU", nn.GRU))
    return next((name for name, kind in kinds if isinstance(cell, kind)), "")


def trace_cell(cell: RecurrentCell, name: str) -> TracedCell:
    """The operations of a cell, whose architecture is called `name`. Raises `UsageError` where it cannot be traced."""
    first = next(cell.parameters())
    inputs = torch.zeros(_STEPS, _BATCH, cell.input_size, dtype=first.dtype)
    try:
        with torch.no_grad():
            projected = cell.project(inputs)
            state = cell.initial_state(inputs, None)
            project = None if projected is inputs else _trace(cell, True, inputs)
            step = _trace(cell, False, projected[0], *state)
    except Exception as error:  # a cell of a person's own may do anything
        reason = " ".join(str(error).split())[:200]
        raise UsageError(f"a step of the cell {name} cannot be traced ({type(error).__name__}: {reason})") from None
    return TracedCell(project, step)


@torch.no_grad()
def initial_state(cell: RecurrentCell, learned: Tensor | None) -> tuple[Tensor, ...]:
    """The tensors of the cell's state before the first step, (1, features) each: zeros, or what `learned` has."""
    return tuple(part.clone() for part in cell.initial_state(torch.zeros(1, 1, cell.input_size), learned))


def _trace(cell: RecurrentCell, projects: bool, *inputs: Tensor) -> TracedGraph:
    named: dict[str, Tensor] = {name: each.detach() for name, each in cell.named_parameters()}
    named |= {name: each for name, each in cell.named_buffers() if each is not None}
    called, names = _Called(cell), list(named)

    def function(*given: Tensor) -> tuple[Tensor, ...]:
        weights = {f"cell.{name}": each for name, each in zip(names, given, strict=False)}
        return cast("tuple[Tensor, ...]", torch.func.functional_call(called, weights, (projects, *given[len(names) :])))

    tracer: Callable[..., fx.GraphModule] = make_fx(function, pre_dispatch=True)
    module = tracer(*named.values(), *(each.detach() for each in inputs))
    placeholders = [node for node in module.graph.nodes if node.op == "placeholder"]
    weights = {node: (name, named[name]) for node, name in zip(placeholders, names, strict=False)}
    for number, node in enumerate(node for node in module.graph.nodes if node.op == "get_attr"):
        # No parameter's name begins with a dot, and both graphs of a cell may have constants.
        name = f".{'project_' if projects else ''}constant_{number}"
        weights[node] = (name, getattr(module, str(node.target)).detach())
    outputs = next(node for node in module.graph.nodes if node.op == "output").args[0]
    return TracedGraph(
        tuple(node for node in module.graph.nodes if node.op == "call_function"),
        {node: held for node, held in weights.items() if node.users or node in outputs},
        tuple(placeholders[len(names) :]),
        tuple(outputs),
    )
