"""The order of tests on several workers: slow modules first, no test lost, and no long one begun too late."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import cast

import pytest

from tests.conftest import SLOWEST, UNTIL, slowest_first

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


@pytest.mark.parametrize("workers", [(), ("-n", "2")])
@pytest.mark.parametrize(("seconds_left", "long_one"), [(-1, "skipped"), (3600, "passed")])
def test_long_tests_come_last_and_are_skipped_once_time_is_over(
    tmp_path: Path, workers: tuple[str, ...], seconds_left: int, long_one: str
) -> None:
    (tmp_path / "conftest.py").write_text("from tests.conftest import *\n", encoding="utf-8")
    (tmp_path / "test_some.py").write_text(
        "import pytest\n@pytest.mark.slow\ndef test_long(): pass\ndef test_short(): pass\n", encoding="utf-8"
    )
    command = [
        sys.executable,
        "-m",
        "pytest",
        "-v",
        "-p",
        "no:cacheprovider",
        "--rootdir",
        str(tmp_path),
        "-o",
        "markers=slow",
    ]
    environment = os.environ | {UNTIL: str(time.time() + seconds_left), "PYTHONPATH": str(TESTS.parent)}
    done = subprocess.run(
        [*command, *workers, str(tmp_path)], env=environment, capture_output=True, text=True, check=False
    )
    assert f"{1 + (long_one == 'passed')} passed" in done.stdout, done.stdout
    assert ("the time for long tests was over" in done.stdout) == (long_one == "skipped")
    if not workers:
        assert done.stdout.index("::test_short") < done.stdout.index("::test_long")
