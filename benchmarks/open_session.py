"""Time to open a session of 10,000 runs in the app, cold and from the browser that has read it; and from a key to the change.

    python -m benchmarks.open_session [--runs 10000] [--keys 60] [--rounds 3] [--json]

In a real pseudo-terminal of 140 × 45. "first rows" is the first table that is drawn, "all rows" that of all runs.
"""

from __future__ import annotations

import argparse
import json
import statistics
import sys
import tempfile
from pathlib import Path

from benchmarks.compare_runs import make_runs
from benchmarks.key_to_paint import DOWN, UP, measure, percentile
from benchmarks.options import parse
from benchmarks.terminal import Terminal

RIGHT = "\x1b[C"
HOME = "\x1b[H"


def opened(folder: Path, runs: int, keys: int) -> tuple[float, float, dict[str, list[float]]]:
    """Seconds from the key to the first rows and to all of them; and of keys in the table, by what they do."""
    environment = {"RNNLAB_SESSIONS": str(folder), "XDG_CONFIG_HOME": f"{folder}/config"}
    with Terminal([sys.executable, "-m", "rnnlab"], columns=140, lines=45, environment=environment) as terminal:
        terminal.wait_for("Train", "Quit", timeout=60)
        terminal.settle(0.5)
        terminal.send("\x0f")  # ctrl+o
        terminal.wait_for(f"{runs} runs in", timeout=120)
        terminal.settle(0.5)
        terminal.send(HOME)
        terminal.settle(0.5)
        pressed = terminal.send("\r")
        first = terminal.started + terminal.wait_for("filter", "columns", "weights", timeout=60) - pressed
        whole = terminal.started + terminal.wait_for(f"{runs:,} runs", timeout=60) - pressed
        terminal.settle(1.0, timeout=20)
        times = {
            "moving": measure(terminal, [DOWN, DOWN, UP], keys, 1),
            "columns": measure(terminal, [RIGHT], min(keys, 6), 2),
            "order": measure(terminal, ["o"], min(keys, 15), 3),
        }
        terminal.send("/")
        terminal.settle(0.5)
        times["filter"] = measure(terminal, list("hidden=64 acc>.7"), 16, 4)
    return first, whole, times


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=10_000)
    parser.add_argument("--keys", type=int, default=60)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--folder", type=Path, help="a folder with such a session already")
    parser.add_argument("--json", action="store_true")
    options = parse(parser, runs=1200, keys=3, rounds=1)
    firsts: list[float] = []
    wholes: list[float] = []
    times: dict[str, list[float]] = {}
    with tempfile.TemporaryDirectory() as scratch:
        folder = options.folder or Path(scratch) / "sessions"
        if options.folder is None:
            make_runs(folder / "many", options.runs)
        for _ in range(options.rounds):
            first, whole, found = opened(folder, options.runs, options.keys)
            firsts.append(first)
            wholes.append(whole)
            for name, each in found.items():
                times.setdefault(name, []).extend(each)
    figures = {"first": statistics.median(firsts), "whole": statistics.median(wholes)}
    figures |= {f"{name} p95": percentile(each, 0.95) for name, each in times.items()}
    if options.json:
        print(json.dumps({"runs": options.runs, **figures}))
        return
    print(f"{options.runs:,} runs: first rows in {figures['first']:.2f} s, all rows in {figures['whole']:.2f} s")
    for name, each in times.items():
        print(
            f"{name:8} p50 {percentile(each, 0.5) * 1e3:5.1f} ms  p95 {percentile(each, 0.95) * 1e3:5.1f} ms  {len(each)} keys"
        )


if __name__ == "__main__":
    main()
