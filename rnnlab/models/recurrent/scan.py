"""A linear recurrence, h = a ⊙ h' + b, over all steps at once or one after the other, with its gradient written out.

minGRU and minLSTM are such recurrences: nothing of a step but its sum depends on the state. On a CPU the steps follow one
another, each one fused operation; on a GPU, and for few numbers side by side, they are joined in pairs, then pairs of pairs
(Hillis and Steele 1986): log₂(steps) operations of the whole size. Between 0 and 1, as gates are, products of `a` can only
shrink, so the logarithms of the paper are not needed. Both ways and their gradients agree to rounding; which is quicker:
`benchmarks/scan.py`.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor
from torch.autograd.function import once_differentiable

LANES = 256
"""Most numbers a step (batch · features) for which a CPU, too, is quicker in pairs: a step is less work than its call."""


def scan(a: Tensor, b: Tensor, first: Tensor) -> Tensor:
    """Every h of h = a ⊙ h' + b, (steps, batch, features) as `a` and `b`; `first`: h before the first step."""
    states: Tensor = _Scan.apply(a, b, first)  # type: ignore[no-untyped-call]
    return states


def one_by_one(a: Tensor, b: Tensor, first: Tensor) -> Tensor:
    """The recurrence step by step, (steps, batch, features)."""
    states = torch.empty_like(b)
    before = first
    for factor, add, state in zip(a.unbind(0), b.unbind(0), states.unbind(0), strict=True):
        before = torch.addcmul(add, factor, before, out=state)
    return states


def in_pairs(a: Tensor, b: Tensor, first: Tensor) -> Tensor:
    """The same: after round r each step holds the result of the last 2^r steps."""
    b = torch.cat(((b[0] + a[0] * first).unsqueeze(0), b[1:]))
    span = 1
    while span < len(b):
        b = torch.cat((b[:span], torch.addcmul(b[span:], a[span:], b[:-span])))
        a = torch.cat((a[:span], a[span:] * a[:-span]))
        span *= 2
    return b


class _Scan(torch.autograd.Function):
    @staticmethod
    def forward(context: Any, a: Tensor, b: Tensor, first: Tensor) -> Tensor:
        states = _solve(a, b, first)
        context.save_for_backward(a, first, states)
        return states

    @staticmethod
    @once_differentiable
    def backward(context: Any, d_states: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """The gradient runs back through the same recurrence: g = d + a_after ⊙ g_after."""
        a, first, states = context.saved_tensors
        after = torch.cat((a[1:], torch.zeros_like(a[:1]))).flip(0)
        d_b = _solve(after, d_states.flip(0), torch.zeros_like(first)).flip(0)
        before = torch.cat((first.unsqueeze(0), states[:-1]))
        return d_b * before, d_b, a[0] * d_b[0]


def _solve(a: Tensor, b: Tensor, first: Tensor) -> Tensor:
    few = first.numel() <= LANES and len(a) >= 64
    return in_pairs(a, b, first) if few or a.device.type != "cpu" else one_by_one(a, b, first)
