"""Time from a key to the next screen, and of keys within each screen: Sessions, Session, Run, Compare, Playground, Setup.

    python -m benchmarks.switching [--rounds 8] [--keys 40] [--screens Run,Compare] [--json]

In a real pseudo-terminal of 140 × 45, on a session of three short runs that are trained first. A screen is there once its keys
stand in the last line and what it shows above them. The first round, which imports each screen, is reported by itself.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from benchmarks.key_to_paint import DOWN, TAB, UP, measure, percentile
from benchmarks.options import parse
from benchmarks.terminal import Terminal

RIGHT, LEFT, HOME, PAGE_DOWN, ESCAPE = "\x1b[C", "\x1b[D", "\x1b[H", "\x1b[6~", "\x1b"
SESSIONS, SETUP = "\x0f", "\x0e"  # ctrl+o, ctrl+n
_STILL = 0.6
"""Seconds without output after which a screen is complete; the load of an ended run is drawn once in two seconds."""
SHOWN = {
    "Setup": ("Basic settings", "^r Train"),
    "Sessions": ("by session", "s session"),
    "Session": ("by validation", "n new from this"),
    "Run": ("1 loss", "1–7 zoom"),
    "Compare": ("1 loss", "4 matrices"),
    "Playground": ("tab panels",),
}
"""What stands on each screen once it is there, and on no other."""
WALK = (
    (SESSIONS, "Sessions"),
    ("\r", "Session"),
    ("\r", "Run"),
    (ESCAPE, "Session"),
    ("v", "Compare"),
    (ESCAPE, "Session"),
    ("\r", "Run"),
    ("t", "Playground"),
    (ESCAPE, "Run"),
    (SETUP, "Setup"),
)
_TO_SESSION = WALK[:2]
PATHS = {
    "Sessions": WALK[:1],
    "Session": _TO_SESSION,
    "Run": WALK[:3],
    "Compare": (*_TO_SESSION, ("v", "Compare")),
    "Playground": (*WALK[:3], ("t", "Playground")),
}
"""How one comes to each screen from Setup."""
KEYS = {
    "Sessions": [DOWN, DOWN, UP, UP],
    "Session": [DOWN, RIGHT, UP, LEFT],
    "Run": [RIGHT, LEFT, "l", "x", "e", "m", "3", "3", "6", "6", "7", "7", "+", "0"],
    "Compare": [RIGHT, LEFT, "l", "x", "3", "3", "4", "4"],
    "Playground": ["a", "\x7f"],
    "Playground, panels": [LEFT, RIGHT, DOWN, UP, "g", "o"],
}
"""Keys that each change what is shown, and that leave each screen about as it is."""


def switch(terminal: Terminal, key: str, screen: str) -> float:
    """Seconds from the key until the screen is there. Raises TimeoutError, with what is shown instead.

    What the app writes is read as it comes and made into a picture afterwards, which takes longer than the app does.
    """
    pressed = terminal.send(key)
    words = SHOWN[screen]
    pieces: list[tuple[float, bytes]] = []
    until = pressed + 5.0
    while (left := until - time.perf_counter()) > 0 and (piece := terminal.read(min(left, _STILL if pieces else 5.0))):
        pieces.append(piece)
    there = None
    for moment, data in pieces:
        terminal.feed(data)
        if there is None and all(word in terminal.text for word in words):
            there = moment - pressed
    if there is None:
        raise TimeoutError(f"{screen} did not come within 5 s of {key!r}; the terminal shows:\n{terminal.text}")
    return there


def go(terminal: Terminal, key: str, here: str, screen: str) -> float:
    """The same, from the screen `here` on; the app has come to rest before and after."""
    if here == "Sessions":
        terminal.send(HOME)
        terminal.settle(0.3)
    seconds = switch(terminal, key, screen)
    terminal.settle(0.5, timeout=3)
    return seconds


def walk(terminal: Terminal) -> dict[str, list[float]]:
    """Once through all screens: the time of each switch, by where from and where to."""
    switches: dict[str, list[float]] = {}
    here = "Setup"
    for key, screen in WALK:
        switches.setdefault(f"{here} → {screen}", []).append(go(terminal, key, here, screen))
        here = screen
    return switches


def press(terminal: Terminal, screens: list[str], count: int) -> dict[str, list[float]]:
    """The times of so many keys in each of the screens, to which one goes from Setup."""
    times: dict[str, list[float]] = {}
    for screen in screens:
        here = "Setup"
        for key, name in PATHS[screen]:
            go(terminal, key, here, name)
            here = name
        if screen == "Playground":
            terminal.wait_for("best weights, epoch", timeout=60)  # a process loads them
            terminal.settle(0.5)
        times[screen] = measure(terminal, KEYS[screen], count, 5)
        if screen == "Playground":
            # What was typed is gone: a test sequence has steps, cells and gates to move among. Then from the text to the panels.
            terminal.send(PAGE_DOWN)
            terminal.wait_for("test sequence 1 of", timeout=60)
            terminal.settle(0.5)
            terminal.send(TAB)
            terminal.settle(0.3)
            times["Playground, panels"] = measure(terminal, KEYS["Playground, panels"], count, 6)
        go(terminal, SETUP, screen, "Setup")
    return times


def make_session(environment: dict[str, str], epochs: int) -> None:
    """Train three short runs."""
    settings = [f"train.epochs={epochs}", "--over", "model.hidden=16;32;64", "--session", "bench"]
    command = [sys.executable, "-m", "rnnlab", "sweep", "surnames", *settings]
    subprocess.run(command, env={**os.environ, **environment}, capture_output=True, check=True)


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=8, help="walks through all screens after the first")
    parser.add_argument("--keys", type=int, default=40, help="keys of each screen")
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--screens", default=",".join(PATHS), help="those whose keys are measured")
    options = parse(parser, rounds=0, keys=1, screens="Playground")
    with tempfile.TemporaryDirectory() as name:
        environment = {"RNNLAB_SESSIONS": f"{name}/sessions", "XDG_CONFIG_HOME": f"{name}/config"}
        make_session(environment, 1 if options.quick else 3)
        with Terminal(
            [sys.executable, "-m", "rnnlab"], columns=140, lines=45, environment=environment, cwd=Path.cwd()
        ) as terminal:
            terminal.wait_for("Task", "Train", "Quit", timeout=30)
            terminal.settle(1.0)
            first = walk(terminal)
            later: dict[str, list[float]] = {}
            for _ in range(options.rounds):
                for each, times in walk(terminal).items():
                    later.setdefault(each, []).extend(times)
            later = later or first
            keys = press(terminal, options.screens.split(","), options.keys)
    every = [seconds for times in later.values() for seconds in times]
    figures = {
        "switching": {"p50": percentile(every, 0.5), "p95": percentile(every, 0.95)},
        "first": {each: max(times) for each, times in first.items()},
        "keys": {each: percentile(times, 0.95) for each, times in keys.items()},
    }
    if options.json:
        print(json.dumps(figures))
        return
    for each, times in later.items():
        print(
            f"{each:24} p50 {percentile(times, 0.5) * 1e3:5.0f} ms  most {max(times) * 1e3:5.0f} ms  "
            f"first {max(first[each]) * 1e3:5.0f} ms"
        )
    print(
        f"{'switching screens':24} p50 {percentile(every, 0.5) * 1e3:5.0f} ms  p95 {percentile(every, 0.95) * 1e3:5.0f} ms"
    )
    for each, times in keys.items():
        print(
            f"{f'keys in {each}':24} p50 {percentile(times, 0.5) * 1e3:5.0f} ms  p95 {percentile(times, 0.95) * 1e3:5.0f} ms  "
            f"{sum(seconds >= 1.0 for seconds in times)} of {len(times)} without a change"
        )


if __name__ == "__main__":
    main()
