"""The net of a run: recurrent layers, a readout, a linear head; or the head at every step, and no readout.

Inputs come rows first, (batch, steps) tokens or (batch, steps, channels) values; inside, steps come first, which is how
the kernels want them. There is no PackedSequence: on a CPU it costs PyTorch's LSTM its fused kernel and with it three
quarters of its speed. Sequences are padded at the end instead, a readout takes the true steps alone, and a layer that
reads from the end reads each row reversed within its own length, so padding never reaches a number that is used.
"""

from __future__ import annotations

import math
from typing import NamedTuple, cast

import torch
from torch import Tensor, nn
from torch.nn import functional

from rnnlab.config import RunConfig
from rnnlab.models.catalog import MODELS, layer_sizes
from rnnlab.tasks.catalog import TASKS


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

    def __init__(self, cell: str, width: int, size: int, *, bidirectional: bool, bias: bool, activation: str) -> None:
        super().__init__()
        self.forwards = _recurrence(cell, width, size, bias, activation)
        self.backwards = _recurrence(cell, width, size, bias, activation) if bidirectional else None
        self.size = size

    @property
    def width(self) -> int:
        """Numbers a step that this layer gives."""
        return self.size * (1 if self.backwards is None else 2)

    def forward(self, steps: Tensor, rows: Rows) -> Tensor:
        """What the layer says at every step, (steps, batch, width)."""
        onward = _read(self.forwards, steps)
        if self.backwards is None:
            return onward
        return torch.cat((onward, rows.reversed(_read(self.backwards, rows.reversed(steps)))), dim=2)

    def last(self, steps: Tensor, rows: Rows) -> Tensor:
        """What each direction says when it has read the whole row, (batch, width)."""
        onward = rows.last(_read(self.forwards, steps))
        if self.backwards is None:
            return onward
        return torch.cat((onward, rows.last(_read(self.backwards, rows.reversed(steps)))), dim=1)


class Rows(NamedTuple):
    """Which steps of a batch are true. `lengths` is None where every row fills all steps: then nothing is masked."""

    steps: int
    batch: int
    lengths: Tensor | None

    def reversed(self, steps: Tensor) -> Tensor:
        """(steps, batch, width) with each row's true steps in reverse order and its padding left where it is."""
        if self.lengths is None:
            return steps.flip(0)
        step = torch.arange(self.steps, device=steps.device).unsqueeze(1)
        source = torch.where(step < self.lengths, self.lengths - 1 - step, step)
        flat = source * self.batch + torch.arange(self.batch, device=steps.device)
        return steps.reshape(self.steps * self.batch, -1).index_select(0, flat.view(-1)).view(steps.shape)

    def last(self, steps: Tensor) -> Tensor:
        """(batch, width): each row at its last true step."""
        if self.lengths is None:
            return steps[-1]
        flat = (self.lengths - 1) * self.batch + torch.arange(self.batch, device=steps.device)
        return steps.reshape(self.steps * self.batch, -1).index_select(0, flat)

    def mean(self, steps: Tensor) -> Tensor:
        """(batch, width): the mean over each row's true steps."""
        if self.lengths is None:
            return steps.mean(0)
        return steps.masked_fill(self._padding(self.lengths), 0.0).sum(0) / self.lengths.unsqueeze(1)

    def max(self, steps: Tensor) -> Tensor:
        """(batch, width): the maximum over each row's true steps."""
        if self.lengths is not None:
            steps = steps.masked_fill(self._padding(self.lengths), -math.inf)
        return steps.amax(0)

    def _padding(self, lengths: Tensor) -> Tensor:
        """(steps, batch, 1): true where a step is past its row's end."""
        step = torch.arange(self.steps, device=lengths.device).unsqueeze(1)
        return (step >= lengths).unsqueeze(2)


class Net(nn.Module):
    """The whole net: (batch, steps[, channels]) and lengths (batch,) → (batch, outputs).

    With `readout="steps"` the head answers at every step: → (batch, steps, outputs).
    """

    def __init__(
        self,
        *,
        cell: str,
        input_size: int,
        tokens: bool,
        embedding: int | None,
        sizes: tuple[int, ...],
        bidirectional: bool,
        bias: bool,
        activation: str,
        dropout: float,
        readout: str,
        outputs: int,
    ) -> None:
        super().__init__()
        self.cell = cell
        self.tokens = tokens
        self.readout = readout
        self.embedding = nn.Embedding(input_size, embedding) if tokens and embedding else None
        self.one_hot = OneHot(input_size) if tokens and not embedding else None
        layers: list[Layer] = []
        width = embedding if tokens and embedding else input_size
        for size in sizes:
            layers.append(Layer(cell, width, size, bidirectional=bidirectional, bias=bias, activation=activation))
            width = layers[-1].width
        self.layers = nn.ModuleList(layers)
        self.dropout = nn.Dropout(dropout) if dropout else None
        self.head = nn.Linear(width, outputs)

    def forward(self, inputs: Tensor, lengths: Tensor | None = None) -> Tensor:
        """The net's raw answers, (batch, outputs) or (batch, steps, outputs): logits of classes, or scaled numbers.

        `inputs`: tokens (batch, steps), int32 or int64, or float values (batch, steps, channels). `lengths`: int64
        (batch,), from 1 to steps, on the device of `inputs`; None says that every row fills all steps, and saves the
        masks. What stands past a row's length changes nothing; the answers there mean nothing.
        """
        answers: Tensor = self.head(self.summary(inputs, lengths))
        return answers

    def summary(self, inputs: Tensor, lengths: Tensor | None = None) -> Tensor:
        """What the head reads, (batch, width): the sequence as one vector; or (batch, steps, width): each step as one."""
        steps = inputs.transpose(0, 1)
        rows = Rows(steps.shape[0], steps.shape[1], lengths)
        if self.one_hot is not None:
            steps = self.one_hot(steps)
        elif self.embedding is not None:
            steps = self.embedding(steps)
        layers = cast("list[Layer]", list(self.layers))
        top = layers.pop()
        for layer in layers:
            steps = self._drop(layer(steps, rows))
        if self.readout == "steps":
            return self._drop(top(steps, rows).transpose(0, 1))
        if self.readout == "last":
            return self._drop(top.last(steps, rows))
        read = rows.mean if self.readout == "mean" else rows.max
        return self._drop(read(top(steps, rows)))

    def _drop(self, values: Tensor) -> Tensor:
        return values if self.dropout is None else self.dropout(values)


class LayerSummary(NamedTuple):
    """One layer as a person names it, and how many numbers it learns."""

    name: str
    parameters: int


def build(
    config: RunConfig, *, input_size: int, outputs: int, problem: str | None = None, tokens: bool | None = None
) -> Net:
    """The net that `config` describes, with PyTorch's own initial weights.

    They are drawn from torch's global generator, which the caller seeds. `input_size`: symbols, for a task of tokens,
    or channels. `outputs`: classes, or numbers to predict. `problem`, and whether the inputs are `tokens`, are the task's
    where they are not given. Where an answer is asked for at each step there is no readout: `model.readout` is not read.
    """
    model, card = config.model, TASKS[config.task.name]
    if tokens is None:
        tokens = card.inputs == "tokens"
    per_step = (problem or card.problem) == "per-step classification"
    return Net(
        cell=model.name,
        input_size=input_size,
        tokens=tokens,
        embedding=model.embedding if tokens and config.data.encoding == "embedding" else None,
        sizes=layer_sizes(model.hidden, model.layers),
        bidirectional=model.bidirectional,
        bias=model.bias,
        activation=model.activation,
        dropout=model.dropout,
        readout="steps" if per_step else model.readout,
        outputs=outputs,
    )


def layer_summaries(net: Net) -> tuple[LayerSummary, ...]:
    """The layers of the net from input to head, named as `rnnlab.models.catalog.count_parameters` names them."""
    parts: list[tuple[str, nn.Module]] = [] if net.embedding is None else [("embedding", net.embedding)]
    parts += [(f"{net.cell} {index}", layer) for index, layer in enumerate(net.layers, start=1)]
    parts.append(("head", net.head))
    return tuple(LayerSummary(name, sum(p.numel() for p in part.parameters())) for name, part in parts)


def _recurrence(cell: str, width: int, size: int, bias: bool, activation: str) -> nn.RNNBase:
    """One direction of one layer, steps first."""
    if cell == "lstm":
        return nn.LSTM(width, size, bias=bias)
    if cell == "gru":
        return nn.GRU(width, size, bias=bias)
    if cell == "elman":
        return nn.RNN(width, size, bias=bias, nonlinearity=activation)
    raise ValueError(f"no architecture {cell!r}; there are {', '.join(MODELS)}")


def _read(cell: nn.RNNBase, steps: Tensor) -> Tensor:
    """What `cell` says at every step: (steps, batch, width) → (steps, batch, size).

    On the CPU the kernel is called as the module itself would call it, without the checks, the zeros and the permutations
    the module makes each time: names, LSTM 128, forward and backward, one thread: 1.10 times as quick at batch 1, 1.04
    at batch 64. On a GPU the module also keeps its weights in one piece for cuDNN, so there it is asked itself.
    """
    if steps.device.type != "cpu":
        answers: Tensor = cell(steps)[0]
        return answers
    weights, train = cast("list[Tensor]", cell._flat_weights), cell.training
    zeros = steps.new_zeros(1, steps.shape[1], cell.hidden_size)
    if isinstance(cell, nn.LSTM):
        return torch.lstm(steps, (zeros, zeros), weights, cell.bias, 1, 0.0, train, False, False)[0]
    if isinstance(cell, nn.GRU):
        return torch.gru(steps, zeros, weights, cell.bias, 1, 0.0, train, False, False)[0]
    kernel = torch.rnn_relu if cell.nonlinearity == "relu" else torch.rnn_tanh
    return kernel(steps, zeros, weights, cell.bias, 1, 0.0, train, False, False)[0]
