"""The proof that a run was queued here, and the secret it is made with."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from rnnlab.config import RunConfig
from rnnlab.runs.folders import create_session
from rnnlab.runs.queue_entry import NAME, digest, read_entry
from rnnlab.runs.secret import _secret, secret

CONFIG = RunConfig.from_settings({"task.name": "binary", "model.hidden": "8"})


@pytest.fixture
def state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("RNNLAB_STATE", str(tmp_path / "state"))
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    return tmp_path / "state"


def test_an_entry_is_of_its_settings_and_bears_no_change(tmp_path: Path, state: Path) -> None:
    run = create_session("lab", root=tmp_path).create_run(CONFIG)
    entry = read_entry(run.path)
    assert entry is not None
    assert entry.config == digest(CONFIG)
    assert entry.config == digest(RunConfig.from_settings(CONFIG.flat() | {"runtime.threads": 2}))
    assert entry.config != digest(RunConfig.from_settings(CONFIG.flat() | {"data.path": "/etc"}))
    assert entry.argv == (), "the command of another program is its own affair"
    path = run.path / NAME
    text = path.read_text()
    for changed in (text.replace(entry.config, "0" * 64), text.replace('"wall":1', '"wall":2'), "{", "[" * 100_000):
        path.write_text(changed)
        assert read_entry(run.path) is None
    path.write_text(text)
    assert read_entry(run.path) == entry


def test_the_secret_is_the_persons_alone(tmp_path: Path, state: Path) -> None:
    first = secret()
    assert stat.S_IMODE((state / "secret").stat().st_mode) == 0o600
    _secret.cache_clear()
    assert secret() == first, "another process has the same"
    (state / "secret").chmod(0o644)  # others may have read it
    _secret.cache_clear()
    assert secret() != first
    assert [path.name for path in state.iterdir()] == ["secret"], "no draft is left"


def test_where_the_folder_takes_no_file_the_secret_lasts_until_the_machine_is_started_again(
    tmp_path: Path, state: Path
) -> None:
    state.write_text("a file stands where the folder should be")
    run = create_session("lab", root=tmp_path).create_run(CONFIG)
    _secret.cache_clear()
    assert read_entry(run.path) is not None
