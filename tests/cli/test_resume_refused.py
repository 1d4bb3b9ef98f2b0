"""A completed run that is asked to train further, and cannot: its data are others than it was begun with."""

from __future__ import annotations

from pathlib import Path

from rnnlab.runs.folders import Session
from rnnlab.runs.queue_entry import digest
from rnnlab.sweeps.trials import run_digest
from tests.command_line import called

ROWS = [f"{'good nice' if at % 2 else 'bad poor'} {at},{'pos' if at % 2 else 'neg'}\n" for at in range(120)]


def test_a_run_that_could_not_go_on_is_still_the_persons_own(tmp_path: Path) -> None:
    sessions = {"RNNLAB_SESSIONS": str(tmp_path / "sessions")}
    data = tmp_path / "texts.csv"
    data.write_text("text,label\n" + "".join(ROWS), encoding="utf-8")
    assert (
        called(tmp_path, "train", "own", "--data", data.name, "--epochs", "2", "--session", "s", **sessions).returncode
        == 0
    )
    with data.open("a", encoding="utf-8") as file:
        file.write("another,pos\n")
    refused = called(tmp_path, "resume", "s/1", "--epochs", "3", **sessions)
    assert refused.returncode != 0
    assert "the data are not those that this run was begun with" in refused.stderr
    data.write_text("text,label\n" + "".join(ROWS), encoding="utf-8")
    verified = called(tmp_path, "replay", "s/1", "--verify", **sessions)
    assert verified.returncode == 0, verified.stderr
    assert "not queued by you" not in called(tmp_path, "errors", "s/1", **sessions).stdout
    (run,) = Session(tmp_path / "sessions" / "s").runs()
    before = digest(run.config())
    assert run_digest(run) == before, "it stands for the same trial of a sweep"
    further = called(tmp_path, "resume", "s/1", "--epochs", "3", **sessions)
    assert further.returncode == 0, further.stderr
    assert "3/3" in called(tmp_path, "show", "s", **sessions).stdout
    assert run_digest(run) != before, "trained further it is another"
