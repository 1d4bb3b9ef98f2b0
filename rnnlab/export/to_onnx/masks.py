"""Mask of a padded batch in an ONNX graph, and readouts of its true steps: the counterpart of `rnnlab.models.masking`."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from onnx import TensorProto

from rnnlab.export.to_onnx.graph import GraphBuilder


@dataclass(frozen=True)
class GraphMask:
    """Which of the steps of `steps` (steps, batch, features) are true: `lengths` (batch,), int64."""

    builder: GraphBuilder
    lengths: str

    def padding(self, steps: str) -> str:
        """(steps, batch, 1): true where a step is past its sequence's end."""
        builder = self.builder
        count = builder.op("Squeeze", builder.size(steps, 0), builder.integers(0))
        zero, one = (builder.constant(np.array(each, dtype=np.int64)) for each in (0, 1))
        step = builder.op("Unsqueeze", builder.op("Range", zero, count, one), builder.integers(1))
        return builder.op("Unsqueeze", builder.op("GreaterOrEqual", step, self.lengths), builder.integers(2))

    def without_padding(self, steps: str, instead: float = 0.0) -> str:
        """(steps, batch, features) with `instead` where a step is past its sequence's end."""
        return self.builder.op("Where", self.padding(steps), self.builder.number(instead), steps)

    def reversed(self, steps: str) -> str:
        """(steps, batch, features) with each sequence's true steps in reverse order."""
        return self.builder.op("ReverseSequence", steps, self.lengths, time_axis=0, batch_axis=1)

    def last(self, steps: str) -> str:
        """(batch, features): each sequence at its last true step."""
        builder = self.builder
        before = builder.op("Sub", self.lengths, builder.integers(1))
        index = builder.op("Unsqueeze", before, builder.integers(1))
        return builder.op("GatherND", builder.op("Transpose", steps, perm=[1, 0, 2]), index, batch_dims=1)

    def mean(self, steps: str) -> str:
        """(batch, features): the mean over each sequence's true steps."""
        builder = self.builder
        total = builder.op("ReduceSum", self.without_padding(steps), builder.integers(0), keepdims=0)
        counts = builder.op("Cast", self.lengths, to=TensorProto.FLOAT)
        return builder.op("Div", total, builder.op("Unsqueeze", counts, builder.integers(1)))

    def max(self, steps: str) -> str:
        """(batch, features): the maximum over each sequence's true steps."""
        masked = self.without_padding(steps, -math.inf)
        return self.builder.op("ReduceMax", masked, self.builder.integers(0), keepdims=0)

    def fewer(self, every: int) -> GraphMask:
        """The mask of every `every`-th step."""
        if every == 1:
            return self
        builder = self.builder
        more = builder.op("Add", self.lengths, builder.integers(every - 1))
        return GraphMask(builder, builder.op("Div", more, builder.integers(every)))
