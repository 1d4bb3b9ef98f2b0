"""Training from Setup: what starts is what was chosen, and what cannot start is said in a sentence."""

from __future__ import annotations

from pathlib import Path

import pytest
from textual import events

from rnnlab.config import RunConfig, read_config
from rnnlab.runs.log_reader import read_state
from rnnlab.ui.app import RnnlabApp
from rnnlab.ui.common.prompt import Prompt
from rnnlab.ui.session.screen import SessionScreen
from rnnlab.ui.setup.command_bar import CommandBar
from rnnlab.ui.setup.form.form import Form
from tests.ui.on_setup import choose, go, notices, setup_of
from tests.ui.opened import text_of, until


async def test_a_task_without_its_files_says_how_to_get_them_and_does_not_start(tmp_path: Path) -> None:
    app = RnnlabApp()
    async with app.run_test(size=(140, 45)) as pilot:
        await pilot.pause()
        assert setup_of(app).draft.card.name == "surnames"
        await choose(pilot, "names")
        await pilot.press("ctrl+r")
        await pilot.pause()
        assert "rnnlab data fetch names" in text_of(app)
        assert "rnnlab data fetch names" in notices(app)[-1]
        assert not (tmp_path / "sessions").exists()


async def test_what_trains_is_what_was_chosen_just_before(tmp_path: Path) -> None:
    app = RnnlabApp()
    async with app.run_test() as pilot:
        await pilot.pause()
        await choose(pilot, "names")
        await pilot.press("up")
        await pilot.pause()
        for key in ("down", "ctrl+r"):
            app.post_message(events.Key(key, None))
        await until(lambda: bool(notices(app)))
        assert "names is not here yet" in notices(app)[-1]
        assert not (tmp_path / "sessions").exists()


async def test_the_mouse_chooses_types_and_trains() -> None:
    app = RnnlabApp()
    async with app.run_test(size=(100, 36)) as pilot:
        await pilot.pause()
        screen = setup_of(app)
        await choose(pilot, "binary")
        await pilot.press("up")
        lines = text_of(app).splitlines()
        await pilot.click(offset=(6, next(row for row, line in enumerate(lines) if "Bits →" in line)))
        await pilot.pause()
        assert screen.draft.card.name == "binary"
        lines = text_of(app).splitlines()
        row = next(index for index, line in enumerate(lines) if "+ Model" in line)
        await pilot.click(offset=(lines[row].index("+ Model"), row))
        await pilot.pause()
        lines = text_of(app).splitlines()
        row = next(index for index, line in enumerate(lines) if " readout " in line)
        await pilot.click(offset=(lines[row].index("○ max") + 3, row))
        await pilot.pause()
        assert screen.draft.value("model.readout") == "max"
        row = next(index for index, line in enumerate(lines) if " hidden " in line)
        await pilot.click(offset=(lines[row].index("hidden") + 20, row))
        await pilot.press("backspace", "x")
        await pilot.click(CommandBar, offset=(90, 0))
        await pilot.pause()
        assert any("model.hidden" in notice for notice in notices(app))


def _config(folder: Path) -> RunConfig:
    return read_config(folder / "run.toml")


async def test_train_makes_a_run_that_really_trains(tmp_path: Path) -> None:
    app = RnnlabApp()
    async with app.run_test(size=(100, 30)) as pilot:
        await pilot.pause()
        screen = setup_of(app)
        await choose(pilot, "binary")
        await go(pilot, "train.epochs")
        await pilot.press("2")
        await go(pilot, "train.patience")
        await pilot.press(*"none", "f5")
        runs = tmp_path / "sessions"
        await until(lambda: app.screen is not screen)
        (folder,) = runs.glob("*-binary/runs/001-lstm-*")
        asked = {"task.name": "binary", "train.epochs": 2, "train.patience": None}
        assert _config(folder) == RunConfig.from_settings(asked)
        await until(lambda: (folder / "events.jsonl").exists() and read_state(folder / "events.jsonl")[0].ended)
        state, damaged = read_state(folder / "events.jsonl")
        assert (state.status, state.epoch, damaged) == ("completed", 2, 0)
        await pilot.press("escape")
        await until(lambda: app.screen is screen)
        assert screen.draft.value("train.epochs") == 2


async def test_seeds_start_repeats_of_one_split_and_show_them_in_their_session(tmp_path: Path) -> None:
    app = RnnlabApp()
    async with app.run_test(size=(100, 30)) as pilot:
        await pilot.pause()
        screen = setup_of(app)
        await choose(pilot, "binary")
        await go(pilot, "train.epochs")
        await pilot.press("1", "ctrl+s")
        await until(lambda: bool(screen.query(Prompt)) and screen.query_one(Prompt).asking)
        await pilot.press(*"3,3")
        await pilot.pause()
        assert "seeds = '3,3' is not allowed" in text_of(app)
        await pilot.press("escape")
        await until(lambda: screen.focused is screen.query_one(Form))
        assert not (tmp_path / "sessions").exists(), "escape takes it back"
        await pilot.press("ctrl+s")
        await until(lambda: screen.query_one(Prompt).asking)
        await pilot.press(*"3,5", "enter")
        await until(lambda: isinstance(app.screen, SessionScreen))
        folders = sorted(tmp_path.glob("sessions/*-binary/runs/*"))
        asked = {"task.name": "binary", "train.epochs": 1, "data.seed": 0}
        assert [_config(folder) for folder in folders] == [
            RunConfig.from_settings(asked | {"train.seed": seed}) for seed in (3, 5)
        ]
        await until(lambda: "lstm-" in text_of(app) and "× 2" in text_of(app))
        for folder in folders:
            log = folder / "events.jsonl"
            await until(lambda log=log: log.exists() and read_state(log)[0].ended)  # type: ignore[misc]


async def test_sessions_that_cannot_be_written_are_said_in_a_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("RNNLAB_SESSIONS", str(tmp_path / "file" / "sessions"))
    app = RnnlabApp()
    async with app.run_test(size=(100, 30)) as pilot:
        await go(pilot, "model.hidden")
        await pilot.press("6", "4", "ctrl+r")
        await until(lambda: bool(notices(app)))
        assert "cannot be written" in notices(app)[-1]
        assert "RNNLAB_SESSIONS" in notices(app)[-1]
        assert setup_of(app).draft.value("model.hidden") == (64,)
