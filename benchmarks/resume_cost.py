"""What it costs to be able to go on: the share of a run's time that saving its state takes, and the size of a state.

python -m benchmarks.resume_cost [--task names] [--hidden 128] [--epochs 5]

The run is trained in this process with a folder of its own, on one thread; the time of packing, hashing, writing and fsync is
taken around each save, the last one included. Evaluations and the other checkpoints are part of the run's time.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

os.environ.setdefault("OMP_NUM_THREADS", "1")

from benchmarks.options import parse
from rnnlab.config import RunConfig
from rnnlab.runs.events import CheckpointSaved
from rnnlab.runs.folders import create_session
from rnnlab.runs.log import LogWriter
from rnnlab.tasks.load import load
from rnnlab.training.loop import Training
from rnnlab.training.persist.checkpoints import CheckpointStore
from rnnlab.training.persist.state_saver import StateSaver


class Timed(StateSaver):
    """Sums up what saving takes."""

    spent = 0.0
    saves = 0

    def save(self, state: Callable[[], dict[str, Any]], *, epoch: int, step: int) -> Iterator[CheckpointSaved]:
        began = time.perf_counter()
        yield from super().save(state, epoch=epoch, step=step)
        self.spent += time.perf_counter() - began
        self.saves += 1


def main() -> int:
    """Exit code 1 where it costs more than a hundredth."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--task", default="surnames")
    parser.add_argument("--hidden", default="128")
    parser.add_argument("--epochs", type=int, default=5)
    options = parse(parser, epochs=1, hidden="16")
    settings = {
        "task.name": options.task,
        "model.hidden": options.hidden,
        "train.epochs": options.epochs,
        "runtime.device": "cpu",
        "runtime.threads": 1,
    }
    config = RunConfig.from_settings(settings)
    split = load(config)
    with tempfile.TemporaryDirectory() as folder:
        run = create_session("cost", root=Path(folder)).create_run(config)
        training = Training(config, split, run=run.name, checkpoints=CheckpointStore(run))
        saver = training.saver = Timed(run)
        began = time.perf_counter()
        with LogWriter(run.events_path) as log:
            for event in training.events():
                log.append(event)
        seconds = time.perf_counter() - began
        size = run.resume_path.stat().st_size
    share = saver.spent / seconds
    print(
        f"{options.task}, hidden {options.hidden}: {saver.saves} states of {size / 1e6:.1f} MB in {seconds:.1f} s, "
        f"{1000 * saver.spent / saver.saves:.1f} ms each, {share:.2%} of the run"
    )
    return 1 if share > 0.01 and not options.quick else 0


if __name__ == "__main__":
    sys.exit(main())
