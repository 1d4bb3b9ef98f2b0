"""What a run costs beside its updates: evaluating, logging, keeping and writing the weights.

    python -m benchmarks.overhead [--epochs 10] [--rounds 3] [--json]

names (surnames without RNNLAB_DATA), LSTM 128, batch 64, one thread. A run's folder is really written, the log is synced as in a
real run, commands are polled for. From inside: the time of evaluating (the look at the best weights too), of keeping and writing
weights and state, of the log and the commands, as a share of the run's. From outside: what the whole run took more than the same
updates on the same batches alone, in turn.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from benchmarks.options import parse
from rnnlab.config import RunConfig, to_toml
from rnnlab.runs.folders import RunFolder
from rnnlab.runs.log import LogWriter
from rnnlab.tasks.load import load
from rnnlab.tasks.splitting.types import Split
from rnnlab.training.commands import LiveCommands
from rnnlab.training.loop import Training
from rnnlab.training.persist.checkpoints import CheckpointStore
from rnnlab.training.persist.disk import DiskGuard
from rnnlab.training.persist.recorder import Recorder


class Watch:
    """Time by what it was spent on; what is inside another counts as the outer one's."""

    def __init__(self) -> None:
        self.spent: dict[str, float] = {}
        self._inside = False

    def around(self, what: str, owner: Any, name: str) -> None:
        """Count the time in `owner.name`, a method or a generator's, as `what`."""
        called = getattr(owner, name)

        def timed(*arguments: Any, **settings: Any) -> Any:
            found = self._timed(what, lambda: called(*arguments, **settings))
            return self._through(what, found) if hasattr(found, "send") else found

        setattr(owner, name, timed)

    def _through(self, what: str, generator: Any) -> Iterator[Any]:
        while True:
            event = self._timed(what, lambda: next(generator, None))
            if event is None:
                return
            yield event

    def _timed(self, what: str, call: Callable[[], Any]) -> Any:
        if self._inside:
            return call()
        self._inside, start = True, time.perf_counter()
        try:
            return call()
        finally:
            self._inside = False
            self.spent[what] = self.spent.get(what, 0.0) + time.perf_counter() - start


def whole(config: RunConfig, split: Split) -> tuple[float, dict[str, float]]:
    """Seconds of a run up to the test of the best weights, and of those what each kind of overhead took."""
    watch = Watch()
    with tempfile.TemporaryDirectory() as name:
        run = RunFolder(Path(name))
        (run.path / "run.toml").write_text(to_toml(config))
        with LogWriter(run.events_path) as log:
            commands = LiveCommands(run.commands_path)
            guard = DiskGuard(log, commands)
            training = Training(config, split, checkpoints=CheckpointStore(run, guard.insist), commands=commands)
            guard.meter = training.meter
            recorder = Recorder(log, training.meter, guard)
            for what, owner, method in (
                ("evaluating", training, "evaluate"),
                ("evaluating", training, "test_best"),
                ("inspecting", training.gradients, "before"),
                ("inspecting", training.gradients, "after"),
                ("saving", training, "save_state"),
                ("saving", training.checkpoints, "write"),
                ("logging", recorder, "append"),
                ("logging", training.commands.source, "read"),
                ("logging", training, "end_window"),
                ("logging", training.meter, "add"),
                ("counting", training.running, "add"),
            ):
                watch.around(what, owner, method)
            start = time.perf_counter()
            with recorder:
                for event in training.events():
                    recorder.append(event)
            log.sync()
            total = time.perf_counter() - start
    return total, watch.spent


def bare(config: RunConfig, split: Split) -> float:
    """Seconds of the same updates alone."""
    training = Training(config, split)
    start = time.perf_counter()
    for epoch in range(1, config.train.epochs + 1):
        for batch in training.batches.epoch(epoch):
            training.update(batch, config.optim.lr)
    return time.perf_counter() - start


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--epochs", type=int, default=10)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--json", action="store_true")
    options = parse(parser, epochs=1, rounds=1)
    task = "names" if os.environ.get("RNNLAB_DATA") else "surnames"
    config = RunConfig.from_settings(
        {
            "task.name": task,
            "model.name": "lstm",
            "model.hidden": 128,
            "train.batch_size": 64,
            "train.epochs": options.epochs,
            "runtime.device": "cpu",
        }
    )
    split = load(config)
    rounds = []
    for _ in range(options.rounds):
        total, spent = whole(config, split)
        rounds.append((total, spent, bare(config, split)))
    inside = sorted(sum(spent.values()) / total for total, spent, _ in rounds)
    beside = sorted(total / alone - 1.0 for total, _, alone in rounds)
    parts = {what: statistics.median(s[what] / t for t, s, _ in rounds) for what in sorted(rounds[0][1])}
    if options.json:
        print(json.dumps({"task": task, "inside": inside, "beside": beside, "parts": parts}))
        return
    print(f"{task}, LSTM 128, batch 64, {options.epochs} epochs, {options.rounds} rounds")
    print(f"  inside: {_shares(inside)} of the run: " + ", ".join(f"{w} {share:.1%}" for w, share in parts.items()))
    print(f"  over the updates alone: {_shares(beside)} more")


def _shares(values: list[float]) -> str:
    return f"{statistics.median(values):.1%} ({values[0]:.1%} to {values[-1]:.1%})"


if __name__ == "__main__":
    main()
