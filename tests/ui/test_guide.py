"""The tour of the first start, and the doctor in the app."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import msgspec
import pytest
from textual.pilot import Pilot

from rnnlab.doctor.finding import Finding
from rnnlab.ui.app import RnnlabApp
from rnnlab.ui.common.preferences import read_theme, takes_first_tour, write_theme
from rnnlab.ui.guide.doctor_screen import DoctorScreen
from rnnlab.ui.guide.tour import POINTED, STEPS, TourCard
from rnnlab.ui.queries.subprocess_query import QueryResult
from rnnlab.ui.run.screen import RunScreen
from rnnlab.ui.setup.screen import SetupScreen
from tests.hostile_files import PAYLOAD
from tests.ui.opened import assert_harmless, settled, text_of, until

_TWICE = "a lock that one process holds is given to another"
FINDINGS = [
    msgspec.to_builtins(each)
    for each in (
        Finding("device", "ok", "cpu, PyTorch 2.13.0", "no GPU is seen"),
        Finding("data", "warning", f"none in {PAYLOAD}", "4 of 17 tasks need some", "rnnlab data fetch names"),
        Finding("locks", "problem", _TWICE, "two processes could train one run", "keep sessions on another disk"),
    )
]


@pytest.fixture(autouse=True)
def _as_for_anybody(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("RNNLAB_TOUR", raising=False)


def pointed(app: Any) -> list[str]:
    return [each.id or type(each).__name__ for each in app.screen.query(f".{POINTED}")]


def text(app: Any) -> str:
    return " ".join(text_of(app).split())


async def until_tour(pilot: Pilot[Any], app: RnnlabApp) -> None:
    await until(lambda: app.tour is not None and bool(app.screen.query(TourCard)) and "Tour" in text(app))
    await settled(pilot)


async def test_the_first_start_shows_the_tour_once_and_it_ends_with_a_run_trained(tmp_path: Path) -> None:
    preferences = tmp_path / "config" / "app.json"
    app = RnnlabApp(preferences=preferences)
    async with app.run_test(size=(100, 30)) as pilot:
        await until_tour(pilot, app)
        assert "Tour 1/5 Task" in text(app)
        assert pointed(app) == ["tasks"]
        # What it points at is live: the keys of the list are the list's.
        screen = app.screen
        assert isinstance(screen, SetupScreen)
        before = screen.draft.card.name
        await pilot.press("down")
        assert screen.draft.card.name != before
        screen.draft.set("task.name", "binary")
        screen.draft.set("train.epochs", "1")
        screen.redraw()
        for number, target in ((2, "models"), (3, "settings"), (4, "CommandBar")):
            await pilot.press("enter")
            await settled(pilot)
            assert f"Tour {number}/5 {STEPS[number - 1].title}" in text(app)
            assert pointed(app) == [target]
        await pilot.press("enter")
        await until(lambda: isinstance(app.screen, RunScreen) and bool(app.screen.query(TourCard)))
        await settled(pilot)
        assert pointed(app) == ["loss"]
        assert not screen.query(TourCard), "it stays behind on no screen"
        await until(lambda: "It has ended: that was the tour" in text(app))
        run = app.screen
        assert isinstance(run, RunScreen)
        assert run.follower.state.status == "completed"
        await pilot.press("enter")
        await settled(pilot)
        assert app.tour is None
        assert "Tour" not in text(app)
        assert pointed(app) == []
        await pilot.press("escape")
        await until(lambda: app.screen is screen)
    app = RnnlabApp(preferences=preferences)
    async with app.run_test(size=(100, 30)) as pilot:
        await settled(pilot)
        assert app.tour is None, "shown once"


async def test_escape_ends_the_tour_and_the_palette_begins_it_again(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    app = RnnlabApp(tour=True)
    async with app.run_test(size=(80, 24)) as pilot:
        await until_tour(pilot, app)
        await pilot.press("enter", "escape")
        await settled(pilot)
        assert app.tour is None
        assert pointed(app) == []
        assert "Tour" not in text(app)
        await pilot.press("f3")
        await pilot.press("ctrl+p", *"tour")
        await until(lambda: "Five steps" in text(app))
        await pilot.press("enter")
        await until_tour(pilot, app)
        assert app.current_mode == "setup"
        assert "Tour 1/5" in text(app)
        # Elsewhere its keys are the screen's own.
        await pilot.press("f1")
        await settled(pilot)
        await pilot.press("escape")
        await settled(pilot)
        assert "Tour 1/5" in text(app)
        # A run that cannot be started says why, and the step stays.
        screen = app.screen
        assert isinstance(screen, SetupScreen)
        screen.draft.set("train.epochs", "x")
        await pilot.press("enter", "enter", "enter", "enter")
        await settled(pilot)
        assert "Tour 4/5" in text(app)
        # Asked for twice, it is there once.
        await app.action_tour()
        await settled(pilot)
        assert len(app.screen.query(TourCard)) == 1
    preferences = tmp_path / "app.json"
    monkeypatch.setenv("RNNLAB_TOUR", "0")
    assert not takes_first_tour(preferences)


def test_a_start_is_the_first_until_something_is_remembered(tmp_path: Path) -> None:
    path = tmp_path / "app.json"
    assert takes_first_tour(path)
    assert not takes_first_tour(path)
    write_theme(path, "rnnlab-light")
    assert json.loads(path.read_text()) == {"theme": "rnnlab-light", "tour": "shown"}
    assert read_theme(path) == "rnnlab-light"
    # Where nothing can be remembered, each start would be the first.
    (tmp_path / "file").write_text("")
    assert not takes_first_tour(tmp_path / "file" / "app.json")


async def test_the_doctor_in_the_app_says_what_the_command_says() -> None:
    app = RnnlabApp()
    async with app.run_test(size=(100, 30)) as pilot:
        await pilot.press("ctrl+p", *"doctor")
        await until(lambda: "What works on this machine" in text(app))
        await pilot.press("enter")
        await until(lambda: isinstance(app.screen, DoctorScreen))
        assert "importing PyTorch" in text(app)
        await until(lambda: "PyTorch 2" in text(app))
        await pilot.press("end")
        await settled(pilot)
        assert " ok, " in text(app)
        await pilot.press("r")
        await settled(pilot)
        assert "importing PyTorch" in text(app)
        await pilot.press("escape")
        await until(lambda: isinstance(app.screen, SetupScreen))


async def _found(*_arguments: str, on_progress: object = None) -> QueryResult:
    return QueryResult(1, {"level": "problem", "findings": FINDINGS})


async def _failed(*_arguments: str, on_progress: object = None) -> QueryResult:
    return QueryResult(1, problem=f"it ended {PAYLOAD}")


async def test_what_is_found_is_harmless_and_a_failure_is_said() -> None:
    app = RnnlabApp()
    async with app.run_test(size=(80, 24)) as pilot:
        for query, words in ((_found, "✗ locks"), (_failed, "it ended")):
            await app.push_screen(DoctorScreen(query=query))
            await until(lambda words=words: words in text(app))  # type: ignore[misc]
            assert "␛]52" in text(app)
            assert_harmless(app)
            await pilot.press("q")
            await settled(pilot)
