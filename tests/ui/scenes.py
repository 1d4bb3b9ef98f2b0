"""Scenes of the app for pictures: every screen on recorded data, with nothing that depends on the machine or the hour."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any, cast

from textual.pilot import Pilot
from textual.widgets import Input, OptionList

from rnnlab.doctor.finding import Finding
from rnnlab.runs.folders import RunFolder, Session
from rnnlab.ui.app import RnnlabApp
from rnnlab.ui.common.quit import LeaveScreen
from rnnlab.ui.compare.screen import CompareScreen
from rnnlab.ui.guide.doctor_screen import DoctorScreen
from rnnlab.ui.sessions.notes import NotesScreen
from rnnlab.ui.setup.draft.draft import Draft
from rnnlab.ui.setup.file.file_list import FileList
from rnnlab.ui.setup.file.own_file import Checks
from rnnlab.ui.setup.file.pick_file import PickFileScreen
from rnnlab.ui.setup.file.question import Question, QuestionScreen
from rnnlab.ui.setup.measure.range_screen import RangeScreen
from rnnlab.ui.setup.measure.tune_screen import TuneScreen
from rnnlab.ui.setup.net_summary import NetSummary
from rnnlab.ui.setup.presets_screen import PresetsScreen
from rnnlab.ui.setup.screen import SetupScreen
from tests import recorded_errors
from tests.recorded import SESSION, record
from tests.recorded_repeats import record_repeats
from tests.recorded_variants import variant
from tests.ui.asked import (
    RecordedPlayground,
    RecordedWindow,
    answering,
    open_data_of,
    open_examples,
    open_recorded_playground,
)
from tests.ui.on_setup import go
from tests.ui.opened import open_run, open_session, open_sessions, settled, until
from tests.ui.own_files import PROBLEMS, answers, write_files

Scene = Callable[[Pilot[Any]], Awaitable[None]]
SCENES: dict[str, Scene] = {}
"""By its name, what leads there from Setup; the current folder is one that `write_recorded` has filled."""


def scene(show: Scene) -> Scene:
    """Enters the scene under the name of its function."""
    SCENES[show.__name__.replace("_", "-")] = show
    return show


def write_recorded(root: Path) -> None:
    """Fill a folder with the sessions and files that the scenes show."""
    for kind in ("running", "finished", "failed", "diverged", "regression", "forecast", "per-step", "hostile"):
        record(root / "sessions", kind)
    record_repeats(root / "repeats")
    record(root / "repeats", "failed")
    source = record(root / "groups", "finished")
    for at, (hidden, seed, accuracy) in enumerate([(64, 0, 0.72), (64, 1, 0.74), (256, 0, 0.86), (256, 1, 0.88)]):
        settings = {"model.hidden": (hidden,), "train.seed": seed, "data.seed": 0}
        variant(source, f"{50 + at:03}-lstm-{hidden}", settings, figures={"accuracy": accuracy})
    write_files(root / "mine")


def run_of(kind: str) -> Path:
    """The recorded run that ends so."""
    names = {
        "running": "001",
        "finished": "002",
        "failed": "003",
        "regression": "007",
        "forecast": "010",
        "per-step": "011",
    }
    (run,) = Path("sessions", SESSION, "runs").glob(f"{names[kind]}-*")
    return run


async def _press(pilot: Pilot[Any], *keys: str) -> None:
    await settled(pilot)
    await pilot.press(*keys)
    await settled(pilot)


def setup_of(pilot: Pilot[Any]) -> SetupScreen:
    screen = pilot.app.screen
    assert isinstance(screen, SetupScreen)
    return screen


# Setup, and what opens over it.


@scene
async def setup(pilot: Pilot[Any]) -> None:
    await go(cast("Pilot[None]", pilot), "model.hidden")
    await _press(pilot, *"64", "down")


@scene
async def sweep(pilot: Pilot[Any]) -> None:
    """What it costs is asked of another process, and given by the test."""
    setup_of(pilot).enter("binary", {})
    for key, text in (("model.layers", "2;3"), ("model.hidden", "64;128;32,64"), ("optim.lr", "1e-3..1e-1:log:3")):
        await go(cast("Pilot[None]", pilot), key)
        await pilot.press(*text)
    counted = pilot.app.screen.query_one(NetSummary).sweep
    await until(lambda: counted.dry_run is not None or bool(counted.problem))
    await settled(pilot)


@scene
async def search(pilot: Pilot[Any]) -> None:
    await _press(pilot, "slash", *"gru")


@scene
async def about(pilot: Pilot[Any]) -> None:
    await _press(pilot, "tab", "i")


@scene
async def help_of_setup(pilot: Pilot[Any]) -> None:
    await _press(pilot, "question_mark")


@scene
async def commands(pilot: Pilot[Any]) -> None:
    await _press(pilot, "ctrl+p", *"the")
    await until(lambda: bool(pilot.app.screen.query_one(OptionList).option_count))
    await asyncio.sleep(0.3)
    await settled(pilot)


@scene
async def presets(pilot: Pilot[Any]) -> None:
    await pilot.app.push_screen(screen := PresetsScreen("names"))
    await until(lambda: bool(screen._presets))
    await _press(pilot, "down")


@scene
async def recipes(pilot: Pilot[Any]) -> None:
    await _press(pilot, "f10", "down", "down")


@scene
async def range_test(pilot: Pilot[Any]) -> None:
    await _measured(pilot, RangeScreen(Draft({"task.name": "binary"})))


@scene
async def tuning(pilot: Pilot[Any]) -> None:
    await _measured(pilot, TuneScreen(Draft({"task.name": "binary"})))


async def _measured(pilot: Pilot[Any], screen: RangeScreen | TuneScreen) -> None:
    await pilot.app.push_screen(screen)
    await until(lambda: screen.document is not None)
    await settled(pilot)


def measured(command: str) -> dict[str, Any]:
    """What the command finds, by a formula."""
    if command == "tune":
        rates = [
            {"batch_size": size, "threads": threads, "examples_per_second": 900.0 * size**0.6 * threads**0.3}
            for size in (32, 64, 128, 256)
            for threads in (1, 2)
        ]
        advice = [
            "Batch 128 with 2 threads is 1.5 times as quick as what is set.",
            "The number of threads is remembered.",
        ]
        return {"batch_size": 64, "recommended_batch_size": 128, "rates": rates, "advice": advice}
    tried = [1e-6 * 1.2**at for at in range(90)]
    losses = [3.0 - 2 * at / 60 if at < 60 else 1.0 + (at - 60) / 10 for at in range(90)]
    words = "the loss fell fastest at 0.004; it blew up at 0.9"
    return {"suggested": 0.003, "words": words, "rates": tried, "losses": losses}


@scene
async def doctor(pilot: Pilot[Any]) -> None:
    import msgspec

    found = [
        Finding("device", "ok", "cpu, PyTorch 2.13.0", "no GPU is seen"),
        Finding("data", "warning", "none in data", "4 of 17 tasks need some", "rnnlab data fetch names"),
        Finding("locks", "problem", "a lock that one process holds is given to another",
                "two processes could train one run", "keep sessions on another disk"),
    ]  # fmt: skip
    await pilot.app.push_screen(DoctorScreen(query=answering({"findings": msgspec.to_builtins(found)})))
    await settled(pilot)


@scene
async def tour(pilot: Pilot[Any]) -> None:
    app = pilot.app
    assert isinstance(app, RnnlabApp)
    await app.action_tour()
    await _press(pilot, "enter", "enter")


@scene
async def leaving(pilot: Pilot[Any]) -> None:
    pilot.app.push_screen(LeaveScreen([RunFolder(run_of("running")), RunFolder(run_of("finished"))]))
    await settled(pilot)


# A file of one's own.


@scene
async def file_check(pilot: Pilot[Any]) -> None:
    await _picking(pilot, PROBLEMS)


async def _picking(pilot: Pilot[Any], document: dict[str, Any]) -> None:
    checks = Checks()
    folder = Path("mine")
    checks._known.update(answers(folder, document))
    await pilot.app.push_screen(screen := PickFileScreen("mine/", {}, checks))
    await until(lambda: bool(screen.query_one(FileList).entries))
    await _press(pilot, "end", "down", "down", "down")


@scene
async def file_question(pilot: Pilot[Any]) -> None:
    answers_of = (
        ("03/04/2021 is 3 April", "data.date_order=day-first"),
        ("it is 4 March", "data.date_order=month-first"),
    )
    message = (
        "load.csv: the dates of the column date may be read with the day or with the month first; both are as even"
    )
    await pilot.app.push_screen(QuestionScreen(Question(message, answers_of)))
    await settled(pilot)


@scene
async def data(pilot: Pilot[Any]) -> None:
    await open_data_of(pilot, "leaky")


# A run.


def _of_run(name: str, kind: str, *keys: str) -> None:
    async def show(pilot: Pilot[Any]) -> None:
        await open_run(pilot, run_of(kind))
        await _press(pilot, *keys)

    SCENES[name] = show


_of_run("run", "running", *["left"] * 9)
_of_run("run-failed", "failed")
_of_run("loss", "finished", "1", "left", "left")
_of_run("matrix", "finished", "3", "comma", "m", "down", "down", "right")
_of_run("classes", "finished", "3", "m", "m", "m", "down")
_of_run("inside", "finished", "5")
_of_run("events", "finished", "6", "up", "up")
_of_run("configuration", "finished", "7")
_of_run("samples", "running", "enter")
_of_run("sentences", "finished", "1", "i")
_of_run("copying", "finished", "3", "Y")
_of_run("typed-rate", "running", "r", *"0.01")


# Sessions.


@scene
async def sessions(pilot: Pilot[Any]) -> None:
    await open_sessions(pilot)
    await _press(pilot, "home", "down", "down")


@scene
async def session(pilot: Pilot[Any]) -> None:
    await _open_session(pilot, "space", "down", "m")


@scene
async def session_filtered(pilot: Pilot[Any]) -> None:
    await _open_session(pilot, "slash", *"hidden=64 ac>.8")


@scene
async def columns(pilot: Pilot[Any]) -> None:
    await _open_session(pilot, "c", "down", "down")


@scene
async def charts(pilot: Pilot[Any]) -> None:
    await _open_session(pilot, "p")


async def _open_session(pilot: Pilot[Any], *keys: str) -> None:
    screen = await open_session(pilot, Path("repeats", SESSION))
    await until(lambda: bool(screen.found.rows))
    await _press(pilot, *keys)


@scene
async def notes(pilot: Pilot[Any]) -> None:
    await open_sessions(pilot)
    await pilot.app.push_screen(NotesScreen("names", "a wider net, and less of it\nthen five seeds", print))
    await settled(pilot)


@scene
async def filtered(pilot: Pilot[Any]) -> None:
    await open_sessions(pilot)
    await _press(pilot, "slash", *"gru")
    assert pilot.app.screen.query(Input)


# Runs side by side, examples, inputs of one's own.


@scene
async def compare(pilot: Pilot[Any]) -> None:
    await _compare(pilot, "left", "left", "left")


@scene
async def table_of_differences(pilot: Pilot[Any]) -> None:
    await _compare(pilot, "3")


@scene
async def matrices(pilot: Pilot[Any]) -> None:
    await _compare(pilot, "4", "b")


async def _compare(pilot: Pilot[Any], *keys: str) -> None:
    await pilot.app.push_screen(screen := CompareScreen(Session(Path("groups", SESSION)).runs()))
    await until(lambda: screen.loaded)
    for run in screen.runs:
        await cast("RnnlabApp", pilot.app).followers.follow(run).opened.wait()
    await until(screen.shown.is_set)  # before that a key finds no curves
    await _press(pilot, *keys)
    await until(lambda: bool(getattr(screen.query_one("#table"), "intervals", True)))
    await settled(pilot)


@scene
async def examples(pilot: Pilot[Any]) -> None:
    await open_examples(pilot, run_of("finished"), recorded_errors.names())


@scene
async def examples_of_steps(pilot: Pilot[Any]) -> None:
    await open_examples(pilot, run_of("per-step"), recorded_errors.steps())


@scene
async def examples_of_recordings(pilot: Pilot[Any]) -> None:
    await open_examples(pilot, run_of("finished"), recorded_errors.recordings())


@scene
async def playground(pilot: Pilot[Any]) -> None:
    await open_recorded_playground(pilot, run_of("finished"), RecordedPlayground)
    await _press(pilot, "tab", "left")


@scene
async def playground_of_a_series(pilot: Pilot[Any]) -> None:
    await open_recorded_playground(pilot, run_of("forecast"), RecordedWindow)
    await _press(pilot, "tab", "left")
