"""One direction of a recurrent layer in an ONNX graph.

The cells of PyTorch are ONNX's own operators, which know where each sequence ends; any other cell is a `Scan` over its traced
step.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import onnx
import torch
from numpy.typing import NDArray
from onnx import TensorProto, helper
from torch import Tensor

from rnnlab.export.to_onnx.graph import GraphBuilder
from rnnlab.export.to_onnx.masks import GraphMask
from rnnlab.export.to_onnx.operations import write_graph
from rnnlab.export.tracing.traced_cell import initial_state, torch_kind, trace_cell
from rnnlab.models.recurrent.cell import RecurrentCell

_ORDERS = {"LSTM": (0, 3, 1, 2), "GRU": (1, 0, 2), "RNN": (0,)}
"""PyTorch's blocks of gates in the order of ONNX: i o f g, z r n."""


class Direction(NamedTuple):
    """What one direction gives: its outputs (steps, batch, hidden_size), and the last one of each sequence."""

    outputs: str
    final: str


def write_direction(
    builder: GraphBuilder,
    cell: RecurrentCell,
    name: str,
    state: Tensor | None,
    steps: str,
    mask: GraphMask,
    *,
    backwards: bool,
) -> Direction:
    """One direction over `steps` (steps, batch, input_size).

    `name`: the architecture's. `state`: the learned initial state. `backwards`: it reads each sequence from its last true step
    on. Raises `UsageError` where ONNX has no operator for what the cell does.
    """
    kind = torch_kind(cell)
    if kind:
        return _own_operator(builder, kind, cell, state, steps, mask, backwards)
    return _scan(builder, cell, name, state, steps, mask, backwards)


def _own_operator(
    builder: GraphBuilder,
    kind: str,
    cell: RecurrentCell,
    state: Tensor | None,
    steps: str,
    mask: GraphMask,
    backwards: bool,
) -> Direction:
    weights = {name: parameter.detach() for name, parameter in cell.named_parameters()}
    order, hidden = _ORDERS[kind], cell.hidden_size

    def ordered(name: str) -> NDArray[np.float32]:
        blocks = torch.split(weights[name], hidden)
        return torch.cat([blocks[at] for at in order]).numpy()

    w, r = (builder.constant(ordered(name)[None], "weight") for name in ("weight_ih_l0", "weight_hh_l0"))
    bias = ""
    if "bias_ih_l0" in weights:
        both = np.concatenate((ordered("bias_ih_l0"), ordered("bias_hh_l0")))
        bias = builder.constant(both[None], "bias")
    first = [
        builder.op("Unsqueeze", part, builder.integers(0))
        for part in _for_each(builder, initial_state(cell, state), steps)
    ]
    options: dict[str, object] = {"direction": "reverse" if backwards else "forward", "hidden_size": hidden}
    if kind == "GRU":
        options["linear_before_reset"] = 1
    if kind == "RNN":
        options["activations"] = ["Relu" if getattr(cell, "nonlinearity", "") == "relu" else "Tanh"]
    lengths = builder.op("Cast", mask.lengths, to=TensorProto.INT32)
    made = builder.op_of(kind, (steps, w, r, bias, lengths, *first), 2, **options)
    outputs = builder.op("Squeeze", made[0], builder.integers(1))
    return Direction(outputs, builder.op("Squeeze", made[1], builder.integers(0)))


def _scan(
    builder: GraphBuilder,
    cell: RecurrentCell,
    name: str,
    state: Tensor | None,
    steps: str,
    mask: GraphMask,
    backwards: bool,
) -> Direction:
    traced = trace_cell(cell, name)
    if backwards:
        steps = mask.reversed(steps)
    held = initial_state(cell, state)
    first = _for_each(builder, held, steps)
    if traced.project is not None:
        (steps,) = write_graph(builder, traced.project, [steps], name)
    body = GraphBuilder(builder)
    states, inputs = [body.name("state") for _ in first], body.name("input")
    output, *after = write_graph(body, traced.step, [inputs, *states], name)

    def floats(names: list[str], sizes: list[int | None]) -> list[onnx.ValueInfoProto]:
        pairs = zip(names, sizes, strict=True)
        return [helper.make_tensor_value_info(each, TensorProto.FLOAT, [None, size]) for each, size in pairs]

    sizes: list[int | None] = [part.shape[1] for part in held]
    graph = helper.make_graph(
        body.nodes,
        body.name("step"),
        floats([*states, inputs], [*sizes, None]),
        floats([*after, output], [*sizes, cell.hidden_size]),
    )
    made = builder.op_of("Scan", (*first, steps), len(first) + 1, body=graph, num_scan_inputs=1)
    outputs = made[-1]
    final = mask.last(outputs)
    return Direction(mask.reversed(outputs) if backwards else outputs, final)


def _for_each(builder: GraphBuilder, state: tuple[Tensor, ...], steps: str) -> list[str]:
    """The tensors of a state (1, features) for each sequence, (batch, features)."""
    batch = builder.size(steps, 1)
    values = []
    for part in state:
        shape = builder.op("Concat", batch, builder.integers(part.shape[1]), axis=0)
        values.append(builder.op("Expand", builder.constant(part.numpy(), "state"), shape))
    return values
