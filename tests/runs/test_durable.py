"""What was acknowledged to a person survives a loss of power, as far as the operations on files can tell."""

from __future__ import annotations

import pytest

from benchmarks.reliability.power_cut import ACTIONS, lost_after
from benchmarks.reliability.trace import NoCompiler, library


def compiled() -> bool:
    try:
        library()
    except NoCompiler:
        return False
    return True


@pytest.mark.skipif(not compiled(), reason="needs a C compiler, on Linux")
@pytest.mark.parametrize("action", ACTIONS)
def test_nothing_of_it_is_lost_when_the_power_fails_right_after(action: str) -> None:
    assert not lost_after(action)
