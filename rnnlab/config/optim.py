"""Optimiser and learning-rate schedule: the fields of `optim`, each shown only where it is read.

PyTorch's names and defaults, except where a name says too little; defaults that differ between optimisers are in
`rnnlab.config.optimisers`.
"""

from typing import Annotated

import msgspec

from rnnlab.config.optimisers import OPTIMISERS, but
from rnnlab.config.setting import Setting

SCHEDULES = ("constant", "step", "exponential", "cosine", "one-cycle", "plateau", "range")
UNCLIPPED = ("lbfgs", "rprop")
"""Optimisers without gradient clipping: L-BFGS needs the gradient of the loss itself, Rprop uses only its sign."""
_ADAMS = ("adam", "adamw", "adamax", "nadam", "radam")

Where = tuple[tuple[str, tuple[str, ...]], ...]


def _of(*names: str) -> Where:
    """Read by these optimisers."""
    return (("optim.name", names),)


def _scheduled(*names: str) -> Where:
    """Read by these schedules. Rprop has none: it uses the learning rate only as its initial step size."""
    return (("optim.name", but("rprop")), ("optim.schedule", names))


class Optim(msgspec.Struct, frozen=True, kw_only=True):
    """Optimiser, learning-rate schedule and gradient clipping."""

    name: Annotated[
        str,
        Setting(
            "Optimiser that updates the weights.",
            choices=tuple(OPTIMISERS),
            flag="--optimiser",
            why="adam works nearly everywhere; sgd with momentum needs tuning and may generalise better.",
            basic=True,
        ),
    ] = "adam"
    lr: Annotated[
        float,
        Setting(
            "Learning rate.",
            gt=0,
            le=100,
            flag="--lr",
            step="decade",
            usual="1e-4 to 0.01 with Adam, 0.01 to 1 with SGD",
            why="The first setting to tune: too high and the loss jumps, too low and it hardly falls.",
            basic=True,
        ),
    ] = 0.003
    momentum: Annotated[
        float,
        Setting(
            "Momentum: share of the previous step that is kept.",
            ge=0,
            lt=1,
            applies=_of("sgd", "rmsprop", "muon"),
            usual="0.8 to 0.99",
            why="Carries the weights through noise and flat stretches; with more of it take a lower learning rate.",
        ),
    ] = 0.0
    nesterov: Annotated[
        bool, Setting("Nesterov momentum: the gradient is taken one step ahead.", applies=_of("sgd", "muon"))
    ] = False
    weight_decay: Annotated[
        float,
        Setting(
            "Weight decay: pulls every weight towards zero.",
            ge=0,
            le=10,
            step="decade",
            applies=_of(*but("lbfgs", "rprop")),
            usual="1e-5 to 0.1",
            why="Raise it against overfitting; with too much the net underfits.",
        ),
    ] = 0.0
    decoupled: Annotated[
        bool,
        Setting(
            "Decoupled weight decay, as in AdamW, instead of decay through the gradient.", applies=_of("nadam", "radam")
        ),
    ] = False
    schedule: Annotated[
        str,
        Setting(
            "Learning-rate schedule. step: a factor every few epochs. exponential: a factor every epoch. "
            "cosine: down to lr min at the last update. one-cycle: up, then down. plateau: down when the "
            "validation loss stops falling. range: a learning-rate range test, which keeps no weights.",
            choices=SCHEDULES,
            flag="--schedule",
            applies=_of(*but("rprop")),
            why="A rate that falls towards the end often brings the last percent; cosine needs no further setting.",
        ),
    ] = "constant"
    warmup: Annotated[
        int,
        Setting(
            "Warm-up: updates over which the learning rate rises linearly from zero.",
            ge=0,
            le=1_000_000_000,
            step="double",
            applies=_scheduled(*(name for name in SCHEDULES if name != "range")),
            usual="50 to 2000",
            why="Where the first updates blow up: large batches, high learning rates.",
        ),
    ] = 0
    step_epochs: Annotated[
        int,
        Setting("Epochs between two drops of the learning rate.", ge=1, le=100_000, applies=_scheduled("step")),
    ] = 5
    decay: Annotated[
        float,
        Setting(
            "Factor of the learning rate at each epoch.",
            gt=0,
            le=1,
            applies=_scheduled("exponential"),
            usual="0.8 to 0.99",
        ),
    ] = 0.9
    factor: Annotated[
        float,
        Setting(
            "Factor of the learning rate at each drop.",
            gt=0,
            lt=1,
            applies=_scheduled("step", "plateau"),
            usual="0.1 to 0.5",
        ),
    ] = 0.1
    wait: Annotated[
        int,
        Setting(
            "Patience of the schedule: evaluations in a row without a lower validation loss before the "
            "learning rate drops.",
            ge=0,
            le=100_000,
            applies=_scheduled("plateau"),
            usual="2 to 10",
            why="Longer where the validation loss is noisy.",
        ),
    ] = 3
    threshold: Annotated[
        float,
        Setting(
            "Share by which the validation loss must fall to count as lower.",
            ge=0,
            lt=1,
            step="decade",
            applies=_scheduled("plateau"),
        ),
    ] = 1e-4
    cooldown: Annotated[
        int,
        Setting(
            "Cooldown: evaluations after a drop that are not counted.", ge=0, le=100_000, applies=_scheduled("plateau")
        ),
    ] = 0
    lr_min: Annotated[
        float,
        Setting("Minimum learning rate.", ge=0, le=100, step="decade", applies=_scheduled("cosine", "plateau")),
    ] = 0.0
    rise: Annotated[
        float,
        Setting(
            "Share of the updates during which the learning rate rises.", gt=0, lt=1, applies=_scheduled("one-cycle")
        ),
    ] = 0.3
    div_factor: Annotated[
        float,
        Setting("Maximum learning rate divided by the initial one.", ge=1, le=1e9, applies=_scheduled("one-cycle")),
    ] = 25.0
    final_div: Annotated[
        float,
        Setting(
            "Initial learning rate divided by the final one.",
            ge=1,
            le=1e9,
            step="decade",
            applies=_scheduled("one-cycle"),
        ),
    ] = 1e4
    lr_from: Annotated[
        float,
        Setting(
            "Learning rate at the start of the range test.", gt=0, le=100, step="decade", applies=_scheduled("range")
        ),
    ] = 1e-6
    lr_to: Annotated[
        float,
        Setting(
            "Learning rate at the end of the range test.", gt=0, le=1e4, step="decade", applies=_scheduled("range")
        ),
    ] = 10.0
    clip_norm: Annotated[
        float | None,
        Setting(
            "Maximum norm of the gradient, which is clipped to it; none: no clipping.",
            gt=0,
            le=1e6,
            optional=True,
            flag="--clip",
            applies=_of(*but(*UNCLIPPED)),
            usual="0.25 to 5",
            why="Keeps one exploding gradient from ruining the net, as on long sequences.",
        ),
    ] = 1.0
    clip_value: Annotated[
        float | None,
        Setting(
            "Maximum size of each component of the gradient, clipped before clip norm; none: no clipping.",
            gt=0,
            le=1e6,
            optional=True,
            applies=_of(*but(*UNCLIPPED)),
            usual="0.1 to 5",
            why="Like clip norm, but it changes the gradient's direction too.",
        ),
    ] = None
    dampening: Annotated[float, Setting("Dampening of the momentum.", ge=0, le=1, applies=_of("sgd"))] = 0.0
    beta1: Annotated[
        float,
        Setting(
            "Decay rate of the mean gradient.",
            ge=0,
            lt=1,
            applies=_of(*_ADAMS),
        ),
    ] = 0.9
    beta2: Annotated[
        float,
        Setting(
            "Decay rate of the mean squared gradient.",
            ge=0,
            lt=1,
            applies=_of(*_ADAMS),
            usual="0.98 to 0.9999",
            why="Lower reacts faster to gradients whose size changes.",
        ),
    ] = 0.999
    alpha: Annotated[
        float,
        Setting(
            "Decay rate of the mean squared gradient.",
            ge=0,
            lt=1,
            applies=_of("rmsprop"),
        ),
    ] = 0.99
    rho: Annotated[float, Setting("Decay rate of both running means.", ge=0, le=1, applies=_of("adadelta"))] = 0.9
    eps: Annotated[
        float,
        Setting(
            "Added to the denominator, against division by zero.",
            gt=0,
            le=1,
            step="decade",
            applies=_of(*_ADAMS, "rmsprop", "adadelta", "adagrad", "muon"),
            usual="1e-8 to 1e-3",
            why="Raise it where tiny gradients make the steps erratic.",
        ),
    ] = 1e-8
    amsgrad: Annotated[
        bool, Setting("AMSGrad: divide by the largest average squared gradient so far.", applies=_of("adam", "adamw"))
    ] = False
    momentum_decay: Annotated[
        float,
        Setting(
            "Momentum decay: how fast the momentum grows to beta1.", ge=0, le=1, step="decade", applies=_of("nadam")
        ),
    ] = 0.004
    centered: Annotated[
        bool,
        Setting(
            "Centred RMSprop: divide by the variance of the gradient, not by its average square.",
            applies=_of("rmsprop"),
        ),
    ] = False
    lr_decay: Annotated[
        float,
        Setting(
            "Learning-rate decay: the rate is divided by 1 + this × step.",
            ge=0,
            le=1,
            step="decade",
            applies=_of("adagrad"),
        ),
    ] = 0.0
    accumulator: Annotated[
        float, Setting("Initial sum of squared gradients.", ge=0, le=1e6, step="decade", applies=_of("adagrad"))
    ] = 0.0
    beta2_decay: Annotated[
        float,
        Setting(
            "The decay rate of the average squared gradient is 1 - step to this power.",
            ge=-10,
            le=0,
            applies=_of("adafactor"),
        ),
    ] = -0.8
    least_scale: Annotated[
        float,
        Setting(
            "Minimum root mean square of a tensor, to which its step is proportional.",
            gt=0,
            le=1,
            step="decade",
            applies=_of("adafactor"),
        ),
    ] = 1e-3
    step_clip: Annotated[
        float,
        Setting("Maximum root mean square of the step of a tensor.", ge=1, le=1e6, applies=_of("adafactor")),
    ] = 1.0
    lambd: Annotated[
        float,
        Setting(
            "Decay term: of the learning rate, and of the weights.", ge=0, le=1, step="decade", applies=_of("asgd")
        ),
    ] = 1e-4
    power: Annotated[
        float, Setting("Power of the step by which the learning rate decays.", ge=0, le=10, applies=_of("asgd"))
    ] = 0.75
    t0: Annotated[
        float,
        Setting("Update at which averaging of the weights begins.", ge=0, le=1e12, step="decade", applies=_of("asgd")),
    ] = 1e6
    eta_minus: Annotated[
        float,
        Setting("Factor of a weight's step size where its gradient changed sign.", gt=0, lt=1, applies=_of("rprop")),
    ] = 0.5
    eta_plus: Annotated[
        float,
        Setting("Factor of a weight's step size where its gradient kept its sign.", gt=1, le=10, applies=_of("rprop")),
    ] = 1.2
    step_min: Annotated[float, Setting("Minimum step size.", gt=0, le=100, step="decade", applies=_of("rprop"))] = 1e-6
    step_max: Annotated[float, Setting("Maximum step size.", gt=0, le=1e6, step="decade", applies=_of("rprop"))] = 50.0
    max_iter: Annotated[
        int, Setting("Maximum number of iterations per update.", ge=1, le=10_000, applies=_of("lbfgs"))
    ] = 20
    max_eval: Annotated[
        int | None,
        Setting(
            "Maximum number of loss evaluations per update; none: 1.25 × max iter.",
            ge=1,
            le=10_000,
            optional=True,
            applies=_of("lbfgs"),
        ),
    ] = None
    history: Annotated[
        int, Setting("History size: past steps that approximate the curvature.", ge=1, le=10_000, applies=_of("lbfgs"))
    ] = 100
    line_search: Annotated[
        str,
        Setting(
            "Line search. strong-wolfe: a step length that meets the strong Wolfe conditions. none: steps "
            "of the learning rate, which often diverge.",
            choices=("none", "strong-wolfe"),
            applies=_of("lbfgs"),
        ),
    ] = "strong-wolfe"
    tolerance_grad: Annotated[
        float,
        Setting(
            "Tolerance: an update ends where no component of the gradient is larger.",
            ge=0,
            le=1,
            step="decade",
            applies=_of("lbfgs"),
        ),
    ] = 1e-7
    tolerance_step: Annotated[
        float,
        Setting(
            "Tolerance: an update ends where the step or the change of the loss is smaller.",
            ge=0,
            le=1,
            step="decade",
            applies=_of("lbfgs"),
        ),
    ] = 1e-9
    ns_steps: Annotated[
        int,
        Setting("Newton-Schulz iterations that orthogonalise the step of a matrix.", ge=1, le=20, applies=_of("muon")),
    ] = 5
