"""What watching costs: the same training with the app attached in a real terminal, and without, in turn.

    python -m benchmarks.attached [--rounds 3] [--epochs 12] [--json]

Both are started in the same way (`rnnlab train`, one LSTM 128, batch 64); in every second run the app stands open on the run at
140×45, drawing it live. The figure is the ratio of examples a second, attached over alone, the median of the pairs.
Names where RNNLAB_DATA has them, else surnames.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from benchmarks.options import parse
from rnnlab.runs.find import find_run
from rnnlab.runs.folders import RunFolder
from rnnlab.runs.log_reader import read_state
from tests.terminal import Terminal


def train(folder: Path, task: str, epochs: int, attached: bool) -> float:
    """Examples a second of one run."""
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
            _until_ended(run, lambda: terminal.look(0.2))
            terminal.see("completed")
            terminal.kill()
    else:
        _until_ended(run, lambda: time.sleep(0.2))
    return read_state(run.events_path)[0].examples_per_second


def _until_ended(run: RunFolder, between: object) -> None:
    while not read_state(run.events_path)[0].ended:
        assert callable(between)
        between()


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
                f"{task}: alone {alone:,.0f} examples/s, with the app {watched:,.0f}: {watched / alone:.3f}",
                file=sys.stderr,
            )
    ratio = statistics.median(watched / alone for alone, watched in pairs)
    if options.json:
        print(json.dumps({"task": task, "pairs": pairs, "ratio": ratio}))
    else:
        print(f"with the app attached over without: {ratio:.3f} (median of {options.rounds})")


if __name__ == "__main__":
    main()
