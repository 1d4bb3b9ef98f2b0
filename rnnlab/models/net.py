"""The net of a run: layers, a readout, a linear head; or the head at every step, and no readout.

Inputs come rows first, (batch, steps) tokens or (batch, steps, channels) values; inside, steps come first, which is how
the kernels want them. There is no PackedSequence: no kernel of ours reads one, and PyTorch's LSTM on the CPU loses three
quarters of its speed by it. Sequences are padded at the end instead, a readout takes the true steps alone, and a layer that
reads from the end reads each row reversed within its own length, so padding never reaches a number that is used.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import NamedTuple, cast

import torch
from torch import Tensor, nn
from torch.nn import functional

from rnnlab.catalog.tasks.catalog import TASKS
from rnnlab.config import RunConfig
from rnnlab.models import kernels
from rnnlab.models.attention import Attention
from rnnlab.models.cells import LinearElman, MinGRU, MinLSTM
from rnnlab.models.feedforward import CausalBlock, Convolution, Dense, Front, laid_out
from rnnlab.models.init import initialise
from rnnlab.models.kernels.c_kernels import Tree
from rnnlab.models.masking import SequenceMask
from rnnlab.models.plan.net_plan import LayerPlan, NetPlan, plan_net
from rnnlab.models.prefix_tree import Prefixes
from rnnlab.models.truncated_bptt import read_in_pieces


class OneHot(nn.Module):
    """Tokens (steps, batch) as one-hot vectors (steps, batch, symbols); it has nothing to learn."""

    table: Tensor

    def __init__(self, symbols: int) -> None:
        super().__init__()
        self.symbols = symbols
        self.register_buffer("table", torch.eye(symbols), persistent=False)

    def forward(self, tokens: Tensor) -> Tensor:
        return functional.embedding(tokens, self.table)


class Layer(nn.Module):
    """One recurrent layer over (steps, batch, width): one direction, or two that are set side by side."""

    def __init__(self, plan: LayerPlan, net: NetPlan) -> None:
        super().__init__()
        both = plan.directions == 2
        self.forwards = _recurrence(plan, net)
        self.backwards = _recurrence(plan, net) if both else None
        self.state = _first_state(plan) if plan.learned_state else None
        self.backwards_state = _first_state(plan) if plan.learned_state and both else None
        self.reach: int | None = None
        """Steps that the gradient goes back at most; None: all."""
        self.size = plan.size
        self.width = plan.gives
        """Numbers a step that this layer gives."""

    def forward(self, steps: Tensor, rows: SequenceMask) -> Tensor:
        """What the layer says at every step, (steps, batch, width)."""
        onward = _read(self.forwards, steps, self.state, self.reach)
        if self.backwards is None:
            return onward
        backward = _read(self.backwards, rows.reversed(steps), self.backwards_state, self.reach)
        return torch.cat((onward, rows.reversed(backward)), dim=2)

    def last(self, steps: Tensor, rows: SequenceMask) -> Tensor:
        """What each direction says when it has read the whole row, (batch, width)."""
        onward = _read_last(self.forwards, steps, rows, self.state, self.reach)
        if self.backwards is None:
            return onward
        backward = _read_last(self.backwards, rows.reversed(steps), rows, self.backwards_state, self.reach)
        return torch.cat((onward, backward), dim=1)

    def read_tree(self, below: Tensor, tree: Tree) -> Tensor:
        """What a one-way layer says at every node of a tree, (nodes, size), of (nodes, width) or tokens (nodes,)."""
        cell = cast("nn.RNNBase", self.forwards)
        return kernels.read_tree(cell, below, tree, () if self.state is None else self.state.chunk(_memory(cell)))

    def read_last(self, steps: Tensor, rows: SequenceMask) -> Tensor:
        """What was read where `last` is said, (batch, width), if the layer gives as much as it reads."""
        if self.backwards is None:
            return rows.last(steps)
        return torch.cat((rows.last(steps)[:, : self.size], steps[0][:, self.size :]), dim=1)


class Net(nn.Module):
    """The whole net: (batch, steps[, channels]) and lengths (batch,) → (batch, outputs).

    With `readout="steps"` the head answers at every step: → (batch, steps, outputs).
    """

    def __init__(self, plan: NetPlan, *, tokens: bool, nought: float = 0.0) -> None:
        super().__init__()
        self.plan = plan
        self.nought = nought
        """What an answer of nought is, as the net learns it: relu bends there."""
        self.narrow: torch.dtype | None = None
        """What products are computed in on a device, where that is narrower than the weights."""
        self.cell = plan.name
        self.tokens = tokens
        self.readout = plan.readout
        self.embedding = nn.Embedding(plan.input_size, plan.embedding) if tokens and plan.embedding else None
        self.one_hot = OneHot(plan.input_size) if tokens and not plan.embedding else None
        self.front = Front(plan.front) if plan.front else None
        self.layers = nn.ModuleList(_layer(layer, plan) for layer in plan.layers)
        self.norms = nn.ModuleList(nn.LayerNorm(layer.gives) if layer.norm else nn.Identity() for layer in plan.layers)
        self.dropout = nn.Dropout(plan.dropout) if plan.dropout else None
        self.attention = Attention(plan.width) if plan.readout == "attention" else None
        self.head = nn.Linear(plan.width, plan.outputs)

    def forward(self, inputs: Tensor | Prefixes, lengths: Tensor | None = None) -> Tensor:
        """The net's raw answers, (batch, outputs) or (batch, steps, outputs): logits of classes, or scaled numbers.

        `inputs`: tokens (batch, steps), int32 or int64, or float values (batch, steps, channels). `lengths`: int64
        (batch,), from 1 to steps, on the device of `inputs`; None says that every row fills all steps, and saves the
        masks. What stands past a row's length changes nothing; the answers there mean nothing. A net that `reads_prefixes`
        takes rows as these, too.
        """
        answers: Tensor
        if self.narrow is None:
            answers = self.head(self.summary(inputs, lengths))
        else:
            with torch.autocast(self.head.weight.device.type, self.narrow):
                answers = self.head(self.summary(inputs, lengths)).float()
        if self.plan.head_activation == "relu":
            return answers.clamp(min=self.nought)
        if self.plan.head_activation == "softmax":
            return answers.softmax(-1)
        return answers

    def summary(self, inputs: Tensor | Prefixes, lengths: Tensor | None = None) -> Tensor:
        """What the head reads, (batch, width): the sequence as one vector; or (batch, steps, width): each step as one."""
        if isinstance(inputs, Prefixes):
            return self._summary_of(inputs)
        rows = SequenceMask(inputs.shape[1], inputs.shape[0], lengths)
        steps = self._as_read(inputs.transpose(0, 1))
        if self.front is not None:
            steps, rows = self.front(steps, rows)
        if self.plan.laid_out:
            steps = laid_out(steps, rows, self.plan.laid_out).unsqueeze(0)
            rows = SequenceMask(1, rows.batch, None)
        top = len(self.layers) - 1
        for place in range(top):
            steps = self._drop(self._through(place, steps, rows))
        if self.readout == "last":
            return self._drop(self._last(top, steps, rows))
        steps = self._through(top, steps, rows)
        if self.readout == "steps":
            return self._drop(steps.transpose(0, 1))
        if self.attention is not None:
            return self._drop(self.attention(steps, rows))
        return self._drop(rows.mean(steps) if self.readout == "mean" else rows.max(steps))

    @property
    def is_compiled(self) -> bool:
        """Whether all layers are read by compiled functions, in training too, so that little is left for PyTorch."""
        return self._reads_trees and all(cast("Layer", layer).reach is None for layer in self.layers)

    @property
    def reads_prefixes(self) -> bool:
        """Whether this net, not training, takes rows of tokens as `Prefixes`: it reads onward alone and answers at the end."""
        if self.training or not self.tokens or self.readout != "last" or not self._reads_trees:
            return False
        return all(cast("Layer", layer).backwards is None for layer in self.layers)

    @property
    def _reads_trees(self) -> bool:
        """Whether the net is recurrent layers alone, and compiled functions are there for each."""
        if self.front is not None or self.plan.laid_out or not len(self.layers):
            return False
        first = self._reads_tokens
        return all(
            isinstance(layer, Layer)
            and isinstance(layer.forwards, nn.RNNBase)
            and kernels.is_compiled(layer.forwards, tokens=first and place == 0)
            for place, layer in enumerate(self.layers)
        )

    def _summary_of(self, rows: Prefixes) -> Tensor:
        """What the head reads of rows given by their beginnings, (rows, width)."""
        steps = self._as_read(rows.tokens)
        for place, layer in enumerate(self.layers):
            steps = self._finished(place, cast("Layer", layer).read_tree(steps, rows.tree), steps)
        return steps.index_select(0, rows.ends)

    def _as_read(self, inputs: Tensor) -> Tensor:
        """Tokens as vectors, (…, width), unless the first layer reads them as they are; values as they are."""
        if self.one_hot is not None and not self._reads_tokens:
            return cast("Tensor", self.one_hot(inputs))
        return inputs if self.embedding is None else cast("Tensor", self.embedding(inputs))

    @property
    def _reads_tokens(self) -> bool:
        """Whether tokens go to the first layer as they are: `_read` then picks columns of its weights."""
        first, plan = next(iter(self.layers), None), self.plan
        if plan.front or plan.laid_out or not isinstance(first, Layer) or plan.layers[0].residual:
            return False
        return isinstance(first.forwards, nn.RNNBase) and isinstance(first.backwards, nn.RNNBase | None)

    def _through(self, place: int, steps: Tensor, rows: SequenceMask) -> Tensor:
        """What the layer says of (steps, batch, width), normalised and with what it read added where that is asked for."""
        if place < 0:  # there are no layers, only the head
            return steps
        return self._finished(place, self.layers[place](steps, rows), steps)

    def _last(self, place: int, steps: Tensor, rows: SequenceMask) -> Tensor:
        """The same at the end of each row alone, (batch, width)."""
        if place < 0:
            return rows.last(steps)
        layer = cast("Layer", self.layers[place])
        read = layer.read_last(steps, rows) if self.plan.layers[place].residual else steps
        return self._finished(place, layer.last(steps, rows), read)

    def _finished(self, place: int, said: Tensor, read: Tensor) -> Tensor:
        """What a layer said, normalised and with what it read added, where that is asked for."""
        told: Tensor = self.norms[place](said)
        return told + read if self.plan.layers[place].residual else told

    def _drop(self, values: Tensor) -> Tensor:
        return values if self.dropout is None else self.dropout(values)


class LayerSummary(NamedTuple):
    """One layer as a person names it, and how many numbers it learns."""

    name: str
    parameters: int


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
    """The net that `config` describes, with PyTorch's own initial weights.

    They are drawn from torch's global generator, which the caller seeds. `input_size`: symbols, for a task of tokens,
    or channels. `outputs`: classes, or numbers to predict. `problem`, and whether the inputs are `tokens`, are the task's
    where they are not given. Where an answer is asked for at each step there is no readout: `model.readout` is not read.
    `longest`: steps of the longest row; only a net that reads a sequence at once needs it. `scale`: the
    split's, by which answers are learned; a head that is bent by relu must know what nought is in it. Raises as `plan_net` does.
    """
    if tokens is None:
        tokens = TASKS[config.task.name].inputs == "tokens"
    plan = plan_for_data(
        config, input_size=input_size, outputs=outputs, problem=problem, tokens=tokens, longest=longest
    )
    return build_planned(plan, config, tokens=tokens, scale=scale)


def build_planned(plan: NetPlan, config: RunConfig, *, tokens: bool, scale: Mapping[str, float]) -> Net:
    """The net of a plan that `plan_for_data` made, the other arguments as `build` takes them."""
    nought = -scale.get("target_offset", 0.0) / scale.get("target_scale", 1.0)
    net = Net(plan, tokens=tokens, nought=nought)
    if config.applies("train.bptt"):
        for layer in net.layers:
            cast("Layer", layer).reach = config.train.bptt
    return net


def plan_for_data(
    config: RunConfig, *, input_size: int, outputs: int, problem: str | None, tokens: bool, longest: int
) -> NetPlan:
    """The plan of the net that `build` makes, whose arguments these are. Raises as `plan_net` does."""
    return plan_net(
        config.model,
        input_size=input_size,
        outputs=outputs,
        embedding=config.model.embedding if tokens and config.data.encoding == "embedding" else None,
        per_step=(problem or TASKS[config.task.name].problem) == "per-step classification",
        longest=longest,
    )


def layer_summaries(net: Net) -> tuple[LayerSummary, ...]:
    """The parts of the net from input to head, named as `rnnlab.models.plan.count.count_parameters` names them."""
    parts = layer_parameters(net).items()
    return tuple(LayerSummary(name, sum(p.numel() for p in parameters)) for name, parameters in parts)


def layer_parameters(net: Net) -> dict[str, list[nn.Parameter]]:
    """What each part of the net learns, from input to head: `embedding`, `lstm 1`, `norm 1`, `head`."""
    parts: dict[str, list[nn.Parameter]] = {}
    if net.embedding is not None:
        parts["embedding"] = list(net.embedding.parameters())
    if net.front is not None:
        for place, convolution in enumerate(net.front.convolutions, start=1):
            parts[f"front {place}"] = list(convolution.parameters())
    for place, (layer, norm, plan) in enumerate(zip(net.layers, net.norms, net.plan.layers, strict=True), start=1):
        states = [p for name, p in layer.named_parameters() if name in ("state", "backwards_state")]
        parts[f"{net.cell} {place}"] = [p for p in layer.parameters() if not any(p is state for state in states)]
        if plan.learned_state:
            parts[f"state {place}"] = states
        if plan.norm:
            parts[f"norm {place}"] = list(norm.parameters())
    if net.attention is not None:
        parts["attention"] = list(net.attention.parameters())
    parts["head"] = list(net.head.parameters())
    return parts


def _layer(plan: LayerPlan, net: NetPlan) -> nn.Module:
    """A layer over (steps, batch, width), with `last`, and `read_last` where what it read may be added."""
    match plan.card.family:
        case "convolution":
            return Convolution(plan)
        case "causal convolution":
            return CausalBlock(plan, net.dropout)
        case "dense":
            return Dense(plan)
        case _:
            return Layer(plan, net)


def _recurrence(plan: LayerPlan, net: NetPlan) -> nn.Module:
    """One direction of one layer, steps first."""
    cell = _cell(plan, net.activation)
    initialise(cell, plan, net)
    return cell


def _cell(plan: LayerPlan, activation: str) -> nn.Module:
    width, size, bias = plan.width, plan.size, plan.bias
    match plan.name:
        case "lstm":
            return nn.LSTM(width, size, bias=bias)
        case "gru":
            return nn.GRU(width, size, bias=bias)
        case "elman":
            return nn.RNN(width, size, bias=bias, nonlinearity=activation)
        case "elman-linear":
            return LinearElman(width, size, bias=bias)
        case "mingru":
            return MinGRU(width, size, bias=bias)
        case "minlstm":
            return MinLSTM(width, size, bias=bias)
        case _:
            from rnnlab.models.torchrecurrent_cells import PublishedCell

            return PublishedCell(plan)


def _first_state(plan: LayerPlan) -> nn.Parameter:
    """What goes into the first step, to be learned: the card's `memory` vectors end to end, zero to begin with."""
    return nn.Parameter(torch.zeros(plan.card.memory * plan.size + (plan.width if plan.card.keeps_input else 0)))


def _read_last(
    cell: nn.Module, steps: Tensor, rows: SequenceMask, state: nn.Parameter | None = None, reach: int | None = None
) -> Tensor:
    """What `_read` says of each row at its last true step, (batch, size)."""
    cut = reach is not None and torch.is_grad_enabled()
    if cut or not isinstance(cell, nn.RNNBase) or not kernels.serves(cell, steps):
        return rows.last(_read(cell, steps, state, reach))
    ends = torch.full((rows.batch,), rows.steps) if rows.lengths is None else rows.lengths
    return kernels.read(cell, steps, _expanded(cell, state, rows.batch), ends)


def _expanded(cell: nn.RNNBase, state: nn.Parameter | None, batch: int) -> tuple[Tensor, ...]:
    """The states before the first step for each row, (batch, size); none: zeros."""
    return () if state is None else tuple(part.expand(batch, -1) for part in state.chunk(_memory(cell)))


def _memory(cell: nn.RNNBase) -> int:
    """Vectors that a cell hands on from step to step."""
    return 2 if isinstance(cell, nn.LSTM) else 1


def _read(cell: nn.Module, steps: Tensor, state: nn.Parameter | None = None, reach: int | None = None) -> Tensor:
    """What `cell` says at every step: (steps, batch, width) → (steps, batch, size). `state`: the first; None: zeros.
    `reach`: steps that the gradient goes back at most.

    Tokens (steps, batch) stand for one-hot vectors. On the CPU a layer is read by hand where that is quicker; else
    PyTorch's kernel is called as the module itself would call it, without the checks, the zeros and the permutations the
    module makes each time: names, LSTM 128, forward and backward, one thread: 1.10 times as quick at batch 1, 1.04 at
    batch 64. On a GPU the module also keeps its weights in one piece for cuDNN, so there it is asked itself.
    """
    if not isinstance(cell, nn.RNNBase):
        said: Tensor = cell(steps, state)
        return said
    memory, weights = _memory(cell), cast("list[Tensor]", cell._flat_weights)
    cut = reach is not None and torch.is_grad_enabled()
    if not cut and kernels.serves(cell, steps):
        return kernels.read(cell, steps, _expanded(cell, state, steps.shape[1]))
    if steps.dim() == 2:
        steps = functional.embedding(steps, torch.eye(cell.input_size, dtype=weights[0].dtype, device=steps.device))
    if state is None:
        first = (steps.new_zeros(1, steps.shape[1], cell.hidden_size),) * memory
    else:
        first = tuple(part.expand(1, steps.shape[1], -1).contiguous() for part in state.chunk(memory))
    if reach is not None and cut:
        return read_in_pieces(cell, steps, first, reach)
    if steps.device.type != "cpu":
        answers: Tensor = cell(steps, first if memory == 2 else first[0])[0]
        return answers
    train = cell.training
    if isinstance(cell, nn.LSTM):
        return torch.lstm(steps, first, weights, cell.bias, 1, 0.0, train, False, False)[0]
    if isinstance(cell, nn.GRU):
        return torch.gru(steps, first[0], weights, cell.bias, 1, 0.0, train, False, False)[0]
    kernel = torch.rnn_relu if cell.nonlinearity == "relu" else torch.rnn_tanh
    return kernel(steps, first[0], weights, cell.bias, 1, 0.0, train, False, False)[0]
