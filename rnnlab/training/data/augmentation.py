"""Augmentation of the training inputs, so that no epoch sees the same sequence twice; evaluation sees them as they are.

Hidden symbols, after the words dropped from a text by Bowman et al. 2016 (arXiv:1511.06349, section 3.2) and Iyyer et al.
2015 (word dropout); noise on values, after Bishop 1995 (Training with noise is equivalent to Tikhonov regularization); an
offset a sequence, as a sensor gives that is worn otherwise (Um et al. 2017, arXiv:1706.00527, augment wearable sensors so).

All of it is drawn from the seed, the epoch and the batch's index in it alone: a run trained again, or resumed in the middle of an
epoch, sees the very same numbers on the CPU.
"""

from __future__ import annotations

import hashlib

import torch
from torch import Tensor

from rnnlab.config.data import Data


class Augmentation:
    """Changes the inputs of training batches: tokens (batch, steps) or values (batch, steps, channels)."""

    def __init__(self, data: Data, *, tokens: bool, seed: int, device: torch.device) -> None:
        self.hide = data.hide if tokens else 0.0
        self.noise = 0.0 if tokens else data.noise
        self.shift = 0.0 if tokens else data.shift
        self._seed = seed
        self._draw = torch.Generator(device)

    def __bool__(self) -> bool:
        """Whether anything is changed at all."""
        return bool(self.hide or self.noise or self.shift)

    def apply(self, inputs: Tensor, lengths: Tensor | None, epoch: int, index: int) -> Tensor:
        """The inputs of batch `index` of an epoch, changed; zero past each sequence's length (batch,) as before."""
        draw = self._draw
        draw.manual_seed(_number(self._seed, epoch, index))
        if self.hide:
            return inputs.masked_fill(_uniform(inputs, draw) < self.hide, 0)
        changed = inputs
        if self.noise:
            changed = changed + self.noise * _normal(inputs.shape, inputs, draw)
        if self.shift:
            batch, _, channels = inputs.shape
            changed = changed + self.shift * _normal((batch, 1, channels), inputs, draw)
        if lengths is not None:
            step = torch.arange(inputs.shape[1], device=inputs.device)
            changed = changed.masked_fill((step >= lengths[:, None])[:, :, None], 0.0)
        return changed


def _uniform(like: Tensor, draw: torch.Generator) -> Tensor:
    return torch.rand(like.shape, generator=draw, device=like.device)


def _normal(shape: tuple[int, ...], like: Tensor, draw: torch.Generator) -> Tensor:
    return torch.randn(shape, generator=draw, device=like.device)


def _number(seed: int, epoch: int, index: int) -> int:
    """A seed of 63 bits for these three numbers."""
    digest = hashlib.blake2b(f"augmentation {seed} {epoch} {index}".encode(), digest_size=8).digest()
    return int.from_bytes(digest, "little") >> 1
