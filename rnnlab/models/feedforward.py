"""Layers without recurrence, over (steps, batch, width) as the recurrent ones: around each step, up to it, or of it alone."""

from __future__ import annotations

from typing import cast

from torch import Tensor, nn
from torch.nn import functional
from torch.nn.utils.parametrizations import weight_norm

from rnnlab.models.masking import SequenceMask
from rnnlab.models.plan.net_plan import FrontPlan, LayerPlan


class Convolution(nn.Module):
    """relu(W * x + b): what stands around each step, as far to the left as to the right; zeros beyond a row's ends."""

    def __init__(self, plan: LayerPlan) -> None:
        super().__init__()
        self.convolution = nn.Conv1d(plan.input_size, plan.hidden_size, plan.kernel, bias=plan.bias)

    def forward(self, steps: Tensor, mask: SequenceMask) -> Tensor:
        return _around(self.convolution, mask.without_padding(steps)).relu()

    def last(self, steps: Tensor, mask: SequenceMask) -> Tensor:
        return mask.last(self(steps, mask))

    def read_last(self, steps: Tensor, mask: SequenceMask) -> Tensor:
        return mask.last(steps)


class CausalBlock(nn.Module):
    """The residual block of Bai, Kolter and Koltun 2018, An empirical evaluation of generic convolutional and recurrent
    networks for sequence modeling, figure 1: two dilated convolutions that see what came before, and a way around them.

    Their filters are weight-normalised, relu and dropout follow each; the way around is a 1 × 1 convolution where widths differ.
    """

    def __init__(self, plan: LayerPlan, dropout: float) -> None:
        super().__init__()
        self.padding = (plan.kernel - 1) * plan.dilation
        """Steps of a kernel before its own."""
        self.first = weight_norm(
            nn.Conv1d(plan.input_size, plan.hidden_size, plan.kernel, dilation=plan.dilation, bias=plan.bias), dim=0
        )
        self.second = weight_norm(
            nn.Conv1d(plan.hidden_size, plan.hidden_size, plan.kernel, dilation=plan.dilation, bias=plan.bias), dim=0
        )
        self.around = (
            nn.Conv1d(plan.input_size, plan.hidden_size, 1, bias=plan.bias)
            if plan.input_size != plan.hidden_size
            else None
        )
        self.dropout = nn.Dropout(dropout)

    def forward(self, steps: Tensor, _mask: SequenceMask) -> Tensor:
        # What comes after a step cannot reach it, so padding at the end needs no mask.
        read = steps.permute(1, 2, 0)
        said = self.dropout(self.first(functional.pad(read, (self.padding, 0))).relu())
        said = self.dropout(self.second(functional.pad(said, (self.padding, 0))).relu())
        return cast("Tensor", said + (read if self.around is None else self.around(read))).relu().permute(2, 0, 1)

    def last(self, steps: Tensor, mask: SequenceMask) -> Tensor:
        return mask.last(self(steps, mask))


class Dense(nn.Module):
    """relu(W x + b), of each step alone; where the sequence was laid out as one vector there is one step."""

    def __init__(self, plan: LayerPlan) -> None:
        super().__init__()
        self.linear = nn.Linear(plan.input_size, plan.hidden_size, bias=plan.bias)

    def forward(self, steps: Tensor, _mask: SequenceMask) -> Tensor:
        return cast("Tensor", self.linear(steps)).relu()

    def last(self, steps: Tensor, mask: SequenceMask) -> Tensor:
        return mask.last(self(steps, mask))

    def read_last(self, steps: Tensor, mask: SequenceMask) -> Tensor:
        return mask.last(steps)


class Front(nn.Module):
    """Convolutions before the layers: relu(W * x + b) around every `stride`-th step, then the largest of `pool` steps each.

    A row of n steps leaves as ⌈⌈n / stride⌉ / pool⌉, however wide its batch is, and however much shorter than the kernel.
    """

    def __init__(self, plans: tuple[FrontPlan, ...]) -> None:
        super().__init__()
        self.plans = plans
        self.convolutions = nn.ModuleList(
            nn.Conv1d(plan.input_size, plan.channels, plan.kernel, stride=plan.stride) for plan in plans
        )

    def forward(self, steps: Tensor, mask: SequenceMask) -> tuple[Tensor, SequenceMask]:
        """(steps, batch, width) → (fewer steps, batch, channels), and which of them are true."""
        for plan, convolution in zip(self.plans, self.convolutions, strict=True):
            steps = _around(cast("nn.Conv1d", convolution), mask.without_padding(steps)).relu()
            mask = _fewer(mask, steps.shape[0], plan.stride)
            if plan.pool > 1:
                # After relu nothing is below zero, so zeros past a row's end are never the largest.
                largest = functional.max_pool1d(mask.without_padding(steps).permute(1, 2, 0), plan.pool, ceil_mode=True)
                steps = largest.permute(2, 0, 1)
                mask = _fewer(mask, steps.shape[0], plan.pool)
        return steps, mask


def flattened(steps: Tensor, mask: SequenceMask, longest: int) -> Tensor:
    """A row as one vector, (batch, longest · width): its true steps side by side, zeros up to `longest`, no more than that."""
    values = mask.without_padding(steps)[:longest]
    values = functional.pad(values, (0, 0, 0, 0, 0, longest - values.shape[0]))
    return values.transpose(0, 1).reshape(mask.batch, -1)


def _around(convolution: nn.Conv1d, steps: Tensor) -> Tensor:
    """(steps, batch, width) → (⌈steps / stride⌉, batch, channels), zeros beyond both ends."""
    beyond = convolution.kernel_size[0] - 1
    padded = functional.pad(steps.permute(1, 2, 0), (beyond // 2, beyond - beyond // 2))
    return cast("Tensor", convolution(padded)).permute(2, 0, 1)


def _fewer(mask: SequenceMask, steps: int, every: int) -> SequenceMask:
    """Of every so many steps one is left."""
    if mask.lengths is None:
        return SequenceMask(steps, mask.batch, None)
    return SequenceMask(steps, mask.batch, (mask.lengths + every - 1) // every)
