"""`rnnlab data` as it is typed."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from rnnlab.catalog.tasks.catalog import TASKS
from rnnlab.cli.main import run
from rnnlab.tasks.download.data_folders import is_here
from tests.command_line import printed
from tests.tasks.namefiles import archive_of, name_files, write_names


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder to work in."""
    monkeypatch.delenv("RNNLAB_DATA", raising=False)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_list_says_what_is_here_and_how_to_get_the_rest(capsys: pytest.CaptureFixture[str], here: Path) -> None:
    assert run(["data", "list"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[0] for line in lines if line[0] != " "] == list(TASKS)
    assert any("not here: rnnlab data fetch names" in line for line in lines)
    write_names(here / "data")
    assert run(["data", "list", "--json"]) == 0
    listed = {entry["name"]: entry for entry in json.loads(capsys.readouterr().out)}
    assert all(entry["here"] for entry in listed.values() if entry["offline"])
    assert listed["names"]["path"] == "data/names"
    assert listed["names"]["bytes"] == sum(map(len, name_files().values()))
    assert listed["surnames"]["offline"]


@pytest.mark.parametrize("name", ["surnames", "names", "binary", "sinusoids"])
def test_show_json_adds_up(name: str, capsys: pytest.CaptureFixture[str], here: Path) -> None:
    write_names(here / "data")
    assert run(["data", "show", name, "--json"]) == 0
    card = json.loads(capsys.readouterr().out)
    assert {"classes", "splits", "lengths", "duplicates", "leaks", "baseline", "source", "terms"} <= set(card)
    used = sum(part["rows"] for part in card["splits"].values())
    assert used == card["duplicates"]["distinct"] == card["rows"] - card["duplicates"]["rows"]
    assert sum(card["classes"].values()) == (card["rows"] if card["classes"] else 0)
    for part in card["splits"].values():
        assert sum(part["classes"].values()) == (part["rows"] if card["classes"] else 0)
    assert card["leaks"]["rows"] == 0


def test_show_counts_repeats_ambiguous_names_and_leaks(capsys: pytest.CaptureFixture[str], here: Path) -> None:
    names = [f"B{a}{b}" for a in "aeiou" for b in "klmnoprst"]
    shared = "\n".join(names).encode()
    twice = {"Czech.txt": shared, "Dutch.txt": shared, "Irish.txt": b"Byrne\nByrne\nByrne\nKeane\nNolan\n"}
    write_names(here / "data", twice)
    assert run(["data", "show", "names", "--json"]) == 0
    card = json.loads(capsys.readouterr().out)
    assert card["classes"]["Irish"] == 5
    assert card["duplicates"]["classes"]["Irish"] == 3
    assert card["duplicates"]["rows"] == 2
    assert card["duplicates"]["several_classes"] >= len(names)
    assert card["leaks"]["inputs"] > 0
    assert run(["data", "show", "names", "--json", "--set", "data.split=grouped"]) == 0
    assert json.loads(capsys.readouterr().out)["leaks"]["inputs"] == 0


@pytest.mark.parametrize("columns", [40, 80, 140])
def test_show_is_readable_at_every_width(
    columns: int, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, here: Path
) -> None:
    monkeypatch.setenv("COLUMNS", str(columns))
    write_names(here / "data")
    assert run(["data", "list"]) == 0
    assert max(map(len, capsys.readouterr().out.splitlines())) <= columns
    for name in (name for name, card in TASKS.items() if is_here(card) and name != "own"):
        assert run(["data", "show", name]) == 0
        lines = capsys.readouterr().out.splitlines()
        assert max(map(len, lines)) <= columns
        assert any("baselines" in line for line in lines)


def test_fetch_from_a_file_shows_the_terms_and_brings_the_names(capsys: pytest.CaptureFixture[str], here: Path) -> None:
    (here / "names.zip").write_bytes(archive_of(name_files()))
    assert run(["data", "fetch", "names", "--from", "names.zip"]) == 0
    said = capsys.readouterr()
    assert "MIT" in said.err
    assert "18 of them differ from those published" in said.err
    assert "18 files" in said.out
    assert sorted(path.name for path in here.iterdir()) == ["data", "names.zip"]
    assert run(["data", "show", "names"]) == 0


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["data", "fetch", "surnames"], "needs no fetching"),
        (["data", "fetch", "nmaes"], "nothing to fetch for 'nmaes'"),
        (["data", "fetch", "names", "--from", "nowhere"], "no file or folder nowhere"),
        (["data", "show", "nmaes"], "did you mean names?"),
        (["data", "show", "names"], "rnnlab data fetch names"),
        (["data", "show", "surnames", "--set", "data.split=gruoped"], "did you mean grouped?"),
        (["data", "show", "surnames", "--set", "data.slpit=grouped"], "data.split"),
        (["data", "show", "surnames", "--set", "data.test=0.9"], "data.test = 0.9 is not allowed"),
    ],
)
def test_mistakes_are_one_line_and_exit_2(
    arguments: list[str], words: str, capsys: pytest.CaptureFixture[str], here: Path
) -> None:
    assert run(arguments) == 2
    said = capsys.readouterr()
    assert words in said.err.splitlines()[-1]
    assert said.out == ""
    assert list(here.iterdir()) == []


@pytest.mark.real_data
@pytest.mark.skipif("RNNLAB_DATA" not in os.environ, reason="needs the published data sets in RNNLAB_DATA")
class TestPublishedNames:
    """The figures known of the published files."""

    @pytest.fixture
    def card(self, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> dict[str, object]:
        monkeypatch.setenv("RNNLAB_DATA", REAL)
        assert run(["data", "show", "names", "--json"]) == 0
        card: dict[str, object] = json.loads(capsys.readouterr().out)
        return card

    def test_every_count(self, card: dict[str, object]) -> None:
        assert card["classes"] == {
            "Arabic": 2000, "Chinese": 268, "Czech": 519, "Dutch": 297, "English": 3668, "French": 277, "German": 724,
            "Greek": 203, "Irish": 232, "Italian": 709, "Japanese": 991, "Korean": 94, "Polish": 139,
            "Portuguese": 74, "Russian": 9408, "Scottish": 100, "Spanish": 298, "Vietnamese": 73,
        }  # fmt: skip
        assert card["rows"] == 20_074
        assert card["changed"] == 185
        lengths, duplicates, baseline = card["lengths"], card["duplicates"], card["baseline"]
        assert isinstance(lengths, dict)
        assert isinstance(duplicates, dict)
        assert isinstance(baseline, dict)
        assert (lengths["min"], lengths["max"], round(lengths["mean"], 2)) == (2, 19, 7.15)
        assert duplicates["distinct"] == 17_994
        assert duplicates["classes"]["Arabic"] == 108
        assert round(duplicates["ceiling"], 3) == 0.971
        # 476 while the spaces at the ends of some lines are kept; taking them off brings four more names together.
        assert (duplicates["several_classes_unstripped"], duplicates["several_classes"]) == (476, 480)
        # The expectation; one random split that was measured had 11.7 %.
        assert duplicates["random_split_leak"] == pytest.approx(0.117, abs=0.005)
        assert round(baseline["published"], 3) == 0.469

    def test_files_on_disk_are_those_pinned(self, capsys: pytest.CaptureFixture[str], here: Path) -> None:
        assert run(["data", "fetch", "names", "--from", REAL, "--json"]) == 0
        fetched = json.loads(capsys.readouterr().out)
        assert fetched["differing"] == []
        assert (here / "data" / "names" / "Arabic.txt").exists()


REAL = os.path.abspath(os.environ.get("RNNLAB_DATA", ""))  # noqa: PTH100
"""Before a test changes the folder it works in."""


def test_without_a_subcommand_the_help_is_printed(capsys: pytest.CaptureFixture[str]) -> None:
    lines = printed(capsys, "data").splitlines()
    assert lines[0].startswith("Usage: rnnlab data")
    assert any(line.split()[:1] == ["fetch"] for line in lines)
