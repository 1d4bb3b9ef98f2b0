"""The order of tests on several workers: slow modules first, and no test lost."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import cast

import pytest

from tests.conftest import SLOWEST, slowest_first

TESTS = Path(__file__).parent


@dataclass(frozen=True)
class Item:
    path: Path
    number: int


def test_the_slow_modules_are_there() -> None:
    assert not [name for name in SLOWEST if not (TESTS / name).is_file()]


@pytest.mark.parametrize("workers", [1, 2, 3, 7])
@pytest.mark.parametrize("quick", [0, 5, 1000])
def test_each_share_begins_with_slow_modules_and_no_test_is_lost(workers: int, quick: int) -> None:
    slow = [Item(TESTS / name, number) for name in SLOWEST for number in range(2)]
    items = [Item(TESTS / "test_quick.py", number) for number in range(quick)] + slow
    ordered = cast("list[Item]", slowest_first(cast("list[pytest.Item]", items), workers))
    assert sorted(ordered, key=str) == sorted(items, key=str)
    if quick == 1000:
        start = 0
        for left in range(workers, 0, -1):  # as `--dist worksteal` shares out
            share = ordered[start : start + (len(items) - start) // left]
            start += len(share)
            slow_ones = sum(item.path.name != "test_quick.py" for item in share)
            assert 0 < slow_ones == sum(item.path.name != "test_quick.py" for item in share[:slow_ones])
