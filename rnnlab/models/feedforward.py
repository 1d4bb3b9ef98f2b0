"""Layers without recurrence, over (steps, batch, features): convolutions around each step or up to it, or each step alone."""

from __future__ import annotations

from typing import cast

from torch import Tensor, nn
from torch.nn import functional
from torch.nn.utils.parametrizations import weight_norm

from rnnlab.models.masking import SequenceMask
from rnnlab.models.plan.net_plan import FrontPlan, LayerPlan


class Convolution(nn.Module):
    """relu(W * x + b), a convolution centred on each step, with zeros beyond a sequence's ends."""

    def __init__(self, plan: LayerPlan) -> None:
        super().__init__()
        self.convolution = nn.Conv1d(plan.input_size, plan.hidden_size, plan.kernel, bias=plan.bias)

    def forward(self, steps: Tensor, mask: SequenceMask) -> Tensor:
        """(steps, batch, input_size) → (steps, batch, output_size)."""
        return _around(self.convolution, mask.without_padding(steps)).relu()

    def last(self, steps: Tensor, mask: SequenceMask) -> Tensor:
        """The output at each sequence's last true step, (batch, output_size)."""
        return mask.last(self(steps, mask))

    def read_last(self, steps: Tensor, mask: SequenceMask) -> Tensor:
        """The input at that step, (batch, input_size)."""
        return mask.last(steps)


class CausalBlock(nn.Module):
    """Residual block of two causal, dilated convolutions with weight normalisation, relu and dropout.

    The residual connection is a 1 × 1 convolution where sizes differ. Bai, Kolter and Koltun 2018, An empirical evaluation of
    generic convolutional and recurrent networks for sequence modeling, figure 1.
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
        """(steps, batch, input_size) → (steps, batch, output_size)."""
        # Later steps cannot reach an earlier one, so padding at the end needs no mask.
        inputs = steps.permute(1, 2, 0)
        outputs = self.dropout(self.first(functional.pad(inputs, (self.padding, 0))).relu())
        outputs = self.dropout(self.second(functional.pad(outputs, (self.padding, 0))).relu())
        return (
            cast("Tensor", outputs + (inputs if self.around is None else self.around(inputs))).relu().permute(2, 0, 1)
        )

    def last(self, steps: Tensor, mask: SequenceMask) -> Tensor:
        """The output at each sequence's last true step, (batch, output_size)."""
        return mask.last(self(steps, mask))


class Dense(nn.Module):
    """relu(W x + b), of each step alone; of a sequence that was flattened there is one step."""

    def __init__(self, plan: LayerPlan) -> None:
        super().__init__()
        self.linear = nn.Linear(plan.input_size, plan.hidden_size, bias=plan.bias)

    def forward(self, steps: Tensor, _mask: SequenceMask) -> Tensor:
        """(steps, batch, input_size) → (steps, batch, output_size)."""
        return cast("Tensor", self.linear(steps)).relu()

    def last(self, steps: Tensor, mask: SequenceMask) -> Tensor:
        """The output at each sequence's last true step, (batch, output_size)."""
        return mask.last(self(steps, mask))

    def read_last(self, steps: Tensor, mask: SequenceMask) -> Tensor:
        """The input at that step, (batch, input_size)."""
        return mask.last(steps)


class Front(nn.Module):
    """Convolutions before the layers: relu(W * x + b) around every `stride`-th step, then the maximum of `pool` steps each.

    A sequence of n steps becomes one of ⌈⌈n / stride⌉ / pool⌉, however long its batch is and however short the sequence.
    """

    def __init__(self, plans: tuple[FrontPlan, ...]) -> None:
        super().__init__()
        self.plans = plans
        self.convolutions = nn.ModuleList(
            nn.Conv1d(plan.input_size, plan.channels, plan.kernel, stride=plan.stride) for plan in plans
        )

    def forward(self, steps: Tensor, mask: SequenceMask) -> tuple[Tensor, SequenceMask]:
        """(steps, batch, features) → (fewer steps, batch, channels), and which of them are true."""
        for plan, convolution in zip(self.plans, self.convolutions, strict=True):
            steps = _around(cast("nn.Conv1d", convolution), mask.without_padding(steps)).relu()
            mask = _fewer(mask, steps.shape[0], plan.stride)
            if plan.pool > 1:
                # After relu nothing is below zero, so padding of zeros is never the maximum.
                largest = functional.max_pool1d(mask.without_padding(steps).permute(1, 2, 0), plan.pool, ceil_mode=True)
                steps = largest.permute(2, 0, 1)
                mask = _fewer(mask, steps.shape[0], plan.pool)
        return steps, mask


def flattened(steps: Tensor, mask: SequenceMask, longest: int) -> Tensor:
    """Sequences as vectors, (batch, longest · features): the true steps concatenated, zeros up to `longest`, cut there."""
    values = mask.without_padding(steps)[:longest]
    values = functional.pad(values, (0, 0, 0, 0, 0, longest - values.shape[0]))
    return values.transpose(0, 1).reshape(mask.batch, -1)


def _around(convolution: nn.Conv1d, steps: Tensor) -> Tensor:
    """(steps, batch, features) → (⌈steps / stride⌉, batch, channels), zeros beyond both ends."""
    beyond = convolution.kernel_size[0] - 1
    padded = functional.pad(steps.permute(1, 2, 0), (beyond // 2, beyond - beyond // 2))
    return cast("Tensor", convolution(padded)).permute(2, 0, 1)


def _fewer(mask: SequenceMask, steps: int, every: int) -> SequenceMask:
    """The mask of every `every`-th step."""
    if mask.lengths is None:
        return SequenceMask(steps, mask.batch, None)
    return SequenceMask(steps, mask.batch, (mask.lengths + every - 1) // every)
