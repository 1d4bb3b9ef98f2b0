"""Messages in passing: where they stand."""

from __future__ import annotations

import pytest
from textual.widgets._toast import Toast

from rnnlab.ui.setup.command_bar import CommandBar
from tests.ui.opened import app_on, settled

TEXT = "This run has ended (completed): nothing about it can be changed any more, and this sentence takes two lines."


@pytest.mark.parametrize("size", [(80, 24), (140, 45)])
async def test_no_message_covers_the_button_that_trains(size: tuple[int, int]) -> None:
    async with app_on().run_test(size=size, notifications=True) as pilot:
        pilot.app.notify(TEXT, markup=False)
        await settled(pilot)
        button = pilot.app.screen.query_one(CommandBar).region
        toasts = [toast.region for toast in pilot.app.screen.query(Toast)]
        assert toasts
        assert all(toast.height and not toast.overlaps(button) for toast in toasts), (toasts, button)
