"""How long until the app is on the screen, beside a bare Textual app.

Both are started in a real pseudo-terminal of 80×24, in turn, and timed from the start of the process to the first whole
frame: the moment the terminal shows everything it is going to show. Run it on a machine that does nothing else:

    python -m benchmarks.first_paint [--runs 15]
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

HELLO = """
from textual.app import App
from textual.widgets import Static

class Hello(App):
    def compose(self):
        yield Static("Hello, world")

Hello().run()
"""

WARM_UP = 2
"""Starts of each that are not counted: files come into the caches, of the system and of Python."""

FULL_FRAME = ("Task", "Architecture", "Settings", "parameters", "Train", "Quit")
"""What the whole first screen holds, from its top left to its bottom right."""


def first_paint(command: list[str], words: tuple[str, ...], folder: Path) -> float:
    """Seconds from the start of `command` until all `words` stand on its screen."""
    environment = {
        "RNNLAB_SESSIONS": str(folder / "sessions"),
        "XDG_CONFIG_HOME": str(folder / "config"),
        # Both as installed: with their compiled bytecode kept, even where somebody wishes it away. What is compiled anew at each
        # start would be the project's alone.
        "PYTHONDONTWRITEBYTECODE": None,
        "PYTHONPYCACHEPREFIX": str(folder / "bytecode"),
    }
    with Terminal(command, environment=environment) as terminal:
        painted = terminal.wait_for(*words, timeout=30.0)
        terminal.settle(0.2)
        return painted


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=15, help="starts of each, after two that fill the caches")
    parser.add_argument("--json", action="store_true")
    options = parse(parser, runs=1)
    runs, warm_up = options.runs, 0 if options.quick else WARM_UP
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        hello_file = folder / "hello.py"
        hello_file.write_text(HELLO)
        hello = ([sys.executable, str(hello_file)], ("Hello, world",))
        lab = ([sys.executable, "-m", "rnnlab"], FULL_FRAME)
        times: dict[str, list[float]] = {"hello": [], "rnnlab": []}
        for turn in range(runs + warm_up):
            for name, (command, words) in (("hello", hello), ("rnnlab", lab)):
                seconds = first_paint(command, words, folder)
                if turn >= warm_up:
                    times[name].append(seconds)
                time.sleep(0.05)
    medians = {name: statistics.median(seconds) for name, seconds in times.items()}
    ratios = [app / bare for app, bare in zip(times["rnnlab"], times["hello"], strict=True)]
    if options.json:
        print(json.dumps({"seconds": medians, "ratio": statistics.median(ratios), "starts": runs}))
        return
    for name, seconds_of in times.items():
        print(f"{name:8} median {medians[name] * 1000:6.0f} ms   least {min(seconds_of) * 1000:6.0f} ms")
    print(
        f"ratio    median {statistics.median(ratios):6.2f}      of medians {medians['rnnlab'] / medians['hello']:.2f}"
        f"      of least {min(times['rnnlab']) / min(times['hello']):.2f}"
    )


if __name__ == "__main__":
    main()
