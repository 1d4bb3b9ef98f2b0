"""A whole net as an ONNX graph: the counterpart of `rnnlab.models.net.Net.forward` in evaluation."""

from __future__ import annotations

from typing import cast

import numpy as np
import onnx
from onnx import TensorProto, helper
from torch import Tensor, nn

from rnnlab.export.to_onnx.graph import IR_VERSION, OPSET, GraphBuilder
from rnnlab.export.to_onnx.masks import GraphMask
from rnnlab.export.to_onnx.recurrent import write_direction
from rnnlab.models.feedforward import CausalBlock, Convolution, Dense, Front
from rnnlab.models.layer import Layer
from rnnlab.models.net import Net

INPUTS, LENGTHS, LOGITS, NUMBERS = "inputs", "lengths", "logits", "numbers"
"""Names of the graph's inputs and of its output: logits of classes, or numbers in the target's own unit."""


def onnx_model(net: Net, *, classes: bool, scale: tuple[float, float] = (1.0, 0.0)) -> onnx.ModelProto:
    """The net as a model: `inputs` and `lengths`, both of any batch, and of any number of steps, to `logits` or `numbers`.

    `inputs`: int64 tokens (batch, steps) or float32 values (batch, steps, channels), as the net reads them; `lengths`: int64
    (batch,). `logits`: float32 (batch, classes), or (batch, steps, classes), of which those past a length mean nothing.
    `numbers`: float64, the net's times the first of `scale` plus the second. Raises `UsageError` for a cell that ONNX has no
    operators for.
    """
    builder = GraphBuilder()
    outputs = _Writer(net, builder).outputs()
    per_step = ["batch", "steps"] if net.readout == "steps" else ["batch"]
    output = _result(builder, outputs, classes, scale)
    channels = [] if net.tokens else [net.plan.input_size]
    kind = TensorProto.INT64 if net.tokens else TensorProto.FLOAT
    graph = helper.make_graph(
        builder.nodes,
        "net",
        [
            helper.make_tensor_value_info(INPUTS, kind, ["batch", "steps", *channels]),
            helper.make_tensor_value_info(LENGTHS, TensorProto.INT64, ["batch"]),
        ],
        [
            helper.make_tensor_value_info(
                output, TensorProto.FLOAT if classes else TensorProto.DOUBLE, [*per_step, net.plan.outputs]
            )
        ],
        builder.constants,
    )
    model: onnx.ModelProto = helper.make_model(
        graph, producer_name="rnnlab", opset_imports=[helper.make_opsetid("", OPSET)], ir_version=IR_VERSION
    )
    onnx.checker.check_model(model)
    return model


def _result(builder: GraphBuilder, outputs: str, classes: bool, scale: tuple[float, float]) -> str:
    """The graph's output, by its name: numbers in the target's own unit, in double precision as `rnnlab predict` has them."""
    if classes:
        builder.nodes.append(helper.make_node("Identity", [outputs], [LOGITS]))
        return LOGITS
    factor, offset = (builder.constant(np.array(each, dtype=np.float64)) for each in scale)
    wide = builder.op("Mul", builder.op("Cast", outputs, to=TensorProto.DOUBLE), factor)
    builder.nodes.append(helper.make_node("Add", [wide, offset], [NUMBERS]))
    return NUMBERS


class _Writer:
    """Writes a net's parts to a graph in the order in which they compute; steps come first, as inside of the net."""

    def __init__(self, net: Net, builder: GraphBuilder) -> None:
        self._net = net
        self._builder = builder

    def outputs(self) -> str:
        """The head's outputs, (batch, outputs) or (batch, steps, outputs)."""
        builder, net = self._builder, self._net
        outputs = self._linear(self._summary(), net.head)
        if net.plan.head_activation == "relu":
            return builder.op("Max", outputs, builder.number(net.scaled_zero))
        if net.plan.head_activation == "softmax":
            return builder.op("Softmax", outputs, axis=-1)
        return outputs

    def _summary(self) -> str:
        builder, net = self._builder, self._net
        steps, mask = self._vectors(), GraphMask(builder, LENGTHS)
        if net.front is not None:
            steps, mask = self._front(net.front, steps, mask)
        if net.plan.flattened_steps:
            steps, mask = self._flattened(steps, mask, net.plan.flattened_steps)
        top = len(net.layers) - 1
        for index in range(top):
            steps = self._layer(index, steps, mask)
        if net.readout == "last":
            return self._last(top, steps, mask)
        steps = self._layer(top, steps, mask)
        if net.readout == "steps":
            return builder.op("Transpose", steps, perm=[1, 0, 2])
        if net.attention is not None:
            return self._attention(steps, mask)
        return mask.mean(steps) if net.readout == "mean" else mask.max(steps)

    def _vectors(self) -> str:
        """(steps, batch, features) of the inputs."""
        builder, net = self._builder, self._net
        if not net.tokens:
            return builder.op("Transpose", INPUTS, perm=[1, 0, 2])
        table = (
            net.one_hot.table
            if net.embedding is None and net.one_hot is not None
            else cast("nn.Embedding", net.embedding).weight
        )
        return builder.op("Gather", self._weight(table), builder.op("Transpose", INPUTS, perm=[1, 0]), axis=0)

    def _front(self, front: Front, steps: str, mask: GraphMask) -> tuple[str, GraphMask]:
        builder = self._builder
        for plan, convolution in zip(front.plans, front.convolutions, strict=True):
            steps = builder.op("Relu", self._around(cast("nn.Conv1d", convolution), mask.without_padding(steps)))
            mask = mask.fewer(plan.stride)
            if plan.pool > 1:
                turned = builder.op("Transpose", mask.without_padding(steps), perm=[1, 2, 0])
                largest = builder.op("MaxPool", turned, kernel_shape=[plan.pool], strides=[plan.pool], ceil_mode=1)
                steps = builder.op("Transpose", largest, perm=[2, 0, 1])
                mask = mask.fewer(plan.pool)
        return steps, mask

    def _flattened(self, steps: str, mask: GraphMask, longest: int) -> tuple[str, GraphMask]:
        """Sequences as vectors, (1, batch, longest · features): the true steps, zeros up to `longest`, cut there."""
        builder = self._builder
        pads = builder.integers(0, 0, 0, longest, 0, 0)
        padded = builder.op("Pad", mask.without_padding(steps), pads)
        cut = builder.op("Slice", padded, builder.integers(0), builder.integers(longest), builder.integers(0))
        turned = builder.op("Transpose", cut, perm=[1, 0, 2])
        rows = builder.op("Flatten", turned, axis=1)
        ones = builder.op("Expand", builder.integers(1), builder.size(rows, 0))
        return builder.op("Unsqueeze", rows, builder.integers(0)), GraphMask(builder, ones)

    def _layer(self, index: int, steps: str, mask: GraphMask) -> str:
        """The layer's outputs at every step, normalised and with its inputs added where the plan has it so."""
        if index < 0:
            return steps
        layer = self._net.layers[index]
        outputs = (
            self._recurrent(layer, steps, mask)[0] if isinstance(layer, Layer) else self._plain(layer, steps, mask)
        )
        return self._finished(index, outputs, steps)

    def _last(self, index: int, steps: str, mask: GraphMask) -> str:
        """The same at the end of each sequence alone, (batch, features)."""
        if index < 0:
            return mask.last(steps)
        layer = self._net.layers[index]
        if not isinstance(layer, Layer):
            return self._finished(index, mask.last(self._plain(layer, steps, mask)), self._end(index, steps, mask))
        return self._finished(index, self._recurrent(layer, steps, mask)[1], self._end(index, steps, mask))

    def _end(self, index: int, steps: str, mask: GraphMask) -> str:
        """The inputs of the steps whose outputs are the last ones, where they are added."""
        builder, layer, plan = self._builder, self._net.layers[index], self._net.plan.layers[index]
        if not plan.residual or not isinstance(layer, Layer) or layer.backwards is None:
            return mask.last(steps) if plan.residual else steps
        zero, size, last = builder.integers(0), builder.integers(layer.hidden_size), builder.integers(-1)
        first = builder.op("Squeeze", builder.op("Slice", steps, zero, builder.integers(1), zero), zero)
        return builder.op(
            "Concat",
            builder.op("Slice", mask.last(steps), zero, size, last),
            builder.op("Slice", first, size, builder.integers(2 * layer.hidden_size), last),
            axis=-1,
        )

    def _recurrent(self, layer: Layer, steps: str, mask: GraphMask) -> tuple[str, str]:
        """The outputs of both directions at every step, and the last ones."""
        builder, name = self._builder, self._net.cell
        forwards = write_direction(builder, layer.forwards, name, layer.state, steps, mask, backwards=False)
        if layer.backwards is None:
            return forwards.outputs, forwards.final
        back = write_direction(builder, layer.backwards, name, layer.backwards_state, steps, mask, backwards=True)
        return (
            builder.op("Concat", forwards.outputs, back.outputs, axis=2),
            builder.op("Concat", forwards.final, back.final, axis=1),
        )

    def _plain(self, layer: nn.Module, steps: str, mask: GraphMask) -> str:
        """The outputs of a layer without recurrence."""
        builder = self._builder
        if isinstance(layer, Convolution):
            return builder.op("Relu", self._around(layer.convolution, mask.without_padding(steps)))
        if isinstance(layer, Dense):
            return builder.op("Relu", self._linear(steps, layer.linear))
        assert isinstance(layer, CausalBlock)
        inputs = builder.op("Transpose", steps, perm=[1, 2, 0])
        outputs = inputs
        for convolution in (layer.first, layer.second):
            outputs = builder.op("Relu", self._convolution(convolution, outputs, (layer.padding, 0)))
        around = inputs if layer.around is None else self._convolution(layer.around, inputs, (0, 0))
        total = builder.op("Relu", builder.op("Add", outputs, around))
        return builder.op("Transpose", total, perm=[2, 0, 1])

    def _around(self, convolution: nn.Conv1d, steps: str) -> str:
        """(steps, batch, features) → (⌈steps / stride⌉, batch, channels), zeros beyond both ends."""
        beyond = convolution.kernel_size[0] - 1
        turned = self._builder.op("Transpose", steps, perm=[1, 2, 0])
        outputs = self._convolution(convolution, turned, (beyond // 2, beyond - beyond // 2))
        return self._builder.op("Transpose", outputs, perm=[2, 0, 1])

    def _convolution(self, convolution: nn.Conv1d, inputs: str, pads: tuple[int, int]) -> str:
        """A convolution of (batch, features, steps), with so many zeros before and after."""
        bias = [] if convolution.bias is None else [self._weight(convolution.bias)]
        return self._builder.op(
            "Conv",
            inputs,
            self._weight(convolution.weight),
            *bias,
            kernel_shape=list(convolution.kernel_size),
            strides=list(convolution.stride),
            dilations=list(convolution.dilation),
            pads=list(pads),
        )

    def _attention(self, steps: str, mask: GraphMask) -> str:
        builder, attention = self._builder, self._net.attention
        assert attention is not None
        keys = builder.op("Tanh", self._linear(steps, attention.key))
        question = builder.constant(attention.question.detach().numpy()[:, None], "weight")
        scores = mask.without_padding(builder.op("MatMul", keys, question), -np.inf)
        weighted = builder.op("Mul", builder.op("Softmax", scores, axis=0), mask.without_padding(steps))
        return builder.op("ReduceSum", weighted, builder.integers(0), keepdims=0)

    def _finished(self, index: int, outputs: str, inputs: str) -> str:
        builder, norm = self._builder, self._net.norms[index]
        if isinstance(norm, nn.LayerNorm):
            weights = [self._weight(norm.weight), self._weight(norm.bias)]
            outputs = builder.op("LayerNormalization", outputs, *weights, axis=-1, epsilon=norm.eps)
        return builder.op("Add", outputs, inputs) if self._net.plan.layers[index].residual else outputs

    def _linear(self, inputs: str, linear: nn.Linear) -> str:
        builder = self._builder
        product = builder.op("MatMul", inputs, builder.constant(linear.weight.detach().numpy().T, "weight"))
        return product if linear.bias is None else builder.op("Add", product, self._weight(linear.bias))

    def _weight(self, values: Tensor) -> str:
        return self._builder.constant(values.detach().numpy(), "weight")
