"""Cells of a person's own in the app: listed without PyTorch, trained, opened without their file."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from rnnlab.config import RunConfig
from rnnlab.engines.cells import choose_files
from rnnlab.engines.local import ensure_runner
from rnnlab.paths import CELLS
from rnnlab.runs.folders import RunFolder, create_session
from rnnlab.runs.log_reader import read_state
from rnnlab.ui.app import RnnlabApp
from rnnlab.ui.run.screen import RunScreen
from rnnlab.ui.setup.cards.card_list import CardList
from rnnlab.ui.setup.draft.command_line import command_line
from rnnlab.ui.setup.screen import SetupScreen
from tests.command_line import clean_environment
from tests.engines.running import state_of, until
from tests.own_cells import PLAIN, catalogue_restored
from tests.ui.opened import until as until_queued


@pytest.fixture(autouse=True)
def _restored() -> Iterator[None]:
    with catalogue_restored():
        yield


def text_of(app: RnnlabApp) -> str:
    lines = app.screen._compositor.render_strips(app.size)
    return "\n".join(line.text for line in lines)


async def test_a_chosen_cell_is_in_the_list_and_is_trained(tmp_path: Path) -> None:
    path = tmp_path / "mycell.py"
    path.write_text(PLAIN)
    choose_files([path])
    app = RnnlabApp()
    async with app.run_test(size=(140, 45)) as pilot:
        await pilot.pause()
        screen = app.screen
        assert isinstance(screen, SetupScreen)
        models = screen.query_one("#models", CardList)
        models.focus()
        await pilot.press("end")
        await pilot.pause()
        assert models.chosen == "plain-cell"
        assert "An Elman cell of linear layers." in text_of(app)
        assert command_line(screen.draft).endswith(f"--model plain-cell --cells {path}")
        tasks = screen.query_one("#tasks", CardList)
        tasks.focus()
        await pilot.press("home", *["down"] * [card.name for card in tasks.cards].index("parity"))
        screen.draft.set("model.hidden", "6")
        screen.draft.set("train.epochs", "1")
        await pilot.press("ctrl+r")
        await until_queued(lambda: any((tmp_path / "sessions").glob("*/runs/0*")))
    run = RunFolder(next((tmp_path / "sessions").glob("*/runs/0*")))
    assert run.name == "001-plain-cell-6"
    until(lambda: state_of(run).ended, "the run ends")
    assert read_state(run.events_path)[0].status == "completed"


async def test_a_run_that_was_made_with_it_opens_without_its_file(tmp_path: Path) -> None:
    path = tmp_path / "mycell.py"
    path.write_text(PLAIN)
    with catalogue_restored():
        choose_files([path])
        session = create_session("s", root=tmp_path / "sessions")
        settings = {"task.name": "parity", "model.name": "plain-cell", "train.epochs": 1, "data.rows": 200}
        run = session.create_run(RunConfig.from_settings(settings | {"model.hidden": 6}))
        ensure_runner(session)
        until(lambda: state_of(run).ended, "the run ends")
    path.unlink()
    app = RnnlabApp()
    async with app.run_test(size=(140, 45)) as pilot:
        await pilot.press("f3")
        await pilot.pause()
        assert "001-plain-cell-6" in text_of(app)
        app.open_run(run)
        await pilot.pause()
        assert isinstance(app.screen, RunScreen)
        assert "Plain 6" in text_of(app)


def test_the_app_lists_it_without_importing_the_file_or_pytorch(tmp_path: Path) -> None:
    path, mark = tmp_path / "mycell.py", tmp_path / "mark"
    path.write_text(f"open({os.fspath(mark)!r}, 'a').write('x')\n{PLAIN}")
    code = (
        "import sys\nfrom rnnlab.engines.cells import choose_usual\nimport rnnlab.ui.app\n"
        "assert choose_usual() == ''\nfrom rnnlab.catalog.models.catalog import MODELS\n"
        "assert 'plain-cell' in MODELS\nprint('torch' in sys.modules, 'numpy' in sys.modules)"
    )
    for _ in range(2):
        done = subprocess.run(
            [sys.executable, "-c", code],
            env=clean_environment() | {CELLS: str(path)},
            capture_output=True,
            text=True,
            check=True,
        )
        assert done.stdout == "False False\n"
    assert mark.read_text() == "x", "another process has imported it, once for this content"


async def test_a_file_that_cannot_be_used_is_said_and_the_app_opens() -> None:
    app = RnnlabApp(notice="mycell.py:1: [/red]\x1b]0;x\x07 invalid syntax")
    async with app.run_test() as pilot:
        await pilot.pause()
        assert [notice.message for notice in app._notifications] == ["mycell.py:1: [/red]␛]0;x␇ invalid syntax"]
