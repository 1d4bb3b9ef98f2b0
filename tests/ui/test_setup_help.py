"""What Setup does for a person beyond the fields: presets, data, measurements, and runs that were trained before."""

from __future__ import annotations

import io
import random
import re
import zipfile
from collections.abc import Iterator
from functools import cache
from hashlib import sha256
from http.server import BaseHTTPRequestHandler
from importlib import resources
from pathlib import Path
from xml.etree import ElementTree

import pytest
from textual.widgets import Static

from rnnlab.catalog.tasks.catalog import TASKS
from rnnlab.config import FIELDS, RunConfig
from rnnlab.recipes.presets import BEST, SMALLEST, presets_of
from rnnlab.runs.duplicates import RunIndex
from rnnlab.runs.folders import RunFolder, create_session
from rnnlab.runs.summary import summarise
from rnnlab.tasks.download.manifest import read_manifest
from rnnlab.ui.app import RnnlabApp
from rnnlab.ui.queries.subprocess_query import RUNNING
from rnnlab.ui.setup.command_bar import CommandBar
from rnnlab.ui.setup.draft.draft import Draft
from rnnlab.ui.setup.measure.range_screen import RangeScreen
from rnnlab.ui.setup.measure.tune_screen import TuneScreen
from rnnlab.ui.setup.net_summary import NetSummary
from rnnlab.ui.setup.presets_screen import PresetsScreen
from rnnlab.ui.setup.screen import SetupScreen
from tests.tasks.namefiles import archive_of, name_files
from tests.tasks.webserver import Server, Speech, ranged, serving
from tests.ui.clipboard import copied, rows_of
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


@pytest.fixture
def names_server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    """A server on loopback that every `rnnlab data fetch` takes for the one that has the names."""
    files = name_files()
    published, archive = read_manifest()["names"], large_archive()
    text = resources.files("rnnlab.tasks").joinpath("manifest.toml").read_text()
    folder = tmp_path / "elsewhere"
    folder.mkdir()
    with serving() as server:
        changes = {published.address: server.address + "/names.zip", published.sha256: sha256(archive).hexdigest()}
        changes |= {digest: sha256(files[name]).hexdigest() for name, digest in published.files.items()}
        for old, new in changes.items():
            text = text.replace(old, new)
        (folder / "manifest.toml").write_text(text)
        (folder / "sitecustomize.py").write_text(_ELSEWHERE)
        monkeypatch.setenv("PYTHONPATH", str(folder))
        yield server


_ELSEWHERE = """
from pathlib import Path
from rnnlab.tasks.download import manifest

text_here, read = Path(__file__).with_name("manifest.toml").read_text(), manifest.read_manifest
manifest.read_manifest = lambda text=None: read(text_here if text is None else text)
"""
"""The manifest with the addresses of a test."""


_PIECE = 2**15
"""Bytes that the slow server sends at once."""


async def test_data_is_fetched_from_setup_with_its_terms_its_progress_and_a_stop(
    names_server: Server, tmp_path: Path
) -> None:
    archive = large_archive()
    half = len(archive) // 2
    app = RnnlabApp()
    async with app.run_test(size=(80, 24)) as pilot:
        await choose(pilot, "names")
        assert "f Fetch data" in text_of(app)
        await go(pilot, "model.hidden")
        await pilot.press("f")
        await settled(pilot)
        assert "accept the terms and fetch" in text_of(app)
        await pilot.press("6")
        await settled(pilot)
        assert "accept the terms" not in text_of(app), "any other key takes the question back"
        assert setup_of(app).draft.text("model.hidden") == "128"
        assert names_server.asked == []
        # A server that does not have the file.
        await pilot.press("f", "y")
        await until(lambda: "names could not be fetched" in " ".join(notices(app)))
        setup_of(app).choices.describe("task")
        await settled(pilot)
        assert "404" in text_of(app)
        # One that stops in the middle, until it is asked again for the rest.
        names_server.answers["/names.zip"] = half_then_silent(archive, half, names_server)
        await pilot.press("f", "y")
        bar = app.screen.query_one(CommandBar)
        await until(lambda: "fetching names" in text_of(app) and "kB of" in bar.note)
        assert "▶ Train" in text_of(app)
        await pilot.press("escape")
        await settled(pilot)
        assert app.screen.query_one(CommandBar).note == ""
        assert any("f resumes the download" in notice for notice in notices(app))
        await pilot.press("ctrl+f", "y")
        await until(lambda: "names is here" in " ".join(notices(app)))
        asked_from = re.fullmatch(r"bytes=(\d+)-", names_server.ranges[-1] or "")
        assert asked_from is not None, "what had come is not fetched again"
        assert 0 < int(asked_from[1]) <= half + _PIECE
        await until(lambda: not setup_of(app).task_data.missing())
        assert (tmp_path / "data" / "names" / "Arabic.txt").read_bytes() == name_files()["Arabic.txt"]
        await settled(pilot)
        assert "f Fetch data" not in text_of(app)


@cache
def large_archive() -> bytes:
    """The names in an archive of some pieces of a download, with another file beside them as the published one has."""
    stream = io.BytesIO(archive_of(name_files()))
    with zipfile.ZipFile(stream, "a") as archive:
        archive.writestr("data/other.bin", random.Random(0).randbytes(600_000))
    return stream.getvalue()


def half_then_silent(data: bytes, half: int, server: Server) -> Speech:
    """Slowly about so many bytes of the data and then nothing; the rest to whoever asks for it."""
    honest = ranged(data)

    def answer(handler: BaseHTTPRequestHandler) -> None:
        if handler.headers.get("Range"):
            honest(handler)
            return
        handler.send_response(200)
        handler.send_header("Content-Length", str(len(data)))
        handler.send_header("ETag", '"one"')
        handler.end_headers()
        for at in range(0, half, _PIECE):
            handler.wfile.write(data[at : at + _PIECE])
            server.over.wait(0.1)
        server.over.wait(60)

    return answer


async def test_a_range_test_shows_its_curve_and_enter_takes_the_rate(tmp_path: Path) -> None:
    app = RnnlabApp()
    async with app.run_test(size=(80, 24)) as pilot:
        await choose(pilot, "overfit")
        draft = setup_of(app).draft
        default = draft.value("optim.lr")
        await go(pilot, "optim.lr")
        draft.set("model.hidden", "4")
        draft.set("optim.schedule", "cosine")
        await pilot.press("r")
        await until(lambda: isinstance(app.screen, RangeScreen) and app.screen.document is not None)
        await settled(pilot)
        assert isinstance(app.screen, RangeScreen)
        assert app.screen.arguments == ["lr-range", "overfit", "--hidden", "4"], "the test has a schedule of its own"
        assert app.screen.document is not None
        suggested = app.screen.document["suggested"]
        assert "loss over the learning rate" in text_of(app)
        assert f"⏎ sets optim.lr to {FIELDS['optim.lr'].text(suggested)}" in " ".join(text_of(app).split())
        rows = rows_of(await copied(pilot, "Y", "c"))
        assert [float(row["lr"]) for row in rows] == app.screen.document["rates"]
        assert ElementTree.fromstring(await copied(pilot, "Y", "s")).tag.endswith("svg")
        (run,) = (tmp_path / "sessions").glob("*-overfit/runs/*")
        assert summarise(RunFolder(run)).status == "completed"
        await pilot.press("enter")
        await settled(pilot)
        assert setup_of(app).draft.value("optim.lr") == suggested != default
        await pilot.press("ctrl+z")
        assert setup_of(app).draft.value("optim.lr") == default


@pytest.mark.slow
async def test_tuning_shows_its_table_and_a_measurement_that_is_left_ends() -> None:
    app = RnnlabApp()
    async with app.run_test(size=(80, 24)) as pilot:
        await choose(pilot, "overfit")
        draft = setup_of(app).draft
        draft.set("model.hidden", "4")
        draft.set("train.batch_size", "1")
        await pilot.press("t")
        await until(lambda: isinstance(app.screen, TuneScreen) and app.screen.document is not None)
        await settled(pilot)
        assert isinstance(app.screen, TuneScreen)
        document = app.screen.document
        assert document is not None
        assert {each["batch_size"] for each in document["rates"]} >= {1, 2}
        assert "examples/s" in text_of(app)
        rows = rows_of(await copied(pilot, "Y", "c"))
        measured = [(each["batch_size"], each["threads"]) for each in document["rates"]]
        assert [(int(row["batch_size"]), int(row["threads"])) for row in rows] == measured
        assert document["advice"][0] in await copied(pilot, "Y", "Y")
        best = document["recommended_batch_size"]
        shown = str(app.screen.query_one("#advice", Static).content)
        assert (f"⏎ sets train.batch_size to {best}" in shown) == (best not in (None, 1))
        await pilot.press("escape")
        await settled(pilot)
        assert setup_of(app).draft.text("train.batch_size") == "1"
        await pilot.press("t")
        await until(lambda: bool(RUNNING))
        await pilot.press("escape")
        await until(lambda: not RUNNING)
        assert isinstance(app.screen, SetupScreen)


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
