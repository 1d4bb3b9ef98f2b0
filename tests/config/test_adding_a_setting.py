"""docs/adding-a-setting.md, done to the letter: a declaration and its reader, and the setting is everywhere."""

from __future__ import annotations

import json
import tomllib
from typing import Any

import pytest

from tests.pages import Scratch, read_page, scratch_copy

FORM = """
from rnnlab.ui.setup.draft.draft import Draft
from rnnlab.ui.setup.form.form_lines import shown_keys
print([key for task in ("digits", "binary") for key in shown_keys(Draft({"task.name": task}))])
"""
SHARE = (
    "import sys, pathlib, rnnlab.config; print(rnnlab.config.read_config(pathlib.Path(sys.argv[1])).data.train_share)"
)
MOST_LINES = 15


@pytest.fixture(scope="module")
def scratch(tmp_path_factory: pytest.TempPathFactory) -> Scratch:
    """A copy with the setting, and `older.toml`, the configuration of a run from before it was added."""
    page, copy = read_page("adding-a-setting"), scratch_copy(tmp_path_factory.mktemp("copy"))
    trained = json.loads(copy.run("rnnlab train digits --epochs 1 --session older --json"))
    copy.write("older.toml", copy.read(f"{trained['run']}/run.toml"))
    for path, diff in page.edits.items():
        copy.edit(path, diff)
    return copy


def test_few_lines_are_added() -> None:
    page = read_page("adding-a-setting")
    assert not page.files
    assert list(page.edits) == ["rnnlab/config/split_data.py", "rnnlab/tasks/splitting/split.py"]
    added = [line for diff in page.edits.values() for line in diff.splitlines() if line[0] in "+-"]
    assert len(added) <= MOST_LINES


def recorded(scratch: Scratch, run: str) -> Any:
    """What the run's log says of its start: configuration and data."""
    return json.loads(scratch.run(f"rnnlab replay {run} --json"))["started"]


def test_it_is_a_flag_a_key_and_a_field_of_the_form(scratch: Scratch) -> None:
    helped, *trained = read_page("adding-a-setting").commands
    assert "--train-share FLOAT" in scratch.run(helped)
    whole = recorded(scratch, "older/1")["data"]["rows"]
    for command, share in zip(trained, (0.5, 0.1), strict=True):
        run = json.loads(scratch.run(f"{command} --json"))["run"]
        assert tomllib.loads(scratch.read(f"{run}/run.toml"))["data"]["train_share"] == share
        started = recorded(scratch, "latest")
        assert started["config"]["data"]["train_share"] == share
        assert started["data"]["rows"] == {**whole, "train": round(share * whole["train"])}
    shown = scratch.run(f"python -c '{FORM}'")
    assert shown.count("data.train_share") == 1, "of digits, but not of binary, where it does not apply"
    wrong = scratch.run("rnnlab train digits --set data.train_share=1.5", fails=True)
    assert "data.train_share = 1.5 is not allowed; it must be a number above 0 and at most 1" in wrong


def test_an_older_run_opens_and_can_be_trained_again(scratch: Scratch) -> None:
    assert "train_share" not in scratch.read("older.toml")
    assert scratch.run(f"python -c '{SHARE}' older.toml").strip() == "1.0"
    scratch.run("rnnlab train --config older.toml --session again")
    older, again = recorded(scratch, "older/1"), recorded(scratch, "again/1")
    assert "train_share" not in older["config"]["data"]
    assert again["data"] == older["data"]
    scratch.run("rnnlab replay older/1 --verify")


def test_an_older_run_keeps_what_it_had_where_the_default_is_another(scratch: Scratch) -> None:
    declared = scratch.read("rnnlab/config/split_data.py")
    changed = declared.replace(
        "same_evaluation=True,\n        ),\n    ] = 1.0", "earlier=(1.0,),\n        ),\n    ] = 0.5"
    )
    assert changed != declared
    try:
        scratch.write("rnnlab/config/split_data.py", changed)
        assert scratch.run(f"python -c '{SHARE}' older.toml").strip() == "1.0"
        scratch.write("mine.toml", '[task]\nname = "digits"\n')
        assert scratch.run(f"python -c '{SHARE}' mine.toml").strip() == "0.5"
    finally:
        scratch.write("rnnlab/config/split_data.py", declared)
