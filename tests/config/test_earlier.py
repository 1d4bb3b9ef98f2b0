"""A configuration that an earlier version wrote means what it meant then."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from rnnlab.config import FIELDS, RunConfig, settings_from_toml, to_toml
from rnnlab.runs.data_summary import DataSummary
from rnnlab.runs.events import RunStarted
from rnnlab.runs.folders import create_session
from rnnlab.runs.history import recorded_config

DATA = DataSummary(task="names", title="", problem="classification", metric="accuracy", higher_is_better=True)
ADDED = {key: field.setting.earlier[0] for key, field in FIELDS.items() if field.setting.earlier}


def test_what_was_added_is_known() -> None:
    assert {"data.split_rule": 1, "train.ties": "earliest", "data.bucketing": "full"}.items() <= ADDED.items()
    for key, earlier in ADDED.items():
        assert FIELDS[key].check(earlier) == earlier
        assert FIELDS[key].default != earlier


@pytest.mark.parametrize("key", sorted(ADDED))
def test_a_file_without_the_field(key: str) -> None:
    name = key.partition(".")[2]
    lines = to_toml(RunConfig()).splitlines()
    text = "\n".join(line for line in lines if not line.startswith(f"{name} ="))
    assert RunConfig.from_settings(settings_from_toml(text, "run.toml")).get(key) == ADDED[key]
    # A file that a person wrote says what it changes of the defaults of today.
    assert RunConfig.from_settings(settings_from_toml('[task]\nname = "names"', "mine.toml")).get(key) != ADDED[key]


def test_a_log_without_the_fields(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RNNLAB_SESSIONS", str(tmp_path))
    run = create_session("old", "names").create_run(RunConfig())
    config = msgspec.to_builtins(RunConfig())
    for key in ADDED:
        group, _, name = key.partition(".")
        del config[group][name]
    started = RunStarted(run="001", model="lstm", config=config, data=DATA)
    assert {key: recorded_config(started, run).get(key) for key in ADDED} == ADDED
