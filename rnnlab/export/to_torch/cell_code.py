"""Python code of a traced cell: a module whose step is written out in PyTorch's own words."""

from __future__ import annotations

import keyword
import operator
import re
from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor, fx, nn

from rnnlab.export.tracing.traced_cell import TracedCell, TracedGraph
from rnnlab.text.sanitise import plain

_SUM, _PRODUCT, _SIGN, _ATOM = range(4)
"""How strongly an expression holds together: where a weaker one stands in a stronger one it needs brackets."""

_BETWEEN = {
    "add": ("+", _SUM),
    "sub": ("-", _SUM),
    "mul": ("*", _PRODUCT),
    "div": ("/", _PRODUCT),
    "matmul": ("@", _PRODUCT),
}
_CALLED = {
    "softplus": "F.softplus", "hardsigmoid": "F.hardsigmoid", "silu": "F.silu", "elu": "F.elu", "linear": "F.linear",
    "leaky_relu": "F.leaky_relu",
}  # fmt: skip
_TORCH = frozenset((
    "tanh", "sigmoid", "relu", "exp", "log", "sqrt", "abs", "sin", "cos", "erf", "maximum", "minimum", "softmax", "cat", "addmm",
))  # fmt: skip
_MOST_INLINED = 90
"""Characters of an expression that is written into the one that uses it."""
_ATTRIBUTES = frozenset((*dir(nn.Module), "step", "project"))
"""Names that the exported module has already; no parameter is called so."""

_FORWARD = '''
    def forward(self, steps, state):
        """(steps, batch, input size) and the first state → (steps, batch, hidden size)."""
        outputs = []
        for x in {steps}:
            output, *state = self.step(x, *state)
            outputs.append(output)
        return torch.stack(outputs)
'''


def identifier(text: str) -> str:
    """A name for Python that comes of any text."""
    name = re.sub(r"\W", "_", text, flags=re.ASCII).strip("_") or "unnamed"
    return f"_{name}" if name[0].isdigit() or keyword.iskeyword(name) else name


def docstring_text(text: str, longest: int = 200) -> str:
    """Text from anywhere as part of a docstring: one line, that ends no string."""
    return plain(text, longest).replace("\\", "/").replace('"', "'")


def _unused(name: str, taken: set[str]) -> str:
    """The name, with a number behind it where it is taken; from now on it is."""
    free, number = name, 1
    while free in taken:
        number += 1
        free = f"{name}_{number}"
    taken.add(free)
    return free


def _weight_names(traced: TracedCell) -> dict[str, str]:
    """The exported module's names of what a cell's operations read: `cell.weight_ih` is `weight_ih`; no two have the same."""
    taken, names = set(_ATTRIBUTES), dict[str, str]()
    for graph in (traced.project, traced.step):
        for name, _ in graph.weights.values() if graph is not None else ():
            if name not in names:
                names[name] = _unused(identifier(name.removeprefix("cell.")), taken)
    return names


def cell_weights(traced: TracedCell) -> dict[str, Tensor]:
    """The parameters, buffers and constants that a cell's operations read, by the exported module's names."""
    names = _weight_names(traced)
    graphs = [graph for graph in (traced.project, traced.step) if graph is not None]
    return {names[name]: values for graph in graphs for name, values in graph.weights.values()}


def cell_code(traced: TracedCell, about: str) -> str:
    """The body of the module's class: its docstring `about`, the shapes of its weights given when it is made."""
    names = _weight_names(traced)
    states = [f"h{index}" if index else "h" for index in range(len(traced.step.inputs) - 1)]
    step = _function(traced.step, names, "step", ["x", *states], "One step: the output, then the next state.")
    steps, project = "steps", ""
    if traced.project is not None:
        project = "\n" + _function(traced.project, names, "project", ["x"], "What is done to all inputs at once.")
        steps = "self.project(steps)"
    return f'''    """{about}"""

    def __init__(self, **shapes):
        super().__init__()
        for name, shape in shapes.items():
            setattr(self, name, nn.Parameter(torch.zeros(shape)))
{_FORWARD.format(steps=steps)}{project}
{step}'''


def _function(graph: TracedGraph, names: Mapping[str, str], name: str, arguments: list[str], about: str) -> str:
    lines = _Lines(graph, names, dict(zip(graph.inputs, arguments, strict=True)))
    for node in graph.nodes:
        lines.add(node)
    returned = ", ".join(lines.text(node) for node in graph.outputs)
    head = f'    def {name}({", ".join(["self", *arguments])}):\n        """{about}"""\n'
    return head + "".join(f"        {line}\n" for line in [*lines.written, f"return {returned}"])


class _Lines:
    """The lines of a function: an expression that is used once, and is short, stands where it is used."""

    def __init__(self, graph: TracedGraph, names: Mapping[str, str], inputs: Mapping[fx.Node, str]) -> None:
        self.written: list[str] = []
        self._taken = {"self", "torch", "F", *inputs.values()}
        self._expressions: dict[fx.Node, tuple[str, int]] = {node: (name, _ATOM) for node, name in inputs.items()}
        for node, (name, _) in graph.weights.items():
            self._expressions[node] = (f"self.{names[name]}", _ATOM)
        self._outputs = graph.outputs

    def text(self, node: fx.Node) -> str:
        """The expression of a node."""
        return self._expressions[node][0]

    def add(self, node: fx.Node) -> None:
        """Take up the next operation: as an expression to be used, or as a line of its own."""
        if node.target is operator.getitem:
            source, index = node.args
            assert isinstance(source, fx.Node)
            self._expressions[node] = (f"{self.text(source)}[{index}]", _ATOM)
            return
        expression, strength = self._expression(node)
        once = len(node.users) == 1 and self._outputs.count(node) < 2
        if once and len(expression) <= _MOST_INLINED and not _is_split(node):
            self._expressions[node] = (expression, strength)
        else:
            name = _unused(self._name(node), self._taken)
            self.written.append(f"{name} = {expression}")
            self._expressions[node] = (name, _ATOM)

    def _name(self, node: fx.Node) -> str:
        if _is_split(node):
            source = node.args[0]
            held = self.text(source) if isinstance(source, fx.Node) else ""
            if re.fullmatch(r"self\.\w+", held):
                return f"{held.removeprefix('self.')}_of"
        return str(node.name)

    def _expression(self, node: fx.Node) -> tuple[str, int]:
        kind = str(node.target).removeprefix("aten.").partition(".")[0]
        args, kwargs = list(node.args), dict(node.kwargs)
        if kwargs.pop("alpha", kwargs.pop("value", 1)) != 1:
            return self._as_it_is(node)
        match kind:
            case "t" | "numpy_T":
                return f"{self._within(args[0], _ATOM)}.T", _ATOM
            case "transpose":
                return f"{self._within(args[0], _ATOM)}.transpose({args[1]}, {args[2]})", _ATOM
            case "neg":
                return f"-{self._within(args[0], _SIGN)}", _SIGN
            case "rsub":
                return f"{args[1]!r} - {self._within(args[0], _PRODUCT)}", _SUM
            case "addcmul":
                return " + ".join(
                    (self._within(args[0], _SUM), f"{self._within(args[1], _PRODUCT)} * {self._within(args[2], _SIGN)}")
                ), _SUM
            case "chunk" | "split" | "split_with_sizes":
                rest = ", ".join(map(self._literal, args[1:]))
                return f"{self._within(args[0], _ATOM)}.{'chunk' if kind == 'chunk' else 'split'}({rest})", _ATOM
            case "slice" if len(args) == 4 and args[1] in (0, 1):
                end = "" if isinstance(args[3], int) and args[3] >= 2**31 - 1 else args[3]
                before = ":, " if args[1] == 1 else ""
                return f"{self._within(args[0], _ATOM)}[{before}{args[2] or ''}:{end}]", _ATOM
            case "eye":
                return f"torch.eye({args[0]})", _ATOM
        if kind in _BETWEEN and len(args) == 2 and not kwargs:
            sign, strength = _BETWEEN[kind]
            return f"{self._within(args[0], strength)} {sign} {self._within(args[1], strength + 1)}", strength
        if (kind in _CALLED or kind in _TORCH) and not kwargs:
            return f"{_CALLED.get(kind, f'torch.{kind}')}({', '.join(map(self._literal, args))})", _ATOM
        return self._as_it_is(node)

    def _as_it_is(self, node: fx.Node) -> tuple[str, int]:
        """An operation under its own name, for which there is no shorter one."""
        words = [*map(self._literal, node.args)]
        words += [f"{identifier(name)}={self._literal(value)}" for name, value in node.kwargs.items()]
        return f"torch.ops.{node.target}({', '.join(words)})", _ATOM

    def _within(self, value: Any, strength: int) -> str:
        if not isinstance(value, fx.Node):
            return self._literal(value)
        text, own = self._expressions[value]
        return text if own >= strength else f"({text})"

    def _literal(self, value: Any) -> str:
        """An argument: an expression, or a value as Python writes it."""
        if isinstance(value, fx.Node):
            return self.text(value)
        if isinstance(value, list | tuple):
            return f"[{', '.join(map(self._literal, value))}]"
        if isinstance(value, torch.dtype):
            return str(value)
        if isinstance(value, torch.device):
            return repr(str(value))
        if value is None or isinstance(value, bool | int | str):
            return repr(value)
        if isinstance(value, float):
            return repr(value) if value == value and abs(value) != float("inf") else f"float({str(value)!r})"
        return str(value)  # a memory format, or a layout: torch.…


def _is_split(node: fx.Node) -> bool:
    return bool(node.users) and all(user.target is operator.getitem for user in node.users)
