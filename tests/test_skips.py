"""What `make test` says of tests that were skipped."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]

TESTS = """
import pytest

@pytest.mark.parametrize("n", range(3))
def test_a(n):
    pytest.skip("needs a second moon")

@pytest.mark.skipif(True, reason="needs rain")
def test_b(): ...

def test_c(): ...
"""


def test_a_line_for_each_reason_and_how_many(tmp_path: Path) -> None:
    (tmp_path / "test_few.py").write_text(TESTS)
    for split in ((), ("-n", "2")):
        done = subprocess.run(
            [
                sys.executable,
                "-m",
                "pytest",
                "-q",
                "-p",
                "tests.conftest",
                "-p",
                "no:cacheprovider",
                *split,
                str(tmp_path),
            ],
            cwd=ROOT,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        lines = [line for line in done.stdout.splitlines() if line.startswith("skipped")]
        assert lines == ["skipped 3: needs a second moon", "skipped 1: needs rain"], done.stdout + done.stderr
