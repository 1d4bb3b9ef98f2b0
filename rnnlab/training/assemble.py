"""The collaborators of a run, put together from its configuration and its data."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

import torch

from rnnlab.config import RunConfig
from rnnlab.models.net import Net, build
from rnnlab.runs.data_summary import DataSummary
from rnnlab.tasks.splitting.types import Split
from rnnlab.training.data.augmentation import Augmentation
from rnnlab.training.data.batches import Batches, drawn_evenly, sorted_together
from rnnlab.training.device import autocast_dtype, choose_device, prepare, use_threads
from rnnlab.training.evaluation.best import Selection
from rnnlab.training.evaluation.evaluate import Evaluation, RunningScores
from rnnlab.training.evaluation.forecast import Forecaster
from rnnlab.training.observe.gradients import GradientInspector
from rnnlab.training.observe.progress import ProgressMeter
from rnnlab.training.observe.warnings import Monitor
from rnnlab.training.step.cuda_graphs import capturer_for
from rnnlab.training.step.interruptible import Interruptible
from rnnlab.training.step.loss import Objective
from rnnlab.training.step.schedule import Schedule
from rnnlab.training.step.update import Update

RANGE_TEST_UPDATES = (100, 400)
"""Updates of a learning-rate range test, where `train.updates` says nothing: one pass, but within these bounds."""


@dataclass(frozen=True)
class Parts:
    """Collaborators of one run."""

    device: torch.device
    net: Net
    threads: int
    objective: Objective
    interruptible: Interruptible
    update: Update
    batches: Batches
    steps_total: int
    """Updates planned."""
    schedule: Schedule
    evaluation: Evaluation
    forecaster: Forecaster | None
    running: RunningScores
    best: Selection
    gradients: GradientInspector
    monitor: Monitor
    meter: ProgressMeter


def is_range_test(config: RunConfig) -> bool:
    """Whether the run is a learning-rate range test."""
    return config.applies("optim.lr_from")


def assemble(
    config: RunConfig, split: Split, summary: DataSummary, *, boundaries: Iterable[int] | None = None
) -> Parts:
    """The parts of a run with that configuration.

    `boundaries` are the updates at which windows of `Progress` end. Raises `UsageError` where the device asked for is missing.
    Sets PyTorch's generator and its number of threads, in this whole process.
    """
    train = config.train
    device = choose_device(config.runtime.device)
    prepare(device, config.runtime)
    torch.manual_seed(train.seed)
    net = _net(config, split, device)
    threads = config.runtime.threads or 1  # none: nobody has measured
    use_threads(threads, net)
    objective = Objective(config, split, device)
    interruptible = Interruptible()
    update = Update(
        net,
        objective,
        config.optim,
        list(net.parameters()),
        train,
        device,
        capturer=capturer_for(device, config),
        interruptible=interruptible,
    )
    batches = _batches(config, split, update.sequences, device)
    steps_total = _steps_total(config, len(batches))
    evaluate_every = train.evaluate_every or len(batches)
    softmax = objective.classification and config.model.head_activation == "softmax"
    monitor = Monitor(summary, softmax=softmax, settings=lambda: settings_in_force(config, update))
    return Parts(
        device=device,
        net=net,
        threads=threads,
        objective=objective,
        interruptible=interruptible,
        update=update,
        batches=batches,
        steps_total=steps_total,
        schedule=Schedule(config.optim, steps_total, len(batches)),
        evaluation=Evaluation(split, objective, device, train.seed, tested=train.test),
        forecaster=Forecaster(split, device) if split.series is not None else None,
        running=RunningScores(objective),
        best=Selection(split.card, train.min_delta, train.select, train.ties),
        gradients=GradientInspector(net, objective, split.train, train, evaluate_every, device),
        monitor=monitor,
        meter=ProgressMeter(
            steps_total,
            each=is_range_test(config),
            evaluations_left=_evaluations_left(split, steps_total, evaluate_every, tested=train.test),
            on_step=monitor.add,
            boundaries=boundaries,
        ),
    )


def settings_in_force(config: RunConfig, update: Update) -> RunConfig:
    """The settings with those that a person changed while the run trains."""
    live = {"optim.clip_norm": update.clip_norm, "model.dropout": update.dropout}
    return RunConfig.from_settings(config.flat() | live)


def _net(config: RunConfig, split: Split, device: torch.device) -> Net:
    """Built on the CPU and moved, so that the first weights do not depend on the device."""
    net = build(
        config,
        input_size=split.input_size,
        outputs=split.outputs,
        problem=split.card.problem,
        tokens=split.card.inputs == "tokens",
        longest=split.longest,
        scale=split.scale,
    ).to(device)
    net.autocast_dtype = autocast_dtype(config.runtime)
    return net


def _batches(config: RunConfig, split: Split, sequences: int, device: torch.device) -> Batches:
    """The training sequences, so many an update."""
    tokens, seed = split.card.inputs == "tokens", config.train.seed
    return Batches(
        split.train,
        sequences,
        seed,
        device,
        balance=drawn_evenly(config.data.balance) if split.card.problem == "classification" else "none",
        bucketing=sorted_together(config.data.bucketing, split),
        augmentation=Augmentation(config.data, tokens=tokens, seed=seed, device=device),
    )


def _steps_total(config: RunConfig, steps_per_epoch: int) -> int:
    updates = config.train.updates
    if is_range_test(config):
        least, most = RANGE_TEST_UPDATES
        return updates or min(max(steps_per_epoch, least), most)
    planned = config.train.epochs * steps_per_epoch
    return planned if updates is None else min(planned, updates)


def _evaluations_left(split: Split, steps_total: int, every: int, *, tested: bool) -> Callable[[int], float]:
    """Counts the evaluations of the validation part still to come after an update.

    The evaluation of all parts at the end counts as so many of them as it has sequences.
    """
    parts = [split.train, split.validation, *((split.test, *split.extra.values()) if tested else ())]
    last = sum(map(len, parts)) / max(1, len(split.validation))
    return lambda step: -(-steps_total // every) - step // every + last
