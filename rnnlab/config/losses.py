"""The losses there are, and which of them suits what is learned."""

from __future__ import annotations

from collections.abc import Callable

CLASS_LOSSES = ("cross-entropy", "focal")
NUMBER_LOSSES = ("mse", "mae", "huber")
LOSSES = ("auto", *CLASS_LOSSES, *NUMBER_LOSSES)


def losses_of(classifies: bool) -> tuple[str, ...]:
    """What `train.loss` may be where classes, or numbers, are learned. `auto` is the first of them."""
    return ("auto", *(CLASS_LOSSES if classifies else NUMBER_LOSSES))


def meant_loss(name: str, classifies: bool) -> str:
    """The loss that `auto` means; any other name is itself."""
    return losses_of(classifies)[1] if name == "auto" else name


def loss_title(value_of: Callable[[str], object]) -> str:
    """What the loss of a classification is called where it is shown: `loss`, or `weighted loss`, `smoothed loss`, `weighted
    focal loss`, which do not compare with those of other runs. `value_of` gives a setting by its key, None where it is not
    known.
    """
    balance, kind = value_of("data.balance"), value_of("train.loss")
    words = []
    if balance == "weights" or (balance in (None, "none") and value_of("data.class_weights")):
        words.append("weighted")
    if kind == "focal":
        words.append("focal")
    elif value_of("train.label_smoothing"):
        words.append("smoothed")
    return " ".join([*words, "loss"])
