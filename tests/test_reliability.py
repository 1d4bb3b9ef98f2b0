"""The quick forms of the scripts in `benchmarks/reliability`: real trainers, on disks that are full and after cuts of power."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]


@pytest.mark.parametrize("script", ["power_cut", "full_disk", "signals"])
def test_runs_survive(script: str) -> None:
    done = subprocess.run(
        [sys.executable, "-m", f"benchmarks.reliability.{script}", "--quick"],
        cwd=ROOT, capture_output=True, text=True, timeout=300, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    if "skipped" in done.stdout and "identical" not in done.stdout:
        pytest.skip(done.stdout.strip())
