"""A net on paper: every part with its widths, as the configuration asks for it.

What is counted, estimated and built is read from the same plan, so no two of them can differ. Settings that mean nothing
for the architecture, such as a second direction of a convolution, are not read.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from rnnlab.models.card import ModelCard
from rnnlab.models.catalog import MODELS

if TYPE_CHECKING:
    from rnnlab.config.tree import Model


@dataclass(frozen=True, slots=True)
class LayerPlan:
    """One layer: what it reads at a step (`width`), its units (`size`) and what it gives (`gives`)."""

    name: str
    """The architecture."""
    width: int
    size: int
    directions: int = 1
    bias: bool = True
    norm: bool = False
    residual: bool = False
    learned_state: bool = False

    @property
    def card(self) -> ModelCard:
        return MODELS[self.name]

    @property
    def gives(self) -> int:
        """Numbers a step."""
        return self.size * self.directions


@dataclass(frozen=True, slots=True)
class NetPlan:
    """A whole net, from what a step holds (`input_size`: symbols or channels) to the answers (`outputs`)."""

    name: str
    input_size: int
    embedding: int | None
    """Width of the table that symbols pass first; None: none."""
    layers: tuple[LayerPlan, ...]
    readout: str
    """`last`, `mean`, `max`, `attention`; `steps`: the head answers at every step."""
    width: int
    """What the head reads."""
    outputs: int
    head_activation: str
    dropout: float
    activation: str

    @property
    def card(self) -> ModelCard:
        return MODELS[self.name]


def plan_net(
    model: Model, *, input_size: int, outputs: int, embedding: int | None = None, per_step: bool = False
) -> NetPlan:
    """The net that `model` describes for a task.

    `input_size`: symbols or channels. `embedding`: the width of the table that symbols pass, None where they are one-hot
    or where there are none. `outputs`: classes, or numbers to predict. `per_step`: an answer is asked for at each step, so
    there is no readout.
    """
    card = MODELS[model.name]
    width = embedding or input_size
    layers: list[LayerPlan] = []
    for size in layer_sizes(model.hidden, model.layers):
        layer = LayerPlan(
            name=card.name,
            width=width,
            size=size,
            directions=2 if card.recurrent and model.bidirectional else 1,
            bias=model.bias,
            norm=model.layer_norm,
            residual=model.residual and width == size * (2 if card.recurrent and model.bidirectional else 1),
            learned_state=card.recurrent and model.learned_state,
        )
        layers.append(layer)
        width = layer.gives
    return NetPlan(
        name=card.name,
        input_size=input_size,
        embedding=embedding,
        layers=tuple(layers),
        readout="steps" if per_step else model.readout,
        width=width,
        outputs=outputs,
        head_activation=model.head_activation,
        dropout=model.dropout,
        activation=model.activation,
    )


def layer_sizes(hidden: Sequence[int], layers: int) -> tuple[int, ...]:
    """The hidden size of each layer: `hidden` as given when it lists one a layer, else its one size `layers` times."""
    return tuple(hidden) if len(hidden) > 1 else tuple(hidden) * layers


def describe_net(model: Model) -> str:
    """A net in a few words: `LSTM 128`, `GRU 64 × 2 layers`, `Elman 32-64, both ways`, `LSTM 64, attention`."""
    card = MODELS[model.name]
    words = f"{card.title} {'-'.join(map(str, model.hidden))}"
    if len(model.hidden) == 1 and model.layers > 1:
        words += f" × {model.layers} layers"
    more = {
        "both ways": card.recurrent and model.bidirectional,
        "layer norm": model.layer_norm,
        "residual": model.residual,
        "attention": model.readout == "attention",
    }
    return ", ".join([words, *(word for word, said in more.items() if said)])
