"""Fuzzes the readers of what a stranger may hand over: log, settings, session, weights, arrays, `.ts` files, tables.

    python -m benchmarks.reliability.fuzz [--quick] [--hours 7] [--again] [--part npz]

A trial is one case: bytes that a coverage-guided fuzzer (Atheris, where it is installed; else Hypothesis, without coverage) makes
of sound files. It fails where reading it ends in anything but a sentence, takes over 2 seconds of processor time, or 512 MB, or
ends the process. Cases that failed are kept in `fuzz-failed/`, those that reached new code in `fuzz-corpus/`, from where a part
that was stopped goes on. Each part has 20 minutes; where hours are given, one hour.
"""

from __future__ import annotations

import argparse
import contextlib
import hashlib
import json
import signal
import subprocess
import sys
import tempfile
import time
import traceback
import warnings
from collections.abc import Callable, Iterator
from functools import partial
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from benchmarks.reliability.promise import ROOT, Part, Plan, Promise, Trial, command, main

NAMES = ("log", "config", "session", "safetensors", "npz", "ts", "table")
FAILED = ROOT / "fuzz-failed"
CORPUS = ROOT / "fuzz-corpus"
LONGEST = 1 << 16
"""Bytes of a case."""
_REPORT_EVERY = 0.5
"""Seconds between two reports of a worker."""
_CURRENT = "current"
"""File of the case that is being read, for where the process ends in it."""


def fuzzed(name: str, plan: Plan) -> Iterator[Trial]:
    """The cases of one reader, read by a process of its own; one that ended in a case is followed by another."""
    end = time.monotonic() + plan.seconds
    done = next(iter(plan.numbers))  # a part that goes on makes other cases than before
    with tempfile.TemporaryDirectory(dir="/dev/shm" if Path("/dev/shm").is_dir() else None) as folder:
        for turn in range(1000):
            left = end - time.monotonic()
            if turn and left <= 0:
                return
            yield from _worker(name, Path(folder), max(1.0, left), done + turn, plan.quick)


def _worker(name: str, folder: Path, seconds: float, number: int, quick: bool) -> Iterator[Trial]:
    line = command("benchmarks.reliability.fuzz", "--worker", name, str(folder), str(seconds), str(number))
    line += ["--blind"] if quick else []  # to watch what is carried out makes imports take half a minute
    log = folder / "fuzzer.log"
    with log.open("ab") as errors, subprocess.Popen(line, stdout=subprocess.PIPE, stderr=errors, cwd=ROOT) as process:
        assert process.stdout is not None
        answered = False
        try:
            for text in process.stdout:
                found = json.loads(text)
                answered = True
                for problem in found["problems"]:
                    yield Trial(problem)
                for _ in range(found["cases"] - len(found["problems"])):
                    yield Trial(figure=found["slowest"])
        finally:
            if process.poll() is None:
                process.terminate()
    if process.returncode not in (0, -signal.SIGTERM):
        current = folder / _CURRENT
        kept = _keep(name, current.read_bytes()) if current.exists() else "unknown"
        yield Trial(f"the process ended with {process.returncode} in the case {kept}")
        if not answered:
            raise RuntimeError(f"the fuzzer of {name} does not start: {log.read_text(errors='replace')[-2000:]}")


def _keep(name: str, data: bytes) -> str:
    """Write down a case that failed; its file, below the checkout."""
    FAILED.mkdir(exist_ok=True)
    path = FAILED / f"{name}-{hashlib.sha256(data).hexdigest()[:12]}"
    path.write_bytes(data)
    return str(path.relative_to(ROOT))


class Worker:
    """The cases of one reader in this process, counted and reported on stdout."""

    def __init__(self, name: str, folder: Path, read: Callable[[bytes, Path], None]) -> None:
        from benchmarks.fuzz_own import guarded, limit_memory

        self._name, self._folder, self._read = name, folder, read
        self._guarded, self._limit_memory = guarded, limit_memory
        self._cases, self._slowest, self._problems = 0, 0.0, list[str]()
        self._seen: set[str] = set()
        self._reported = time.monotonic()

    def case(self, data: bytes) -> None:
        """Read one case; a failure is reported once for each line that it was raised in."""
        (self._folder / _CURRENT).write_bytes(data)
        self._limit_memory()
        began = time.process_time()
        try:
            with self._guarded():
                self._read(data, self._folder)
        except Exception as error:
            where = traceback.extract_tb(error.__traceback__)
            ours = [frame for frame in where if "rnnlab/" in frame.filename] or where
            place = f"{Path(ours[-1].filename).name}:{ours[-1].lineno} {type(error).__name__}"
            if place not in self._seen:
                self._seen.add(place)
                self._problems.append(f"{place}: {str(error)[:200]!a}; {_keep(self._name, data)}")
        self._slowest = max(self._slowest, time.process_time() - began)
        self._cases += 1
        if time.monotonic() - self._reported > _REPORT_EVERY:
            self.report()

    def report(self) -> None:
        """Report what was found since the last report."""
        found = {"cases": self._cases, "slowest": self._slowest, "problems": self._problems}
        print(json.dumps(found), flush=True)
        self._cases, self._slowest, self._problems = 0, 0.0, []
        self._reported = time.monotonic()


def _work(name: str, folder: Path, seconds: float, number: int, guided: bool) -> None:
    """Fuzz one reader for so many seconds, which begin with the first case; `guided` by what of the code is carried out.

    `number`, the first case's, chooses the random numbers.
    """
    warnings.simplefilter("ignore")
    with _instrumented() if guided else contextlib.nullcontext():
        from benchmarks.reliability.fuzz_targets import TARGETS, one_case

        target = TARGETS[name]
        worker = Worker(name, folder, partial(one_case, target))
        seeds = target.seeds()
        for seed in seeds:  # much is imported only as it is needed
            worker.case(seed)
    worker.report()
    if guided:
        _with_atheris(worker, seeds, name, folder, seconds, number)
    else:
        _with_hypothesis(worker, seeds, seconds, number)


def _instrumented() -> contextlib.AbstractContextManager[object]:
    """Within, modules of rnnlab that are imported report what of them is carried out."""
    import atheris

    manager: contextlib.AbstractContextManager[object] = atheris.instrument_imports(include=["rnnlab"])
    return manager


def _with_atheris(worker: Worker, seeds: list[bytes], name: str, folder: Path, seconds: float, number: int) -> None:
    import atheris

    corpus = CORPUS / name
    corpus.mkdir(parents=True, exist_ok=True)
    for each, seed in enumerate(seeds):
        (corpus / f"seed-{each}").write_bytes(seed)
    # libFuzzer leaves by exit(), without Python's own end: reports are flushed as they are made.
    options = [f"-max_total_time={max(1, round(seconds))}", f"-max_len={LONGEST}", "-timeout=60", "-rss_limit_mb=0"]
    options += [f"-seed={number % 2**31 + 1}", "-verbosity=0", f"-artifact_prefix={folder}/"]
    atheris.Setup([sys.argv[0], str(corpus), *options], worker.case)
    atheris.Fuzz()


def _with_hypothesis(worker: Worker, seeds: list[bytes], seconds: float, number: int) -> None:
    from hypothesis import HealthCheck, Phase, given, seed, settings
    from hypothesis import strategies as st

    changes = st.lists(st.tuples(st.integers(0, LONGEST), st.integers(0, 40), st.binary(max_size=20)), max_size=6)
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        number += 1

        @seed(number)
        @settings(max_examples=200, database=None, deadline=None, phases=(Phase.generate,),
                  suppress_health_check=list(HealthCheck))  # fmt: skip
        @given(st.sampled_from(seeds), changes, st.binary(max_size=1))
        def one(data: bytes, made: list[tuple[int, int, bytes]], form: bytes) -> None:
            for place, gone, put in made:
                at = place % (len(data) + 1)
                data = data[:at] + put + data[at + gone :]
            worker.case(form + data[len(form) :])

        one()
    worker.report()


def _part(name: str, what: str) -> Part:
    return Part(what, partial(fuzzed, name), seconds=1200.0, hours_seconds=3600.0, unit="s for a case")


PROMISE = Promise(
    16,
    "fuzz",
    "Whatever the bytes of a log, a configuration, a session's files, weights, arrays, a .ts file or a table, reading them ends "
    "in a result or a sentence within 2 s and 512 MB.",
    (
        _part("log", "log"),
        _part("config", "configuration"),
        _part("session", "session.toml, sweep.toml, notes.toml, queued.json, pruned.json"),
        _part("safetensors", "safetensors: weights, saved state, predictions"),
        _part("npz", "npz"),
        _part("ts", "ts"),
        _part("table", "tables"),
    ),
)


def _worker_main(arguments: list[Any]) -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("name")
    parser.add_argument("folder", type=Path)
    parser.add_argument("seconds", type=float)
    parser.add_argument("number", type=int)
    parser.add_argument("--blind", action="store_true")
    chosen = parser.parse_args(arguments)
    with contextlib.suppress(KeyboardInterrupt):
        guided = not chosen.blind and find_spec("atheris") is not None
        _work(chosen.name, chosen.folder, chosen.seconds, chosen.number, guided)
    return 0


if __name__ == "__main__":
    if sys.argv[1:2] == ["--worker"]:
        sys.exit(_worker_main(sys.argv[2:]))
    sys.exit(main(PROMISE))
