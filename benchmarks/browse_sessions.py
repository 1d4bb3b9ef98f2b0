"""How long the session browser takes to show 2,000 runs, from the key to the last row, in a real terminal.

python -m benchmarks.browse_sessions [--runs 2000] [--rounds 5] [--json]
"""

from __future__ import annotations

import argparse
import json
import statistics
import sys
import tempfile
import time
from pathlib import Path

from benchmarks.options import parse
from benchmarks.terminal import Terminal
from rnnlab.config import RunConfig, to_toml
from rnnlab.runs.codec import encode
from rnnlab.runs.data_summary import DataSummary
from rnnlab.runs.events import Evaluated, Progress, Record, RunFinished, RunStarted

A_SESSION = 50
"""Runs in each session."""


def make_sessions(root: Path, runs: int) -> None:
    """Finished runs, each with a log of a hundred events."""
    config = to_toml(RunConfig.from_settings({"task.name": "surnames"}))
    data = DataSummary(
        task="surnames", title="Names", problem="classification", metric="accuracy", higher_is_better=True
    )
    matrix = tuple(tuple(range(17)) for _ in range(17))
    events = [
        RunStarted(run="x", config={}, data=data, model="LSTM 128", epochs=30, steps_per_epoch=100, parameters=98_578),
        *(
            event
            for epoch in range(1, 31)
            for event in (
                Progress(epoch=epoch, step=epoch * 100, seconds=epoch / 2, steps=100, loss=1 / epoch, lr=0.003),
                Evaluated(split="train", epoch=epoch, step=epoch * 100, metrics={"accuracy": 0.5}, running=True),
                Evaluated(
                    split="validation", epoch=epoch, step=epoch * 100, metrics={"accuracy": 0.5}, confusion=matrix
                ),
            )
        ),
        RunFinished(outcome="completed", epoch=30, best_epoch=12, best={"accuracy": 0.5}, seconds=15.0),
    ]
    log = b"".join(encode(Record(seq, 1.7e9 + seq, float(seq), event)) for seq, event in enumerate(events))
    for number in range(runs):
        folder = root / f"session-{number // A_SESSION:03}" / "runs" / f"{number % A_SESSION + 1:03}-lstm-128"
        folder.mkdir(parents=True)
        (folder / "run.toml").write_text(config)
        (folder / "events.jsonl").write_bytes(log)


def main() -> None:
    """Print the figure."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=2000)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--json", action="store_true")
    options = parse(parser, runs=30, rounds=1)
    seconds = []
    with tempfile.TemporaryDirectory() as folder:
        make_sessions(Path(folder) / "sessions", options.runs)
        environment = {"RNNLAB_SESSIONS": f"{folder}/sessions", "XDG_CONFIG_HOME": f"{folder}/config"}
        for _ in range(options.rounds):
            with Terminal([sys.executable, "-m", "rnnlab"], columns=140, lines=45, environment=environment) as terminal:
                terminal.wait_for("Train", "Quit", timeout=30)
                terminal.settle(0.5)
                pressed = terminal.send("\x0f")  # ctrl+o
                shown = terminal.started + terminal.wait_for(f"{options.runs} runs in", timeout=30)
                seconds.append(shown - pressed)
                time.sleep(0.1)
    median = statistics.median(seconds)
    if options.json:
        print(json.dumps({"runs": options.runs, "seconds": median, "rounds": seconds}))
    else:
        print(
            f"{options.runs:,} runs on the screen in {median:.2f} s (median of {len(seconds)}, longest {max(seconds):.2f} s)"
        )


if __name__ == "__main__":
    main()
