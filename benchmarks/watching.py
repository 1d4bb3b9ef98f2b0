"""What the app takes of the machine: of a core while idle and while a run trains, and its memory as a log grows.

    python -m benchmarks.watching [--seconds 20] [--events 1000000] [--json]

In a real pseudo-terminal of 140 × 45. Shares are of processor time of the app's process, which other programs disturb little: on
Setup with nobody typing, and on the Run screen while an LSTM 128 trains, drawn live. Then the app follows a log as it grows to
`--events`; memory is what is resident after the first 10,000 of them, and at the end.
Names where RNNLAB_DATA has them, else surnames.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import islice
from pathlib import Path

from benchmarks.options import parse
from benchmarks.replay_log import log_lines
from rnnlab.config import RunConfig
from rnnlab.runs.find import find_run
from rnnlab.runs.folders import RunFolder, create_session
from rnnlab.runs.log import LogWriter
from rnnlab.runs.log_reader import read_state
from tests.terminal import Terminal

FIRST = 10_000
"""Events after which every curve has as many points as it ever has."""
A_PIECE, A_PERIOD = 2000, 0.3
"""Events appended at once, and how often: as the app reads them."""


def processor_seconds(process: int) -> float:
    """Processor time of a process, without that of others it has started."""
    fields = Path(f"/proc/{process}/stat").read_text().rpartition(") ")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def megabytes(process: int) -> float:
    """Resident memory of a process."""
    return int(Path(f"/proc/{process}/statm").read_text().split()[1]) * os.sysconf("SC_PAGESIZE") / 1e6


def share(terminal: Terminal, seconds: float) -> float:
    """Share of a core that the app takes in the next `seconds`."""
    start, before = time.monotonic(), processor_seconds(terminal.process.pid)
    while (passed := time.monotonic() - start) < seconds:
        terminal.look(min(0.2, seconds - passed))
    return (processor_seconds(terminal.process.pid) - before) / (time.monotonic() - start)


@contextmanager
def app(folder: Path) -> Iterator[Terminal]:
    """The app on Setup."""
    settings = {"RNNLAB_SESSIONS": str(folder / "sessions"), "XDG_CONFIG_HOME": str(folder / "config")}
    with Terminal(cwd=folder, environment=settings) as terminal:
        terminal.see("surnames|Surnames")
        terminal.look(2.0)
        yield terminal
        terminal.kill()


def open_run(terminal: Terminal, run: RunFolder) -> None:
    """Open the latest run."""
    terminal.press("f3")
    terminal.see(run.name)
    while "1 loss" not in terminal.text:
        terminal.press("enter")  # once more where a busy machine's list was not ready for it
        terminal.look(3.0)


def train(folder: Path) -> RunFolder:
    """A run that trains until it is stopped."""
    data = os.environ.get("RNNLAB_DATA")
    task = "names" if data and (Path(data) / "names").is_dir() else "surnames"
    command = [sys.executable, "-m", "rnnlab", "train", task, "--hidden", "128", "--batch", "64", "--epochs", "10000"]
    environment = os.environ | {"RNNLAB_SESSIONS": str(folder / "sessions")}
    done = subprocess.run(
        [*command, "--detach", "--session", "live"], check=True, capture_output=True, text=True, env=environment
    )
    run = find_run(done.stdout.strip())
    while not run.events_path.exists() or read_state(run.events_path)[0].epoch < 1:
        time.sleep(0.2)
    return run


def grow(folder: Path, events: int) -> tuple[float, float]:
    """Memory of the app that follows a log: after `FIRST` of the events, and after all of them."""
    session = create_session("long", root=folder / "sessions")
    run = session.create_run(RunConfig.from_settings({"task.name": "surnames"}))
    lines = log_lines(events)
    with run.events_path.open("ab", buffering=0) as log:
        log.write(b"".join(islice(lines, FIRST)))
        with LogWriter(run.events_path), app(folder) as terminal:
            open_run(terminal, run)
            terminal.look(3.0)
            first = megabytes(terminal.process.pid)
            while piece := b"".join(islice(lines, A_PIECE)):
                log.write(piece)
                terminal.look(A_PERIOD)
            terminal.see(f"step +{events - 1:,} ")
            return first, megabytes(terminal.process.pid)


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=20.0)
    parser.add_argument("--events", type=int, default=1_000_000)
    parser.add_argument("--json", action="store_true")
    options = parse(parser, seconds=1.0, events=FIRST + 4000)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        with app(folder) as terminal:
            figures = {"idle": share(terminal, options.seconds)}
            run = train(folder)
            try:
                open_run(terminal, run)
                terminal.look(3.0)
                figures["live"] = share(terminal, options.seconds)
                figures["megabytes live"] = megabytes(terminal.process.pid)
            finally:
                run.send("stop")
                while not read_state(run.events_path)[0].ended:
                    time.sleep(0.2)
        figures["megabytes first"], figures["megabytes last"] = grow(folder, max(options.events, FIRST))
    if options.json:
        print(json.dumps(figures))
        return
    print(f"of a core: idle {figures['idle']:.1%}, a run drawn live {figures['live']:.1%}")
    print(
        f"memory: {figures['megabytes live']:.0f} MB with that run; of a log of {FIRST:,} events, then {options.events:,}:",
        end=" ",
    )
    print(f"{figures['megabytes first']:.0f} MB, {figures['megabytes last']:.0f} MB")


if __name__ == "__main__":
    main()
