"""Cards of the optimisers, with their defaults; no torch is imported.

`rnnlab.training.step.optimiser` builds them. Which fields of `optim` each one reads is declared with the fields, in `applies`.
"""

from __future__ import annotations

from collections.abc import Mapping

import msgspec


class OptimiserCard(msgspec.Struct, frozen=True):
    """One optimiser of `torch.optim`.

    `defaults` replace those of the fields, by key: PyTorch's own where it differs between optimisers, and a learning rate
    of the right order of magnitude. `averages` is the number of state values it keeps of each weight.
    """

    name: str
    title: str
    averages: int
    summary: str
    source: str
    defaults: Mapping[str, object] = msgspec.field(default_factory=dict)


_CARDS = (
    OptimiserCard(
        name="adam",
        title="Adam",
        averages=2,
        summary="Adaptive moments: the average gradient over the root of the average squared gradient.",
        source="Kingma and Ba 2015, Adam: a method for stochastic optimization",
        defaults={"optim.eps": 1e-8},
    ),
    OptimiserCard(
        name="adamw",
        title="AdamW",
        averages=2,
        summary="Adam with decoupled weight decay: not through the gradient.",
        source="Loshchilov and Hutter 2019, Decoupled weight decay regularization",
        defaults={"optim.eps": 1e-8, "optim.weight_decay": 0.01},
    ),
    OptimiserCard(
        name="sgd",
        title="SGD",
        averages=0,
        summary="Stochastic gradient descent, with optional momentum.",
        source="Robbins and Monro 1951; momentum: Polyak 1964; Nesterov 1983",
        defaults={"optim.lr": 0.1},
    ),
    OptimiserCard(
        name="rmsprop",
        title="RMSprop",
        averages=1,
        summary="The gradient over the root of its average square.",
        source="Hinton 2012, Neural networks for machine learning, lecture 6",
        defaults={"optim.eps": 1e-8},
    ),
    OptimiserCard(
        name="adamax",
        title="Adamax",
        averages=2,
        summary="Adam with the infinity norm of recent gradients in place of the average square.",
        source="Kingma and Ba 2015, section 7.1",
        defaults={"optim.eps": 1e-8},
    ),
    OptimiserCard(
        name="nadam",
        title="NAdam",
        averages=2,
        summary="Adam with Nesterov's momentum.",
        source="Dozat 2016, Incorporating Nesterov momentum into Adam",
        defaults={"optim.eps": 1e-8},
    ),
    OptimiserCard(
        name="radam",
        title="RAdam",
        averages=2,
        summary="Rectified Adam: a warm-up of its own, until the variance of its averages is known.",
        source="Liu et al. 2020, On the variance of the adaptive learning rate and beyond",
        defaults={"optim.eps": 1e-8},
    ),
    OptimiserCard(
        name="adadelta",
        title="Adadelta",
        averages=2,
        summary="Steps in the unit of the weights: average step over average gradient. Its learning rate is a factor, usually 1.",
        source="Zeiler 2012, ADADELTA: an adaptive learning rate method",
        defaults={"optim.lr": 1.0, "optim.eps": 1e-6},
    ),
    OptimiserCard(
        name="adagrad",
        title="Adagrad",
        averages=1,
        summary="The gradient over the root of the sum of all its squares: steps only become smaller.",
        source="Duchi, Hazan and Singer 2011, Adaptive subgradient methods",
        defaults={"optim.lr": 0.01, "optim.eps": 1e-10},
    ),
    OptimiserCard(
        name="adafactor",
        title="Adafactor",
        averages=0,
        summary="Adam with average squares factored by row and column of a matrix: hardly any memory.",
        source="Shazeer and Stern 2018, Adafactor: adaptive learning rates with sublinear memory cost",
        defaults={"optim.lr": 0.01},
    ),
    OptimiserCard(
        name="asgd",
        title="ASGD",
        averages=1,
        summary="Averaged SGD: the learning rate falls by a power of the step; the averaged weights are not evaluated.",
        source="Polyak and Juditsky 1992, Acceleration of stochastic approximation by averaging",
        defaults={"optim.lr": 0.1},
    ),
    OptimiserCard(
        name="rprop",
        title="Rprop",
        averages=2,
        summary="Uses only the sign of the gradient; each weight has its own step size. For large batches.",
        source="Riedmiller and Braun 1993, A direct adaptive method for faster backpropagation",
        defaults={"optim.lr": 0.001},
    ),
    OptimiserCard(
        name="lbfgs",
        title="L-BFGS",
        averages=200,
        summary="Quasi-Newton: up to `max iter` iterations on one batch per update. For small data in large batches.",
        source="Liu and Nocedal 1989, On the limited memory BFGS method",
        defaults={"optim.lr": 1.0},
    ),
    OptimiserCard(
        name="muon",
        title="Muon",
        averages=1,
        summary="Orthogonalises the step of each matrix of the hidden layers; biases, embedding and head use AdamW.",
        source="Jordan et al. 2024, Muon: an optimizer for hidden layers; Liu et al. 2025, Muon is scalable",
        defaults={"optim.eps": 1e-7, "optim.momentum": 0.95, "optim.nesterov": True, "optim.weight_decay": 0.1},
    ),
)

OPTIMISERS: dict[str, OptimiserCard] = {card.name: card for card in _CARDS}

LEFT_OUT: dict[str, str] = {
    "SparseAdam": "needs sparse gradients, as of an embedding; all other weights of these nets have dense ones"
}
"""The optimisers of `torch.optim` that are not offered, and why."""


def but(*names: str) -> tuple[str, ...]:
    """Every optimiser but these."""
    return tuple(name for name in OPTIMISERS if name not in names)
