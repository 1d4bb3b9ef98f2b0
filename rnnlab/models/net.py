"""The net of a run: layers, a readout, a linear head; or the head at every step, and no readout.

Inputs are batch first, (batch, steps) tokens or (batch, steps, channels) values; inside, steps come first, as the kernels
need them. There is no PackedSequence: no kernel of ours reads one, and PyTorch's LSTM on the CPU loses three quarters of its
speed by it. Sequences are padded at the end instead, a readout reads the true steps alone, and a layer that reads from the end
reads each sequence reversed within its own length, so padding never reaches a number that is used.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import cast

import torch
from torch import Tensor, nn
from torch.nn import functional

from rnnlab.catalog.tasks.catalog import TASKS
from rnnlab.config import RunConfig
from rnnlab.config.net import check_encoding
from rnnlab.models.attention import Attention
from rnnlab.models.feedforward import Front, flattened
from rnnlab.models.layer import Layer, make_layer
from rnnlab.models.masking import SequenceMask
from rnnlab.models.plan.net_plan import NetPlan, plan_net
from rnnlab.models.prefix_tree import Prefixes


class OneHot(nn.Module):
    """Tokens (steps, batch) as one-hot vectors (steps, batch, symbols); it has no parameters."""

    table: Tensor

    def __init__(self, symbols: int) -> None:
        super().__init__()
        self.symbols = symbols
        self.register_buffer("table", torch.eye(symbols), persistent=False)

    def forward(self, tokens: Tensor) -> Tensor:
        """(steps, batch) → (steps, batch, symbols)."""
        return functional.embedding(tokens, self.table)


class Net(nn.Module):
    """The whole net: (batch, steps[, channels]) and lengths (batch,) → (batch, outputs).

    With `readout="steps"` there is an output at every step: → (batch, steps, outputs). `scaled_zero` is the target 0 in the
    scale that the net learns.
    """

    def __init__(self, plan: NetPlan, *, tokens: bool, scaled_zero: float = 0.0) -> None:
        super().__init__()
        self.plan = plan
        self.scaled_zero = scaled_zero
        """Least output of a head with relu."""
        self.autocast_dtype: torch.dtype | None = None
        """The type of products on a device, where it is narrower than that of the weights."""
        self.cell = plan.name
        self.tokens = tokens
        self.readout = plan.readout
        self.embedding = nn.Embedding(plan.input_size, plan.embedding) if tokens and plan.embedding else None
        self.one_hot = OneHot(plan.input_size) if tokens and not plan.embedding else None
        self.front = Front(plan.front) if plan.front else None
        self.layers = nn.ModuleList(make_layer(layer, plan) for layer in plan.layers)
        self.norms = nn.ModuleList(
            nn.LayerNorm(layer.output_size) if layer.norm else nn.Identity() for layer in plan.layers
        )
        self.dropout = nn.Dropout(plan.dropout) if plan.dropout else None
        self.attention = Attention(plan.head_input_size) if plan.readout == "attention" else None
        self.head = nn.Linear(plan.head_input_size, plan.outputs)

    def forward(self, inputs: Tensor | Prefixes, lengths: Tensor | None = None) -> Tensor:
        """The net's outputs, (batch, outputs) or (batch, steps, outputs): logits of classes, or scaled numbers.

        `inputs`: tokens (batch, steps), int32 or int64, or float values (batch, steps, channels). `lengths`: int64
        (batch,), from 1 to steps, on the device of `inputs`; None: every sequence fills all steps, which saves the masks.
        Inputs past a sequence's length change nothing; outputs there are meaningless. A net that `reads_prefixes` takes
        sequences as these, too.
        """
        if self.autocast_dtype is None:
            return self.read_out(self.summary(inputs, lengths))
        with torch.autocast(self.head.weight.device.type, self.autocast_dtype):
            outputs: Tensor = self.head(self.summary(inputs, lengths)).float()
        return self._activated(outputs)

    def read_out(self, features: Tensor) -> Tensor:
        """The net's outputs, (…, outputs), of the head's inputs, (…, features)."""
        return self._activated(self.head(features))

    def _activated(self, outputs: Tensor) -> Tensor:
        if self.plan.head_activation == "relu":
            return outputs.clamp(min=self.scaled_zero)
        if self.plan.head_activation == "softmax":
            return outputs.softmax(-1)
        return outputs

    def summary(self, inputs: Tensor | Prefixes, lengths: Tensor | None = None) -> Tensor:
        """The head's inputs, (batch, features): a sequence as one vector; or (batch, steps, features): each step as one."""
        if isinstance(inputs, Prefixes):
            return self._summary_of(inputs)
        mask = SequenceMask(inputs.shape[1], inputs.shape[0], lengths)
        steps = self._vectors(inputs.transpose(0, 1))
        if self.front is not None:
            steps, mask = self.front(steps, mask)
        if self.plan.flattened_steps:
            steps = flattened(steps, mask, self.plan.flattened_steps).unsqueeze(0)
            mask = SequenceMask(1, mask.batch, None)
        top = len(self.layers) - 1
        for index in range(top):
            steps = self._drop(self._outputs(index, steps, mask))
        if self.readout == "last":
            return self._drop(self._final_outputs(top, steps, mask))
        steps = self._outputs(top, steps, mask)
        if self.readout == "steps":
            return self._drop(steps.transpose(0, 1))
        if self.attention is not None:
            return self._drop(self.attention(steps, mask))
        return self._drop(mask.mean(steps) if self.readout == "mean" else mask.max(steps))

    @property
    def is_compiled(self) -> bool:
        """Whether compiled functions compute all layers, in training too, so that little is left for PyTorch."""
        return self._reads_trees and all(cast("Layer", layer).bptt_steps is None for layer in self.layers)

    @property
    def reads_prefixes(self) -> bool:
        """Whether this net, in evaluation, takes sequences of tokens as `Prefixes`: it is one-way and reads out the last step."""
        if self.training or not self.tokens or self.readout != "last" or not self._reads_trees:
            return False
        return all(cast("Layer", layer).backwards is None for layer in self.layers)

    @property
    def _reads_trees(self) -> bool:
        """Whether the net has recurrent layers alone, and compiled functions compute each."""
        if self.front is not None or self.plan.flattened_steps or not len(self.layers):
            return False
        first = self._reads_tokens
        return all(
            isinstance(layer, Layer) and layer.forwards.is_compiled(tokens=first and index == 0)
            for index, layer in enumerate(self.layers)
        )

    def _summary_of(self, prefixes: Prefixes) -> Tensor:
        """The head's inputs of sequences that are given as a tree of their prefixes, (sequences, features)."""
        steps = self._vectors(prefixes.tokens)
        for index, layer in enumerate(self.layers):
            steps = self._finished(index, cast("Layer", layer).read_tree(steps, prefixes.tree), steps)
        return steps.index_select(0, prefixes.ends)

    def _vectors(self, inputs: Tensor) -> Tensor:
        """Tokens as vectors, (…, features), unless the first layer reads tokens; values unchanged."""
        if self.one_hot is not None and not self._reads_tokens:
            return cast("Tensor", self.one_hot(inputs))
        return inputs if self.embedding is None else cast("Tensor", self.embedding(inputs))

    @property
    def _reads_tokens(self) -> bool:
        """Whether the first layer takes tokens as they are: it then picks columns of its weights."""
        first, plan = next(iter(self.layers), None), self.plan
        if plan.front or plan.flattened_steps or not isinstance(first, Layer) or plan.layers[0].residual:
            return False
        return first.reads_tokens

    def _outputs(self, index: int, steps: Tensor, mask: SequenceMask) -> Tensor:
        """The layer's outputs of (steps, batch, features), normalised and with its inputs added where the plan has it so."""
        if index < 0:  # there are no layers, only the head
            return steps
        return self._finished(index, self.layers[index](steps, mask), steps)

    def _final_outputs(self, index: int, steps: Tensor, mask: SequenceMask) -> Tensor:
        """The same at the end of each sequence alone, (batch, features)."""
        if index < 0:
            return mask.last(steps)
        layer = cast("Layer", self.layers[index])
        inputs = layer.read_last(steps, mask) if self.plan.layers[index].residual else steps
        return self._finished(index, layer.last(steps, mask), inputs)

    def _finished(self, index: int, outputs: Tensor, inputs: Tensor) -> Tensor:
        """A layer's outputs, normalised and with its inputs added where the plan has it so."""
        normalised: Tensor = self.norms[index](outputs)
        return normalised + inputs if self.plan.layers[index].residual else normalised

    def _drop(self, values: Tensor) -> Tensor:
        return values if self.dropout is None else self.dropout(values)


def build(
    config: RunConfig,
    *,
    input_size: int,
    outputs: int,
    problem: str | None = None,
    tokens: bool | None = None,
    longest: int = 0,
    scale: Mapping[str, float] = MappingProxyType({}),
) -> Net:
    """The net that `config` describes, with initial weights from torch's global generator, which the caller seeds.

    `input_size`: symbols, for a task of tokens, or channels. `outputs`: classes, or numbers to predict. `problem` and `tokens`:
    the kind of problem, and whether the inputs are tokens; those of the task where they are not given. Where there is an output
    at each step there is no readout: `model.readout` is not read. `longest`: steps of the longest sequence; only a net that
    reads a sequence at once needs it. `scale`: the split's, in which targets are learned; a head with relu must know the value
    of 0 in it. Raises as `plan_net` does.
    """
    if tokens is None:
        tokens = TASKS[config.task.name].inputs == "tokens"
    plan = plan_for_data(
        config, input_size=input_size, outputs=outputs, problem=problem, tokens=tokens, longest=longest
    )
    return build_planned(plan, config, tokens=tokens, scale=scale)


def build_planned(plan: NetPlan, config: RunConfig, *, tokens: bool, scale: Mapping[str, float]) -> Net:
    """The net of a plan that `plan_for_data` made, the other arguments as `build` takes them."""
    scaled_zero = -scale.get("target_offset", 0.0) / scale.get("target_scale", 1.0)
    net = Net(plan, tokens=tokens, scaled_zero=scaled_zero)
    if config.applies("train.bptt"):
        for layer in net.layers:
            cast("Layer", layer).bptt_steps = config.train.bptt
    return net


def plan_for_data(
    config: RunConfig, *, input_size: int, outputs: int, problem: str | None, tokens: bool, longest: int
) -> NetPlan:
    """The plan of the net that `build` makes, whose arguments these are. Raises as `plan_net` and `check_encoding` do."""
    if tokens:
        check_encoding(config.data.encoding, input_size - 1)
    return plan_net(
        config.model,
        input_size=input_size,
        outputs=outputs,
        embedding=config.model.embedding if tokens and config.data.encoding == "embedding" else None,
        per_step=(problem or TASKS[config.task.name].problem) == "per-step classification",
        longest=longest,
    )
