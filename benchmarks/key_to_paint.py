"""How long from a key to the change it makes on the screen, idle and while a run trains on every core.

The app runs in a real pseudo-terminal. Keys that change the screen are pressed one at a time, at uneven intervals; the time
is from the write of the key to the first output after it that shows a changed screen. For the second half a real run
trains in a trainer with a thread for each core, started from the form itself.

    python -m benchmarks.key_to_paint [--keys 150] [--task surnames]
"""

from __future__ import annotations

import argparse
import json
import os
import random
import re
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from benchmarks.options import parse
from benchmarks.terminal import Terminal
from rnnlab.cores import cores

OTHER_COMMAND = "Choose task, architecture and settings"
"""What the palette says beside a command that is not sought."""
PATIENCE = 120.0
DOWN, UP, TAB = "\x1b[B", "\x1b[A", "\t"


def percentile(values: list[float], share: float) -> float:
    """The value below which `share` of them lie."""
    return sorted(values)[min(len(values) - 1, int(share * len(values)))]


Look = Callable[[Terminal], object]
"""What of the screen the key changes."""


def whole_screen(terminal: Terminal) -> object:
    return terminal.text, terminal.cursor_styles()


def axis(terminal: Terminal) -> object:
    """What the x axis of Run counts: the curves move by themselves."""
    return re.findall(r"\bx ([a-z]+)", terminal.text)


def time_key(terminal: Terminal, key: str, look: Look) -> float | None:
    """Seconds from the key to the output that changes what is looked at; None where none does within a second."""
    before = look(terminal)
    pressed = terminal.send(key)
    end = pressed + 1.0
    while (piece := terminal.read(end - time.perf_counter())) is not None:
        moment, data = piece
        terminal.feed(data)
        if look(terminal) != before:
            return moment - pressed
    return None


def measure(terminal: Terminal, keys: list[str], count: int, seed: int, look: Look = whole_screen) -> list[float]:
    """The times of `count` keys, taken from `keys` in turn."""
    times: list[float] = []
    pauses = random.Random(seed)
    for index in range(count):
        terminal.settle(0.06, timeout=0.4)
        time.sleep(pauses.uniform(0.0, 0.08))
        while (piece := terminal.read(0.0)) is not None:
            terminal.feed(piece[1])
        seconds = time_key(terminal, keys[index % len(keys)], look)
        times.append(1.0 if seconds is None else seconds)
    return times


FIGURES: dict[str, dict[str, float]] = {}
"""What was measured, by its name: seconds at p50 and p95."""


def report(name: str, times: list[float]) -> None:
    FIGURES[name] = {"p50": percentile(times, 0.5), "p95": percentile(times, 0.95), "keys": len(times)}
    lost = sum(seconds >= 1.0 for seconds in times)
    print(
        f"{name:34} p50 {percentile(times, 0.5) * 1000:5.1f} ms   p95 {percentile(times, 0.95) * 1000:5.1f} ms   "
        f"most {max(times) * 1000:5.1f} ms   {len(times)} keys"
        + (f", {lost} without an answer in 1 s" if lost else ""),
        file=sys.stderr,
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--keys", type=int, default=150, help="keys of each measurement")
    parser.add_argument("--task", default="surnames", help="the task that trains meanwhile")
    parser.add_argument("--json", action="store_true", help="print one JSON object, the lines on stderr")
    options = parse(parser, keys=3, task="binary")
    with tempfile.TemporaryDirectory() as folder:
        environment = {"RNNLAB_SESSIONS": f"{folder}/sessions", "XDG_CONFIG_HOME": f"{folder}/config"}
        with Terminal([sys.executable, "-m", "rnnlab"], environment=environment) as terminal:
            terminal.wait_for("Task", "Train", "Quit")
            report("Setup, idle: moving in the form", _form(terminal, options.keys))
            runs = [_queue(options.task, environment) for _ in range(1 if options.quick else cores())]
            _wait_for_updates(runs)
            report(f"Setup, {_training(runs)} runs training", _form(terminal, options.keys))
            terminal.send("\x10")
            terminal.wait_for(OTHER_COMMAND, timeout=30)
            terminal.send("open the latest")
            terminal.wait_without(OTHER_COMMAND, timeout=30)  # the list follows what is typed
            terminal.send("\r")
            terminal.wait_for("loss", "epoch", timeout=30)
            times = measure(terminal, ["x"], options.keys, 3, axis)
            report(f"Run, {_training(runs)} runs training", times)
            for run in runs:
                _stop(run)
            terminal.settle(2.0)
    if options.json:
        print(json.dumps(FIGURES))


def _form(terminal: Terminal, count: int) -> list[float]:
    terminal.send(TAB * 2)
    terminal.settle(0.3)
    times = measure(terminal, ["+", DOWN, DOWN, UP, UP, "-"], count, 1)
    terminal.send("\x1b[Z" * 2)
    terminal.settle(0.3)
    return times


def _queue(task: str, environment: dict[str, str]) -> str:
    """Start a long run as a person in another terminal would; its folder."""
    import subprocess

    command = [sys.executable, "-m", "rnnlab", "train", task, "--epochs", "1000", "--hidden", "128", "--detach"]
    done = subprocess.run(command, env={**os.environ, **environment}, capture_output=True, text=True, check=True)
    return done.stdout.strip()


def _wait_for_updates(runs: list[str]) -> None:
    """Until each has trained for a while: PyTorch is imported, an epoch is behind it."""
    from rnnlab.runs.folders import RunFolder
    from rnnlab.runs.log_reader import read_state

    end = time.monotonic() + PATIENCE
    for run in runs:
        while not (log := RunFolder(Path(run)).events_path).exists() or read_state(log)[0].epoch < 1:
            if time.monotonic() > end:
                raise TimeoutError(f"{run} did not train within {PATIENCE:g} s")
            time.sleep(0.1)


def _training(runs: list[str]) -> int:
    """How many of the runs have a trainer at work now."""
    from rnnlab.engines.local import run_alive
    from rnnlab.runs.folders import RunFolder

    return sum(run_alive(RunFolder(Path(run).resolve())) for run in runs)


def _stop(run: str) -> None:
    from rnnlab.runs.folders import RunFolder

    RunFolder(Path(run).resolve()).send("stop")


if __name__ == "__main__":
    main()
