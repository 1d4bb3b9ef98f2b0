"""Every optimiser the configuration offers, and the gradient's norm."""

from __future__ import annotations

import copy
import math
import subprocess
import sys
from collections.abc import Callable
from typing import Any

import msgspec
import pytest
import torch
from torch import nn
from torch.optim import Optimizer

from rnnlab.config import FIELDS, ConfigError, RunConfig
from rnnlab.config.optim import Optim
from rnnlab.config.optimisers import LEFT_OUT, OPTIMISERS
from rnnlab.runs.event_numbers import real
from rnnlab.runs.events import Evaluated, RunFinished
from rnnlab.training.loop import Training
from rnnlab.training.step.optimiser import clip_on_device, clip_on_host, make_optimiser
from tests.training.small import of_kind, small_config, small_split, trained

CPU = torch.device("cpu")


@pytest.mark.parametrize("clip_value", [None, 0.2])
@pytest.mark.parametrize("clip_norm", [None, 0.5, 1e6])
def test_clipping_is_pytorchs_and_tells_the_norm_before_it(clip_norm: float | None, clip_value: float | None) -> None:
    torch.manual_seed(0)
    ours, theirs = nn.LSTM(5, 7), nn.LSTM(5, 7)
    for a, b in zip(ours.parameters(), theirs.parameters(), strict=True):
        a.grad = torch.randn_like(a)
        b.grad = a.grad.clone()
    norm = clip_on_host(list(ours.parameters()), clip_norm, clip_value)
    expected = clip_on_device(list(theirs.parameters()), clip_norm, clip_value)
    assert norm == pytest.approx(float(expected), rel=1e-6)
    for a, b in zip(ours.parameters(), theirs.parameters(), strict=True):
        assert torch.allclose(a.grad, b.grad, rtol=1e-5)  # type: ignore[arg-type]
        assert clip_value is None or a.grad.abs().max() <= clip_value  # type: ignore[union-attr]


REFERENCES: dict[str, tuple[dict[str, Any], Callable[[list[nn.Parameter]], Optimizer]]] = {
    "adam": ({"beta1": 0.8}, lambda p: torch.optim.Adam(p, 0.01, (0.8, 0.999), weight_decay=1e-4, fused=True)),
    "adamw": ({"amsgrad": True}, lambda p: torch.optim.AdamW(p, 0.01, amsgrad=True, weight_decay=1e-4, fused=True)),
    "sgd": (
        {"momentum": 0.5, "nesterov": True},
        lambda p: torch.optim.SGD(p, 0.01, momentum=0.5, nesterov=True, weight_decay=1e-4, fused=True),
    ),
    "rmsprop": (
        {"momentum": 0.5, "alpha": 0.9, "centered": True},
        lambda p: torch.optim.RMSprop(p, 0.01, 0.9, momentum=0.5, centered=True, weight_decay=1e-4),
    ),
    "adamax": ({"eps": 1e-7}, lambda p: torch.optim.Adamax(p, 0.01, eps=1e-7, weight_decay=1e-4)),
    "nadam": (
        {"momentum_decay": 0.01, "decoupled": True},
        lambda p: torch.optim.NAdam(p, 0.01, weight_decay=1e-4, momentum_decay=0.01, decoupled_weight_decay=True),
    ),
    "radam": ({"beta2": 0.99}, lambda p: torch.optim.RAdam(p, 0.01, (0.9, 0.99), weight_decay=1e-4)),
    "adadelta": ({"rho": 0.8}, lambda p: torch.optim.Adadelta(p, 0.01, 0.8, weight_decay=1e-4)),
    "adagrad": (
        {"lr_decay": 0.1, "accumulator": 0.1},
        lambda p: torch.optim.Adagrad(p, 0.01, 0.1, 1e-4, 0.1, fused=True),
    ),
    "adafactor": (
        {"beta2_decay": -0.7, "step_clip": 2.0, "least_scale": 0.01},
        lambda p: torch.optim.Adafactor(p, 0.01, -0.7, (None, 0.01), 2.0, weight_decay=1e-4),
    ),
    "asgd": ({"lambd": 1e-3, "power": 0.5}, lambda p: torch.optim.ASGD(p, 0.01, 1e-3, 0.5, weight_decay=1e-4)),
    "rprop": ({"eta_plus": 1.1, "step_max": 1.0}, lambda p: torch.optim.Rprop(p, 0.01, (0.5, 1.1), (1e-6, 1.0))),
    "lbfgs": (
        {"max_iter": 3, "history": 4, "line_search": "none"},
        lambda p: torch.optim.LBFGS(p, 0.01, 3, history_size=4),
    ),
}
"""Some settings that are not the defaults, and what a person would write with PyTorch for them."""


def descend(make: Callable[[list[nn.Parameter]], Optimizer]) -> list[float]:
    """The losses of 30 updates of a small net."""
    torch.manual_seed(0)
    net = nn.Sequential(nn.Linear(4, 6), nn.Tanh(), nn.Linear(6, 1))
    optimiser = make(list(net.parameters()))
    inputs = torch.randn(32, 4)
    losses = []

    def look() -> Any:
        optimiser.zero_grad()
        loss = (net(inputs) - inputs.sum(1, keepdim=True)).square().mean()
        loss.backward()
        return loss.detach()

    for _ in range(30):
        if isinstance(optimiser, torch.optim.LBFGS):
            losses.append(optimiser.step(look).item())  # type: ignore[no-untyped-call]
        else:
            losses.append(look().item())
            optimiser.step()
    return losses


@pytest.mark.parametrize("name", REFERENCES)
def test_every_optimiser_moves_the_weights_exactly_as_pytorchs_own(name: str) -> None:
    settings, reference = REFERENCES[name]
    defaults: dict[str, Any] = dict(OPTIMISERS[name].defaults)
    optim = Optim(**_names(defaults) | {"name": name, "lr": 0.01, "weight_decay": 1e-4} | settings)
    losses = descend(lambda parameters: make_optimiser(optim, parameters, CPU))
    assert losses[-1] < losses[0]
    assert descend(reference) == losses
    plain = {key: FIELDS[f"optim.{key}"].default for key in settings} | _names(defaults) | {"lr": 0.01}
    assert descend(lambda p: make_optimiser(msgspec.structs.replace(optim, **plain), p, CPU)) != losses


def _names(settings: dict[str, Any]) -> dict[str, Any]:
    return {key.removeprefix("optim."): value for key, value in settings.items()}


def test_all_of_torch_optim_is_offered_or_told_why_not() -> None:
    there = {
        name
        for name, kind in vars(torch.optim).items()
        if isinstance(kind, type) and issubclass(kind, Optimizer) and kind is not Optimizer
    }
    offered = {card.title.replace("-", "") for card in OPTIMISERS.values()}
    assert offered | set(LEFT_OUT) == there
    assert set(REFERENCES) | {"muon"} == set(OPTIMISERS)


@pytest.mark.parametrize("name", OPTIMISERS)
def test_an_optimiser_starts_with_pytorchs_defaults(name: str) -> None:
    """But for the rate, and the line search without which L-BFGS explodes."""
    optim = RunConfig.from_settings({"task.name": "binary", "optim.name": name}).optim
    matrices, rest = [nn.Parameter(torch.zeros(3, 2))], [nn.Parameter(torch.zeros(3))]
    made = make_optimiser(optim, [*matrices, *rest], CPU, matrices)
    usual: list[Optimizer] = [getattr(torch.optim, OPTIMISERS[name].title.replace("-", ""))(matrices)]
    if name == "muon":
        usual.append(torch.optim.AdamW(rest))
    ours = (
        "lr",
        "fused",
        "foreach",
        "adjust_lr_fn",
        "line_search_fn",
        "params",
        *(("weight_decay",) if name == "muon" else ()),
    )
    for group, expected in zip(made.param_groups, [part.param_groups[0] for part in usual], strict=True):
        assert {k: v for k, v in group.items() if k not in ours} == {k: v for k, v in expected.items() if k not in ours}
    assert optim.weight_decay == usual[0].param_groups[0].get("weight_decay", 0.0)


def muon_for_two() -> tuple[list[nn.Parameter], Optimizer]:
    """A matrix of a hidden layer and a bias, each with a gradient."""
    torch.manual_seed(1)
    parameters = [nn.Parameter(torch.randn(6, 4)), nn.Parameter(torch.randn(6))]
    for parameter in parameters:
        parameter.grad = torch.randn_like(parameter)
    optim = Optim(name="muon", lr=0.02, momentum=0.9, nesterov=True, weight_decay=0.1, eps=1e-7)
    return parameters, make_optimiser(optim, parameters, CPU, parameters[:1])


def test_muon_moves_matrices_by_muon_and_the_rest_by_adamw() -> None:
    parameters, optimiser = muon_for_two()
    references, _ = muon_for_two()
    muon = torch.optim.Muon(references[:1], 0.02, 0.1, momentum=0.9, adjust_lr_fn="match_rms_adamw")
    adamw = torch.optim.AdamW(references[1:], 0.02, weight_decay=0.1, fused=True)
    for _ in range(3):
        for one in (optimiser, muon, adamw):
            one.step()
    for parameter, reference in zip(parameters, references, strict=True):
        assert torch.equal(parameter, reference)


def test_muon_goes_on_from_a_state_that_was_kept_with_the_rate_it_is_given() -> None:
    (ours, optimiser), (theirs, again) = muon_for_two(), muon_for_two()
    optimiser.step()
    kept = copy.deepcopy(optimiser.state_dict())
    with torch.no_grad():
        for parameter, other in zip(ours, theirs, strict=True):
            other.copy_(parameter)
            parameter.grad = other.grad.clone()  # type: ignore[union-attr]
    again.load_state_dict(kept)
    for one in (optimiser, again):
        for group in one.param_groups:
            group["lr"] = 0.005
        one.step()
    assert all(torch.equal(parameter, other) for parameter, other in zip(ours, theirs, strict=True))


@pytest.mark.parametrize("name", OPTIMISERS)
def test_a_net_learns_with_each_optimiser_and_the_same_again(name: str) -> None:
    config = RunConfig.from_settings(
        {
            "task.name": "surnames",
            "model.hidden": 8,
            "train.epochs": 4,
            "train.batch_size": 300 if name in ("rprop", "lbfgs") else 16,
            "model.dropout": 0.1,
            "optim.name": name,
            "runtime.device": "cpu",
        }
    )
    looks = of_kind(trained(config), Evaluated)
    losses = [real(look.loss) for look in looks if look.running]
    assert losses[-1] < losses[0]
    assert [real(look.loss) for look in of_kind(trained(config), Evaluated)] == [real(look.loss) for look in looks]


def test_a_loss_that_is_no_number_moves_nothing_in_many_passes_either() -> None:
    config = small_config("binary", optim__name="lbfgs", model__name="elman", model__activation="relu")
    training = Training(config, small_split(config, 60))
    with torch.no_grad():
        training.net.head.bias.fill_(math.inf)
    before = [parameter.clone() for parameter in training.net.parameters()]
    last = list(training.events())[-1]
    assert isinstance(last, RunFinished)
    assert last.outcome == "diverged"
    assert all(torch.equal(a, b) for a, b in zip(before, training.net.parameters(), strict=True))


def test_nesterov_without_momentum_is_refused() -> None:
    with pytest.raises(ConfigError, match=r"^optim\.nesterov = true is not allowed; it must be false where"):
        RunConfig.from_settings({"optim.name": "sgd", "optim.nesterov": True})


def test_another_optimiser_does_not_get_what_the_task_chose_for_its_own() -> None:
    of_task = RunConfig.from_settings({"task.name": "names"}).optim
    assert (of_task.name, of_task.weight_decay, of_task.lr) == ("adamw", 0.1, 0.005)
    adam = RunConfig.from_settings({"task.name": "names", "optim.name": "adam"}).optim
    assert (adam.weight_decay, adam.lr, adam.schedule) == (0.0, 0.005, "cosine")
    sgd = RunConfig.from_settings({"task.name": "names", "optim.name": "sgd"}).optim
    assert (sgd.weight_decay, sgd.lr) == (0.0, 0.1)
    given = RunConfig.from_settings({"task.name": "names", "optim.name": "sgd", "optim.lr": 0.3}).optim
    assert given.lr == 0.3


def test_the_compiler_is_not_imported_for_a_run_that_does_not_use_it() -> None:
    """It would be half of the time until the first step."""
    code = (
        "import sys; from tests.training.small import *\n"
        f"for name in {tuple(OPTIMISERS)}:\n"
        "    trained(small_config(optim__name=name, train__epochs=1, optim__warmup=2), rows=80)\n"
        "print(sorted({'torch._dynamo', 'sympy', 'sklearn'} & sys.modules.keys()))"
    )
    answer = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert answer.stdout.strip() == "[]"
