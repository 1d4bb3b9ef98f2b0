"""Every promise of rnnlab, tried in full: each script goes on where it was stopped, then docs/reliability.md is written.

    python -m benchmarks.reliability.all [--quick] [--hours 8] [--jobs 2] [--page] [NAME...]

`make reliability` calls it. `--quick` makes a few trials of each and keeps nothing; `--page` makes none and writes the page of
what is known. Hours are shared by the parts of which trials are left, and what one does not use goes to the remaining ones; with
`--jobs` several are tried at once. A name, such as cut_log, takes that promise alone. The exit code is 1 where one of the
promises that were taken did not hold, now or before.
"""

from __future__ import annotations

import argparse
import importlib
import math
import pkgutil
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import benchmarks.reliability
from benchmarks.reliability.page import write_page
from benchmarks.reliability.promise import ROOT, Part, Promise, command, is_complete, read_result
from rnnlab.cores import cores


def promises() -> list[tuple[str, Promise]]:
    """The modules that declare a promise, in the order of their numbers."""
    names = [
        f"{benchmarks.reliability.__name__}.{each.name}"
        for each in pkgutil.iter_modules(benchmarks.reliability.__path__)
    ]
    modules = [(name, importlib.import_module(name)) for name in names if name != __name__]
    found = [(name, promise) for name, module in modules if (promise := getattr(module, "PROMISE", None)) is not None]
    return sorted(found, key=lambda each: each[1].number)


@dataclass(frozen=True)
class Work:
    """A part of a promise that is to be tried, and the module that does it."""

    module: str
    promise: Promise
    part: Part

    def carry_out(self, *options: str) -> bool:
        """Try it in a process of its own, whose lines are printed with its name; whether it held."""
        line = command(self.module, "--part", self.part.name, *options)
        with subprocess.Popen(line, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
            assert process.stdout is not None
            for text in process.stdout:
                print(f"{self.promise.number:2} {self.promise.name}: {text}", end="", flush=True)
        return process.returncode == 0


class Shares:
    """The time that is left for all, shared by the parts that are still to be begun, of which `jobs` go on at once."""

    def __init__(self, hours: float, parts: int, jobs: int) -> None:
        self._end = time.monotonic() + hours * 3600
        self._hours, self._waiting, self._jobs = hours, parts, jobs
        self._guard = threading.Lock()

    def next(self) -> float:
        """Hours of the next part; infinite where none were given, 0 where they are over."""
        with self._guard:
            rounds = math.ceil(self._waiting / self._jobs)
            self._waiting -= 1
            return max(0.0, self._end - time.monotonic()) / 3600 / rounds if self._hours else math.inf


def main() -> int:
    """Exit code 1 where a promise did not hold, or its script broke."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("names", nargs="*", metavar="NAME")
    parser.add_argument("--quick", action="store_true")
    parser.add_argument(
        "--hours",
        type=float,
        default=0.0,
        help="end after so many, shared by all parts; those by time take their longer form",
    )
    parser.add_argument(
        "--jobs", type=int, default=1, help="parts tried at once (1); at most one a core, for times count"
    )
    parser.add_argument("--page", action="store_true")
    options = parser.parse_args()
    known = promises()
    if options.jobs > cores():
        parser.error(f"--jobs {options.jobs}: there are {cores()} cores, and times would be those of a busy machine")
    if unknown := set(options.names) - {promise.name for _, promise in known}:
        parser.error(
            f"no promise is named {', '.join(sorted(unknown))}; there are {', '.join(p.name for _, p in known)}"
        )
    chosen = [] if options.page else [each for each in known if not options.names or each[1].name in options.names]
    work = [Work(module, promise, part) for module, promise in chosen for part in promise.parts]
    if not options.quick:
        work = [each for each in work if not is_complete(each.part, read_result(each.promise), hours=options.hours > 0)]
    shares = Shares(options.hours, len(work), max(1, options.jobs))

    def carry_out(each: Work) -> bool:
        hours = shares.next()
        if not hours:
            print(
                f"{each.promise.number:2} {each.promise.name}: the hours are over; the same command goes on from here"
            )
            return True
        form = ["--quick"] if options.quick else []
        return each.carry_out(*form, *(["--hours", str(hours)] if hours < math.inf else []))

    with ThreadPoolExecutor(max(1, options.jobs)) as pool:
        try:
            held = list(pool.map(carry_out, work))
        except KeyboardInterrupt:
            pool.shutdown(cancel_futures=True)  # those that are tried have been interrupted, too
            held = []
    broken = {each.promise.name for each, has in zip(work, held, strict=False) if not has}
    if not options.quick:
        broken |= {promise.name for _, promise in (chosen or known) if not read_result(promise).held}
        write_page([promise for _, promise in known])
    if broken:
        print(f"\nnot held: {', '.join(sorted(broken))}")
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main())
