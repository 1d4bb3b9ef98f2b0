"""`benchmarks/gpu.py` where there is no GPU: it says so in a sentence, and nothing is wrong with that."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
import torch


@pytest.mark.skipif(torch.cuda.is_available(), reason="needs a machine without a CUDA device; there is one here")
def test_without_a_device_the_benchmark_says_so_and_ends_well() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.gpu", "--quick"],
        cwd=Path(__file__).parents[1],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("There is no CUDA device here (PyTorch ")
    assert done.stdout.count("\n") == 1
