"""Data that stay loaded for the runs to come: only those that a run would load."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

from rnnlab.config import RunConfig, UsageError
from rnnlab.tasks import resident
from rnnlab.tasks.load import load
from rnnlab.tasks.resident import ResidentData, key_of


def config_of(path: Path, **more: object) -> RunConfig:
    settings: dict[str, object] = {"task.name": "own", "data.path": str(path), "data.seed": 1}
    return RunConfig.from_settings(settings | {key.replace("__", "."): value for key, value in more.items()})


def written(path: Path, word: str, rows: int = 60) -> Path:
    """A file of texts with labels, old enough for its time to tell a later change."""
    path.write_text("text,label\n" + "".join(f"{word}{index},{'ab'[index % 2]}\n" for index in range(rows)))
    return path


@pytest.fixture
def _settled(monkeypatch: pytest.MonkeyPatch) -> None:
    """Files count as old at once."""
    monkeypatch.setattr(resident, "_SETTLED", 0.0)


@pytest.mark.usefixtures("_settled")
def test_data_are_kept_once_a_run_has_loaded_them(tmp_path: Path) -> None:
    config, held = config_of(written(tmp_path / "own.csv", "word")), ResidentData()
    held.prepare(config)
    assert held.load(config) is not held.load(config), "no run has loaded them yet"
    held.expect(config)
    held.prepare(config)
    assert held.load(config) is held.load(config)
    assert held.load(config).fingerprint() == load(config).fingerprint()
    other_seed = config_of(tmp_path / "own.csv", data__seed=2)
    assert held.load(other_seed).fingerprint() == load(other_seed).fingerprint() != load(config).fingerprint()


@pytest.mark.usefixtures("_settled")
def test_a_file_that_changes_is_loaded_again(tmp_path: Path) -> None:
    path = written(tmp_path / "own.csv", "word")
    config, held = config_of(path), ResidentData()
    held.expect(config)
    held.prepare(config)
    before, times = held.load(config), path.stat()
    written(path, "wort")
    os.utime(path, ns=(times.st_atime_ns, times.st_mtime_ns))  # of the same size, and as old as before
    assert held.load(config).fingerprint() == load(config).fingerprint() != before.fingerprint()
    held.prepare(config)
    assert held.load(config) is held.load(config)
    path.unlink()
    with pytest.raises(UsageError):
        held.load(config)


def test_a_file_that_has_just_changed_is_not_kept(tmp_path: Path) -> None:
    config, held = config_of(written(tmp_path / "own.csv", "word")), ResidentData()
    assert time.time() - (tmp_path / "own.csv").stat().st_ctime < resident._SETTLED
    held.expect(config)
    held.prepare(config)
    assert held.load(config) is not held.load(config)


def test_only_some_are_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(resident, "MOST_SPLITS", 4)
    held = ResidentData()
    configs = [RunConfig.from_settings({"task.name": "sinusoids", "data.seed": seed}) for seed in range(6)]
    for config in configs:
        held.expect(config)
        held.prepare(config)
    kept = [held.load(config) is held.load(config) for config in configs]
    assert kept == [False] * 2 + [True] * resident.MOST_SPLITS


def test_more_than_a_bound_is_not_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(resident, "MOST_BYTES", 1000)
    held, config = ResidentData(), RunConfig.from_settings({"task.name": "sinusoids"})
    held.expect(config)
    held.prepare(config)
    assert held.load(config) is not held.load(config)


def test_what_a_run_is_trained_with_makes_no_other_data() -> None:
    settings = {"task.name": "names", "data.seed": 1}
    first = key_of(RunConfig.from_settings(settings))
    assert first == key_of(RunConfig.from_settings(settings | {"model.hidden": "7", "train.seed": 5, "optim.lr": 0.1}))
    for other in ({"data.seed": None, "train.seed": 5}, {"data.validation": 0.2}, {"data.alphabet": "unicode"}):
        assert first != key_of(RunConfig.from_settings(settings | other))
