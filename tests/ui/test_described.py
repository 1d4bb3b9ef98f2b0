"""Panels in sentences and on the clipboard."""

from __future__ import annotations

from pathlib import Path

from rnnlab.ui.common.help import TextScreen
from rnnlab.ui.described.copying import CopyScreen
from tests.recorded import record
from tests.ui.opened import open_run, said, settled, shown, text_of


async def test_each_panel_of_a_run_is_said_in_sentences_and_copied_as_text(sessions: Path) -> None:
    holds = {
        "1": ("Validation loss fell from", "◆ validation"),
        "2": ("Validation accuracy rose from", "accuracy"),
        "3": ("of them right.", "recall"),
        "4": ("epoch", "epoch"),
        "5": ("of 19 steps the first gets", "gradient"),
    }
    async with shown() as pilot:
        app = pilot.app
        await open_run(pilot, record(sessions, "finished"))
        for number, (sentence, text) in holds.items():
            await pilot.press(number, "i")
            await settled(pilot)
            assert isinstance(app.screen, TextScreen)
            assert sentence in " ".join(text_of(app).replace("│", " ").split())
            await pilot.press("i", "Y")
            await settled(pilot)
            if isinstance(app.screen, CopyScreen):
                await pilot.press("t")
            await pilot.press(number)
            await settled(pilot)
            assert text in app.clipboard
            assert app.clipboard.splitlines()[1] == "", "under the title"
            assert "Copied" in said(app)
            assert "\x1b" not in app.clipboard


async def test_a_panel_with_nothing_in_it_yet_says_so(sessions: Path) -> None:
    async with shown((80, 24)) as pilot:
        await open_run(pilot, record(sessions, "loading"))
        await pilot.press("i")
        await settled(pilot)
        assert "nothing to describe" in said(pilot.app)
        assert not isinstance(pilot.app.screen, TextScreen)


async def test_the_card_of_a_data_set_is_copied_as_text(sessions: Path) -> None:
    async with shown() as pilot:
        await pilot.press("f4", "Y")
        await settled(pilot)
        assert pilot.app.clipboard.startswith("data of ")
        assert "Copied data of" in said(pilot.app)
