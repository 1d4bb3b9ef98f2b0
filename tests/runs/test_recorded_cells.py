"""What a run records of a cell of a person's own is data, which a stranger may have written."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from rnnlab.catalog.models.catalog import MODELS
from rnnlab.catalog.models.own_cells import known
from rnnlab.config import RunConfig, UsageError, to_toml
from rnnlab.config.files import settings_from_toml
from rnnlab.runs.folders import RunFolder
from rnnlab.runs.summary import summarise
from tests.own_cells import catalogue_restored

WRITTEN = to_toml(RunConfig.from_settings({"task.name": "parity", "model.name": "gru"}))
CELL = {
    "name": '"strange"',
    "title": '"Strange"',
    "file": '"strange.py"',
    "sha256": f'"{"a" * 64}"',
    "inputs": "1",
    "states": "1",
}


@pytest.fixture(autouse=True)
def _restored() -> Iterator[None]:
    with catalogue_restored():
        yield


def toml(**changed: str) -> str:
    """A run.toml of a run with the cell `strange`, some of whose fields are as given."""
    lines = [f"{key} = {value}" for key, value in (CELL | changed).items() if value]
    return WRITTEN.replace('name = "gru"', 'name = "strange"') + "\n[cell]\n" + "\n".join(lines) + "\n"


def run_of(folder: Path, text: str) -> RunFolder:
    run = RunFolder(folder / "s" / "runs" / "001-strange-8")
    run.path.mkdir(parents=True)
    run.config_path.write_text(text)
    return run


def test_a_run_with_a_recorded_cell_is_read(tmp_path: Path) -> None:
    run = run_of(tmp_path, toml())
    assert run.config().model.name == "strange"
    assert summarise(run).model == "Strange 64"
    assert MODELS["strange"].formula == "h·(n + h)"
    assert 'file = "strange.py"' in to_toml(run.config())


HOSTILE = {
    "no table": ("", "3"),
    "an escape": ("title", r'"\u001b]52;c;aGk=\u0007"'),
    "a bidi mark": ("title", r'"\u202eevil"'),
    "a name that is none": ("name", '"../../x"'),
    "a line's end after the name": ("name", r'"strange\n"'),
    "a line's end after the digest": ("sha256", rf'"{"a" * 64}\n"'),
    "no digest": ("sha256", '"zz"'),
    "a huge factor": ("states", "1000000000000"),
    "a negative factor": ("inputs", "-1"),
    "a list for a text": ("title", "[1, 2]"),
    "thousands of equations": ("equations", "[" + '"x",' * 5000 + "]"),
    "a long equation": ("equations", '["' + "x" * 5000 + '"]'),
    "nothing": ("title", ""),
}


@pytest.mark.parametrize("kind", HOSTILE)
def test_a_record_that_is_none_is_a_problem_of_that_run_alone(kind: str, tmp_path: Path) -> None:
    field, value = HOSTILE[kind]
    text = toml(**{field: value}) if field else f"cell = {value}\n{WRITTEN}"
    run = run_of(tmp_path, text)
    with pytest.raises(UsageError, match=r"run\.toml: ") as raised:
        run.config()
    assert "\x1b" not in str(raised.value)
    assert "\n" not in str(raised.value)
    assert summarise(run).problem
    assert "strange" not in MODELS


def test_a_record_changes_nothing_of_what_comes_with_rnnlab_or_was_chosen() -> None:
    before = MODELS["lstm"]
    settings_from_toml(toml(name='"lstm"').replace('name = "strange"', 'name = "lstm"', 1), "run.toml")
    assert MODELS["lstm"] is before
    assert known("lstm") is None
