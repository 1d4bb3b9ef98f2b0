"""What architectures there are, and how many parameters each has; computed here without torch, so the app may ask.

The modules themselves are built by `rnnlab.models.build`, and tested to have exactly these counts.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

Convention = Literal["pytorch", "textbook"]
"""PyTorch keeps two bias vectors a gate (`b_ih` and `b_hh`), the textbook one; their sums are the same function."""


@dataclass(frozen=True, slots=True)
class ModelCard:
    """One architecture as it is offered to a person. `gates` is how many blocks of `hidden` rows its weights have."""

    name: str
    title: str
    gates: int
    summary: str
    equations: tuple[str, ...]
    source: str


_CARDS = (
    ModelCard(
        name="elman",
        title="Elman",
        gates=1,
        summary="The simple recurrent net: one layer of tanh or relu units that reads its own last state. "
        "Quick, easy to draw, and forgetful: its gradient fades over a few dozen steps.",
        equations=("h = tanh(W x + b + U h' + c)",),
        source="Elman 1990, Finding structure in time, Cognitive Science 14(2)",
    ),
    ModelCard(
        name="lstm",
        title="LSTM",
        gates=4,
        summary="Long short-term memory: a cell state that gates write to, keep and read from. "
        "The one to start with; PyTorch's is also the quickest on a CPU.",
        equations=(
            "i, f, o = σ(W x + b + U h' + c)",
            "g = tanh(W x + b + U h' + c)",
            "c = f ⊙ c' + i ⊙ g",
            "h = o ⊙ tanh(c)",
        ),
        source="Hochreiter and Schmidhuber 1997, Long short-term memory, Neural Computation 9(8); "
        "forget gate: Gers et al. 2000",
    ),
    ModelCard(
        name="gru",
        title="GRU",
        gates=3,
        summary="Gated recurrent unit: two gates and no separate cell, three quarters of an LSTM's parameters.",
        equations=(
            "r, z = σ(W x + b + U h' + c)",
            "n = tanh(W x + b + r ⊙ (U h' + c))",
            "h = (1 - z) ⊙ n + z ⊙ h'",
        ),
        source="Cho et al. 2014, arXiv:1406.1078; the reset gate placed as in PyTorch and cuDNN",
    ),
)

MODELS: dict[str, ModelCard] = {card.name: card for card in _CARDS}


@dataclass(frozen=True, slots=True)
class LayerCount:
    """The parameters of one layer: `name`, its weights and its biases."""

    name: str
    weights: int
    biases: int

    @property
    def total(self) -> int:
        return self.weights + self.biases


def layer_sizes(hidden: Sequence[int], layers: int) -> tuple[int, ...]:
    """The hidden size of each layer: `hidden` as given when it lists one a layer, else its one size `layers` times."""
    return tuple(hidden) if len(hidden) > 1 else tuple(hidden) * layers


def count_parameters(
    name: str,
    *,
    input_size: int,
    hidden: Sequence[int],
    layers: int,
    bidirectional: bool,
    bias: bool,
    outputs: int,
    embedding: int | None = None,
    convention: Convention = "pytorch",
) -> tuple[LayerCount, ...]:
    """The parameters of a whole net, layer by layer from input to head.

    `input_size` is what one step holds: symbols or channels; with `embedding` the symbols pass a table of that width
    first. A layer of `h` units with `g` gates, reading `n` numbers, has `g·h·(n + h)` weights and `2·g·h` biases in
    PyTorch's convention, `g·h` in the textbook's; twice that when `bidirectional`, and the layer above then reads `2h`.
    `bias` concerns the recurrent layers; the head always has one.
    """
    gates = MODELS[name].gates
    counts = []
    width = input_size
    if embedding is not None:
        counts.append(LayerCount("embedding", input_size * embedding, 0))
        width = embedding
    directions = 2 if bidirectional else 1
    vectors = 0 if not bias else 2 if convention == "pytorch" else 1
    for index, size in enumerate(layer_sizes(hidden, layers), start=1):
        weights = gates * size * (width + size) * directions
        counts.append(LayerCount(f"{name} {index}", weights, vectors * gates * size * directions))
        width = size * directions
    counts.append(LayerCount("head", width * outputs, outputs))
    return tuple(counts)


def describe_net(name: str, hidden: Sequence[int], layers: int, bidirectional: bool) -> str:
    """A net in a few words: `LSTM 128`, `GRU 64 × 2 layers`, `Elman 32-64, both ways`."""
    words = f"{MODELS[name].title} {'-'.join(map(str, hidden))}"
    if len(hidden) == 1 and layers > 1:
        words += f" × {layers} layers"
    return words + (", both ways" if bidirectional else "")
