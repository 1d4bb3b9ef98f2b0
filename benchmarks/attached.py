"""What watching costs: the same training with the app attached in a real terminal, and without, in turn.

    python -m benchmarks.attached [--rounds 3] [--epochs 12] [--json]

Both are started in the same way (`rnnlab train`, one LSTM 128, batch 64); in every second run the app stands open on the run at
140×45, drawing it live. The figures are ratios, attached over alone, the medians of the pairs: of examples a second, and of
examples a second of the trainer's processor time, which is the one to read where other programs run. Names where RNNLAB_DATA has
them, else surnames.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import math
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from benchmarks.options import parse
from benchmarks.watching import processor_seconds
from rnnlab.runs.find import find_run
from rnnlab.runs.folders import RunFolder
from rnnlab.runs.log_reader import read_state
from tests.terminal import Terminal


def train(folder: Path, task: str, epochs: int, attached: bool) -> tuple[float, float]:
    """Examples a second of one run, and a second of its trainer's processor time."""
    environment = os.environ | {"RNNLAB_SESSIONS": str(folder / "sessions")}
    flags = ["--hidden", "128", "--batch", "64", "--epochs", str(epochs)]
    command = [sys.executable, "-m", "rnnlab", "train", task, *flags, "--detach", "--session", "bench"]
    path = subprocess.run(
        command, check=True, capture_output=True, text=True, env=environment, cwd=folder
    ).stdout.strip()
    run = find_run(path)
    if attached:
        settings = {key: value for key, value in environment.items() if key.startswith("RNNLAB_")}
        with Terminal(cwd=folder, environment=settings) as terminal:
            terminal.see("surnames|Surnames")
            terminal.press("f3")
            terminal.see(run.name)
            terminal.press("enter")
            terminal.see("ex/s")
            of_processor = _until_ended(run, lambda: terminal.look(0.2))
            terminal.see("completed")
            terminal.kill()
    else:
        of_processor = _until_ended(run, lambda: time.sleep(0.2))
    return read_state(run.events_path)[0].examples_per_second, of_processor


def _until_ended(run: RunFolder, between: Callable[[], object]) -> float:
    """Wait for the run; the examples it trains in a second of its trainer's processor time, from the second epoch on."""
    seen: list[tuple[int, float]] = []
    while not (state := read_state(run.events_path)[0]).ended:
        if state.started is not None and state.status == "training" and state.epoch > 1:
            with contextlib.suppress(OSError):  # it has just ended
                seen.append((state.examples, processor_seconds(state.started.pid)))
        between()
    spent = seen[-1][1] - seen[0][1] if seen else 0.0
    return (seen[-1][0] - seen[0][0]) / spent if spent else math.nan


def main() -> None:
    """Print the figure."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--epochs", type=int, default=12)
    parser.add_argument("--json", action="store_true")
    options = parse(parser, rounds=1, epochs=4)
    data = os.environ.get("RNNLAB_DATA")
    task = "names" if data and (Path(data) / "names").is_dir() else "surnames"
    pairs = []
    with tempfile.TemporaryDirectory() as name:
        for _ in range(options.rounds):
            alone = train(Path(name), task, options.epochs, attached=False)
            watched = train(Path(name), task, options.epochs, attached=True)
            pairs.append((alone, watched))
            print(
                f"{task}: alone {alone[0]:,.0f} examples/s, with the app {watched[0]:,.0f}; "
                f"of processor time {alone[1]:,.0f}, {watched[1]:,.0f}",
                file=sys.stderr,
            )
    ratio, of_processor = (statistics.median(watched[at] / alone[at] for alone, watched in pairs) for at in (0, 1))
    if options.json:
        print(json.dumps({"task": task, "pairs": pairs, "ratio": ratio, "of_processor": of_processor}))
    else:
        print(
            f"with the app attached over without: {ratio:.3f}, of the trainer's processor time {of_processor:.3f} "
            f"(medians of {options.rounds})"
        )


if __name__ == "__main__":
    main()
