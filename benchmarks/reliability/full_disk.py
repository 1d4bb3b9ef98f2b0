"""Fills the disk under runs, frees it again, and compares them with a run that always had room.

    python -m benchmarks.reliability.full_disk [--quick] [--hours 1] [--again]

On a file system of its own (a small tmpfs, for which one has to be root): filled while a run trains, to the last byte or but for
some pages; filled before it begins; stopped meanwhile, by a command and by a signal, and gone on with; watched by `rnnlab train`
and by the app. It must be named within two seconds, training must pause and go on when there is room. Then, anywhere: operations
on files are refused by a preloaded library (compiled here; Linux), with and without a file system that can set room aside, for a
full disk and for a quota. Weights must be the same bytes in the end, and every figure of every evaluation the same.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from benchmarks.reliability.outcome import outcome
from benchmarks.reliability.promise import Part, Plan, Promise, Trial, main
from benchmarks.reliability.refused_operations import OFFSETS, refused, settings_of
from benchmarks.reliability.resume_kills import Forked
from benchmarks.reliability.small_disk import Filler, small_disk
from benchmarks.reliability.waiting import PATIENCE, until
from benchmarks.watching import open_run
from rnnlab.config import RunConfig
from rnnlab.engines.resume import queue_again
from rnnlab.plots.run.progress import progress_text, waits_for
from rnnlab.runs.events import RunFinished
from rnnlab.runs.folders import RunFolder, Session, create_session
from rnnlab.runs.log_reader import read_state
from rnnlab.runs.log_tail import read_last
from tests.terminal import Terminal

WITHIN = 2.0
"""Seconds after which a full disk must have been named."""
FULL = "the disk is full"
PAGES = 40
"""Up to so many free pages are tried; a run of a trial writes about thirty."""


class Failed(Exception):
    """What was promised did not hold."""


def steps(run: RunFolder) -> int:
    return read_state(run.events_path)[0].step


def named(run: RunFolder) -> bool:
    """Whether the run's line says that the disk is full."""
    state = read_state(run.events_path)[0]
    return FULL in progress_text(state, "", reason=waits_for(run, state))


def in_log(run: RunFolder) -> bool:
    return FULL in read_state(run.events_path)[0].reason


def ended(run: RunFolder) -> bool:
    return read_state(run.events_path)[0].ended


class Disk:
    """A small disk with a session. `expected` is what a run comes to that has room."""

    def __init__(self, path: Path, config: RunConfig) -> None:
        self.path, self.config = path, config
        self.root = path / "sessions"
        self.session = create_session("lab", root=self.root)
        self.trainers = Forked()
        reference = self.session.create_run(config)
        self.trainers.wait(reference, self.trainers.start(reference))
        self.expected = outcome(reference)
        self.environment = {
            **{f"RNNLAB_{each}": str(path / each) for each in ("STATE", "CACHE")},
            "RNNLAB_SESSIONS": str(self.root),
            "XDG_CONFIG_HOME": str(path / "configuration"),
        }

    def started(self) -> tuple[RunFolder, int]:
        """A run that trains, and its trainer."""
        run = self.session.create_run(self.config)
        trainer = self.trainers.start(run)
        until(lambda: steps(run) > 20, "it trains")
        return run, trainer

    def compare(self, run: RunFolder) -> None:
        if outcome(run) != self.expected:
            raise Failed("weights or figures differ")

    def clear(self) -> None:
        """Remove what trials left, so that there is room for the next."""
        for each in self.session.runs():
            for path in each.path.iterdir():
                path.unlink()


def while_it_trains(disk: Disk) -> float:
    run, trainer = disk.started()
    with Filler(disk.path):
        took = until(lambda: in_log(run) and named(run), "the log says that the disk is full")
        until(lambda: read_state(run.events_path)[0].status == "paused", "it pauses")
        stood = steps(run)
        time.sleep(1.5)
        if steps(run) != stood:
            raise Failed("it trained on")
    until(lambda: steps(run) > stood or ended(run), "it goes on")
    disk.trainers.wait(run, trainer)
    disk.compare(run)
    return took


def before_it_begins(disk: Disk) -> float:
    run = disk.session.create_run(disk.config)
    with Filler(disk.path):
        trainer = disk.trainers.start(run)
        took = until(lambda: named(run), "it is said")
        time.sleep(1.0)
    disk.trainers.wait(run, trainer)
    disk.compare(run)
    return took


def stopped_by_command(disk: Disk) -> float:
    return _stopped(disk, lambda run, _: run.send("stop"))


def stopped_by_signal(disk: Disk) -> float:
    return _stopped(disk, lambda _, trainer: os.kill(trainer, signal.SIGTERM))


def _stopped(disk: Disk, stop: Callable[[RunFolder, int], object]) -> float:
    run, trainer = disk.started()
    with Filler(disk.path):
        took = until(lambda: in_log(run), "the log says that the disk is full")
        until(lambda: read_state(run.events_path)[0].status == "paused", "it pauses")
        stop(run, trainer)
        disk.trainers.wait(run, trainer)
        last = read_last(run.events_path)
        if last is None or not isinstance(last.data, RunFinished) or last.data.outcome != "stopped":
            raise Failed(f"it ended with {last}")
    queue_again(run)
    disk.trainers.wait(run, disk.trainers.start(run))
    disk.compare(run)
    return took


def watched_by_train(disk: Disk) -> float:
    """`rnnlab train`, its runner and its trainer, as a person starts them."""
    settings = [f"--set={key}={value}" for key, value in settings_of(40).items() if key != "task.name"]
    command = [sys.executable, "-m", "rnnlab", "train", "sinusoids", "--session", "train", *settings]
    process = subprocess.Popen(
        command, env=os.environ | disk.environment, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL
    )
    lines: list[str] = []
    assert process.stderr is not None
    stream = process.stderr
    reader = threading.Thread(target=lambda: lines.extend(line.decode() for line in stream))
    reader.start()
    runs = Session(disk.root / "train")
    known = {run.name for run in runs.runs()}
    until(lambda: any(steps(run) > 20 for run in runs.runs() if run.name not in known), "it trains")
    with Filler(disk.path):
        took = until(lambda: any(f"paused: {FULL}" in line for line in lines), "rnnlab train says so")
    code = process.wait(PATIENCE)
    reader.join()
    if code:
        raise Failed(f"rnnlab train ended with exit code {code}: {''.join(lines[-3:])}")
    return took


def watched_by_the_app(disk: Disk) -> float:
    """The app in a terminal, open on the run."""
    run = disk.session.create_run(RunConfig.from_settings(settings_of(5000)))
    with Terminal(cwd=disk.path, environment=disk.environment) as terminal:
        terminal.see("Surnames")
        trainer = disk.trainers.start(run)
        until(lambda: steps(run) > 20, "it trains")
        terminal.press("f3")
        terminal.see(disk.session.name)
        open_run(terminal, run)
        with Filler(disk.path):
            took = seconds_until_written(terminal, FULL)
            if took < PATIENCE:
                terminal.see(FULL)
            stood = steps(run)
        until(lambda: steps(run) > stood, "it goes on")
        run.send("stop")
        disk.trainers.wait(run, trainer)
        terminal.see("stopped")
        terminal.kill()
    return took


def seconds_until_written(terminal: Terminal, text: str) -> float:
    """Until the program writes it. The terminal is emulated after that alone: emulating takes longer than drawing."""
    began, pieces = time.monotonic(), [b""]
    while text.encode() not in b"".join(pieces[-8:]) and time.monotonic() - began < PATIENCE:
        pieces += [found[1]] if (found := terminal.read(0.05)) is not None else []
    took = time.monotonic() - began
    terminal.feed(b"".join(pieces))
    return took


CASES: tuple[Callable[[Disk], float], ...] = (
    while_it_trains,
    before_it_begins,
    stopped_by_command,
    stopped_by_signal,
    watched_by_train,
    watched_by_the_app,
)


def filled(plan: Plan) -> Iterator[Trial]:
    """A disk that is full to its last byte."""
    with small_disk() as path:
        disk = Disk(path, RunConfig.from_settings(settings_of(120)))
        for number in plan.numbers:
            case = CASES[number % len(CASES)]
            try:
                took = case(disk)
            except (Failed, TimeoutError, AssertionError) as failure:
                yield Trial(f"{case.__name__.replace('_', ' ')}: {failure}")
            else:
                late = f"{case.__name__.replace('_', ' ')}: reported only after {took:.1f} s" if took > WITHIN else ""
                yield Trial(late, took)
            disk.clear()


def nearly_filled(plan: Plan) -> Iterator[Trial]:
    """A disk on which some pages are free: it is full at another operation each time, or not at all."""
    with small_disk() as path:
        disk = Disk(path, RunConfig.from_settings(settings_of(60)))
        for number in plan.numbers:
            run = disk.session.create_run(disk.config)
            with Filler(disk.path, left=1 + number % PAGES):
                trainer = disk.trainers.start(run)
                try:
                    until(lambda run=run: in_log(run) or named(run) or ended(run), "it is said, or it ends")  # type: ignore[misc]
                    problem = ""
                except TimeoutError as failure:
                    problem = f"{failure}; {1 + number % PAGES} pages were free"
            disk.trainers.wait(run, trainer)
            yield Trial(problem or ("" if outcome(run) == disk.expected else "weights or figures differ"))
            disk.clear()


PROMISE = Promise(
    4,
    "full_disk",
    "A full disk is named within 2 s in the app, on the command line and in the log; training pauses, nothing is lost, and it "
    "goes on when there is room.",
    (
        Part("a disk that is filled", filled, asked=10 * len(CASES), quick=1, unit="s until reported"),
        Part("a disk on which some pages are free", nearly_filled, asked=PAGES, quick=1),
        Part("operations on files that are refused", refused, asked=OFFSETS, quick=2),
    ),
)

if __name__ == "__main__":
    sys.exit(main(PROMISE))
