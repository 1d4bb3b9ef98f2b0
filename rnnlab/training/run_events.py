"""The first event of a run, and the message of the last one."""

from __future__ import annotations

import os

import msgspec
import torch

from rnnlab.catalog.models.own_cells import known
from rnnlab.config import RunConfig, advice
from rnnlab.config.net import describe_net
from rnnlab.models.layer_parameters import parameter_counts
from rnnlab.models.net import Net
from rnnlab.runs.data_summary import DataSummary
from rnnlab.runs.events import LayerSummary, Outcome, RunResumed, RunStarted
from rnnlab.training.device import device_name, versions
from rnnlab.training.evaluation.best import Selection
from rnnlab.training.observe.progress import ProgressMeter


def run_started(
    run: str,
    config: RunConfig,
    data: DataSummary,
    net: Net,
    device: torch.device,
    meter: ProgressMeter,
    steps_per_epoch: int,
) -> RunStarted:
    """Everything that was decided before the first update."""
    layers = tuple(LayerSummary(*layer) for layer in parameter_counts(net))
    return RunStarted(
        run=run,
        config=msgspec.to_builtins(config),
        data=data,
        model=describe_net(config.model),
        layers=layers,
        parameters=sum(layer.parameters for layer in layers),
        device=str(device),
        device_name=device_name(device),
        threads=config.runtime.threads or 1,
        versions=versions(),
        pid=os.getpid(),
        epochs=config.train.epochs,
        steps_per_epoch=steps_per_epoch,
        steps_total=meter.steps_total,
        cell=known(config.model.name),
    )


def run_resumed(
    after: int, changes: dict[str, int], config: RunConfig, device: torch.device, meter: ProgressMeter
) -> RunResumed:
    """Which process resumes a run, after which record, and with how many updates planned."""
    return RunResumed(
        after=after,
        epoch=meter.epoch,
        step=meter.step,
        examples=meter.examples,
        seconds=meter.seconds,
        changes=changes,
        epochs=config.train.epochs,
        steps_total=meter.steps_total,
        device=str(device),
        device_name=device_name(device),
        threads=config.runtime.threads or 1,
        versions=versions(),
        pid=os.getpid(),
    )


def unfinished_message(step: int, over: bool) -> str:
    """Why a run that was ended by a signal has no figures of the end. `over`: all that was left was to test the best weights."""
    what = "the best weights were not tested" if over else f"it stands after update {step:,}"
    return f"stopped by a signal, which leaves some seconds; {what}, and rnnlab resume goes on"


def paused_message(epoch: int, config: RunConfig) -> str:
    """Why a run that its sweep has paused has no figures of the end."""
    return f"paused after epoch {epoch} of {config.train.epochs} by its sweep, which resumes the best runs"


def closing_message(outcome: Outcome, best: Selection, diverged: str, config: RunConfig) -> str:
    """Why the run ended, in a sentence; empty where it completed.

    `diverged`: what became of the loss; `config`: the settings in force.
    """
    match outcome:
        case "completed":
            return ""
        case "diverged":
            kept = (
                f"the best weights, of epoch {best.epoch}, are kept"
                if best.result
                else "that was before the first evaluation, so there are no weights to keep"
            )
            clip = advice.clip(config)
            return f"{diverged}; {kept}; a smaller optim.lr{f' or {clip}' if clip else ''} may help"
        case "early-stopped":
            evaluations = (
                f"{best.without_better} evaluations in a row" if best.without_better > 1 else "the last evaluation"
            )
            return f"{evaluations} brought no better validation {best.metric.replace('_', ' ')} than epoch {best.epoch}"
        case "stopped":
            return "" if best.result else "stopped before the first update, so there is nothing to test"
