"""`runtime.keep` and `rnnlab prune`: what stays of a run that has ended, on real runs."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from rnnlab.cli.main import run as rnnlab
from rnnlab.engines.local import run_alive
from rnnlab.runs.folders import RunFolder
from rnnlab.runs.log_reader import read_records, read_state
from rnnlab.runs.pruning import pruned_of, remove_weights
from tests.engines.running import state_of, until, until_saved
from tests.terminal import Terminal

RESUMING = {"last.safetensors", "last.json", "resume.safetensors"}
WEIGHTS = RESUMING | {"best.safetensors"}


@pytest.fixture(autouse=True)
def _sessions(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RNNLAB_SESSIONS", str(tmp_path))


def trained(capsys: pytest.CaptureFixture[str], *more: str, session: str = "lab") -> RunFolder:
    arguments = ["train", "binary", "--hidden", "8", "--epochs", "2", "--session", session, "--json", *more]
    assert rnnlab(arguments) == 0
    run = RunFolder(Path(json.loads(capsys.readouterr().out)["run"]))
    until(lambda: not run_alive(run), "its trainer has let go")
    return run


def files(run: RunFolder) -> set[str]:
    return {path.name for path in run.path.iterdir()}


def called(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    code = rnnlab(list(arguments))
    printed = capsys.readouterr()
    return code, printed.out, printed.err


@pytest.mark.parametrize(("keep", "gone"), [("all", set()), ("best", RESUMING), ("none", WEIGHTS)])
def test_a_run_keeps_what_it_was_told(keep: str, gone: set[str], capsys: pytest.CaptureFixture[str]) -> None:
    run = trained(capsys, "--keep", keep)
    assert WEIGHTS & files(run) == WEIGHTS - gone
    where = str(run.path)
    code, out, _ = called(capsys, "replay", where, "--verify")
    assert (code, "every number matches" in out) == (0, True), "the log holds what is verified"
    code, out, _ = called(capsys, "show", where)
    assert code == 0
    assert (f"pruned (runtime.keep = {keep})" in out) == bool(gone)
    shown = json.loads(called(capsys, "show", where, "--json")[1])
    assert set(shown.get("pruned", {}).get("files", ())) == gone
    code, out, err = called(capsys, "predict", where, "11110000")
    if keep == "none":
        assert code == 2
        assert (
            "001-lstm-8 does not keep its weights (runtime.keep = none); train it again with runtime.keep=best" in err
        )
    else:
        assert (code, "→" in out) == (0, True)
    code, out, err = called(capsys, "resume", where, "--epochs", "3", "--json")
    if gone:
        assert code == 2
        assert f"does not keep the state to resume it from (runtime.keep = {keep})" in err
        assert len(err.splitlines()) == 1
        assert state_of(run).status == "completed", "nothing was queued"
    else:
        assert code == 0
        assert read_state(run.events_path)[0].epoch == 3


def test_a_run_that_was_stopped_keeps_what_resuming_needs(capsys: pytest.CaptureFixture[str]) -> None:
    arguments = ["train", "binary", "--hidden", "8", "--epochs", "100000", "--keep", "none", "--detach"]
    assert rnnlab(arguments) == 0
    run = RunFolder(Path(capsys.readouterr().out.strip()))
    until_saved(run)
    code, out, _ = called(capsys, "prune", str(run.path), "--keep", "none", "--yes", "--failed")
    assert code == 0
    assert "is being trained" in out
    assert "resume.safetensors" in files(run)
    assert rnnlab(["tell", str(run.path), "stop"]) == 0
    until(lambda: state_of(run).status == "stopped" and not run_alive(run), "it has stopped")
    assert files(run) >= WEIGHTS
    capsys.readouterr()
    code, out, _ = called(capsys, "prune", str(run.path), "--yes")
    assert code == 0
    assert "was stopped and can be resumed; --failed prunes it, too" in out
    assert files(run) >= WEIGHTS
    code, out, _ = called(capsys, "prune", str(run.path), "--yes", "--failed", "--json")
    told = json.loads(out)
    assert set(told["runs"][0]["files"]) == RESUMING
    assert WEIGHTS & files(run) == {"best.safetensors"}
    code, _, err = called(capsys, "resume", str(run.path))
    assert code == 2
    assert "does not keep the state to resume it from (rnnlab prune --keep best)" in err


def test_a_session_is_pruned_once_a_person_agreed(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    first, second = trained(capsys), trained(capsys, "--seed", "1")
    size = sum((first.path / name).stat().st_size for name in RESUMING) * 2
    before = files(first)
    code, out, _ = called(capsys, "prune", "lab", "--dry-run", "--json")
    told = json.loads(out)
    assert (code, told["dry_run"]) == (0, True)
    assert told["bytes"] == pytest.approx(size, rel=0.01)
    done = subprocess.run(
        [sys.executable, "-m", "rnnlab", "prune", "lab"],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 2
    assert "say so with --yes" in done.stderr
    assert files(first) == before
    for answer, code in (("n", 130), ("y", 0)):
        with Terminal("prune", "lab", cwd=tmp_path, columns=120) as terminal:
            terminal.see("of 2 runs would be removed for good", r"Remove it\?")
            terminal.press(answer, "enter")
            assert terminal.end() == code
        assert (files(first) & RESUMING == set()) == (answer == "y")
    assert files(second) & WEIGHTS == {"best.safetensors"}
    for command in ("compare", "sessions", "show"):
        assert called(capsys, command, *(["lab"] if command != "sessions" else []))[0] == 0
    code, out, _ = called(capsys, "prune", "lab", "--yes")
    assert "0 B freed, of 0 of 2 runs" in out
    code, out, _ = called(capsys, "prune", str(first.path), "--keep", "none", "--yes")
    assert "best.safetensors" in out
    held = pruned_of(first)
    assert held is not None
    assert set(held.files) == WEIGHTS, "what went before is not forgotten"


def test_no_link_is_followed(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    run = trained(capsys)
    outside = tmp_path / "outside"
    outside.mkdir()
    precious = outside / "precious"
    precious.write_bytes(b"of somebody else")
    (run.path / "last.safetensors").unlink()
    (run.path / "last.safetensors").symlink_to(precious)
    code, out, _ = called(capsys, "prune", str(run.path), "--yes", "--json")
    assert code == 0
    assert "last.safetensors" not in json.loads(out)["runs"][0]["files"]
    assert (run.path / "last.safetensors").is_symlink()
    assert precious.read_bytes() == b"of somebody else"
    other = trained(capsys)
    moved = outside / "moved"
    other.path.rename(moved)
    other.path.symlink_to(moved)
    code, _, _ = called(capsys, "prune", "lab", "--keep", "none", "--yes")
    assert {path.name for path in moved.iterdir()} >= WEIGHTS


def test_what_was_named_and_is_still_there_is_used(capsys: pytest.CaptureFixture[str]) -> None:
    """A process that is killed after `pruned.json` was written and before the files are gone leaves a run that works."""
    run = trained(capsys)
    kept = {name: (run.path / name).read_bytes() for name in WEIGHTS}
    remove_weights(run, "none", "runtime.keep")
    for name, data in kept.items():
        (run.path / name).write_bytes(data)
    assert called(capsys, "predict", str(run.path), "1111")[0] == 0
    assert called(capsys, "resume", str(run.path), "--epochs", "3", "--json")[0] == 0
    until(lambda: not run_alive(run), "its trainer has let go")
    assert called(capsys, "prune", str(run.path), "--yes")[0] == 0
    assert files(run) & WEIGHTS == {"best.safetensors"}


def test_nothing_is_removed_before_the_last_event_is_in_the_log(capsys: pytest.CaptureFixture[str]) -> None:
    run = trained(capsys, "--keep", "none")
    last = read_records(run.events_path)[0][-1]
    pruned = pruned_of(run)
    assert pruned is not None
    assert pruned.wall >= last.wall - 0.01
    assert type(last.data).__name__ == "RunFinished"


def test_a_waiting_run_is_left_alone(capsys: pytest.CaptureFixture[str]) -> None:
    run = trained(capsys)
    waiting = run.session.create_run(run.config())
    (waiting.path / "best.safetensors").write_bytes(b"weights")
    code, out, _ = called(capsys, "prune", "lab", "--keep", "none", "--failed", "--yes")
    assert code == 0
    assert "it waits to be trained" in out
    assert (waiting.path / "best.safetensors").exists()
    assert not os.path.lexists(run.best_path)
    code, _, err = called(capsys, "prune", "nowhere")
    assert code == 2
    assert "there is no run 'nowhere'" in err
