"""The page on adding a cell, done to the letter: its two files in a copy of the package, then its commands."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from rnnlab.runs.events import GradientFlow, Inspected, RunStarted
from rnnlab.runs.log_reader import read_records

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "adding-a-cell.md").read_text(encoding="utf-8")
FILES = re.findall(r"^`(rnnlab/[\w/]+\.py)`\n\n```python\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
COMMANDS = re.findall(r"^\$ python (.*)$", PAGE, re.MULTILINE)


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The package with the page's files, beside the test that the page names."""
    folder = tmp_path_factory.mktemp("copy")
    shutil.copytree(ROOT / "rnnlab", folder / "rnnlab", ignore=shutil.ignore_patterns("*.pyc.*"))  # being written
    (folder / "tests" / "models").mkdir(parents=True)
    shutil.copy(ROOT / "tests" / "models" / "test_cell_contract.py", folder / "tests" / "models")
    for path, text in FILES:
        assert not (folder / path).exists(), "a cell is new files alone"
        (folder / path).write_text(text, encoding="utf-8")
    return folder


def ran(folder: Path, arguments: str) -> str:
    """What `python` printed, run in the copy."""
    done = subprocess.run(
        [sys.executable, *arguments.split()],
        cwd=folder,
        env=os.environ | {"PYTHONPATH": str(folder), "RNNLAB_SESSIONS": str(folder / "sessions")},
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_the_page_names_two_files_and_three_commands() -> None:
    assert [path for path, _ in FILES] == ["rnnlab/catalog/models/input_gated.py", "rnnlab/models/cells/input_gated.py"]
    assert [command.split()[1:3] for command in COMMANDS] == [
        ["pytest", "tests/models/test_cell_contract.py"],
        ["rnnlab", "params"],
        ["rnnlab", "train"],
    ]


def test_the_contract_holds_for_the_new_cell(copy: Path) -> None:
    passed = re.search(r"(\d+) passed", ran(copy, COMMANDS[0]))
    assert passed is not None
    assert int(passed[1]) >= 7


def test_its_parameters_are_counted(copy: Path) -> None:
    """2·h·n + h·h weights and 2·h biases, then the head, with h = 8, n = 3 and two classes."""
    document = json.loads(ran(copy, f"{COMMANDS[1]} --json"))
    assert document["counts"][0]["weights"] == 2 * 8 * 3 + 8 * 8
    assert document["counts"][0]["biases"] == {"pytorch": 2 * 8, "textbook": 2 * 8}
    assert document["total"]["pytorch"] == 2 * 8 * 3 + 8 * 8 + 2 * 8 + 8 * 2 + 2


def test_it_is_listed_beside_its_kin(copy: Path) -> None:
    assert "z = σ(W x + b)" in ran(copy, "-m rnnlab models input-gated")
    cards = json.loads(ran(copy, "-m rnnlab models --json"))
    groups = [card["group"] for card in cards]
    assert [card["name"] for card in cards if card["group"] == "recurrent"][-1] == "input-gated"
    assert all(groups.index(group) + groups.count(group) > index for index, group in enumerate(groups)), (
        "one heading each"
    )


def test_it_trains_and_shows_its_gradient_and_gates(copy: Path) -> None:
    ran(copy, COMMANDS[2])
    (log,) = (copy / "sessions").rglob("events.jsonl")
    records, damaged = read_records(log)
    assert not damaged
    events = [record.data for record in records]
    (started,) = (event for event in events if isinstance(event, RunStarted))
    assert [layer.name for layer in started.layers] == ["input-gated 1", "head"]
    flows = [event for event in events if isinstance(event, GradientFlow)]
    assert flows
    assert {flow.layer for flow in flows} == {"input-gated 1"}
    inspected = [event for event in events if isinstance(event, Inspected)]
    assert [gate.name for gate in inspected[0].layers[0].gates] == ["update"]
