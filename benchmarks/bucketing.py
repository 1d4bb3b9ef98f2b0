"""What sorting sequences by length costs and brings: accuracy by the number of batches sorted together, and steps a batch.

    RNNLAB_DATA=FOLDER python -m benchmarks.bucketing [--seeds 0,1,2,3,4] [--quick]

Trains the gestures' net of `../docs/accuracy.md`'s course (GRU 64, rate .001, batches of 32, 16 epochs, split by recording) and
names (LSTM 128, 8 epochs), on batches of plain shuffling and of 2, 4, 8 and 100 batches sorted together. What `data.bucketing`
= auto takes is marked. The exit code is 0 where its accuracy lies within two standard errors of the shuffled one, or above.
`--quick`: one seed, few updates, two of the five.
"""

from __future__ import annotations

import argparse
import os
import statistics
import sys
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from benchmarks.options import parse
from rnnlab.config import RunConfig
from rnnlab.tasks.describe.summary import summarise_split
from rnnlab.tasks.load import load
from rnnlab.training.data.batches import MOST_SORTED, sorted_together
from rnnlab.training.loop import Training

SORTED = (1, 2, 4, 8, MOST_SORTED)
NETS: dict[str, dict[str, object]] = {
    "gestures": {
        "data.split": "recording",
        "data.leaks": "allow",
        "model.name": "gru",
        "model.hidden": 64,
        "model.layers": 1,
        "model.bidirectional": False,
        "model.dropout": 0.0,
        "optim.lr": 0.001,
        "optim.schedule": "constant",
        "train.batch_size": 32,
        "train.epochs": 16,
    },
    "names": {"train.epochs": 8},
}


@dataclass(frozen=True)
class Measured:
    """Test accuracies, by seed, of nets trained on batches of which so many were sorted together."""

    together: int
    steps: float
    """Steps of a batch, padding included: what it costs."""
    accuracies: tuple[float, ...]

    @property
    def mean(self) -> float:
        return statistics.fmean(self.accuracies)

    @property
    def error(self) -> float:
        """The standard error of the mean."""
        few = len(self.accuracies) < 2
        return 0.0 if few else statistics.stdev(self.accuracies) / len(self.accuracies) ** 0.5


def measure(task: str, seeds: list[int], sorted_counts: tuple[int, ...], updates: int | None) -> Iterator[Measured]:
    """One result for each number of batches."""
    for together in sorted_counts:
        accuracies, steps = [], 0.0
        for seed in seeds:
            config = RunConfig.from_settings(
                {"task.name": task, "train.seed": seed, "train.updates": updates, "train.inspect": "off", **NETS[task]}
            )
            split = load(config)
            training = Training(config, split, run=task, summary=summarise_split(split, config))
            training.batches.bucketing = together
            for _ in training.events():
                pass
            accuracies.append(float(training.final["test"]["accuracy"] or 0.0))
            steps = float(np.mean([batch.inputs.shape[1] for batch in training.batches.epoch(1)]))
        yield Measured(together, steps, tuple(accuracies))


def main() -> int:
    """Prints a table a task."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seeds", default="0,1,2,3,4", help="numbers with commas")
    arguments = parse(parser)
    if "RNNLAB_DATA" not in os.environ:
        print("skipped: gestures and names need the published data sets in RNNLAB_DATA")
        return 0
    seeds = [int(seed) for seed in arguments.seeds.split(",")][: 1 if arguments.quick else None]
    good = True
    for task in NETS:
        taken = sorted_together("auto", load(RunConfig.from_settings({"task.name": task, **NETS[task]})))
        print(f"{task}: batches sorted together, steps a batch, test accuracy (± standard error)")
        results = {}
        counts = (1, MOST_SORTED) if arguments.quick else SORTED
        for result in measure(task, seeds, counts, 20 if arguments.quick else None):
            results[result.together] = result
            mark = "  auto" if result.together == taken else ""
            print(
                f"{result.together:>5}  {result.steps:>5.1f}  {result.mean:.4f} ± {result.error:.4f}{mark}", flush=True
            )
        shuffled, chosen = results[1], results[taken]
        good &= chosen.mean >= shuffled.mean - 2 * (shuffled.error**2 + chosen.error**2) ** 0.5
    return 0 if good or arguments.quick else 1


if __name__ == "__main__":
    sys.exit(main())
