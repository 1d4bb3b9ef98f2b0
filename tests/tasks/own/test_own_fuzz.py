"""A few of the cases of `benchmarks/fuzz_own.py`: random bytes and damaged files, read by check and loader alike."""

from __future__ import annotations

import pytest

from benchmarks.fuzz_cases import LOADERS
from benchmarks.fuzz_own import fuzz


@pytest.mark.parametrize("loader", LOADERS)
def test_no_file_does_worse_than_a_sentence(loader: str) -> None:
    tally = fuzz(loader, 80)
    assert tally.cases >= 80
    assert tally.trainable
