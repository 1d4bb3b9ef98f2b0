"""Plan of a net: every part with its sizes, as the configuration describes it.

Parameter counts, estimates and the net itself are made from the same plan, so no two of them can differ. Settings that do not
apply to the architecture, such as a second direction of a convolution, are not read.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import msgspec

from rnnlab.catalog.model_card import ModelCard
from rnnlab.catalog.models.catalog import MODELS
from rnnlab.config.net import check_model, layer_sizes

if TYPE_CHECKING:
    from rnnlab.config.model import Model


class FrontPlan(msgspec.Struct, frozen=True):
    """One convolution before the layers: `input_size` features around every `stride`-th step, the maximum of `pool` steps."""

    input_size: int
    channels: int
    kernel: int
    stride: int
    pool: int

    def steps(self, steps: int) -> int:
        """Steps of its output for so many steps of input."""
        convolved = math.ceil(steps / self.stride)
        return math.ceil(convolved / self.pool)


class LayerPlan(msgspec.Struct, frozen=True):
    """One layer: features of a step of its input and output, and its units, `hidden_size`."""

    name: str
    """The architecture."""
    input_size: int
    hidden_size: int
    directions: int = 1
    bias: bool = True
    norm: bool = False
    residual: bool = False
    learned_state: bool = False
    kernel: int = 1
    """Steps of a convolution's kernel."""
    dilation: int = 1
    """Steps between those of the kernel."""
    activation: str = "tanh"
    """Activation function of an Elman cell."""

    @property
    def card(self) -> ModelCard:
        """The architecture's card."""
        return MODELS[self.name]

    @property
    def output_size(self) -> int:
        """Features of a step of its output."""
        return self.hidden_size * self.directions

    @property
    def state_sizes(self) -> tuple[int, ...]:
        """Features of each tensor that one direction of a recurrent layer carries from step to step."""
        return (self.hidden_size,) * self.card.n_states + ((self.input_size,) if self.card.keeps_input else ())


class NetPlan(msgspec.Struct, frozen=True):
    """A whole net, from a step of the input (`input_size`: symbols or channels) to `outputs` logits or numbers."""

    name: str
    input_size: int
    embedding: int | None
    """Embedding size of the symbols; None: they are one-hot, or there are none."""
    front: tuple[FrontPlan, ...]
    flattened_steps: int
    """Steps that are flattened to one vector before the layers; 0: they stay steps."""
    layers: tuple[LayerPlan, ...]
    readout: str
    """`last`, `mean`, `max`, `attention`; `steps`: there is an output at every step."""
    head_input_size: int
    """Features that the head reads."""
    outputs: int
    head_activation: str
    dropout: float
    init: str
    forget_bias: float | None

    @property
    def card(self) -> ModelCard:
        """The architecture's card."""
        return MODELS[self.name]

    @property
    def receptive_field(self) -> int | None:
        """Steps that an output of the top convolution depends on; None for nets that read all."""
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

    `input_size`: symbols or channels. `embedding`: embedding size of the symbols, None where they are one-hot or where there
    are none. `outputs`: classes, or numbers to predict. `per_step`: there is an output at each step, so there is no readout.
    `longest`: steps of the longest sequence, which a net that reads all at once must know.
    Raises `ConfigError` where settings contradict each other, `ValueError` where `longest` is missing.
    """
    check_model(model, per_step=per_step)
    card = MODELS[model.name]
    features = embedding or input_size
    front: list[FrontPlan] = []
    for channels in model.conv or ():
        front.append(FrontPlan(features, channels, model.conv_kernel, model.conv_stride, model.conv_pool))
        longest = front[-1].steps(longest)
        features = channels
    flattened_steps = longest if card.flattens and not per_step else 0
    if card.flattens and not per_step:
        if not longest:
            raise ValueError(f"{card.name} reads a sequence at once: the steps of the longest must be known")
        features *= longest
    layers = _plan_layers(model, card, features)
    return NetPlan(
        name=card.name,
        input_size=input_size,
        embedding=embedding,
        front=tuple(front),
        flattened_steps=flattened_steps,
        layers=layers,
        readout="steps" if per_step else "last" if flattened_steps else model.readout,
        head_input_size=layers[-1].output_size if layers else features,
        outputs=outputs,
        head_activation=model.head_activation,
        dropout=model.dropout,
        init=model.init if card.recurrent else "pytorch",
        forget_bias=model.forget_bias if card.forget else None,
    )


def _plan_layers(model: Model, card: ModelCard, features: int) -> tuple[LayerPlan, ...]:
    """The layers, the first of which reads so many features a step."""
    directions = 2 if card.recurrent and model.bidirectional else 1
    layers: list[LayerPlan] = []
    for index, size in enumerate(() if card.family == "linear" else layer_sizes(model.hidden, model.layers)):
        layer = LayerPlan(
            name=card.name,
            input_size=features,
            hidden_size=size,
            directions=directions,
            bias=model.bias,
            norm=model.layer_norm,
            residual=model.residual and features == size * directions and card.family != "causal convolution",
            learned_state=card.recurrent and model.learned_state,
            kernel=model.kernel if "convolution" in card.family else 1,
            dilation=2**index if card.family == "causal convolution" else 1,
            activation=model.activation,
        )
        layers.append(layer)
        features = layer.output_size
    return tuple(layers)
