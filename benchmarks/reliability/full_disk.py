"""Fills the disk under runs, frees it again, and compares them with a run that always had room.

    python -m benchmarks.reliability.full_disk [--quick] [--refusals 60] [--seed 0]

On a file system of its own (a small tmpfs, for which one has to be root): filled while a run trains, so that it must say so in
its log within two seconds, pause, and go on when there is room; filled before it begins; stopped meanwhile, by a command and by
a signal, and gone on with. `rnnlab train` must name the full disk on its own output. Then, anywhere: operations on files are
refused one after the other by a preloaded library (compiled here; Linux), with and without a file system that can set room
aside, for a full disk and for a quota. Weights must be the same bytes in the end, and every figure of every evaluation the same.
"""

from __future__ import annotations

import argparse
import contextlib
import ctypes
import errno
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
from benchmarks.reliability.resume_kills import Forked
from benchmarks.reliability.trace import NoCompiler, library
from rnnlab.config import RunConfig
from rnnlab.engines.resume import queue_again
from rnnlab.plots.run.progress import progress_text, waits_for
from rnnlab.runs.events import RunFinished
from rnnlab.runs.folders import RunFolder, Session, create_session
from rnnlab.runs.log_reader import read_state
from rnnlab.runs.log_tail import read_last

SETTINGS = {
    "task.name": "sinusoids",
    "model.hidden": "16",
    "model.dropout": 0.2,
    "optim.lr": 0.005,
    "train.batch_size": 8,
    "runtime.device": "cpu",
    "runtime.threads": 1,
}
SIZE = "16m"
WITHIN = 2.0
"""Seconds after which a full disk must have been named."""
PATIENCE = 60.0
RUN_UNDER = "FULL_DISK_LIBRARY"


class Failed(Exception):
    """What was promised did not hold."""


class Filler:
    """Keeps a file system full for as long as it is entered."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / "filler"
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
            for size in (1 << 16, 4096):
                with contextlib.suppress(OSError):
                    while os.write(file, bytes(size)):
                        pass
            self._full.set()
            self._over.wait(0.02)
        os.ftruncate(file, 0)  # a trainer forked meanwhile has it open too
        os.close(file)


@contextmanager
def small_disk() -> Iterator[Path | None]:
    """A file system of `SIZE`; None where this process may not mount one."""
    with tempfile.TemporaryDirectory() as folder:
        command = ["mount", "-t", "tmpfs", "-o", f"size={SIZE}", "tmpfs", folder]
        try:
            mounted = subprocess.run(command, capture_output=True, check=False).returncode == 0
        except OSError:
            mounted = False
        if not mounted:
            yield None
            return
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
    return "the disk is full" in progress_text(state, "", reason=waits_for(run, state))


def in_log(run: RunFolder) -> bool:
    return "the disk is full" in read_state(run.events_path)[0].reason


class Cases:
    """Runs on a small disk. `expected` is what one comes to that has room."""

    def __init__(self, session: Session, disk: Path, config: RunConfig, trainers: Forked) -> None:
        self.session, self.disk, self.config, self.trainers = session, disk, config, trainers
        self.expected: dict[str, object] = {}

    def train(self) -> str:
        """With room."""
        run = self.session.create_run(self.config)
        self.trainers.wait(run, self.trainers.start(run))
        self.expected = outcome(run)
        return ""

    def fill_while_it_trains(self) -> str:
        run = self.session.create_run(self.config)
        trainer = self.trainers.start(run)
        until(lambda: steps(run) > 20, "it trains")
        with Filler(self.disk):
            took = until(lambda: in_log(run) and named(run), "the log says that the disk is full")
            until(lambda: read_state(run.events_path)[0].status == "paused", "it pauses")
            stood = steps(run)
            time.sleep(1.5)
            if steps(run) != stood:
                raise Failed("it trained on")
        until(lambda: steps(run) > stood, "it goes on")
        self.trainers.wait(run, trainer)
        self._compare(run)
        if took > WITHIN:
            raise Failed(f"said only after {took:.1f} s")
        return f"said after {took:.1f} s"

    def fill_before_it_begins(self) -> str:
        run = self.session.create_run(self.config)
        with Filler(self.disk):
            trainer = self.trainers.start(run)
            took = until(lambda: named(run), "it is said", WITHIN)
            time.sleep(1.0)
        self.trainers.wait(run, trainer)
        self._compare(run)
        return f"said after {took:.1f} s"

    def stop_by_command(self) -> str:
        return self._stopped(lambda run, _: run.send("stop"))

    def stop_by_signal(self) -> str:
        return self._stopped(lambda _, trainer: os.kill(trainer, signal.SIGTERM))

    def _stopped(self, stop: Callable[[RunFolder, int], object]) -> str:
        run = self.session.create_run(self.config)
        trainer = self.trainers.start(run)
        until(lambda: steps(run) > 20, "it trains")
        with Filler(self.disk):
            until(lambda: read_state(run.events_path)[0].status == "paused", "it pauses")
            stop(run, trainer)
            began = time.monotonic()
            self.trainers.wait(run, trainer)
            took = time.monotonic() - began
            last = read_last(run.events_path)
            if last is None or not isinstance(last.data, RunFinished) or last.data.outcome != "stopped":
                raise Failed(f"it ended with {last}")
        queue_again(run)
        self.trainers.wait(run, self.trainers.start(run))
        self._compare(run)
        return f"ended after {took:.1f} s, then gone on with"

    def _compare(self, run: RunFolder) -> None:
        if outcome(run) != self.expected:
            raise Failed("weights or figures differ")


def watched_by_train(root: Path, disk: Path, config: RunConfig) -> str:
    """`rnnlab train`, its runner and its trainer, as a person starts them."""
    settings = [f"--set={key}={value}" for key, value in (SETTINGS | {"train.epochs": config.train.epochs}).items()]
    command = [sys.executable, "-m", "rnnlab", "train", "sinusoids", "--session", "train", *settings[1:]]
    process = subprocess.Popen(
        command, env=os.environ | {"RNNLAB_SESSIONS": str(root)}, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL
    )
    lines: list[str] = []
    assert process.stderr is not None
    stream = process.stderr
    reader = threading.Thread(target=lambda: lines.extend(line.decode() for line in stream))
    reader.start()
    runs = Session(root / "train")
    until(lambda: any(steps(run) > 20 for run in runs.runs()), "it trains")
    with Filler(disk):
        took = until(lambda: any("paused: the disk is full" in line for line in lines), "rnnlab train says so")
    code = process.wait(PATIENCE)
    reader.join()
    if code:
        raise Failed(f"rnnlab train ended with exit code {code}")
    if took > WITHIN:
        raise Failed(f"said only after {took:.1f} s")
    return f"said after {took:.1f} s"


def on_a_small_disk(quick: bool) -> list[str]:
    """What did not hold."""
    problems: list[str] = []
    with small_disk() as disk:
        if disk is None:
            print("skipped: a file system of its own cannot be mounted by this process", flush=True)
            return []
        config = RunConfig.from_settings(SETTINGS | {"train.epochs": 60 if quick else 120})
        root = disk / "sessions"
        cases = Cases(create_session("lab", root=root), disk, config, Forked())
        chosen: list[Callable[[], str]] = [cases.train, cases.fill_while_it_trains]
        if not quick:
            chosen += [cases.fill_before_it_begins, cases.stop_by_command, cases.stop_by_signal]
            chosen.append(lambda: watched_by_train(root, disk, config))
        for case in chosen:
            name = getattr(case, "__name__", "").replace("<lambda>", "watched by rnnlab train").replace("_", " ")
            try:
                print(f"{name}: {case() or 'done'}", flush=True)
            except Failed as failure:
                problems.append(f"{name}: {failure}")
                print(problems[-1], flush=True)
    return problems


def refused_at_many_places(quick: bool, refusals: int, chance: random.Random) -> list[str]:
    """What did not hold. This process has the library loaded, and so have the trainers forked from it."""
    problems: list[str] = []
    loaded = ctypes.CDLL(None)
    trainers = Forked()
    config = RunConfig.from_settings(SETTINGS | {"train.epochs": 20})
    with tempfile.TemporaryDirectory() as name:
        os.environ["FILES_ROOT"] = name
        session = create_session("lab", root=Path(name))
        reference = session.create_run(config)
        trainers.wait(reference, trainers.start(reference))
        expected = outcome(reference)
        for number in range(1 if quick else refusals):
            first = chance.randint(1, 60)
            count = chance.choice((1, 2, 3))
            code = chance.choice((errno.ENOSPC, errno.EDQUOT))
            run = session.create_run(config)
            if number % 3 == 2:
                os.environ["FILES_NO_ROOM"] = "1"
            loaded.files_refuse(first, count, code)
            trainer = trainers.start(run)
            loaded.files_refuse(1 << 40, 0, 0)
            trainers.wait(run, trainer)
            os.environ.pop("FILES_NO_ROOM", None)
            if outcome(run) != expected:
                problems.append(
                    f"operations {first} to {first + count - 1} refused with {errno.errorcode[code]}: differs"
                )
                print(problems[-1], flush=True)
        print(
            f"{number + 1} runs with operations refused, {number + 1 - len(problems)} of them bit-identical", flush=True
        )
    return problems


def main() -> int:
    """Exit code 1 where anything did not hold."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--refusals", type=int, default=60)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    if os.environ.get(RUN_UNDER):
        return bool(refused_at_many_places(options.quick, options.refusals, random.Random(options.seed)))
    problems = on_a_small_disk(options.quick)
    try:
        followed = {RUN_UNDER: "1", "LD_PRELOAD": str(library()), "FILES_ROOT": "/nowhere"}
    except NoCompiler as error:
        print(f"skipped: {error}")
        return bool(problems)
    command = [sys.executable, "-m", "benchmarks.reliability.full_disk", *sys.argv[1:]]
    refused = subprocess.run(command, env=os.environ | followed, check=False).returncode
    return 1 if problems or refused else 0


if __name__ == "__main__":
    sys.exit(main())
