"""Sessions that earlier versions wrote open: shown, compared and replayed."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks.reliability.replayed import EARLIER, problem_of_earlier


@pytest.mark.parametrize("version", sorted(each.name for each in EARLIER.iterdir()))
def test_a_session_of_an_earlier_version_opens(version: str, tmp_path: Path) -> None:
    assert not problem_of_earlier(version, tmp_path)
