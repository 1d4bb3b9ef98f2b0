"""PyTorch's operations, as a traced cell has them, as operators of ONNX."""

from __future__ import annotations

import operator
from typing import Any

import torch
from torch import Tensor, fx

from rnnlab.errors import UsageError
from rnnlab.export.to_onnx.graph import GraphBuilder
from rnnlab.export.tracing.traced_cell import TracedGraph

Value = str | Tensor | tuple[str, ...] | tuple[Tensor, ...]
"""A value of the graph by its name, or one that is known when the graph is made; several of a `chunk`."""

_UNARY = {
    "tanh": "Tanh", "sigmoid": "Sigmoid", "relu": "Relu", "neg": "Neg", "exp": "Exp", "log": "Log", "sqrt": "Sqrt",
    "abs": "Abs", "sin": "Sin", "cos": "Cos", "erf": "Erf", "reciprocal": "Reciprocal",
}  # fmt: skip
_BINARY = {
    "add": "Add",
    "sub": "Sub",
    "mul": "Mul",
    "div": "Div",
    "matmul": "MatMul",
    "maximum": "Max",
    "minimum": "Min",
}
_END = 2**31 - 1
"""Where a slice ends that goes on to the end."""
_SAME = ("clone", "detach", "alias", "contiguous", "lift_fresh_copy")


def write_graph(builder: GraphBuilder, traced: TracedGraph, inputs: list[str], cell: str) -> list[str]:
    """Write the operations of `traced` to the graph; the names of its outputs.

    What depends on weights alone is computed here and becomes a constant. Raises `UsageError` naming the operation that has no
    counterpart.
    """
    values: dict[fx.Node, Value] = {node: tensor for node, (_, tensor) in traced.weights.items()}
    values |= dict(zip(traced.inputs, inputs, strict=True))
    for node in traced.nodes:
        used = [values[each] for each in node.all_input_nodes]
        if all(not _is_named(value) for value in used):
            values[node] = _computed(node, values)
        else:
            values[node] = _written(builder, node, values, cell)
    outputs = []
    for node in traced.outputs:
        name = _named(builder, values[node])
        # A graph's output must be made in it: an input that is passed on, and a state that is output too, are copied.
        outputs.append(builder.op("Identity", name))
    return outputs


def _is_named(value: Value) -> bool:
    return isinstance(value, str) or (isinstance(value, tuple) and any(isinstance(each, str) for each in value))


def _computed(node: fx.Node, values: dict[fx.Node, Value]) -> Value:
    """The result of an operation on weights alone."""
    args = fx.map_arg(node.args, lambda each: values[each])
    kwargs = fx.map_arg(node.kwargs, lambda each: values[each])
    assert callable(node.target)
    with torch.no_grad():
        result = node.target(*args, **kwargs)
    return tuple(result) if isinstance(result, list | tuple) else result


def _named(builder: GraphBuilder, value: Value | float) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, Tensor):
        return builder.constant(value.numpy(), "weight")
    assert isinstance(value, int | float)
    return builder.number(float(value))


def _written(builder: GraphBuilder, node: fx.Node, values: dict[fx.Node, Value], cell: str) -> Value:
    args: list[Any] = list(fx.map_arg(node.args, values.__getitem__))
    kwargs: dict[str, Any] = dict(fx.map_arg(node.kwargs, values.__getitem__))
    if node.target is operator.getitem:
        chosen: Value = args[0][args[1]]
        return chosen
    kind = str(node.target).removeprefix("aten.").partition(".")[0]
    factor = kwargs.pop("alpha", kwargs.pop("value", 1)) if kind in ("add", "sub", "rsub", "addcmul", "addmm") else 1
    known = factor == 1 and not kwargs.keys() - {"memory_format"}
    written = _call(builder, kind, args, node) if known else None
    if written is None:
        raise UsageError(
            f"the cell {cell} cannot be exported to ONNX: no operator of it is known here for {node.target}; "
            "--to torch exports the net as PyTorch computes it"
        )
    return written


def _rank(node: fx.Node) -> int:
    """Axes of the operation's first input, as it was traced."""
    held = node.all_input_nodes[0].meta.get("val") if node.all_input_nodes else None
    return held.ndim if isinstance(held, Tensor) else 0


def _call(builder: GraphBuilder, kind: str, args: list[Any], node: fx.Node) -> Value | None:
    """The operation in the graph; None where there is none for it."""

    def name(value: Any) -> str:
        return _named(builder, value)

    if kind in _SAME:
        return name(args[0])
    if kind in _UNARY and len(args) == 1:
        return builder.op(_UNARY[kind], name(args[0]))
    if kind in _BINARY and len(args) == 2:
        return builder.op(_BINARY[kind], name(args[0]), name(args[1]))
    match kind:
        case "rsub":
            return builder.op("Sub", name(args[1]), name(args[0]))
        case "linear":
            return _linear(builder, name(args[0]), args[1], args[2] if len(args) > 2 else None)
        case "addmm" | "addcmul":
            product = builder.op("MatMul" if kind == "addmm" else "Mul", name(args[1]), name(args[2]))
            return builder.op("Add", product, name(args[0]))
        case "softplus" if len(args) == 1 or args[1] == 1:
            return builder.op("Softplus", name(args[0]))
        case "hardsigmoid":
            return builder.op("HardSigmoid", name(args[0]), alpha=1 / 6, beta=0.5)
        case "silu":
            return builder.op("Mul", name(args[0]), builder.op("Sigmoid", name(args[0])))
        case "elu" if len(args) == 1:
            return builder.op("Elu", name(args[0]))
        case "leaky_relu":
            return builder.op("LeakyRelu", name(args[0]), alpha=float(args[1]) if len(args) > 1 else 0.01)
        case "pow" if isinstance(args[1], int | float):
            return builder.op("Pow", name(args[0]), name(args[1]))
        case "clamp":
            low, high = (*args[1:], None, None)[:2]
            return builder.op("Clip", name(args[0]), *("" if each is None else name(each) for each in (low, high)))
        case _:
            return _shaped(builder, kind, args, node)


def _linear(builder: GraphBuilder, inputs: str, weight: Value, bias: Value | None) -> str:
    turned = (
        builder.constant(weight.numpy().T, "weight")
        if isinstance(weight, Tensor)
        else builder.op("Transpose", _named(builder, weight), perm=[1, 0])
    )
    product = builder.op("MatMul", inputs, turned)
    return product if bias is None else builder.op("Add", product, _named(builder, bias))


def _shaped(builder: GraphBuilder, kind: str, args: list[Any], node: fx.Node) -> Value | None:
    """Operations that take a value apart along its last axis, or put values together; along others a batch would be cut."""
    last = (-1, _rank(node) - 1)
    match kind:
        case "chunk" if len(args) == 3 and args[2] in last:
            return tuple(builder.op_of("Split", (_named(builder, args[0]),), args[1], axis=-1, num_outputs=args[1]))
        case "split" | "split_with_sizes" if len(args) == 3 and args[2] in last:
            sizes = [part.shape[-1] for part in node.meta["val"]]
            split = (_named(builder, args[0]), builder.integers(*sizes))
            return tuple(builder.op_of("Split", split, len(sizes), axis=-1))
        case "slice" if len(args) == 4 and args[1] in last and args[2] is not None:
            ends = builder.integers(min(args[3], _END))
            return builder.op("Slice", _named(builder, args[0]), builder.integers(args[2]), ends, builder.integers(-1))
        case "cat" if len(args) == 2 and args[1] in last:
            return builder.op("Concat", *(_named(builder, each) for each in args[0]), axis=-1)
        case "softmax" if args[1] in last:
            return builder.op("Softmax", _named(builder, args[0]), axis=-1)
    return None
