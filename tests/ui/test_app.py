"""What is the same on every screen: help, palette, themes, small terminals, leaving; and how light the start is."""

from __future__ import annotations

import asyncio
import subprocess
import sys
import time
from pathlib import Path

import pytest
from textual.pilot import Pilot
from textual.worker import WorkerFailed

from rnnlab.config import RunConfig
from rnnlab.runs.events import RunFinished
from rnnlab.runs.folders import RunFolder, create_session
from rnnlab.runs.log import LogWriter
from rnnlab.ui.app import RnnlabApp
from rnnlab.ui.common.help import TextScreen
from rnnlab.ui.common.quit import LeaveScreen
from rnnlab.ui.common.theme import TITLES
from rnnlab.ui.common.too_small import TooSmallScreen
from rnnlab.ui.setup.form.form import Form
from rnnlab.ui.setup.screen import SetupScreen
from tests.ui.opened import said, settled

HEAVY = ("torch", "sklearn", "numpy", "plotext", "faker", "click", "scipy", "pandas", "psutil", "rnnlab.training")


def shown(app: RnnlabApp) -> str:
    return "\n".join(line.text for line in app.screen._compositor.render_strips(app.size))


async def until(pilot: Pilot[None], condition: object, seconds: float = 90.0) -> None:
    """Waits for the condition; raises where it does not come true."""
    end = time.monotonic() + seconds
    while not condition():  # type: ignore[operator]
        assert time.monotonic() < end, "it did not come true"
        await pilot.pause()
        await asyncio.sleep(0.02)


@pytest.fixture
def queued() -> RunFolder:
    """A run that nobody has begun."""
    return create_session(task="binary").create_run(RunConfig.from_settings({"task.name": "binary"}))


def test_the_first_screen_needs_nothing_heavy() -> None:
    script = f"""
import asyncio, sys
from rnnlab.ui.app import RnnlabApp
async def main():
    app = RnnlabApp()
    async with app.run_test() as pilot:
        await pilot.pause()
        print(*[name for name in {HEAVY!r} if name in sys.modules])
        print("rnnlab.ui.run.screen" in sys.modules, "rnnlab.ui.sessions.screen" in sys.modules)
asyncio.run(main())
"""
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=60, check=True)
    assert done.stdout == "\nFalse False\n"


def test_without_a_terminal_the_app_says_so() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "rnnlab"],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 2
    assert done.stdout == ""
    assert done.stderr.count("\n") == 1
    assert "rnnlab --help" in done.stderr


def test_a_fault_is_one_line_and_exit_code_1(capsys: pytest.CaptureFixture[str]) -> None:
    class Broken(RnnlabApp):
        def on_mount(self) -> None:
            raise ValueError("first line\nsecond [/red] line \x1b]52;c;aGk=\x07")

    app = Broken()
    app.run(headless=True)
    errors = capsys.readouterr().err
    assert app.return_code == 1
    assert "ValueError: first line second [/red] line" in " ".join(errors.split())
    assert "Traceback" not in errors
    assert "\x1b]52" not in errors


async def test_help_opens_and_closes_on_every_screen() -> None:
    app = RnnlabApp()
    async with app.run_test() as pilot:
        await pilot.pause()
        for go in ("ctrl+o", "ctrl+n", "f3", "f2"):
            await pilot.press(go)
            await pilot.pause()
            under = app.screen
            assert app.current_mode == ("sessions" if go in ("ctrl+o", "f3") else "setup")
            await pilot.press("question_mark")
            await pilot.pause()
            assert isinstance(app.screen, TextScreen)
            await pilot.press("question_mark")
            await pilot.pause()
            assert app.screen is under
            await pilot.press("f1", "escape")
            await pilot.pause()
            assert app.screen is under


async def test_help_in_a_number_field_too() -> None:
    app = RnnlabApp()
    async with app.run_test() as pilot:
        await pilot.pause()
        await pilot.press("tab", "tab", "question_mark")
        await pilot.pause()
        assert isinstance(app.screen, TextScreen)


async def test_the_theme_is_switched_and_remembered(tmp_path: Path) -> None:
    preferences = tmp_path / "deep" / "app.json"
    app = RnnlabApp(preferences=preferences)
    async with app.run_test() as pilot:
        assert app.theme == "rnnlab-dark"
        await pilot.press("ctrl+t")
        assert app.theme == "rnnlab-light"
    assert RnnlabApp(preferences=preferences).theme == "rnnlab-light"
    preferences.write_text("not JSON")
    assert RnnlabApp(preferences=preferences).theme == "rnnlab-dark"


async def test_every_theme_is_a_key_or_a_command_away_and_the_environment_names_one(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("RNNLAB_THEME", "safe-dark")
    app = RnnlabApp()
    async with app.run_test(size=(100, 30)) as pilot:
        assert app.theme == "rnnlab-safe-dark"
        seen = set()
        for _ in TITLES:
            await pilot.press("ctrl+t")
            seen.add(app.theme)
        assert seen == set(TITLES)
        await pilot.press("ctrl+p", *"light, safe")
        await until(pilot, lambda: "Theme: light, safe for colour-blind eyes" in shown(app))
        await pilot.press("enter")
        await until(pilot, lambda: app.theme == "rnnlab-safe-light")
    monkeypatch.setenv("RNNLAB_THEME", "no such")
    app = RnnlabApp()
    async with app.run_test(size=(100, 30)) as pilot:
        assert app.theme == "rnnlab-dark"
        await until(pilot, lambda: "RNNLAB_THEME = 'no such' is no theme; name one of dark" in said(app))


async def test_the_palette_jumps_to_a_field() -> None:
    app = RnnlabApp()
    async with app.run_test(size=(100, 30)) as pilot:
        await pilot.pause()
        await pilot.press("ctrl+p", *"learning rate")
        await until(pilot, lambda: "Set learning rate" in shown(app))
        await pilot.press("enter")
        await until(pilot, lambda: isinstance(app.screen, SetupScreen))
        await until(pilot, lambda: app.screen.query_one(Form).key == "optim.lr" and app.focused is not None)
        await pilot.press("0", ".", "5")
        assert app.screen.query_one(Form).draft.value("optim.lr") == 0.5


async def test_the_palette_follows_a_whole_sentence_that_is_typed() -> None:
    """Twenty letters that all occur, in order, in many ways, in most helps."""
    from rnnlab.ui.palette_commands import LabCommands

    app = RnnlabApp()
    async with app.run_test() as pilot:
        await pilot.pause()
        for typed, found in (
            ("open the latest run", "Open the latest run"),
            ("same seed gives the same bits", "Set deterministic (machine)"),
        ):
            begun = time.process_time()
            titles = [hit.text async for hit in LabCommands(app.screen).search(typed)]
            assert time.process_time() - begun < 2.0, "a person waits for no key"
            assert titles == [found]


async def test_the_palette_holds_the_apps_commands_and_no_others() -> None:
    from rnnlab.ui.palette_commands import LabCommands

    app = RnnlabApp()
    async with app.run_test() as pilot:
        await pilot.pause()
        titles = [command.title for command in LabCommands(app.screen)._all()]
        for title in (
            "Train",
            "Sessions",
            "Open the latest run",
            "Theme: light",
            "Help",
            "Quit",
            "Set the task",
            "Set dropout (model)",
        ):
            assert title in titles
        assert len(titles) == len(set(titles))


async def test_the_latest_run_is_opened(queued: RunFolder) -> None:
    with LogWriter(queued.events_path) as log:
        log.append(RunFinished(outcome="stopped", message="stopped before it began"))
    app = RnnlabApp()
    async with app.run_test(size=(100, 30)) as pilot:
        await pilot.pause()
        app.open_latest_run()
        await until(pilot, lambda: queued.name in shown(app))
        await pilot.press("escape")
        await until(pilot, lambda: isinstance(app.screen, SetupScreen))


async def test_where_there_is_no_run_that_is_said() -> None:
    app = RnnlabApp()
    async with app.run_test() as pilot:
        await pilot.pause()
        app.open_latest_run()
        await until(pilot, lambda: len(app._notifications) > 0)
        assert "there is no run" in next(iter(app._notifications)).message


async def test_a_small_terminal_gets_one_sentence_and_recovers() -> None:
    app = RnnlabApp()
    async with app.run_test(size=(20, 5)) as pilot:

        async def resized(columns: int, lines: int) -> type:
            await pilot.resize_terminal(columns, lines)
            await pilot.pause()
            return type(app.screen)

        await pilot.pause()
        assert "20×5" in shown(app)
        assert "Task" not in shown(app)
        assert await resized(40, 10) is TooSmallScreen
        assert "40×10" in shown(app)
        assert await resized(80, 24) is SetupScreen
        await pilot.press("question_mark")
        assert await resized(59, 24) is TooSmallScreen
        assert await resized(60, 16) is TextScreen


async def test_a_small_terminal_can_be_quit() -> None:
    app = RnnlabApp()
    async with app.run_test(size=(20, 5)) as pilot:
        await pilot.press("ctrl+q")
        await until(pilot, lambda: not app.is_running or app._exit)
    assert app.return_code == 0


async def test_quitting_with_nothing_training_asks_nothing(queued: RunFolder) -> None:
    app = RnnlabApp()
    async with app.run_test() as pilot:
        await pilot.press("ctrl+q")
        await until(pilot, lambda: app._exit)
    assert app.return_code == 0


async def test_quitting_asks_nothing_about_a_run_that_has_its_final_event(queued: RunFolder) -> None:
    """Its process holds the log a moment longer."""
    app = RnnlabApp()
    with LogWriter(queued.events_path) as log:
        log.append(RunFinished(outcome="completed"))
        async with app.run_test() as pilot:
            await pilot.press("ctrl+q")
            await until(pilot, lambda: app._exit)
    assert app.return_code == 0


@pytest.mark.parametrize(("key", "ends", "told"), [("l", True, False), ("s", True, True), ("escape", False, False)])
async def test_quitting_while_a_run_trains_asks(queued: RunFolder, key: str, ends: bool, told: bool) -> None:
    app = RnnlabApp()
    # Whoever has the log is training.
    with LogWriter(queued.events_path):
        async with app.run_test() as pilot:
            await pilot.press("ctrl+q")
            await until(pilot, lambda: isinstance(app.screen, LeaveScreen))
            assert f"{queued.session.name}/{queued.name}" in shown(app)
            await pilot.press(key)
            await until(pilot, lambda: app._exit or (not ends and not isinstance(app.screen, LeaveScreen)))
            assert app._exit == ends
    assert queued.commands_path.exists() == told
    if told:
        assert b'"stop"' in queued.commands_path.read_bytes()


def test_a_small_terminal_looks(snap_compare: object) -> None:
    assert snap_compare(RnnlabApp(), terminal_size=(20, 5))  # type: ignore[operator]


@pytest.mark.parametrize("closing", [True, False])
async def test_a_worker_that_ends_after_its_widgets_is_a_fault_only_while_the_app_runs(closing: bool) -> None:
    app = RnnlabApp()

    async def write_to_a_widget() -> None:
        while closing and app.is_running:
            await asyncio.sleep(0)
        app.screen.query_one("#gone")

    async def run() -> None:
        async with app.run_test() as pilot:
            await settled(pilot)
            app.run_worker(write_to_a_widget())
            if not closing:
                await settled(pilot)

    if closing:
        await run()
    else:
        with pytest.raises(WorkerFailed):
            await run()
