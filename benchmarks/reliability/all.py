"""Every promise of rnnlab, tried in full: each script goes on where it was stopped, then docs/reliability.md is written.

    python -m benchmarks.reliability.all [--quick] [--hours 8] [--page] [NAME...]

`make reliability` calls it. `--quick` makes a few trials of each and keeps nothing; `--page` makes none and writes the page of
what is known. Hours are shared by the promises of which trials are left, and what one does not need goes to those after it. A
name, such as cut_log, takes that promise alone. The exit code is 1 where a promise did not hold, now or before.
"""

from __future__ import annotations

import argparse
import importlib
import pkgutil
import subprocess
import sys
import time

import benchmarks.reliability
from benchmarks.reliability.page import write_page
from benchmarks.reliability.promise import ROOT, Promise, command, is_complete, read_result


def promises() -> list[tuple[str, Promise]]:
    """The modules that declare a promise, in the order of their numbers."""
    names = [
        f"{benchmarks.reliability.__name__}.{each.name}"
        for each in pkgutil.iter_modules(benchmarks.reliability.__path__)
    ]
    modules = [(name, importlib.import_module(name)) for name in names if name != __name__]
    found = [(name, promise) for name, module in modules if (promise := getattr(module, "PROMISE", None)) is not None]
    return sorted(found, key=lambda each: each[1].number)


def is_all_complete(promise: Promise, *, hours: bool) -> bool:
    """Whether nothing is left to try of a promise; a part that was skipped may be tried on this machine."""
    result = read_result(promise)
    return all(is_complete(part, result, hours=hours) for part in promise.parts)


def main() -> int:
    """Exit code 1 where a promise did not hold, or its script broke."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("names", nargs="*", metavar="NAME")
    parser.add_argument("--quick", action="store_true")
    parser.add_argument(
        "--hours",
        type=float,
        default=0.0,
        help="end after so many, shared by all; parts by time take their longer form",
    )
    parser.add_argument("--page", action="store_true")
    options = parser.parse_args()
    known = promises()
    if unknown := set(options.names) - {promise.name for _, promise in known}:
        parser.error(
            f"no promise is named {', '.join(sorted(unknown))}; there are {', '.join(p.name for _, p in known)}"
        )
    chosen = [] if options.page else [each for each in known if not options.names or each[1].name in options.names]
    broken = []
    if not options.quick:
        broken = [promise.name for _, promise in chosen if not read_result(promise).held]
        chosen = [each for each in chosen if not is_all_complete(each[1], hours=bool(options.hours))]
    end = time.monotonic() + options.hours * 3600
    for (module, promise), share in zip(chosen, range(len(chosen), 0, -1), strict=True):
        print(f"\n{promise.number}. {promise.name}", flush=True)
        form = ["--quick"] if options.quick else []
        if options.hours:
            if (left := end - time.monotonic()) <= 0:
                print("the hours are over; the same command goes on from here")
                break
            form += ["--hours", str(left / share / 3600)]
        if subprocess.run(command(module, *form), cwd=ROOT, check=False).returncode and promise.name not in broken:
            broken.append(promise.name)
    if not options.quick:
        write_page([promise for _, promise in known])
    if broken:
        print(f"\nnot held: {', '.join(broken)}")
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main())
