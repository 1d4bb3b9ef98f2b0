"""`rnnlab recipes`, and `rnnlab sweep` of a recipe, as a person calls them."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest

from rnnlab.recipes.catalog import recipe_names
from rnnlab.runs.folders import Session
from rnnlab.sweeps.specification import Origin, specification_of
from tests.command_line import called, printed, refused

Rnnlab = Callable[..., "subprocess.CompletedProcess[str]"]
DUEL = "overfit-duel"
"""A recipe of seconds that needs no data."""


FORMS = ("full", "quick")


@pytest.fixture
def rnnlab(tmp_path: Path) -> Rnnlab:
    return partial(called, tmp_path)


@pytest.fixture(autouse=True)
def _elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """In a folder without sessions and data."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("RNNLAB_DATA", raising=False)
    monkeypatch.delenv("RNNLAB_SESSIONS", raising=False)


def test_the_list_says_what_each_is_takes_and_needs(capsys: pytest.CaptureFixture[str]) -> None:
    text = printed(capsys, "recipes")
    for name in recipe_names():
        assert f"\n{name} " in f"\n{text}"
    listed = json.loads(printed(capsys, "recipes", "--json"))
    assert [each["name"] for each in listed] == [line.split()[0] for line in text.splitlines() if line[:1].islower()][
        :-1
    ]
    (gestures,) = [each for each in listed if each["name"] == "gestures-gru"]
    assert gestures["fetch"] == ["rnnlab data fetch gestures"]
    assert gestures["fetch"][0] in text
    (waves,) = [each for each in listed if each["name"] == "waves"]
    full, quick = (
        {key: sum(part[form][key] for part in waves["parts"]) for key in ("runs", "seconds")} for form in FORMS
    )
    assert full["runs"] > 2 * quick["runs"] > 0
    assert full["seconds"] > quick["seconds"] > 0


def test_one_shows_what_is_asked_its_sweeps_and_what_was_published(capsys: pytest.CaptureFixture[str]) -> None:
    text = printed(capsys, "recipes", "names-grid")
    assert "Do more hidden units, or a second layer, classify more names correctly?" in text
    assert "names-grid-lstm: hidden size by layers" in text
    assert "over model.hidden = 64;128;256" in text
    assert "rnnlab sweep names-grid" in text
    assert ".6713" in text
    assert ".6620" in text, "as it was reported, with all digits"
    table = printed(capsys, "recipes", "names-grid", "--to", "md")
    assert "| 1 layer, hidden 64 | .6713 |" in table


@pytest.mark.parametrize("words", [["--quick"], ["--to", "md"], ["-o", "all.md"]])
def test_what_is_of_one_recipe_asks_which(capsys: pytest.CaptureFixture[str], words: list[str]) -> None:
    assert "is of one recipe: name it" in refused(capsys, "recipes", *words)


def test_a_recipe_that_was_not_begun_says_so_and_makes_nothing(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    for option in ("--status", "--stop", "--attach"):
        assert printed(capsys, "sweep", DUEL, option).count("not begun yet") == 2
    assert not (tmp_path / "sessions").exists()


def test_a_recipe_is_carried_out_once_and_its_sessions_know_whose_they_are(rnnlab: Rnnlab, tmp_path: Path) -> None:
    first = rnnlab("sweep", DUEL, "--quick", "--part", "duel")
    assert first.returncode == 1, "at a learning rate of 0.9 runs diverge, which is said"
    assert "LSTM 3 × 100, momentum 0.9" in first.stdout
    session = Session(tmp_path / "sessions" / "overfit-duel-duel-quick")
    specification = specification_of(session)
    assert specification is not None
    assert specification.recipe == Origin(DUEL, "duel", quick=True)
    logs = {path: path.stat().st_size for path in session.runs_path.glob("*/events.jsonl")}
    assert len(logs) == 8
    again = rnnlab("sweep", DUEL, "--quick", "--part", "duel", "--json")
    assert len(json.loads(again.stdout)["runs"]) == 8
    assert {path: path.stat().st_size for path in session.runs_path.glob("*/events.jsonl")} == logs
    compared = rnnlab("compare", session.name)
    assert "published and measured" in compared.stdout
    notes = compared.stdout.partition("\nmeasured: in the settings")[2]
    assert notes
    assert max(map(len, notes.splitlines())) <= 100, "sentences are wrapped in a pipe as well"
    assert "LSTM 3 × 100, momentum 0.9" in compared.stdout
    kept = json.loads(rnnlab("compare", session.name, "--json").stdout)["published"]
    assert [each["published_low"] for each in kept["figures"][:2]] == [None, 0.3477]
    estimated = rnnlab("sweep", DUEL, "--quick", "--dry-run").stdout
    assert "4 configurations, 8 runs; 8 of them done" in estimated
    assert not (tmp_path / "sessions" / "overfit-duel-ours-quick").exists()


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["gestures-gru"], "needs the data set gestures; fetch it with: rnnlab data fetch gestures"),
        ([DUEL, "--epochs", "3"], "the recipe overfit-duel says what its sweeps are; leave out --epochs"),
        ([DUEL, "train.epochs=3"], "leave out train.epochs=3"),
        ([DUEL, "--over", "model.hidden=3;4"], "leave out --over"),
        ([DUEL, "--one-at-a-time"], "leave out --one-at-a-time"),
        ([DUEL, "--session", "mine"], "leave out --session"),
        ([DUEL, "--plain"], "leave out --plain"),
        ([DUEL, "--part", "dual"], "--part 'dual' is no sweep of the recipe overfit-duel; it has duel, ours"),
        (["binary", "--over", "model.hidden=3;4", "--quick"], "--quick is of a recipe, and 'binary' is none"),
        (["binary", "--over", "model.hidden=3;4", "--part", "x"], "--part is of a recipe, and 'binary' is none"),
        (["overfit-dual"], "did you mean overfit-duel?"),
    ],
)
def test_what_a_recipe_does_not_take_is_said(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, words: list[str], said: str
) -> None:
    assert said in refused(capsys, "sweep", *words)
    assert not (tmp_path / "sessions").exists()


def test_no_flag_is_passed_over_beside_a_file(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    (tmp_path / "mine.toml").write_text('settings = { "task.name" = "binary" }\nover = { "model.hidden" = [4, 8] }\n')
    assert "mine.toml says what the sweep is; change it there, or leave out --epochs" in refused(
        capsys, "sweep", "mine.toml", "--epochs", "3"
    )


def test_one_setting_at_a_time_is_trained_resumed_and_compared(rnnlab: Rnnlab, tmp_path: Path) -> None:
    command = ["sweep", "binary", "model.hidden=8", "--over", "model.hidden=4;16", "--over", "optim.lr=0.1;"]
    command += ["--one-at-a-time", "--epochs", "2", "--batch", "256", "--session", "alone", "--json"]
    first = rnnlab(*command)
    assert first.returncode == 0, first.stderr
    values = [each["values"] for each in json.loads(first.stdout)["runs"]]
    assert [(each["model.hidden"], each["optim.lr"]) for each in values] == [
        ([8], 0.01),
        ([4], 0.01),
        ([16], 0.01),
        ([8], 0.1),
    ]
    assert json.loads(rnnlab(*command).stdout) == json.loads(first.stdout)
    compared = json.loads(rnnlab("compare", "alone", "--json").stdout)
    assert set(compared["tasks"][0]["differing"]) == {"model.hidden", "optim.lr"}
    assert "published" not in compared
    assert "4 configurations, 4 runs; 4 of them done" in rnnlab("sweep", "alone", "--dry-run").stdout


def test_iterations_are_a_log_of_evaluations(rnnlab: Rnnlab, tmp_path: Path) -> None:
    trained = rnnlab("train", "surnames", "--session", "log", "--epochs", "3", "--hidden", "8", "--json")
    assert trained.returncode == 0, trained.stderr
    rows = json.loads(rnnlab("show", "log/1", "--iterations", "--json").stdout)
    assert [round(row["share"], 3) for row in rows] == [0.333, 0.667, 1.0]
    assert all(
        row["loss"] > 0 and row["input"] and row["correct"] == (row["prediction"] == row["target"]) for row in rows
    )
    text = rnnlab("show", "log/1", "--iterations").stdout
    assert f"{rows[0]['input']} / {rows[0]['prediction']}" in text
    assert all(mark in text for row in rows for mark in (["✓"] if row["correct"] else [f"✗ ({row['target']})"]))
    assert "is a session: name one of its runs" in rnnlab("show", "log", "--iterations").stderr
