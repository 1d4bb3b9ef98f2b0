"""What Setup does for a person beyond the fields: presets, data, measurements, and runs that were trained before."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from rnnlab.catalog.tasks.catalog import TASKS
from rnnlab.config import RunConfig
from rnnlab.recipes.presets import BEST, SMALLEST, presets_of
from rnnlab.runs.duplicates import RunIndex
from rnnlab.runs.folders import create_session
from rnnlab.ui.app import RnnlabApp
from rnnlab.ui.queries.subprocess_query import QueryResult
from rnnlab.ui.setup.command_bar import CommandBar
from rnnlab.ui.setup.draft.draft import Draft
from rnnlab.ui.setup.measure.range_screen import RangeScreen
from rnnlab.ui.setup.measure.tune_screen import TuneScreen
from rnnlab.ui.setup.net_summary import NetSummary
from rnnlab.ui.setup.presets_screen import PresetsScreen
from rnnlab.ui.setup.screen import SetupScreen
from tests.ui.on_setup import choose, go, notices, setup_of
from tests.ui.opened import settled, text_of, until


@pytest.mark.parametrize("task", TASKS)
def test_the_presets_of_a_task_are_configurations_of_it(task: str) -> None:
    presets = presets_of(task)
    assert presets[0].name == "own settings"
    for preset in presets:
        draft = Draft({"task.name": task})
        draft.take_preset(preset.settings)
        assert not draft.errors
        assert draft.card.name == task


def test_a_preset_says_which_figure_was_published_and_how() -> None:
    presets = {preset.name: preset for preset in presets_of("gestures")}
    best, smallest = presets[BEST], presets[SMALLEST]
    assert best.figure == "accuracy .992 to .995 on the validation set, after the last epoch, published"
    assert any("recordings that were held out" in note for note in best.notes)
    assert smallest.parameters < best.parameters
    assert smallest.settings["model.hidden"] == (16,)
    assert "as in the tutorial" in {preset.name for preset in presets_of("names")}
    assert BEST not in {preset.name for preset in presets_of("copy")}, "a bound is no figure that somebody reached"


async def test_a_preset_is_taken_in_place_of_all_settings_and_undone_as_one_change() -> None:
    app = RnnlabApp()
    async with app.run_test(size=(80, 24)) as pilot:
        await choose(pilot, "anbn")
        await go(pilot, "model.dropout")
        await pilot.press(*"0.3", "p")
        await until(lambda: isinstance(app.screen, PresetsScreen) and bool(app.screen._presets))
        await settled(pilot)
        await pilot.press("down")
        await settled(pilot)
        assert "accuracy .998 on the test set, published" in " ".join(text_of(app).split())
        await pilot.press("enter")
        await until(lambda: isinstance(app.screen, SetupScreen))
        await settled(pilot)
        draft = setup_of(app).draft
        assert draft.value("model.hidden") == (2,)
        assert draft.text("model.name") == "elman"
        assert not draft.changed("model.dropout")
        await pilot.press("ctrl+z")
        assert draft.text("model.dropout") == "0.3"
        assert not draft.changed("model.hidden")


async def test_data_is_fetched_from_setup_with_its_terms_its_progress_and_a_stop(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    import asyncio

    held = asyncio.Event()

    async def fetch(*words: str, on_progress: Any = None) -> QueryResult:
        assert words[:3] == ("data", "fetch", "names")
        on_progress("3.2 MB of 8.0 MB  40%")
        await held.wait()
        return QueryResult(2, problem="no connection to example.org")

    app = RnnlabApp()
    async with app.run_test(size=(80, 24)) as pilot:
        await choose(pilot, "names")
        app.fetches._query = fetch
        assert "f Fetch data" in text_of(app)
        await go(pilot, "model.hidden")
        await pilot.press("f")
        await settled(pilot)
        assert "accept the terms and fetch" in text_of(app)
        await pilot.press("6")
        await settled(pilot)
        assert "accept the terms" not in text_of(app), "any other key takes the question back"
        assert setup_of(app).draft.text("model.hidden") == "128"
        await pilot.press("f", "y")
        await until(lambda: "fetching names" in text_of(app) and "3.2 MB" in text_of(app))
        assert "▶ Train" in text_of(app)
        await pilot.press("escape")
        await settled(pilot)
        assert app.screen.query_one(CommandBar).note == ""
        assert any("f resumes the download" in notice for notice in notices(app))
        await pilot.press("ctrl+f", "y")
        held.set()
        await until(lambda: "names could not be fetched" in " ".join(notices(app)))
        setup_of(app).choices.describe("task")
        await settled(pilot)
        assert "no connection to" in text_of(app)


async def test_a_range_test_shows_its_curve_and_enter_takes_the_rate(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[tuple[str, ...]] = []

    async def answer(*words: str, on_progress: Any = None) -> QueryResult:
        asked.append(words)
        rates = [1e-6 * 1.2**at for at in range(90)]
        losses = [3.0 - 2 * at / 60 if at < 60 else 1.0 + (at - 60) / 10 for at in range(90)]
        found = {"suggested": 0.003, "words": "the loss fell fastest at 0.004", "rates": rates, "losses": losses}
        return QueryResult(0, found)

    monkeypatch.setattr("rnnlab.ui.setup.measure.measure_screen.run_query", answer)
    app = RnnlabApp()
    async with app.run_test(size=(80, 24)) as pilot:
        await choose(pilot, "binary")
        await go(pilot, "optim.lr")
        setup_of(app).draft.set("optim.schedule", "cosine")
        await pilot.press("r")
        await until(lambda: isinstance(app.screen, RangeScreen) and app.screen.document is not None)
        await settled(pilot)
        assert asked == [("lr-range", "binary", "--json")]
        assert "loss over the learning rate" in text_of(app)
        assert "⏎ sets optim.lr to 0.003" in " ".join(text_of(app).split())
        await pilot.press("enter")
        await settled(pilot)
        assert setup_of(app).draft.value("optim.lr") == 0.003
        await pilot.press("ctrl+z")
        assert setup_of(app).draft.value("optim.lr") == 0.01


async def test_tuning_shows_its_table_and_enter_takes_the_batch_size(monkeypatch: pytest.MonkeyPatch) -> None:
    async def answer(*words: str, on_progress: Any = None) -> QueryResult:
        rates = [{"batch_size": size, "threads": 1, "examples_per_second": size * 10.0} for size in (32, 64, 128)]
        found = {"batch_size": 64, "recommended_batch_size": 128, "rates": rates, "advice": ["Batch 128 is quicker."]}
        return QueryResult(0, found)

    monkeypatch.setattr("rnnlab.ui.setup.measure.measure_screen.run_query", answer)
    app = RnnlabApp()
    async with app.run_test(size=(80, 24)) as pilot:
        await choose(pilot, "binary")
        await pilot.press("t")
        await until(lambda: isinstance(app.screen, TuneScreen) and app.screen.document is not None)
        await settled(pilot)
        assert "1.28k" in text_of(app)
        assert "Batch 128 is quicker. ⏎ sets train.batch_size to 128." in " ".join(text_of(app).split())
        await pilot.press("escape")
        await settled(pilot)
        assert not setup_of(app).draft.changed("train.batch_size")


async def test_a_measurement_needs_one_configuration() -> None:
    app = RnnlabApp()
    async with app.run_test(size=(80, 24)) as pilot:
        await choose(pilot, "binary")
        await go(pilot, "optim.lr")
        await pilot.press(*"0.1;0.01", "r")
        await settled(pilot)
        assert isinstance(app.screen, SetupScreen)
        assert "the fields describe several" in notices(app)[-1]


async def test_a_run_that_was_trained_before_is_named(tmp_path: Path) -> None:
    session = create_session("first", "binary")
    run = session.create_run(RunConfig.from_settings({"task.name": "binary", "train.epochs": 7}))
    app = RnnlabApp()
    async with app.run_test(size=(80, 24)) as pilot:
        await choose(pilot, "binary")
        await go(pilot, "train.epochs")
        await pilot.press("7")
        await until(lambda: bool(app.screen.query_one(NetSummary).duplicate.text))
        await settled(pilot)
        assert f"the same as first/{run.name}" in text_of(app)
        await pilot.press("8")
        await settled(pilot)
        assert "the same as" not in text_of(app)


def test_the_same_run_is_found_by_configuration_seed_and_unchanged_data(tmp_path: Path) -> None:
    index, session = RunIndex(), create_session("s", "binary")
    file = tmp_path / "a.csv"
    file.write_text("name,label\n" + "anna,x\nbert,y\n" * 40)
    mine = RunConfig.from_settings({"task.name": "own", "data.path": str(file)})
    binary = RunConfig.from_settings({"task.name": "binary"})
    other = RunConfig.from_settings({"task.name": "binary", "train.seed": 1})
    assert index.same(binary) is None
    first, own = session.create_run(binary), session.create_run(mine)
    assert index.same(binary) == first
    assert index.same(other) is None
    assert index.same(mine) == own
    again = session.create_run(binary)
    assert index.same(binary) == again, "the latest"
    import os

    os.utime(file, (2e9, 2e9))
    assert index.same(mine) is None, "its data has changed since"


async def test_what_is_said_in_passing_leaves_the_button_free() -> None:
    app = RnnlabApp()
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        for index in range(4):
            app.notify(f"a notice of several words, so that it takes a line or two: {index}", timeout=30)
        await settled(pilot)
        assert "▶ Train" in text_of(app)
        assert "^r Train" in text_of(app)


async def test_a_very_wide_terminal_has_help_net_and_equations_beside_the_form() -> None:
    app = RnnlabApp()
    async with app.run_test(size=(140, 45)) as pilot:
        await go(pilot, "optim.lr")
        assert "Hochreiter" not in text_of(app)
        await pilot.resize_terminal(220, 60)
        await go(pilot, "optim.clip_norm")
        await settled(pilot)
        rows = text_of(app).splitlines()
        right = "\n".join(row[128:] for row in rows)
        assert "On the command line: --clip." in " ".join(right.split())
        assert "in all" in right
        assert "g = tanh(W x + b + U h' + c)" in right
        await pilot.resize_terminal(80, 24)
        await settled(pilot)
        assert "▸ clip norm" in text_of(app)
