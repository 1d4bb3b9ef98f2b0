"""The pilot of these tests: what it waits for."""

from __future__ import annotations

import asyncio

import pytest
import textual._wait
from textual.app import App, ComposeResult
from textual.widgets import Static

from tests.ui.opened import text_of


class Folding(App[None]):
    """A text that a key shows and hides, laid out by the next frame."""

    BINDINGS = [("f", "fold", "Fold")]

    def compose(self) -> ComposeResult:
        yield Static("unfolded text")

    def on_mount(self) -> None:
        self.query_one(Static).display = False

    def action_fold(self) -> None:
        text = self.query_one(Static)
        text.display = not text.display


async def test_a_key_is_over_when_its_layout_is_drawn_even_where_the_process_looks_idle_at_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async def at_once(seconds: float) -> None:
        await asyncio.sleep(0)

    app = Folding()
    async with app.run_test(size=(40, 10)) as pilot:
        assert "unfolded" not in text_of(app)
        monkeypatch.setattr(textual._wait, "sleep", at_once)
        monkeypatch.setattr(textual._wait, "SLEEP_IDLE", 1.0)
        for shown in (True, False) * 4:
            await pilot.press("f")
            assert ("unfolded" in text_of(app)) is shown
            assert app.query_one(Static).region.width == (40 if shown else 0)
