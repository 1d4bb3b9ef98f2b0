"""`rnnlab` as a person or a script calls it, for tests: in a process of its own, forked or new, or in this one."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from rnnlab.cli.main import run
from tests.forked import FORKER

_SECONDS = 180


def clean_environment() -> dict[str, str]:
    """This process's environment without folders of data and sessions."""
    dropped = ("RNNLAB_DATA", "RNNLAB_SESSIONS")
    return {key: value for key, value in os.environ.items() if key not in dropped}


def started(folder: Path, *arguments: str) -> subprocess.Popen[str]:
    """A process that carries out the command in `folder`, without data; what it prints is to be read."""
    return subprocess.Popen(
        [sys.executable, "-m", "rnnlab", *arguments],
        cwd=folder,
        env=clean_environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def called(folder: Path, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """The command, carried out in `folder` by a forked process, without data, with `environment` over this process's."""
    environment = clean_environment() | environment
    return FORKER.run("rnnlab", *arguments, folder=folder, environment=environment, seconds=_SECONDS)


def printed(capsys: pytest.CaptureFixture[str], *words: str) -> str:
    """What the command prints, carried out in this process, where it succeeds."""
    assert run(list(words)) == 0
    return capsys.readouterr().out


def refused(capsys: pytest.CaptureFixture[str], *words: str) -> str:
    """The one sentence with which the command is refused."""
    assert run(list(words)) == 2
    output = capsys.readouterr()
    assert output.out == ""
    assert output.err.count("\n") == 1
    return output.err
