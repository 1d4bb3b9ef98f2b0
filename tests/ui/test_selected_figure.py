"""What chose the best epoch, and what kind of loss it is, is said wherever the run is shown."""

from __future__ import annotations

from pathlib import Path

import pytest

from rnnlab.cli.main import run as rnnlab
from rnnlab.ui.sessions.run_table import RunTable
from rnnlab.ui.setup.draft.draft import Draft
from tests.recorded import record
from tests.recorded_variants import variant
from tests.ui.opened import open_run, open_sessions, settled, shown, text_of

WIDE, SMALL = (140, 45), (80, 24)


@pytest.fixture
def weighted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A run with class weights whose best epoch was chosen by macro F1."""
    monkeypatch.setenv("RNNLAB_SESSIONS", str(tmp_path))
    return variant(
        record(tmp_path, "finished"),
        "040-lstm-128",
        {"data.balance": "weights", "train.select": "macro_f1"},
        figures={"plain_loss": 0.4321},
    )


@pytest.mark.parametrize("size", [WIDE, SMALL], ids=["wide", "small"])
async def test_the_run_screen_names_the_figure_and_the_loss(weighted: Path, size: tuple[int, int]) -> None:
    async with shown(size) as pilot:
        await open_run(pilot, weighted)
        text = text_of(pilot.app)
        assert "weighted loss" in text
        assert "best macro F1 " in text
        await pilot.press("escape")
        screen = await open_sessions(pilot)
        await settled(pilot)
        assert screen.query_one(RunTable).rows
        row = next(line for line in text_of(pilot.app).splitlines() if "040-lstm-128" in line)
        assert " F1 ." in row
        assert "…" not in row


@pytest.mark.parametrize("command", ["show", "replay"])
def test_the_report_says_both(weighted: Path, command: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert rnnlab([command, str(weighted), *(["--instant"] if command == "replay" else [])]) == 0
    text = capsys.readouterr().out
    assert "best macro F1 ." in text
    assert "the best by validation macro F1" in text
    lines = text.splitlines()
    at = next(place for place, line in enumerate(lines) if line.startswith("weighted loss "))
    assert lines[at + 1].split()[:3] == ["plain", "loss", ".432"]


def test_the_form_offers_the_figures_that_the_task_has() -> None:
    draft = Draft({"task.name": "names"})
    assert "macro_f1" in draft.field("train.select").setting.choices
    draft.set("train.select", "macro_f1")
    assert draft.config().train.select == "macro_f1"
    draft.set("task.name", "binary")
    assert draft.field("train.select").setting.choices == ("metric", "loss")
    assert draft.config().train.select == "metric", "what does not suit this task waits for one that it does"
    draft.set("task.name", "names")
    assert draft.config().train.select == "macro_f1"
