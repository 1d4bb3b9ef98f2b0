"""A few of the cases of `benchmarks/fuzz_own.py`: random bytes and damaged files, read by check and loader alike."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from benchmarks.fuzz_cases import LOADERS
from benchmarks.fuzz_own import fuzz
from rnnlab.tasks.own.check import check_file


@pytest.mark.parametrize("loader", LOADERS)
def test_no_file_does_worse_than_a_sentence(loader: str) -> None:
    tally = fuzz(loader, 80)
    assert tally.cases >= 80
    assert tally.trainable


def test_a_first_line_of_megabytes_is_refused_quickly(tmp_path: Path) -> None:
    """One field of a million words in a damaged file: titles are compared with known ones, word by word."""
    (tmp_path / "own.csv").write_text(f"text|{'1:' * 1_000_000}\nab|x\ncd|y\n")
    began = time.process_time()
    assert not check_file(tmp_path / "own.csv").trainable
    assert time.process_time() - began < 2
