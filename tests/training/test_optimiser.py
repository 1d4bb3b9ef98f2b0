"""Learning rates over time, the gradient's norm, and every optimiser the configuration offers."""

from __future__ import annotations

import itertools
import math
import subprocess
import sys
from collections.abc import Callable

import pytest
import torch
from torch import nn

from rnnlab.config import FIELDS
from rnnlab.config.tree import Optim
from rnnlab.training.optimiser import Schedule, clip_on_device, clip_on_host, make_optimiser

CPU = torch.device("cpu")


def test_cosine_falls_from_the_rate_set_to_zero_just_after_the_last_update() -> None:
    schedule = Schedule(Optim(lr=0.8, schedule="cosine"), total=100)
    rates = [schedule.at(step) for step in range(100)]
    assert rates[0] == 0.8
    assert rates[50] == pytest.approx(0.4)
    assert all(a > b for a, b in itertools.pairwise(rates))
    assert 0 < rates[-1] < 0.001


def test_a_rate_set_by_hand_holds_at_once_and_a_cosine_falls_on_from_it() -> None:
    schedule = Schedule(Optim(lr=0.8, schedule="cosine"), total=100)
    schedule.set(50, 0.1)
    assert schedule.at(50) == pytest.approx(0.1)
    assert schedule.at(75) == pytest.approx(0.1 * (1 + math.cos(0.75 * math.pi)))
    constant = Schedule(Optim(lr=0.8), total=100)
    constant.set(50, 0.1)
    assert constant.at(50) == constant.at(99) == 0.1


@pytest.mark.parametrize("clip_norm", [None, 0.5, 1e6])
def test_clipping_is_pytorchs_and_tells_the_norm_before_it(clip_norm: float | None) -> None:
    torch.manual_seed(0)
    ours, theirs = nn.LSTM(5, 7), nn.LSTM(5, 7)
    for a, b in zip(ours.parameters(), theirs.parameters(), strict=True):
        a.grad = torch.randn_like(a)
        b.grad = a.grad.clone()
    norm = clip_on_host(list(ours.parameters()), clip_norm)
    expected = clip_on_device(list(theirs.parameters()), clip_norm)
    assert norm == pytest.approx(float(expected), rel=1e-6)
    for a, b in zip(ours.parameters(), theirs.parameters(), strict=True):
        assert torch.allclose(a.grad, b.grad, rtol=1e-5)  # type: ignore[arg-type]


@pytest.mark.parametrize("name", FIELDS["optim.name"].setting.choices)
def test_every_optimiser_moves_the_weights_exactly_as_pytorchs_own(name: str) -> None:
    optim = Optim(name=name, lr=0.01, momentum=0.5, weight_decay=1e-4)
    reference = {
        "adam": lambda p: torch.optim.Adam(p, lr=0.01, weight_decay=1e-4, fused=True),
        "adamw": lambda p: torch.optim.AdamW(p, lr=0.01, weight_decay=1e-4, fused=True),
        "sgd": lambda p: torch.optim.SGD(p, lr=0.01, momentum=0.5, weight_decay=1e-4, fused=True),
        "rmsprop": lambda p: torch.optim.RMSprop(p, lr=0.01, momentum=0.5, weight_decay=1e-4, foreach=False),
    }[name]

    def descend(make: Callable[[list[nn.Parameter]], torch.optim.Optimizer]) -> list[float]:
        torch.manual_seed(0)
        net = nn.Linear(4, 1)
        optimiser = make(list(net.parameters()))
        inputs = torch.randn(32, 4)
        losses = []
        for _ in range(60):
            optimiser.zero_grad()
            loss = (net(inputs) - inputs.sum(1, keepdim=True)).square().mean()
            loss.backward()
            optimiser.step()
            losses.append(loss.item())
        return losses

    losses = descend(lambda parameters: make_optimiser(optim, parameters, CPU))
    assert losses[-1] < 0.8 * losses[0]
    assert descend(reference) == losses


def test_the_compiler_is_not_imported_for_a_run_that_does_not_use_it() -> None:
    """It would be half of the time until the first step."""
    code = (
        "import sys; from tests.training.small import *\n"
        f"for name in {FIELDS['optim.name'].setting.choices}:\n"
        "    trained(small_config(optim__name=name, train__epochs=1))\n"
        "print(sorted({'torch._dynamo', 'sympy', 'sklearn'} & sys.modules.keys()))"
    )
    answer = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert answer.stdout.strip() == "[]"
