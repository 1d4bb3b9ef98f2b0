"""A net on paper: every part with its widths, as the configuration asks for it.

What is counted, estimated and built is read from the same plan, so no two of them can differ. Settings that mean nothing
for the architecture, such as a second direction of a convolution, are not read.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from rnnlab.config.errors import ConfigError
from rnnlab.models.card import ModelCard
from rnnlab.models.catalog import MODELS

if TYPE_CHECKING:
    from rnnlab.config.model import Model

_IDENTITY = ("elman", "elman-linear")
"""Architectures whose recurrent weights may begin as the identity."""


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


def inits_of(name: str) -> tuple[str, ...]:
    """What `model.init` may be for the architecture; identity is for cells without gates."""
    return ("pytorch", "orthogonal", "identity") if name in _IDENTITY else ("pytorch", "orthogonal")


def check_model(model: Model, *, per_step: bool) -> None:
    """Raises `ConfigError` where settings of the net are each allowed but not with one another."""
    card = MODELS[model.name]
    if card.recurrent and model.init not in (allowed := inits_of(card.name)):
        words = f"{' or '.join(allowed)} for {card.name}; identity is for {' and '.join(_IDENTITY)}"
        raise ConfigError("model.init", model.init, words)
    if model.forget_bias is not None and card.forget and not model.bias:
        raise ConfigError("model.forget_bias", model.forget_bias, "none, as model.bias is off")
    if per_step and model.conv:
        for key in ("conv_stride", "conv_pool"):
            if getattr(model, key) != 1:
                raise ConfigError(
                    f"model.{key}",
                    getattr(model, key),
                    "1, as an answer is asked for at each step, so none may be lost",
                )


def layer_sizes(hidden: Sequence[int], layers: int) -> tuple[int, ...]:
    """The hidden size of each layer: `hidden` as given when it lists one a layer, else its one size `layers` times."""
    return tuple(hidden) if len(hidden) > 1 else tuple(hidden) * layers


def describe_net(model: Model) -> str:
    """A net in a few words: `LSTM 128`, `GRU 64 × 2 layers`, `Elman 32-64, both ways`, `Conv 32 + LSTM 64, attention`."""
    card = MODELS[model.name]
    words = card.title
    if card.family != "linear":
        words += f" {'-'.join(map(str, model.hidden))}"
        if len(model.hidden) == 1 and model.layers > 1:
            words += f" × {model.layers} layers"
    if model.conv:
        words = f"Conv {'-'.join(map(str, model.conv))} + {words}"
    more = {
        "both ways": card.recurrent and model.bidirectional,
        "layer norm": model.layer_norm and card.family != "linear",
        "residual": model.residual and card.family not in ("linear", "causal convolution"),
        "attention": model.readout == "attention" and not card.flattens,
    }
    return ", ".join([words, *(word for word, said in more.items() if said)])
