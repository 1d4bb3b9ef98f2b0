"""The commands of docs/export.md, one after the other, as a person types them."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest

from rnnlab.cli.main import run as rnnlab

PAGE = Path(__file__).parents[2] / "docs" / "export.md"


def test_every_command_of_the_page_does_what_it_says(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("RNNLAB_SESSIONS", str(tmp_path / "sessions"))
    blocks = re.findall(r"```sh\n(.*?)```", PAGE.read_text(encoding="utf-8"), flags=re.S)
    commands = [line for block in blocks for line in block.splitlines()]
    assert len(commands) >= 15
    for command in commands:
        program, *words = shlex.split(command)
        assert program == "rnnlab"
        assert rnnlab(words) == 0, f"{command}: {capsys.readouterr().err}"
    made = {path.relative_to(tmp_path).as_posix() for path in tmp_path.rglob("*") if "sessions/" not in str(path)}
    assert {"figures/evaluations.csv", "classes.csv", "surnames.onnx", "surnames/model.py", "thesis.zip"} <= made
    assert [path.name for path in (tmp_path / "sessions" / "course" / "runs").iterdir()] == ["001-baseline"]
    assert (tmp_path / "sessions" / "from-the-cluster").is_dir()
