"""`rnnlab models`: what a person reads before choosing one."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from rnnlab.catalog.models.catalog import MODELS
from rnnlab.cli.main import run
from rnnlab.config import RunConfig
from rnnlab.runs.folders import create_session


def said(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    assert run(["models", *arguments]) == 0
    out, err = capsys.readouterr()
    assert err == ""
    return out


def test_the_list_names_every_architecture_with_its_formula(capsys: pytest.CaptureFixture[str]) -> None:
    lines = said(capsys).splitlines()
    assert max(map(len, lines)) <= 100
    for name, card in MODELS.items():
        at = next(index for index, line in enumerate(lines) if line.split(" ", 1)[0] == name)
        assert card.formula[:40] in lines[at + 1]


def test_one_is_shown_whole(capsys: pytest.CaptureFixture[str]) -> None:
    text = said(capsys, "LSTM")
    assert all(equation in text for equation in MODELS["lstm"].equations)
    assert "4·h·(n + h) a layer" in text
    assert "8·h (textbook 4·h) a layer" in text
    assert "Hochreiter and Schmidhuber 1997" in text


def test_json_holds_what_the_cards_hold(capsys: pytest.CaptureFixture[str]) -> None:
    cards = json.loads(said(capsys, "--json"))
    assert [card["name"] for card in cards] == list(MODELS)
    for card in cards:
        assert all(card[part] for part in ("title", "group", "summary", "equations", "source", "weights"))
    assert json.loads(said(capsys, "gru", "--json"))["weights"] == "3·h·(n + h)"


def test_a_name_that_is_none_is_answered_with_the_nearest(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["models", "lstn"]) == 2
    assert "there is no architecture 'lstn' (did you mean lstm?)" in capsys.readouterr().err


@pytest.mark.parametrize("name", ["dense", "linear"])
def test_a_net_that_reads_all_at_once_speaks_of_no_readout(
    name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Not even where one is set: it means nothing there."""
    settings = {"model.name": name, "model.readout": "mean"}
    run_folder = create_session("lab", root=tmp_path).create_run(RunConfig.from_settings(settings))
    for arguments in (
        ["models", name],
        ["params", "--model", name, "--steps", "12", "--input", "30", "--classes", "10"],
        ["show", str(run_folder.path)],
    ):
        assert run(arguments) == 0
        assert "readout" not in capsys.readouterr().out, arguments
