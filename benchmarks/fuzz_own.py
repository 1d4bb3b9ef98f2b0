"""Fuzzing the readers of people's own data: random bytes and valid files that were damaged, each read by check and loader.

A case fails where either ends in anything but a sentence (`UsageError`), takes over 2 seconds (of processor time, so that a
busy machine is no fault) or 512 MB, or where they
disagree: a file that the check calls trainable must load, one it refuses must be refused by the loader in the same words.

    python -m benchmarks.fuzz_own --cases 20000 [--loader text|series|arrays|recordings|ts] [--seed 0]
"""

from __future__ import annotations

import argparse
import gc
import json
import resource
import shutil
import signal
import sys
import tempfile
import time
import traceback
import warnings
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType

from hypothesis import HealthCheck, Phase, given, seed, settings

from benchmarks.fuzz_cases import LOADERS, Case, cases
from benchmarks.options import parse
from rnnlab.config import RunConfig, UsageError
from rnnlab.config.suggested import with_suggested
from rnnlab.tasks.load import load
from rnnlab.tasks.own.check import check_file

SECONDS = 2.0
MEMORY = 512 * 2**20


class TooSlow(Exception):
    """A case took longer than it may."""


@contextmanager
def guarded(seconds: float = SECONDS) -> Iterator[None]:
    """Raises `TooSlow` in the midst of what takes too long.

    Without collections of garbage, which would go through all that the drawing of cases keeps, and whose callback, hypothesis',
    swallows the exception.
    """

    def ring(_signal: int, _frame: FrameType | None) -> None:
        raise TooSlow(f"over {seconds:g} s")

    before = signal.signal(signal.SIGPROF, ring)
    gc.disable()
    signal.setitimer(signal.ITIMER_PROF, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        gc.enable()
        signal.signal(signal.SIGPROF, before)


@dataclass
class Tally:
    """What the cases came to."""

    cases: int = 0
    trainable: int = 0
    slowest: float = 0.0
    reasons: Counter[str] = field(default_factory=Counter)
    failed: Case | None = None
    """The last case that failed: the smallest, once all is over."""


def limit_memory() -> None:
    """Half a gigabyte of address space beyond what is there now, of which the drawing of cases keeps some of each.

    An array of that size is a MemoryError, and so a failure.
    """
    if sys.platform == "linux":
        used = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
        resource.setrlimit(resource.RLIMIT_AS, (used + MEMORY, resource.RLIM_INFINITY))


def write(case: Case, folder: Path) -> Path:
    """The case's files, written below `folder`."""
    target = folder / case.path
    if case.path == "own":
        target.mkdir(parents=True)
    for name, data in case.files.items():
        file = folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(data)
    return target


def carry_out(case: Case, folder: Path, tally: Tally) -> None:
    """Check and load one case. Raises where either crashes, is too slow, or says something else than the other."""
    path = write(case, folder)
    began = time.process_time()
    with guarded():
        report = check_file(path, case.settings)
    json.dumps(report.as_json(), allow_nan=False).encode()
    middle = time.process_time()
    sentence = ""
    with guarded():
        try:
            chosen: dict[str, object] = case.settings | {"task.name": "own", "data.path": str(path)}
            # The shares of a run are those that the check works out; sentences on leaks count by them.
            load(RunConfig.from_settings(with_suggested(chosen, report.known) if report.known else chosen))
        except UsageError as error:
            sentence = str(error)
    tally.slowest = max(tally.slowest, middle - began, time.process_time() - middle)
    tally.cases += 1
    tally.trainable += report.trainable
    tally.reasons.update([next((problem.kind for problem in report.problems if problem.stops), "trainable")])
    assert report.trainable == (not sentence), f"check: {report.reason or 'trainable'}; load: {sentence or 'loads'}"
    assert report.reason == sentence


def fuzz(loader: str, count: int, number: int = 0, *, limited: bool = False) -> Tally:
    """`count` cases of one loader, in `limited` memory. Raises the first failure, made as small as it gets."""
    tally = Tally()
    root = Path(tempfile.mkdtemp(prefix="fuzz-own-", dir="/dev/shm" if Path("/dev/shm").is_dir() else None))

    @seed(number)
    @settings(
        max_examples=count,
        database=None,
        deadline=None,
        suppress_health_check=list(HealthCheck),
        phases=(Phase.generate, Phase.shrink),
        print_blob=False,
    )
    @given(cases(loader))
    def one(case: Case) -> None:
        folder = Path(tempfile.mkdtemp(dir=root))
        if limited:
            limit_memory()
        try:
            carry_out(case, folder, tally)
        except BaseException:
            tally.failed = case
            raise
        finally:
            shutil.rmtree(folder, ignore_errors=True)

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            one()
    except BaseException:
        if tally.failed is not None:
            kept = Path(tempfile.mkdtemp(prefix=f"fuzz-own-{loader}-"))
            print(
                f"{loader}: the case is kept in {write(tally.failed, kept)}: {tally.failed.settings}", file=sys.stderr
            )
        raise
    finally:
        shutil.rmtree(root, ignore_errors=True)
    return tally


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0] if __doc__ else None)
    parser.add_argument("--cases", type=int, default=20_000)
    parser.add_argument("--loader", choices=LOADERS, action="append")
    parser.add_argument("--seed", type=int, default=0)
    chosen = parse(parser, cases=20)
    failed = False
    for loader in chosen.loader or LOADERS:
        began = time.perf_counter()
        try:
            tally = fuzz(loader, chosen.cases, chosen.seed, limited=True)
        except Exception:
            failed = True
            traceback.print_exc()
            print(f"{loader}: FAILED", flush=True)
            continue
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        reasons = ", ".join(f"{kind} {count:,}" for kind, count in tally.reasons.most_common(8))
        print(
            f"{loader}: {tally.cases:,} cases, no failure; slowest {tally.slowest:.2f} s; peak of the process {peak:.0f} MiB; "
            f"{time.perf_counter() - began:.0f} s; {reasons}",
            flush=True,
        )
    return int(failed)


if __name__ == "__main__":
    sys.exit(main())
