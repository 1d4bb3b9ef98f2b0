"""A few of the cases of `benchmarks/fuzz_own.py`: random bytes and damaged files, read by check and loader alike."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from benchmarks.fuzz_cases import LOADERS
from benchmarks.fuzz_own import fuzz
from rnnlab.tasks.own.check import check_file
from rnnlab.tasks.own.roles import columns


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


def test_titles_of_megabytes_are_not_kept(tmp_path: Path) -> None:
    """Found by fuzzing: after thousands of damaged files the process ran out of memory."""
    held = columns._parts_of.cache_info().currsize
    for number in range(5):
        (tmp_path / "own.csv").write_text(f"{'title ' * 100_000}{number},label\n" + "one two,a\nthree four,b\n" * 9)
        check_file(tmp_path / "own.csv")
    assert columns._parts_of.cache_info().currsize <= held + 1
