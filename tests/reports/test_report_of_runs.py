"""Reports on runs that were really trained, on runs of strangers, and on sessions that nobody should have made."""

from __future__ import annotations

from pathlib import Path

import pytest

from rnnlab.cli.main import run
from rnnlab.runs.folders import Session
from tests.command_line import called
from tests.foreign import make_foreign
from tests.hostile import make

EVERY = 6
"""Of so many hostile sessions one is reported on here: all of them take minutes."""


def test_a_report_on_trained_runs_says_that_training_again_gives_every_number(tmp_path: Path) -> None:
    environment = {"RNNLAB_SESSIONS": str(tmp_path / "sessions")}
    trained = called(
        tmp_path, "sweep", "binary", "--over", "model.name=elman;lstm", "--seeds", "2", "--epochs", "2", "--session", "s",
        **environment,
    )  # fmt: skip
    assert trained.returncode == 0, trained.stderr
    done = called(tmp_path, "report", "s", "-o", "out.md", "--verify", **environment)
    assert done.returncode == 0, done.stderr
    text = (tmp_path / "out.md").read_text(encoding="utf-8").replace("\\", "")
    assert "✓ replay --verify holds for s/" in text
    assert "every number matches" in text
    assert "```toml\nformat = " in text
    assert "rnnlab sweep sweep.toml --session s" in text
    assert "### When does an LSTM win?" in text
    assert "### Why are gradients clipped?" in text
    assert "| target | prediction | input |" in text, (
        "the data are here, so that the inputs of the worst rows are shown"
    )
    assert "### What did the treatment of unequal classes do?" not in text, "of which these runs show nothing"
    again = called(tmp_path, "report", "s", "-o", "out.html", **environment)
    assert again.returncode == 0, again.stderr
    page = (tmp_path / "out.html").read_text(encoding="utf-8")
    assert "rnnlab replay --verify s/" in page
    assert "holds for" not in page, "it was not verified this time"
    for folder in Session(tmp_path / "sessions" / "s").runs():
        make_foreign(folder)
    assert called(tmp_path, "report", "s", "-o", "theirs.md", **environment).returncode == 0
    theirs = (tmp_path / "theirs.md").read_text(encoding="utf-8")
    assert "The inputs are not shown, as the run was not queued by you on this machine" in theirs
    assert "| target | prediction |\n" in theirs
    refused = called(tmp_path, "report", "s", "-o", "again.md", "--verify", **environment)
    assert refused.returncode == 2
    assert "say so with --yes" in refused.stderr


def test_the_demo_has_a_report(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RNNLAB_SESSIONS", str(tmp_path))
    assert run(["report", "demo", "-o", str(tmp_path / "out.md")]) == 0
    assert "rnnlab replay --verify" in (tmp_path / "out.md").read_text(encoding="utf-8")


def test_what_a_stranger_left_is_reported_on_or_refused_in_one_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    hostile = make(tmp_path / "hostile")
    before = {path.name: path.read_bytes() for path in hostile.outside.iterdir() if path.is_file()}
    monkeypatch.setenv("RNNLAB_SESSIONS", str(hostile.sessions))
    for at, name in enumerate(hostile.names[::EVERY]):
        code = run(["report", name, "-o", str(tmp_path / f"{at}.md")])
        error = capsys.readouterr().err
        assert code in (0, 2), f"{name}: {error}"
        assert error.count("\n") == 1, f"{name}: {error}"
        assert "must stay as it is" not in ((tmp_path / f"{at}.md").read_text(encoding="utf-8") if code == 0 else "")
    assert {path.name: path.read_bytes() for path in hostile.outside.iterdir() if path.is_file()} == before
