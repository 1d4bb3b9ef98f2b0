"""The tests of training and of nets, once under each kernel that this processor has, forced by RNNLAB_KERNELS.

    python -m benchmarks.reliability.every_kernel [--quick] [--jobs 2] [KERNEL...]

Trainings by different kernels differ in their last digits, so what a test says of a trained net must hold for all of them.
Kernels are the compiled functions for AVX-512, AVX2 or NEON, where they were built and the processor has the instructions,
NumPy's, and PyTorch's own layers. Printed are a table of what came of it and the names of tests that fail; the exit code is 1
where there are any. `--quick` runs one test under one of them.
"""

from __future__ import annotations

import argparse
import os
import re
import subprocess
import sys
import time
from pathlib import Path

from benchmarks.options import parse
from rnnlab.models.kernels import library

ROOT = Path(__file__).resolve().parents[2]
TESTS = ("tests/training", "tests/models")
QUICK = ("tests/models/test_kernels.py", "-k", "test_where_it_serves")


def run_tests(kernels: str, tests: tuple[str, ...], jobs: int) -> tuple[str, list[str], float]:
    """What pytest counts under `kernels`, the tests that failed, and the seconds it took."""
    begun = time.monotonic()
    flags = ["-p", "no:cacheprovider", "-n", str(jobs), "--dist", "worksteal"]
    done = subprocess.run(
        [sys.executable, "-m", "pytest", *flags, *tests],
        cwd=ROOT,
        env=os.environ | {library.VARIABLE: kernels},
        capture_output=True,
        text=True,
        check=False,
    )
    last = (done.stdout.strip().splitlines() or [done.stderr.strip()[-200:]])[-1]
    counts = ", ".join(re.findall(r"\b\d+ (?:passed|failed|skipped|errors?)\b", done.stdout)[-4:]) or last
    failed = re.findall(r"^(?:FAILED|ERROR) (\S.*)$", done.stdout, re.MULTILINE)
    if done.returncode and not failed:
        failed = [f"pytest ended with exit code {done.returncode}: {last}"]
    return counts, failed, time.monotonic() - begun


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("kernels", nargs="*", metavar="KERNEL", help=f"one of {', '.join(library.available())}")
    parser.add_argument("--jobs", type=int, default=2, help="test processes side by side")
    options = parse(parser, kernels=[library.available()[0]], jobs=0)
    unknown = [name for name in options.kernels if name not in library.available()]
    if unknown:
        parser.error(f"this machine has no kernels {unknown[0]!r}; it has {', '.join(library.available())}")
    any_failed = False
    print(f"{'kernels':8} {'seconds':>7}  tests", flush=True)
    for kernels in options.kernels or library.available():
        counts, failed, seconds = run_tests(kernels, QUICK if options.quick else TESTS, options.jobs)
        print(f"{kernels:8} {seconds:7.0f}  {counts}", *(f"           {name}" for name in failed), sep="\n", flush=True)
        any_failed = any_failed or bool(failed)
    return int(any_failed)


if __name__ == "__main__":
    sys.exit(main())
