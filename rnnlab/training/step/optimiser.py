"""Optimisers by name, and gradient clipping."""

from __future__ import annotations

import inspect
import math
from collections.abc import Callable, Sequence
from typing import Any

import torch
from torch import Tensor
from torch.nn import Parameter
from torch.nn.utils import clip_grad_norm_, clip_grad_value_
from torch.optim import (
    ASGD,
    LBFGS,
    SGD,
    Adadelta,
    Adafactor,
    Adagrad,
    Adam,
    Adamax,
    AdamW,
    Muon,
    NAdam,
    Optimizer,
    RAdam,
    RMSprop,
    Rprop,
)

from rnnlab.config.optim import Optim


def make_optimiser(
    optim: Optim, parameters: Sequence[Parameter], device: torch.device, matrices: Sequence[Parameter] = ()
) -> Optimizer:
    """PyTorch's optimiser of that name. `matrices` are those of `parameters` that Muon moves; the others ignore it.

    Fused where there is one: LSTM 128 on the CPU, one thread, Adam 111 µs against 316 (foreach) and 371 (a loop); SGD 37, 46
    and 43; SGD with momentum 59, 89 and 85. RMSprop has no fused form, and a loop (207 µs) is as quick as foreach (211).
    """
    if optim.name == "muon":
        return _muon(optim, parameters, device, matrices)
    kind, own = _KINDS[optim.name]
    settings: dict[str, Any] = {"lr": optim.lr, **own(optim)}
    if kind not in (LBFGS, Rprop):
        settings["weight_decay"] = optim.weight_decay
    optimiser: Optimizer = _eager(kind)(parameters, **settings, **_kernels(kind, device))
    return optimiser


def _kernels(kind: type[Optimizer], device: torch.device) -> dict[str, bool | None]:
    # Fused kernels on Metal came late and not for every optimiser; None leaves the choice to PyTorch.
    if kind in (Adam, AdamW, SGD, Adagrad):
        return {"fused": True if device.type == "cpu" or (device.type == "cuda" and kind is not Adagrad) else None}
    if kind is LBFGS:
        return {}
    return {"foreach": False if device.type == "cpu" else None}


def _adam(optim: Optim) -> dict[str, Any]:
    return {"betas": (optim.beta1, optim.beta2), "eps": optim.eps}


_KINDS: dict[str, tuple[type[Optimizer], Callable[[Optim], dict[str, Any]]]] = {
    "adam": (Adam, lambda o: _adam(o) | {"amsgrad": o.amsgrad}),
    "adamw": (AdamW, lambda o: _adam(o) | {"amsgrad": o.amsgrad}),
    "adamax": (Adamax, _adam),
    "nadam": (
        NAdam,
        lambda o: _adam(o) | {"momentum_decay": o.momentum_decay, "decoupled_weight_decay": o.decoupled},
    ),
    "radam": (RAdam, lambda o: _adam(o) | {"decoupled_weight_decay": o.decoupled}),
    "sgd": (SGD, lambda o: {"momentum": o.momentum, "dampening": o.dampening, "nesterov": o.nesterov}),
    "rmsprop": (
        RMSprop,
        lambda o: {"alpha": o.alpha, "eps": o.eps, "momentum": o.momentum, "centered": o.centered},
    ),
    "adadelta": (Adadelta, lambda o: {"rho": o.rho, "eps": o.eps}),
    "adagrad": (
        Adagrad,
        lambda o: {"lr_decay": o.lr_decay, "initial_accumulator_value": o.accumulator, "eps": o.eps},
    ),
    "adafactor": (
        Adafactor,
        lambda o: {"beta2_decay": o.beta2_decay, "eps": (None, o.least_scale), "d": o.step_clip},
    ),
    "asgd": (ASGD, lambda o: {"lambd": o.lambd, "alpha": o.power, "t0": o.t0}),
    "rprop": (
        Rprop,
        lambda o: {"etas": (o.eta_minus, o.eta_plus), "step_sizes": (o.step_min, o.step_max)},
    ),
    "lbfgs": (
        LBFGS,
        lambda o: {
            "max_iter": o.max_iter,
            "max_eval": o.max_eval,
            "history_size": o.history,
            "line_search_fn": None if o.line_search == "none" else "strong_wolfe",
            "tolerance_grad": o.tolerance_grad,
            "tolerance_change": o.tolerance_step,
        },
    ),
}
"""By name: PyTorch's class, and its arguments beside rate and weight decay."""


class CombinedOptimizer(Optimizer):
    """Several optimisers that each move some of the parameters, as one: their groups and states are its own.

    So `state_dict` and `load_state_dict` are the ones that every optimiser has.
    """

    def __init__(self, *parts: Optimizer) -> None:
        self.parts = parts
        super().__init__([group for part in parts for group in part.param_groups], {})
        self._share()

    def add_param_group(self, param_group: dict[str, Any]) -> None:
        """Take a part's group as it is."""
        self.param_groups.append(param_group)

    def step(self, closure: Any = None) -> None:  # type: ignore[override]
        """One step of each part; none of them takes a closure."""
        for part in self.parts:
            part.step()

    def __setstate__(self, state: dict[str, Any]) -> None:
        super().__setstate__(state)
        self._share()

    def _share(self) -> None:
        groups = iter(self.param_groups)
        for part in self.parts:
            part.state = self.state
            part.param_groups = [next(groups) for _ in part.param_groups]


CombinedOptimizer.step.hooked = True  # type: ignore[attr-defined]  # as in `_eager`


def _muon(
    optim: Optim, parameters: Sequence[Parameter], device: torch.device, matrices: Sequence[Parameter]
) -> Optimizer:
    """Muon for `matrices`, AdamW with PyTorch's averages for the rest.

    Muon's steps are scaled to the size of AdamW's (Liu et al. 2025, Muon is scalable, section 2.2), so that one rate and one
    weight decay serve both.
    """
    hidden = set(matrices)
    rest = [parameter for parameter in parameters if parameter not in hidden]
    shared: dict[str, Any] = {"lr": optim.lr, "weight_decay": optim.weight_decay}
    adamw: Optimizer = _eager(AdamW)(rest, **shared, **_kernels(AdamW, device))
    if not matrices:
        return adamw
    muon: Optimizer = _eager(Muon)(
        matrices,
        momentum=optim.momentum,
        nesterov=optim.nesterov,
        eps=optim.eps,
        ns_steps=optim.ns_steps,
        adjust_lr_fn="match_rms_adamw",
        **shared,
    )
    return CombinedOptimizer(muon, adamw)


def _eager(kind: type[Optimizer]) -> Any:
    """`kind` without the wrappers that serve `torch.compile` and the profiler.

    They import `torch._dynamo`, which is half of the time until the first step (1.3 of 2.7 s of processor time), and cost
    each step 30 µs. What they wrap is left as it is, so the numbers are the same; where a version of PyTorch has no wrapper
    to take off, nothing is taken off.
    """
    step = torch.no_grad()(inspect.unwrap(kind.step))
    step.hooked = True  # the profiler's wrapper is then not put on again
    return type(kind.__name__, (kind,), {"step": step, "add_param_group": inspect.unwrap(kind.add_param_group)})


def clip_on_host(parameters: Sequence[Parameter], clip_norm: float | None, clip_value: float | None = None) -> float:
    """Clip the gradient of weights in main memory; returns its whole norm before clipping.

    Each number is cut to `clip_value` either way, then the norm to `clip_norm`. `clip_grad_norm_` computes the same in 84 µs
    for the six tensors of an LSTM, this in 25: it multiplies only where there is something to cut, and the norm is a float at
    once.
    """
    gradients = [p.grad for p in parameters if p.grad is not None]
    before = total = _norm(gradients)
    if clip_value is not None:
        for gradient in gradients:
            gradient.clamp_(-clip_value, clip_value)
        total = _norm(gradients)
    if clip_norm is not None and total > clip_norm:
        share = clip_norm / (total + 1e-6)
        for gradient in gradients:
            gradient.mul_(share)
    return before


def _norm(gradients: Sequence[Tensor]) -> float:
    return math.hypot(*[torch.linalg.vector_norm(gradient).item() for gradient in gradients])


def clip_on_device(parameters: Sequence[Parameter], clip_norm: float | None, clip_value: float | None = None) -> Tensor:
    """As `clip_on_host`, as a tensor on the device: nothing waits for it."""
    if clip_value is None:
        return clip_grad_norm_(parameters, math.inf if clip_norm is None else clip_norm)
    before = clip_grad_norm_(parameters, math.inf)
    clip_grad_value_(parameters, clip_value)
    if clip_norm is not None:
        clip_grad_norm_(parameters, clip_norm)
    return before
