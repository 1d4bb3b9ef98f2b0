"""Every private interface of PyTorch that rnnlab uses, so that a new version of PyTorch can break one file alone."""

from __future__ import annotations

from typing import cast

import torch
from torch import Tensor, nn


def flat_weights(layer: nn.RNNBase) -> list[Tensor]:
    """W, U and, where there are any, the two biases of a one-way, one-layer module, as its kernels take them."""
    return cast("list[Tensor]", layer._flat_weights)


def inside_functorch() -> bool:
    """Whether a transform such as `vmap` or `grad` is active, which needs PyTorch's own operations."""
    return torch._C._functorch.maybe_current_level() is not None
