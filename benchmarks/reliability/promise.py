"""A promise: a sentence that users may rely on, with trials that would break it, and the file of what the trials found.

Every script of `benchmarks.reliability` declares one `Promise` and ends in `sys.exit(main(PROMISE))`. Trials are numbered: what
a trial does depends on its number alone (`Plan.chance`), so that a promise that was stopped goes on with the next one.
"""

from __future__ import annotations

import argparse
import fcntl
import itertools
import os
import platform
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

import msgspec

from rnnlab.cores import cores
from rnnlab.runs.files import write_atomically

ROOT = Path(__file__).parents[2]
RESULTS = ROOT / "docs" / "reliability"
KEPT_PROBLEMS = 20
"""Of the trials that failed, those whose sentences are kept; all are counted."""
SAVE_EVERY = 1.0
"""Seconds between two writings of the result file."""


class Skipped(Exception):
    """A part cannot be tried on this machine; the message says why."""


@dataclass(frozen=True)
class Trial:
    """What one trial found. `problem` is empty where the promise held; `figure` is measured, in the part's unit.

    `more`: the next trial has been made already, together with this one, so that the part does not end between them.
    """

    problem: str = ""
    figure: float | None = None
    more: bool = False


@dataclass(frozen=True)
class Plan:
    """The trials to carry out: those of `numbers`, without end for a part that is measured in seconds."""

    numbers: Iterable[int]
    quick: bool
    seconds: float = 0.0
    """What is left of the part's time; 0: the part counts trials."""

    def chance(self, number: int) -> random.Random:
        """The random numbers of a trial."""
        return random.Random(f"trial {number}")


@dataclass(frozen=True)
class Part:
    """One way to try a promise: `asked` trials, or `seconds` of them; in the quick form `quick` trials, or one second.

    `carry_out` yields one `Trial` for each number of its plan, in their order, and may raise `Skipped` before the first. Any
    other exception is a trial that failed; the part ends with it, and goes on behind it when it is called again.
    `hours_seconds` take the place of `seconds` where the caller gives hours.
    """

    name: str
    carry_out: Callable[[Plan], Iterator[Trial]]
    asked: int = 0
    quick: int = 1
    seconds: float = 0.0
    hours_seconds: float = 0.0
    unit: str = ""
    """What the trials' figures are, such as `s until the end`; of them the largest is kept."""


@dataclass(frozen=True)
class Promise:
    """What is promised, in one sentence, and the parts that try it. `number` is its place on the page."""

    number: int
    name: str
    sentence: str
    parts: tuple[Part, ...]


class PartResult(msgspec.Struct):
    """What a part has found so far. `figure` is the largest one; `skipped` says why nothing could be tried."""

    asked: float
    done: int = 0
    seconds: float = 0.0
    failed: int = 0
    problems: list[str] = []
    figure: float | None = None
    skipped: str = ""

    def add(self, trial: Trial) -> None:
        self.done += 1
        if trial.figure is not None:
            self.figure = trial.figure if self.figure is None else max(self.figure, trial.figure)
        if trial.problem:
            self.failed += 1
            self.problems = [*self.problems, trial.problem][:KEPT_PROBLEMS]


class Result(msgspec.Struct):
    """The result file of a promise. `revisions`: commits with which trials were made, the oldest first."""

    parts: dict[str, PartResult]
    machine: str = ""
    versions: dict[str, str] = {}
    revisions: list[str] = []
    day: str = ""

    @property
    def held(self) -> bool:
        return not any(each.failed for each in self.parts.values())


def result_path(promise: Promise) -> Path:
    """The file that the page is made from."""
    return RESULTS / f"{promise.number:02}-{promise.name}.json"


def read_result(promise: Promise) -> Result:
    """What is known of a promise; nothing where there is no file. Raises `msgspec.MsgspecError` for a file that is none."""
    path = result_path(promise)
    return msgspec.json.decode(path.read_bytes(), type=Result) if path.exists() else Result({})


def asked(part: Part, *, quick: bool, hours: bool) -> float:
    """How many trials of a part are asked for, or how many seconds of them."""
    if part.seconds:
        return 1.0 if quick else (part.hours_seconds if hours and part.hours_seconds else part.seconds)
    return part.quick if quick else part.asked


def is_complete(part: Part, result: Result, *, hours: bool) -> bool:
    """Whether all is done that is asked for in the full form."""
    if (found := result.parts.get(part.name)) is None:
        return False
    return (found.seconds if part.seconds else found.done) >= asked(part, quick=False, hours=hours)


def try_part(part: Part, found: PartResult, *, quick: bool, hours: bool, deadline: float) -> Iterator[Trial]:
    """The trials that are still to be made, each counted in `found`, until `deadline` (of the monotonic clock)."""
    timed = bool(part.seconds)
    found.asked = asked(part, quick=quick, hours=hours)
    left = found.asked - (found.seconds if timed else found.done)
    if left <= 0 or time.monotonic() > deadline:
        return
    numbers = itertools.count(found.done) if timed else range(found.done, int(found.asked))
    before = found.seconds
    began = time.monotonic()
    trials = part.carry_out(Plan(numbers, quick, left if timed else 0.0))
    try:
        for trial in trials:
            found.skipped = ""
            found.seconds = before + time.monotonic() - began
            found.add(trial)
            yield trial
            if not trial.more and (time.monotonic() > deadline or (timed and found.seconds >= found.asked)):
                return
    except Skipped as reason:
        found.skipped = str(reason)
    except Exception as error:  # whatever breaks a trial is what it found
        found.add(failed := Trial(f"{type(error).__name__}: {error}"))
        yield failed
    finally:
        if close := getattr(trials, "close", None):
            close()


def revision() -> str:
    """The commit of this checkout; with `+` where files other than results differ from it, empty outside of one."""
    results = [f":(top,exclude){each}" for each in ("docs/reliability", "docs/reliability.md")]
    if not (commit := _git("rev-parse", "--short=8", "HEAD")):
        return ""
    changed = _git("status", "--porcelain", "--untracked-files=no", "--", ":(top)", *results)
    return f"{commit}+" if changed else commit


def _git(*arguments: str) -> str:
    """What git prints; empty where there is no git or no repository."""
    try:
        done = subprocess.run(["git", "-C", str(ROOT), *arguments], capture_output=True, text=True, check=False)
    except OSError:
        return ""
    return done.stdout.strip() if done.returncode == 0 else ""


def machine() -> str:
    """The processor and the system, in words."""
    names = [line.partition(":")[2].strip() for line in _cpuinfo() if line.startswith("model name")]
    return f"{cores()} cores of {names[0] if names else platform.machine()}, {platform.system()}"


def _cpuinfo() -> list[str]:
    path = Path("/proc/cpuinfo")
    return path.read_text().splitlines() if path.exists() else []


def keep(promise: Promise, result: Result, tried: Collection[str]) -> None:
    """Write the result file, with the machine and the versions that its last trials were made with.

    Of the parts that were not `tried` here it keeps what it holds: another process may be trying them.
    """
    RESULTS.mkdir(exist_ok=True)
    lock = os.open(RESULTS, os.O_RDONLY)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX)
        kept = read_result(promise)
        found = {name: part for name, part in result.parts.items() if name in tried}
        if not kept.machine or any(part.done != kept.parts.get(name, part).done for name, part in found.items()):
            kept.machine = machine()
            kept.versions = {"python": platform.python_version(), "torch": version("torch")}
            kept.day = time.strftime("%Y-%m-%d", time.gmtime())
            if (now := revision()) and now not in kept.revisions:
                kept.revisions.append(now)
        parts = kept.parts | found
        kept.parts = {part.name: parts[part.name] for part in promise.parts if part.name in parts}
        text = msgspec.json.format(msgspec.json.encode(kept), indent=2)
        write_atomically(result_path(promise), text + b"\n")
    finally:
        os.close(lock)


def summary(part: Part, found: PartResult) -> str:
    """A part's line: what was asked, done and found."""
    if found.skipped:
        return f"{part.name}: skipped: {found.skipped}"
    amount = f"{found.done:,} of {found.asked:,.0f} trials"
    if part.seconds:
        amount = f"{found.done:,} trials in {found.seconds / 60:.1f} of {found.asked / 60:.1f} minutes"
    figure = "" if found.figure is None else f", largest {found.figure:.2f} {part.unit}".rstrip()
    return f"{part.name}: {amount}, {found.failed or 'none'} failed{figure}"


def main(promise: Promise) -> int:
    """Carry out what is left of a promise. Exit code 1 where it did not hold."""
    parser = argparse.ArgumentParser(description=promise.sentence)
    parser.add_argument("--quick", action="store_true", help="a few trials, whose result is not kept")
    parser.add_argument(
        "--hours",
        type=float,
        default=0.0,
        help="end after so many, shared by the parts that are not complete; parts by time take their longer form",
    )
    parser.add_argument("--again", action="store_true", help="forget what was found before of these parts")
    parser.add_argument(
        "--part", action="append", choices=[part.name for part in promise.parts], help="this part alone"
    )
    options = parser.parse_args()
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    chosen = [part for part in promise.parts if not options.part or part.name in options.part]
    result = Result({}) if options.quick else read_result(promise)
    if options.again and not options.quick and len(chosen) == len(promise.parts):
        result_path(promise).unlink(missing_ok=True)  # the commits, too, are those of trials that are forgotten
    if options.again:
        result.parts |= {part.name: PartResult(part.seconds or part.asked) for part in chosen}
    names = [part.name for part in chosen]
    left = [part for part in chosen if not is_complete(part, result, hours=bool(options.hours))]
    end = time.monotonic() + (options.hours * 3600 or float("inf"))
    if not options.part:
        print(promise.sentence, flush=True)
    try:
        for part in chosen:
            found = result.parts.setdefault(part.name, PartResult(0))
            saved = time.monotonic()
            deadline = saved + (end - saved) / max(1, len(left))
            left = [each for each in left if each is not part]
            for trial in try_part(part, found, quick=options.quick, hours=bool(options.hours), deadline=deadline):
                if trial.problem:
                    print(f"{part.name}, trial {found.done - 1}: {trial.problem}", flush=True)
                if not options.quick and time.monotonic() - saved > SAVE_EVERY:
                    keep(promise, result, names)
                    saved = time.monotonic()
            print(summary(part, found), flush=True)
    except KeyboardInterrupt:
        print("stopped; the same command goes on from here", flush=True)
    finally:
        if not options.quick:
            keep(promise, result, names)
    return 1 if any(found.failed for name, found in result.parts.items() if name in names) else 0


def command(module: str, *options: str) -> list[str]:
    """The command line of a promise's script."""
    return [sys.executable, "-m", module, *options]
