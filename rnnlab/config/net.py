"""The net of a configuration: its settings checked together, its layer sizes, its short description."""

from __future__ import annotations

from collections.abc import Sequence

from rnnlab.catalog.models.catalog import MODELS, ModelNames
from rnnlab.config.model import Model
from rnnlab.errors import ConfigError

MOST_ONE_HOT = 2000
"""Tokens that one-hot vectors tell apart, at most: the vectors of 20,000 words would be a table of 1.6 GB."""
_IDENTITY = ModelNames(lambda card: card.identity_init)
"""Architectures whose recurrent weights may begin as the identity."""


def inits_of(name: str) -> tuple[str, ...]:
    """Allowed values of `model.init` for the architecture; identity is for cells without gates."""
    return ("pytorch", "orthogonal", "identity") if name in _IDENTITY else ("pytorch", "orthogonal")


def check_model(model: Model, *, per_step: bool) -> None:
    """Raises `ConfigError` where settings of the net are each allowed but not with one another."""
    card = MODELS[model.name]
    if card.recurrent and model.init not in (allowed := inits_of(card.name)):
        text = f"{' or '.join(allowed)} for {card.name}; identity is for {' and '.join(_IDENTITY)}"
        raise ConfigError("model.init", model.init, text)
    if model.forget_bias is not None and card.forget and not model.bias:
        raise ConfigError("model.forget_bias", model.forget_bias, "none, as model.bias is off")
    if per_step and model.conv:
        for key in ("conv_stride", "conv_pool"):
            if getattr(model, key) != 1:
                raise ConfigError(
                    f"model.{key}",
                    getattr(model, key),
                    "1, as each step has a target",
                )


def check_encoding(encoding: str, tokens: int) -> None:
    """Raises `ConfigError` where so many different tokens are too many for one-hot vectors."""
    if encoding == "one-hot" and tokens > MOST_ONE_HOT:
        raise ConfigError(
            "data.encoding",
            encoding,
            f"embedding for the {tokens:,} words of these texts; a vector with a single one has a number for each of them "
            f"(data.vocabulary = {MOST_ONE_HOT:,} would tell fewer apart)",
        )


def layer_sizes(hidden: Sequence[int], layers: int) -> tuple[int, ...]:
    """The hidden size of each layer: `hidden` as given when it lists one a layer, else its one size `layers` times."""
    return tuple(hidden) if len(hidden) > 1 else tuple(hidden) * layers


def describe_net(model: Model) -> str:
    """Short description of a net: `LSTM 128`, `GRU 64 × 2 layers`, `Elman 32-64, both ways`, `Conv 32 + LSTM 64, attention`."""
    card = MODELS[model.name]
    text = card.title
    if card.family != "linear":
        text += f" {'-'.join(map(str, model.hidden))}"
        if len(model.hidden) == 1 and model.layers > 1:
            text += f" × {model.layers} layers"
    if model.conv:
        text = f"Conv {'-'.join(map(str, model.conv))} + {text}"
    more = {
        "both ways": card.recurrent and model.bidirectional,
        "layer norm": model.layer_norm and card.family != "linear",
        "residual": model.residual and card.family not in ("linear", "causal convolution"),
        "attention": model.readout == "attention" and not card.flattens,
    }
    return ", ".join([text, *(name for name, applies in more.items() if applies)])
