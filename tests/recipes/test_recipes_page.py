"""The page of recipes: carried out, interrupted, resumed, written."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from functools import partial
from pathlib import Path

import pytest

from rnnlab.recipes.catalog import recipe_names
from rnnlab.runs.folders import Session
from rnnlab.runs.summary import summarise
from tests.command_line import clean_environment
from tests.engines.running import until

ROOT = Path(__file__).parents[2]
NAME, PART = "counting", "counting-elman-quick"
"""A recipe of some seconds that needs no data."""


def begun(folder: Path, *names: str) -> subprocess.Popen[str]:
    """The script on these recipes, in a process group of its own; its page is `page.md`."""
    return subprocess.Popen(
        [sys.executable, "-m", "scripts.recipes_page", "--quick", "--output", str(folder / "page.md"), *names],
        cwd=ROOT,
        env=clean_environment() | {"RNNLAB_SESSIONS": str(folder), "RNNLAB_DATA": str(folder / "nothing")},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )


def statuses(session: Session) -> list[str]:
    return [summarise(run).status or "" for run in session.runs()] if session.runs_path.is_dir() else []


@pytest.mark.slow
def test_interrupted_it_stops_cleanly_and_the_same_command_goes_on(tmp_path: Path) -> None:
    session = Session(tmp_path / PART)
    first = begun(tmp_path, NAME)
    until(partial(lambda: "completed" in statuses(session)), "the first run")
    os.killpg(first.pid, signal.SIGINT)
    said, _ = first.communicate(timeout=120)
    assert first.returncode == 130, said
    assert "the same command resumes it" in said
    assert not (tmp_path / "page.md").exists()
    assert not {"training", "evaluating", "loading"} & set(statuses(session))
    second = begun(tmp_path, NAME, "gestures-gru")
    said, _ = second.communicate(timeout=300)
    assert second.returncode == 0, said
    assert set(statuses(session)) == {"completed"}
    assert len(statuses(session)) == 6
    assert "gestures-gru: passed over, as data are not here: rnnlab data fetch gestures" in said
    text = (tmp_path / "page.md").read_text(encoding="utf-8")
    assert text.count("\n## ") == len(recipe_names())
    assert "| Elman 2 | .998 | ." in text
    assert "`rnnlab data fetch gestures`" in text
