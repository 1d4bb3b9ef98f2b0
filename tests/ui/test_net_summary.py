"""The sizes of the net that Setup shows below the form."""

from __future__ import annotations

import pytest

from rnnlab.ui.setup.draft.draft import Draft
from rnnlab.ui.setup.draft.estimate import Estimate
from rnnlab.ui.setup.net_summary import NetSummary


@pytest.mark.parametrize(("updates", "text"), [(1, "≈ 1 update, "), (2, "≈ 2 updates, ")])
def test_one_update_is_one(updates: int, text: str) -> None:
    figures = Estimate(
        (), rows=10, steps_per_epoch=updates, steps=30 * updates, averages=0, seconds_per_step=0.1, paced=True
    )
    assert text in str(NetSummary(Draft())._brief(figures)[1])
