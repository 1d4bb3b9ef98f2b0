"""`rnnlab resume` and `replay --verify` ask before they train what a folder from elsewhere says."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from rnnlab.runs.folders import RunFolder
from rnnlab.runs.log_reader import read_records, read_state
from tests.foreign import files_of, make_foreign
from tests.forked import FORKER
from tests.terminal import Terminal

Rnnlab = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture
def rnnlab(tmp_path: Path) -> Rnnlab:
    kept = {key: value for key, value in os.environ.items() if not key.startswith("RNNLAB_")}

    def call(*arguments: str) -> subprocess.CompletedProcess[str]:
        return FORKER.run("rnnlab", *arguments, folder=tmp_path, environment=kept, seconds=120)

    return call


@pytest.fixture
def run(rnnlab: Rnnlab, tmp_path: Path) -> RunFolder:
    """A run that was trained, as if elsewhere."""
    told = json.loads(rnnlab("train", "binary", "--hidden", "8", "--epochs", "2", "--json").stdout)
    return make_foreign(RunFolder(tmp_path / told["run"]))


def test_without_a_terminal_it_is_refused_in_a_sentence(rnnlab: Rnnlab, run: RunFolder) -> None:
    before = files_of(run.path)
    for arguments in (["resume", str(run.path), "--epochs", "3"], ["replay", str(run.path), "--verify"]):
        done = rnnlab(*arguments)
        assert (done.returncode, done.stdout) == (2, "")
        assert "not queued by you on this machine" in done.stderr
        assert "LSTM 8 on binary for 2 epochs" in done.stderr
        assert "--yes" in done.stderr
        assert len(done.stderr.splitlines()) == 1
    assert files_of(run.path) == before
    done = rnnlab("replay", str(run.path), "--verify", "--yes")
    assert done.returncode == 0, done.stderr
    assert "every number matches" in done.stdout
    assert rnnlab("replay", str(run.path), "--verify").returncode == 0, "it is asked once"
    make_foreign(run)
    done = rnnlab("resume", str(run.path), "--epochs", "3", "--yes", "--json")
    assert json.loads(done.stdout)["status"] == "completed"
    assert read_state(run.events_path)[0].epoch == 3


@pytest.mark.parametrize("answer", ["y", "n"])
def test_on_a_terminal_it_is_asked(run: RunFolder, tmp_path: Path, answer: str) -> None:
    before = read_records(run.events_path)[0]
    with Terminal("resume", str(run.path), "--epochs", "3", cwd=tmp_path) as terminal:
        terminal.see("Train it here", "y/N")
        terminal.press(answer, "enter")
        assert terminal.end() == (0 if answer == "y" else 130)
    if answer == "n":
        assert read_records(run.events_path)[0] == before
    else:
        assert read_state(run.events_path)[0].epoch == 3


def test_a_log_of_which_nothing_is_left_is_told_as_damaged(rnnlab: Rnnlab, run: RunFolder) -> None:
    run.events_path.write_bytes(run.events_path.read_bytes().replace(b"\n", b"\r\n"))
    before = files_of(run.path)
    for arguments in (["show", str(run.path)], ["replay", str(run.path)], ["resume", str(run.path), "--yes"]):
        done = rnnlab(*arguments)
        assert done.returncode == 2
        assert "is damaged" in done.stderr
    listed = rnnlab("sessions")
    assert "damaged" in listed.stdout
    assert "queued" not in listed.stdout
    after = files_of(run.path)
    assert {name: data for name, (data, _) in after.items()} == {name: data for name, (data, _) in before.items()}


def test_a_start_says_where_it_was_made_and_by_what_command(rnnlab: Rnnlab, tmp_path: Path) -> None:
    git = ["git", "-c", "user.name=a", "-c", "user.email=a@b", "-C", str(tmp_path)]
    subprocess.run([*git, "init", "-q"], check=True)
    subprocess.run([*git, "commit", "-q", "--allow-empty", "-m", "a"], check=True)
    head = subprocess.run([*git, "rev-parse", "HEAD"], check=True, capture_output=True, text=True).stdout.strip()
    told = json.loads(rnnlab("train", "binary", "--hidden", "8", "--epochs", "1", "--json").stdout)
    started = read_state(tmp_path / told["run"] / "events.jsonl")[0].started
    assert started is not None
    assert started.argv == ("rnnlab", "train", "binary", "--hidden", "8", "--epochs", "1", "--json")
    assert started.commit == head
    assert started.host
    shown = json.loads(rnnlab("show", told["run"], "--json").stdout)
    assert (shown["commit"], shown["argv"], shown["host"]) == (head, list(started.argv), started.host)
