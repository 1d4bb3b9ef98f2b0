"""A net on paper: every part with its widths, as the configuration asks for it.

What is counted, estimated and built is read from the same plan, so no two of them can differ. Settings that mean nothing
for the architecture, such as a second direction of a convolution, are not read.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from rnnlab.catalog.model_card import ModelCard
from rnnlab.catalog.models.catalog import MODELS
from rnnlab.config.net import check_model, layer_sizes

if TYPE_CHECKING:
    from rnnlab.config.model import Model


@dataclass(frozen=True, slots=True)
class FrontPlan:
    """One convolution of the front: it reads `width` numbers around every `stride`-th step; of `pool` the largest is kept."""

    width: int
    channels: int
    kernel: int
    stride: int
    pool: int

    def steps(self, steps: int) -> int:
        """How many steps it leaves."""
        placed = math.ceil(steps / self.stride)
        return math.ceil(placed / self.pool)


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
    kernel: int = 1
    """Steps that a convolution sees at once."""
    dilation: int = 1
    """How far apart they are."""

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
    front: tuple[FrontPlan, ...]
    laid_out: int
    """Steps that are laid side by side as one vector before the layers; 0: they stay steps."""
    layers: tuple[LayerPlan, ...]
    readout: str
    """`last`, `mean`, `max`, `attention`; `steps`: the head answers at every step."""
    width: int
    """What the head reads."""
    outputs: int
    head_activation: str
    dropout: float
    activation: str
    init: str
    forget_bias: float | None

    @property
    def card(self) -> ModelCard:
        return MODELS[self.name]

    @property
    def reach(self) -> int | None:
        """Steps that an answer of the top convolution hangs on; None for nets that see all."""
        if self.card.family == "convolution":
            return 1 + sum(layer.kernel - 1 for layer in self.layers)
        if self.card.family == "causal convolution":
            return 1 + sum(2 * (layer.kernel - 1) * layer.dilation for layer in self.layers)
        return None


def plan_net(
    model: Model,
    *,
    input_size: int,
    outputs: int,
    embedding: int | None = None,
    per_step: bool = False,
    longest: int = 0,
) -> NetPlan:
    """The net that `model` describes for a task.

    `input_size`: symbols or channels. `embedding`: the width of the table that symbols pass, None where they are one-hot
    or where there are none. `outputs`: classes, or numbers to predict. `per_step`: an answer is asked for at each step, so
    there is no readout. `longest`: steps of the longest row, which a net that reads all at once must know.
    Raises `ConfigError` where the settings do not go together, `ValueError` where `longest` is missing.
    """
    check_model(model, per_step=per_step)
    card = MODELS[model.name]
    width = embedding or input_size
    front = []
    for channels in model.conv or ():
        front.append(FrontPlan(width, channels, model.conv_kernel, model.conv_stride, model.conv_pool))
        longest = front[-1].steps(longest)
        width = channels
    laid_out = longest if card.flattens and not per_step else 0
    if card.flattens and not per_step:
        if not longest:
            raise ValueError(f"{card.name} reads a sequence at once: the steps of the longest must be known")
        width *= longest
    directions = 2 if card.recurrent and model.bidirectional else 1
    layers: list[LayerPlan] = []
    for place, size in enumerate(() if card.family == "linear" else layer_sizes(model.hidden, model.layers)):
        layer = LayerPlan(
            name=card.name,
            width=width,
            size=size,
            directions=directions,
            bias=model.bias,
            norm=model.layer_norm,
            residual=model.residual and width == size * directions and card.family != "causal convolution",
            learned_state=card.recurrent and model.learned_state,
            kernel=model.kernel if "convolution" in card.family else 1,
            dilation=2**place if card.family == "causal convolution" else 1,
        )
        layers.append(layer)
        width = layer.gives
    return NetPlan(
        name=card.name,
        input_size=input_size,
        embedding=embedding,
        front=tuple(front),
        laid_out=laid_out,
        layers=tuple(layers),
        readout="steps" if per_step else "last" if laid_out else model.readout,
        width=width,
        outputs=outputs,
        head_activation=model.head_activation,
        dropout=model.dropout,
        activation=model.activation,
        init=model.init if card.recurrent else "pytorch",
        forget_bias=model.forget_bias if card.forget else None,
    )
