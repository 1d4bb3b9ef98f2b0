"""Fills the disk under runs, frees it again, and compares them with a run that always had room.

    python -m benchmarks.reliability.full_disk [--quick] [--hours 1] [--again]

On a file system of its own (a small tmpfs, for which one has to be root): filled while a run trains, to the last byte or but for
some pages; filled before it begins; stopped meanwhile, by a command and by a signal, and gone on with; watched by `rnnlab train`
and by the app. It must be named within two seconds, training must pause and go on when there is room. Then, anywhere: operations
on files are refused by a preloaded library (compiled here; Linux), with and without a file system that can set room aside, for a
full disk and for a quota. Weights must be the same bytes in the end, and every figure of every evaluation the same.
"""

from __future__ import annotations

import contextlib
import ctypes
import errno
import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from benchmarks.reliability.outcome import outcome
from benchmarks.reliability.promise import Part, Plan, Promise, Skipped, Trial, main
from benchmarks.reliability.resume_kills import SETTINGS, Forked
from benchmarks.reliability.trace import NoCompiler, library
from benchmarks.watching import open_run
from rnnlab.config import RunConfig
from rnnlab.engines.resume import queue_again
from rnnlab.plots.run.progress import progress_text, waits_for
from rnnlab.runs.events import RunFinished
from rnnlab.runs.folders import RunFolder, Session, create_session
from rnnlab.runs.history import waits
from rnnlab.runs.log_reader import read_state
from rnnlab.runs.log_tail import read_last
from tests.terminal import Terminal

SIZE = "16m"
PAGE = 4096
WITHIN = 2.0
"""Seconds after which a full disk must have been named."""
PATIENCE = 120.0
FULL = "the disk is full"
PAGES = 40
"""Up to so many free pages are tried; a run of a trial writes about thirty."""
OFFSETS = 200
"""Operations on files of which each is refused once."""


class Failed(Exception):
    """What was promised did not hold."""


class Filler:
    """Keeps a file system full for as long as it is entered; with `left` pages, those stay free, and it is filled once."""

    def __init__(self, folder: Path, left: int = 0) -> None:
        self._path = folder / "filler"
        self._left = left
        self._over = threading.Event()
        self._full = threading.Event()

    def __enter__(self) -> Filler:
        self._thread = threading.Thread(target=self._fill)
        self._thread.start()
        self._full.wait()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()
        self._path.unlink()

    def _fill(self) -> None:
        file = os.open(self._path, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
        while not self._over.is_set():
            for size in (1 << 16, PAGE):
                with contextlib.suppress(OSError):
                    while os.write(file, bytes(size)):
                        pass
            if self._left:
                os.ftruncate(file, max(0, os.fstat(file).st_size - self._left * PAGE))
                self._full.set()
                self._over.wait()
            self._full.set()
            self._over.wait(0.02)
        os.ftruncate(file, 0)  # a trainer forked meanwhile has it open too
        os.close(file)


@contextmanager
def small_disk() -> Iterator[Path]:
    """A file system of `SIZE`. Raises `Skipped` where this process may not mount one."""
    with tempfile.TemporaryDirectory() as folder:
        command = ["mount", "-t", "tmpfs", "-o", f"size={SIZE}", "tmpfs", folder]
        try:
            mounted = subprocess.run(command, capture_output=True, check=False).returncode == 0
        except OSError:
            mounted = False
        if not mounted:
            raise Skipped("a file system of its own cannot be mounted by this process")
        try:
            yield Path(folder)
        finally:
            subprocess.run(["umount", "-l", folder], check=True)


def until(reached: Callable[[], object], what: str, seconds: float = PATIENCE) -> float:
    """Seconds until it is. Raises `Failed`."""
    began = time.monotonic()
    while not reached():
        if time.monotonic() - began > seconds:
            raise Failed(f"{what}: not within {seconds:.0f} s")
        time.sleep(0.02)
    return time.monotonic() - began


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


def settings_of(epochs: int) -> dict[str, object]:
    return SETTINGS | {"train.epochs": epochs}


def filled(plan: Plan) -> Iterator[Trial]:
    """A disk that is full to its last byte."""
    with small_disk() as path:
        disk = Disk(path, RunConfig.from_settings(settings_of(120)))
        for number in plan.numbers:
            case = CASES[number % len(CASES)]
            try:
                took = case(disk)
            except (Failed, AssertionError) as failure:
                yield Trial(f"{case.__name__.replace('_', ' ')}: {failure}")
            else:
                late = f"{case.__name__.replace('_', ' ')}: said only after {took:.1f} s" if took > WITHIN else ""
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
                except Failed as failure:
                    problem = f"{failure}; {1 + number % PAGES} pages were free"
            disk.trainers.wait(run, trainer)
            yield Trial(problem or ("" if outcome(run) == disk.expected else "weights or figures differ"))
            disk.clear()


def refused(plan: Plan) -> Iterator[Trial]:
    """Operations on files are refused, one to three of them, the first at another place each time."""
    try:
        preloaded = {"LD_PRELOAD": str(library()), "FILES_ROOT": "/nowhere"}
    except NoCompiler as reason:
        raise Skipped(str(reason)) from None
    code = "from benchmarks.reliability.full_disk import refuse; refuse()"
    command = [sys.executable, "-c", code]
    with subprocess.Popen(
        command, env=os.environ | preloaded, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        for number in plan.numbers:
            process.stdin.write(f"{number}\n")
            process.stdin.flush()
            yield Trial(json.loads(process.stdout.readline() or '"the process that trains ended"'))
        process.stdin.close()


def refuse() -> None:
    """Train a run for each number on standard input; what was wrong, as JSON. The library is loaded here, and in each fork."""
    loaded = ctypes.CDLL(None)
    trainers = Forked()
    config = RunConfig.from_settings(settings_of(20))
    with tempfile.TemporaryDirectory() as name:
        os.environ["FILES_ROOT"] = name
        session = create_session("lab", root=Path(name))
        reference = session.create_run(config)
        trainers.wait(reference, trainers.start(reference))
        expected = outcome(reference)
        for line in sys.stdin:
            number = int(line)
            chance = random.Random(f"refused {number}")
            first, count, code = (
                1 + number % OFFSETS,
                chance.choice((1, 2, 3)),
                chance.choice((errno.ENOSPC, errno.EDQUOT)),
            )
            run = session.create_run(config)
            if number % 3 == 2:
                os.environ["FILES_NO_ROOM"] = "1"
            loaded.files_refuse(first, count, code)
            trainer = trainers.start(run)
            loaded.files_refuse(1 << 40, 0, 0)
            trainers.wait(run, trainer)
            os.environ.pop("FILES_NO_ROOM", None)
            if waits(read_last(run.events_path)):
                trainers.wait(
                    run, trainers.start(run)
                )  # it could not make its log, and stays queued: the runner begins it again
            where = f"operations {first} to {first + count - 1} refused with {errno.errorcode[code]}"
            problem = "" if outcome(run) == expected else f"{where}: weights or figures differ"
            sys.stdout.write(json.dumps(problem) + "\n")
            sys.stdout.flush()


PROMISE = Promise(
    4,
    "full_disk",
    "A full disk is named within 2 s in the app, on the command line and in the log; training pauses, nothing is lost, and it "
    "goes on when there is room.",
    (
        Part("a disk that is filled", filled, asked=10 * len(CASES), quick=1, unit="s until it is said"),
        Part("a disk on which some pages are free", nearly_filled, asked=PAGES, quick=1),
        Part("operations on files that are refused", refused, asked=OFFSETS, quick=2),
    ),
)

if __name__ == "__main__":
    sys.exit(main(PROMISE))
