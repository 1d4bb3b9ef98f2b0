"""Processes that are to stay are started in a scope of the person's manager where the logout would end them otherwise.

There is no systemd here: `systemd-run` is a program on PATH that notes what it was asked and becomes the command, as the real one
does.
"""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from rnnlab import logout
from rnnlab.cli.main import run
from rnnlab.doctor.logout import logout as found_by_doctor
from rnnlab.logout import Login, detached, ends_at_logout, scopes_work
from rnnlab.runs.folders import Session
from tests.engines.running import SHORT, queued, state_of, until

SCOPE = "/user.slice/user-1000.slice/session-3.scope"
ENDS = Login(systemd=True, cgroup=SCOPE, user="ann", kills=True, lingers=True, scopes=True)
COMMAND = ["python", "-m", "rnnlab"]


@pytest.fixture
def systemd_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The notes of a program of that name."""
    folder, notes = tmp_path / "bin", tmp_path / "notes"
    folder.mkdir()
    program = folder / "systemd-run"
    program.write_text(
        f'#!/bin/sh\necho "$*" >> {notes}\n[ "$1 $2 $3 $4" = "--user --scope --quiet --" ] || exit 1\nshift 4\nexec "$@"\n'
    )
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{folder}{os.pathsep}{os.environ['PATH']}")
    return notes


@pytest.mark.parametrize(
    "login",
    [
        Login(systemd=False),
        replace(ENDS, kills=False),
        replace(ENDS, kills=None),
        replace(ENDS, cgroup="/user.slice/user-1000.slice/user@1000.service/app.scope"),
        replace(ENDS, user="root"),
    ],
)
def test_where_a_logout_ends_nothing_a_process_is_started_as_it_is(login: Login) -> None:
    assert detached(COMMAND, login) == COMMAND
    assert ends_at_logout(login) == ""


def test_a_process_becomes_the_command_in_a_scope(systemd_run: Path) -> None:
    assert scopes_work()
    assert ends_at_logout(ENDS) == ""
    assert found_by_doctor(ENDS).level == "ok"
    read, write = os.pipe()
    with os.fdopen(read) as stream:
        process = subprocess.Popen(
            detached([sys.executable, "-c", f"import os; os.write({write}, str(os.getpid()).encode())"], ENDS),
            pass_fds=[write],
        )
        os.close(write)
        assert int(stream.read()) == process.pid, "the same process, with what it was given"
        assert process.wait() == 0
    assert systemd_run.read_text().splitlines()[-1].startswith(f"--user --scope --quiet -- {sys.executable} -c")


@pytest.mark.parametrize(
    ("login", "words"),
    [
        (replace(ENDS, lingers=False, scopes=False), "To let them go on: loginctl enable-linger"),
        (replace(ENDS, lingers=None, scopes=False), "To let them go on: loginctl enable-linger"),
        (replace(ENDS, scopes=False), "systemd-run --user --scope, in which they would go on, does not work here"),
    ],
)
def test_where_a_scope_would_not_help_that_is_said(login: Login, words: str) -> None:
    assert detached(COMMAND, login) == COMMAND
    assert ends_at_logout(login).startswith(
        "systemd ends runs in the background when you log out (KillUserProcesses=yes)"
    )
    assert words in ends_at_logout(login)
    assert found_by_doctor(login).level == "warning"


@pytest.mark.parametrize("script", ["exit 1", "", "sleep 60"], ids=["refuses", "is missing", "hangs"])
def test_a_manager_that_does_not_answer_gives_no_scope(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, script: str
) -> None:
    monkeypatch.setattr(logout, "_SECONDS", 0.5)
    if script:
        (tmp_path / "systemd-run").write_text(f"#!/bin/sh\nexec {script}\n")
        (tmp_path / "systemd-run").chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}/usr/bin:/bin" if script else str(tmp_path))
    assert not scopes_work()


def test_the_runner_of_a_session_is_started_so_and_trains(
    session: Session, systemd_run: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(logout, "_login", lambda: ENDS)
    trained = queued(session, SHORT)
    until(lambda: state_of(trained).ended, "the run has ended")
    assert "-m rnnlab.engines.local" in systemd_run.read_text()


def test_a_detached_run_that_the_logout_ends_says_so(
    session: Session, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(logout, "_login", lambda: replace(ENDS, lingers=False, scopes=False))
    monkeypatch.setenv("RNNLAB_SESSIONS", str(session.path.parent))
    assert run(["train", "binary", "train.epochs=1", "--session", session.name, "--detach"]) == 0
    assert "warning: systemd ends runs in the background when you log out" in capsys.readouterr().err
