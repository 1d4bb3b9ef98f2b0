"""What a session says of a cluster counts only where this person said it: jobs are submitted and cancelled by nothing else."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from rnnlab.config import RunConfig
from rnnlab.engines.clusters.slurm import SlurmOptions, keep_options, kept_options, script_text
from rnnlab.errors import UsageError
from rnnlab.runs.folders import Session

STRANGE = """
jobs = [4711]

[options]
partition = "short\\ntouch marker"
"""


@pytest.fixture
def programs(tmp_path: Path) -> Path:
    """A folder of programs called as Slurm's are, which leave a marker."""
    folder = tmp_path / "bin"
    folder.mkdir()
    for name in ("sbatch", "squeue", "scancel"):
        program = folder / name
        program.write_text(f"#!/bin/sh\ntouch {tmp_path}/called-{name}\n")
        program.chmod(0o755)
    return folder


@pytest.mark.slow
def test_a_session_from_elsewhere_submits_and_cancels_nothing(session: Session, programs: Path, tmp_path: Path) -> None:
    session.create_run(RunConfig.from_settings({"task.name": "parity", "train.epochs": 1, "runtime.threads": 1}))
    (session.path / "slurm.toml").write_text(STRANGE)
    assert kept_options(session) is None
    environment = {
        **os.environ,
        "PATH": f"{programs}{os.pathsep}{os.environ['PATH']}",
        "RNNLAB_SESSIONS": str(tmp_path),
    }
    for arguments in (["wait", session.name], ["resume", f"{session.name}/001-gru-64"], ["sessions"]):
        subprocess.run(
            [sys.executable, "-m", "rnnlab", *arguments], env=environment, capture_output=True, timeout=120, check=False
        )
    assert not list(tmp_path.glob("called-*"))
    assert not (session.path / "job.sh").exists()


def test_options_are_kept_signed_and_one_changed_by_another_hand_does_not_count(session: Session) -> None:
    options = SlurmOptions(partition="short", time="2:00:00", array=4)
    keep_options(session, options)
    kept = kept_options(session)
    assert kept is not None
    assert kept.options == options
    path = session.path / "slurm.toml"
    path.write_text(path.read_text().replace("short", "long"))
    assert kept_options(session) is None


@pytest.mark.parametrize("text", ["short\ntouch marker", "a b", "$(touch marker)", "`id`", "x;y", "\u202e", "a" * 201])
def test_a_text_that_is_no_name_of_slurms_is_refused(session: Session, text: str) -> None:
    with pytest.raises(UsageError, match="--partition"):
        keep_options(session, SlurmOptions(partition=text))


def test_a_path_with_blanks_and_quotes_stays_one_word_of_the_script(tmp_path: Path) -> None:
    session = Session(tmp_path / 'it\'s a "lab" $(touch marker)')
    session.path.mkdir()
    script = script_text(session, SlurmOptions(), pilots=1).replace("exec ", "printf '%s\\n' ")
    done = subprocess.run(["bash", "-c", script], capture_output=True, text=True, check=True, cwd=tmp_path)
    assert done.stdout.splitlines()[-1] == str(session.path)
    assert not (tmp_path / "marker").exists()
