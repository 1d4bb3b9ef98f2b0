"""Building an ONNX graph: values by name, operators in order."""

from __future__ import annotations

from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import helper, numpy_helper

OPSET = 18
"""Of the operators; runtimes since the spring of 2023 have them."""
IR_VERSION = 8
"""Of the file's layout, the one that came with that opset."""


class GraphBuilder:
    """Operators and constants of a graph. A value is its name.

    The body of a `Scan` is a builder of its own that shares constants and names with the graph around it.
    """

    def __init__(self, around: GraphBuilder | None = None) -> None:
        self.nodes: list[onnx.NodeProto] = []
        self.constants: list[onnx.TensorProto] = [] if around is None else around.constants
        self._known: dict[tuple[str, tuple[int, ...], bytes], str] = {} if around is None else around._known
        self._counts: dict[str, int] = {} if around is None else around._counts

    def name(self, kind: str) -> str:
        """A new name that begins with `kind`."""
        self._counts[kind] = number = self._counts.get(kind, 0) + 1
        return f"{kind}_{number}"

    def op(self, kind: str, *inputs: str, **attributes: Any) -> str:
        """An operator with one output, whose name this is. An input that is left out is empty."""
        return self.op_of(kind, inputs, 1, **attributes)[0]

    def op_of(self, kind: str, inputs: tuple[str, ...], outputs: int, **attributes: Any) -> list[str]:
        """An operator with so many outputs, whose names these are."""
        names = [self.name(kind.lower()) for _ in range(outputs)]
        self.nodes.append(helper.make_node(kind, list(inputs), names, **attributes))
        return names

    def constant(self, values: NDArray[Any], kind: str = "constant") -> str:
        """A constant; equal ones are kept once."""
        values = np.ascontiguousarray(values)
        key = (values.dtype.str, values.shape, values.tobytes())
        if key not in self._known:
            self._known[key] = name = self.name(kind)
            self.constants.append(numpy_helper.from_array(values, name))
        return self._known[key]

    def integers(self, *values: int) -> str:
        """An int64 constant (values,)."""
        return self.constant(np.array(values, dtype=np.int64))

    def number(self, value: float) -> str:
        """A float32 scalar."""
        return self.constant(np.array(value, dtype=np.float32))

    def size(self, value: str, axis: int) -> str:
        """The size of an axis, int64 (1,)."""
        return self.op("Shape", value, start=axis, end=axis + 1)
