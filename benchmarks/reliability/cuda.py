"""Trains on a CUDA device again and again, also killed and resumed: with `runtime.deterministic`, to the same bits each time.

    python -m benchmarks.reliability.cuda [--quick] [--hours 1] [--again]

Each trial is one of five kinds of nets in the device's own paths (graphs, cuDNN, half precision), trained by two processes: the
second is killed by -9 in every other trial and resumed. Weights must be the same bytes and each figure the same number. Skipped
where there is no device.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from benchmarks.reliability.outcome import outcome
from benchmarks.reliability.promise import Part, Plan, Promise, Skipped, Trial, main
from rnnlab.config import RunConfig
from rnnlab.engines.resume import queue_again
from rnnlab.runs.folders import RunFolder, SessionInfo, create_session
from rnnlab.runs.log_reader import read_records, read_state

SETTINGS: dict[str, object] = {
    "task.name": "sinusoids",
    "model.hidden": "64",
    "model.dropout": 0.2,
    "train.epochs": 60,
    "train.batch_size": 32,
    "runtime.device": "cuda",
    "runtime.threads": 1,
}
KINDS: list[dict[str, object]] = [
    {"model.name": "lstm"},
    {"model.name": "gru", "model.layers": 2},
    {"model.name": "elman", "optim.name": "sgd"},
    {"model.name": "lstm", "runtime.precision": "bf16"},
    {"model.name": "mingru"},
]


def trained_twice(plan: Plan) -> Iterator[Trial]:
    """Two runs of one configuration each, the second killed and resumed in every other trial."""
    import torch

    if not torch.cuda.is_available():
        raise Skipped("there is no CUDA device here")
    with tempfile.TemporaryDirectory() as name:
        session = create_session("cuda", root=Path(name))
        session.write_info(SessionInfo("cuda", attempts=0))
        for number in plan.numbers:
            config = RunConfig.from_settings(SETTINGS | KINDS[number % len(KINDS)])
            one, other = session.create_run(config), session.create_run(config)
            start(one).wait()
            if number // len(KINDS) % 2:
                records = read_records(one.events_path)[0]
                taken = records[-1].mono - records[0].mono
                process = start(other)
                while read_state(other.events_path)[0].started is None and process.poll() is None:
                    time.sleep(0.02)
                time.sleep(plan.chance(number).uniform(0.0, taken))
                if process.poll() is None:
                    os.kill(process.pid, signal.SIGKILL)
                    process.wait()
                    if not read_state(other.events_path)[0].ended:
                        queue_again(other)
            if not read_state(other.events_path)[0].ended:
                start(other).wait()
            yield Trial("" if outcome(one) == outcome(other) else f"{KINDS[number % len(KINDS)]}: not the same bits")


def start(run: RunFolder) -> subprocess.Popen[bytes]:
    """A trainer of its own."""
    return subprocess.Popen([sys.executable, "-m", "rnnlab.training", str(run.path)])


PROMISE = Promise(
    8,
    "cuda",
    "On a CUDA device a deterministic run comes out to the same bits, also when it was killed and resumed.",
    (Part("pairs of runs, the second killed in every other one", trained_twice, asked=20),),
)

if __name__ == "__main__":
    sys.exit(main(PROMISE))
