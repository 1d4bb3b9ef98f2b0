"""`rnnlab resume` and `rnnlab tell` on real runs."""

from __future__ import annotations

import json
import os
import signal
from pathlib import Path

import pytest

from rnnlab.cli.main import run as rnnlab
from rnnlab.engines.local import run_alive, runner_alive
from rnnlab.runs.events import RunStarted
from rnnlab.runs.folders import RunFolder, SessionInfo
from rnnlab.runs.log import LogWriter
from rnnlab.runs.log_reader import read_records
from tests.engines.running import state_of, until, until_saved


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> RunFolder:
    monkeypatch.setenv("RNNLAB_SESSIONS", str(tmp_path))
    arguments = ["train", "sinusoids", "--hidden", "8", "--epochs", "2000", "--batch", "64", "--dropout", "0.1"]
    assert rnnlab([*arguments, "--detach"]) == 0
    run = RunFolder(Path(capsys.readouterr().out.strip()))
    run.session.write_info(SessionInfo(run.session.name, attempts=0))
    until_saved(run)
    return run


def test_a_run_is_steered_killed_and_gone_on_with(run: RunFolder, capsys: pytest.CaptureFixture[str]) -> None:
    for words, answer in (
        (["set", "optim.lr=0.001"], "optim.lr = 0.001, after update"),
        (["set", "optim.clip_norm=none"], "optim.clip_norm = none, after update"),
        (["set", "model.dropout=0.4"], "model.dropout = 0.4, after update"),
        (["evaluate"], "evaluate, after update"),
        (["save"], "save, after update"),
        (["rollback"], "rollback to the weights of epoch"),
    ):
        assert rnnlab(["tell", str(run.path), *words]) == 0
        assert answer in capsys.readouterr().out
    for words, error in (
        (["set", "optim.lr=0"], "optim.lr = 0"),
        (["set", "model.hidden=3"], "KEY must be one of optim.lr, optim.clip_norm, model.dropout"),
        (["pause", "now"], "takes nothing more"),
    ):
        assert rnnlab(["tell", str(run.path), *words]) == 2
        assert error in capsys.readouterr().err
    assert rnnlab(["resume", str(run.path)]) == 2
    assert "is being trained" in capsys.readouterr().err
    started = next(r.data for r in read_records(run.events_path)[0] if isinstance(r.data, RunStarted))
    os.kill(started.pid, signal.SIGKILL)
    until(lambda: state_of(run).status == "failed", "its end is in the log")
    assert "rnnlab resume" in state_of(run).hint
    until(lambda: not run_alive(run), "nobody holds its log")
    with LogWriter(run.events_path):  # as a runner still holds it that has just written down how the run ended
        assert rnnlab(["tell", str(run.path), "stop"]) == 2
    assert "is not training" in capsys.readouterr().err
    assert rnnlab(["resume", str(run.path), "--detach"]) == 0
    until(lambda: any(mark.command == "resumed" for mark in state_of(run).applied_commands), "it goes on")
    until(
        lambda: [m.command for m in state_of(run).applied_commands].count("rollback") == 1,
        "what was commanded is there again",
    )
    assert rnnlab(["tell", str(run.path), "stop"]) == 0
    until(lambda: state_of(run).ended and not runner_alive(run.session) and not run_alive(run), "it stops")
    capsys.readouterr()
    step, epochs = state_of(run).step, state_of(run).epoch + 2
    assert rnnlab(["resume", str(run.path), "--epochs", "1"]) == 2
    assert "give it more with --epochs" in capsys.readouterr().err
    assert rnnlab(["resume", str(run.path), "--epochs", str(epochs), "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["status"] == "completed"
    assert state_of(run).step > step
    assert state_of(run).epoch == epochs
    assert rnnlab(["replay", str(run.path), "--at", str(epochs - 1), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["epoch"] == epochs - 1
    assert rnnlab(["replay", str(run.path), "--json", "--verify"]) == 0
    document = json.loads(capsys.readouterr().out)
    assert document["verify"]["ok"]
    assert "savepoints" not in document or not document["savepoints"]
