"""Two hundred hostile strings through each widget that shows a text as it is given."""

from __future__ import annotations

import contextlib
from typing import Any

from rnnlab.config import UsageError
from rnnlab.doctor.finding import Finding
from rnnlab.doctor.lines import finding_lines
from rnnlab.text.lines import to_text, width_of
from rnnlab.text.palette import DARK
from rnnlab.ui.app import RnnlabApp
from rnnlab.ui.common.prompt import Prompt
from rnnlab.ui.common.title_bar import TitleBar
from rnnlab.ui.setup.command_bar import CommandBar
from rnnlab.ui.setup.form.form import Form
from rnnlab.ui.setup.screen import SetupScreen
from tests.hostile_strings import HOSTILE
from tests.ui.opened import assert_harmless


def refuse(_text: str) -> None:
    raise UsageError(_text)


def test_there_are_two_hundred() -> None:
    assert len(set(HOSTILE)) >= 180


async def test_they_do_nothing_but_stand_there() -> None:
    app: Any = RnnlabApp()
    async with app.run_test(size=(100, 30), notifications=True) as pilot:
        await pilot.pause()
        screen = app.screen
        assert isinstance(screen, SetupScreen)
        await screen.mount(prompt := Prompt(), before=screen.query_one(CommandBar))
        for text in HOSTILE:
            screen.query_one(TitleBar).about = text
            screen.query_one(CommandBar).command = text
            prompt.ask("topic", text, text, refuse)
            for key in ("data.path", "model.hidden", "train.note"):
                with contextlib.suppress(KeyError):
                    screen.draft.set(key, text)
            screen.query_one(Form).refresh_fields()
            await pilot.pause()
            assert_harmless(app)
        assert app.is_running
        assert screen.query_one(TitleBar).region.height == 1


def test_findings_keep_their_width() -> None:
    for text in HOSTILE:
        lines = finding_lines([Finding("name", "problem", text, text, text)], 60, DARK)
        assert max(map(width_of, lines)) <= 60, text[:50]
        assert "\x1b" not in to_text(lines)
