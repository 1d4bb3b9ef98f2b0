"""The session that comes with the package: replayed, shown and asked from anywhere, never written to, yours before it."""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from rnnlab.cli.main import run
from rnnlab.runs.demo import DEMO_SESSION
from tests.recorded import record

MOST_BYTES = 200_000


@pytest.fixture(autouse=True)
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """An empty folder of sessions; the recorded session is as it was afterwards."""
    monkeypatch.setenv("RNNLAB_SESSIONS", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    before = digests()
    yield tmp_path
    assert digests() == before


def digests() -> dict[str, str]:
    return {
        path.relative_to(DEMO_SESSION).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in DEMO_SESSION.rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }


def test_it_is_replayed_right_after_installing(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["replay", "demo"]) == 0
    story = capsys.readouterr().out
    assert "✓ completed" in story
    assert "▾ lr ÷10" in story, "its learning rate was lowered while it trained"
    assert run(["replay", "demo", "--json"]) == 0
    state = json.loads(capsys.readouterr().out)
    assert (state["status"], state["damaged"], state["torn"]) == ("completed", 0, False)
    assert run(["replay", "demo", "--at", "3"]) == 0


def test_it_is_shown_and_predicts(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["show", "demo"]) == 0
    assert run(["predict", "demo", "Kowalska", "O'Brien"]) == 0
    lines = capsys.readouterr().out.splitlines()
    best = [lines[lines.index(name) + 1].split()[0] for name in ("Kowalska", "O'Brien")]
    assert best == ["Poland", "Ireland"]


@pytest.mark.slow
def test_it_is_verified_without_a_question(capsys: pytest.CaptureFixture[str]) -> None:
    """Whether its numbers come again depends on processor and versions; that nothing is asked and written does not."""
    assert run(["replay", "demo", "--verify", "--json"]) in (0, 1)
    assert json.loads(capsys.readouterr().out)["verify"]["compared"] > 1000


def test_a_session_of_yours_comes_before_it(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    made = Path(record(root, "finished")).parents[1]
    shutil.move(made, root / "demo")
    assert run(["replay", "demo"]) == 2
    assert "say demo/latest" in capsys.readouterr().err
    assert run(["replay", "demo/latest"]) == 0
    assert "002-lstm-128" in capsys.readouterr().out


def test_it_can_neither_be_steered_nor_resumed(capsys: pytest.CaptureFixture[str]) -> None:
    for words in (["tell", "demo", "stop"], ["resume", "demo", "--yes"]):
        assert run(words) == 2
        assert "there is no run 'demo'" in capsys.readouterr().err


def test_it_is_small_and_names_no_machine() -> None:
    assert {path.name for path in DEMO_SESSION.glob("runs/*/*")} == {
        "run.toml",
        "events.jsonl",
        "commands.jsonl",
        "best.safetensors",
    }
    files = [path for path in DEMO_SESSION.rglob("*") if path.is_file() and "__pycache__" not in path.parts]
    assert sum(path.stat().st_size for path in files) <= MOST_BYTES
    (log,) = DEMO_SESSION.glob("runs/*/events.jsonl")
    started = json.loads(log.read_bytes().splitlines()[0])["data"]
    assert not any(started.get(key) for key in ("host", "boot", "pid"))
