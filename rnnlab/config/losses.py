"""The losses there are, and which of them suits what is learned."""

from __future__ import annotations

CLASS_LOSSES = ("cross-entropy", "focal")
NUMBER_LOSSES = ("mse", "mae", "huber")
LOSSES = ("auto", *CLASS_LOSSES, *NUMBER_LOSSES)


def losses_of(classifies: bool) -> tuple[str, ...]:
    """What `train.loss` may be where classes, or numbers, are learned. `auto` is the first of them."""
    return ("auto", *(CLASS_LOSSES if classifies else NUMBER_LOSSES))


def meant_loss(name: str, classifies: bool) -> str:
    """The loss that `auto` means; any other name is itself."""
    return losses_of(classifies)[1] if name == "auto" else name
