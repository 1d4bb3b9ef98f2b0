"""The settings of a command line: which are refused, and what a file of another task's gives."""

from __future__ import annotations

from pathlib import Path

import pytest

from rnnlab.cli.settings import config_from_options
from rnnlab.config import RunConfig, UsageError
from rnnlab.config.files import to_toml


@pytest.mark.parametrize(
    ("task", "assignment"),
    [
        ("names", "data.window=8"),
        ("names", "data.kind=text"),
        ("names", "data.input_column=name"),
        ("binary", "data.path=/data/of/mine"),
        ("vigenere", "model.readout=max"),
        ("digits", "model.activation=relu"),
    ],
)
@pytest.mark.parametrize("from_file", [False, True])
def test_a_setting_that_means_nothing_for_the_task_is_refused(
    task: str, assignment: str, from_file: bool, tmp_path: Path
) -> None:
    file = tmp_path / "run.toml"
    file.write_text(to_toml(RunConfig.from_settings({"task.name": task})))
    key, _, value = assignment.partition("=")
    with pytest.raises(UsageError, match=rf"{key} = {value} has no effect here: it applies where "):
        config_from_options(task, file if from_file else None, (assignment,), {})


def test_of_a_file_for_another_task_only_what_means_the_same_is_taken(tmp_path: Path) -> None:
    file = tmp_path / "run.toml"
    mine = {"task.name": "own", "data.path": "/mine/words.csv", "data.input_column": "word", "data.window": 8}
    file.write_text(to_toml(RunConfig.from_settings({**mine, "model.hidden": (24,), "data.encoding": "embedding"})))
    same = config_from_options(None, file, (), {})
    assert {key: same.get(key) for key in mine} == mine
    other = config_from_options("sales", file, ("data.split=time",), {})
    usual = RunConfig.from_settings({"task.name": "sales"})
    for key in ("data.path", "data.input_column", "data.window", "data.encoding"):
        assert other.get(key) == usual.get(key), key
    assert other.model.hidden == (24,)
