"""A page of docs/ that says how to add something, done to the letter in a copy of the package."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[1]


@dataclass(frozen=True)
class Page:
    """A page of instructions.

    `files`: the new files, by path. `edits`: the diffs of other files, by path. `commands`: what to try, a line each.
    """

    files: dict[str, str]
    edits: dict[str, str]
    commands: tuple[str, ...]


def read_page(name: str) -> Page:
    """The page `docs/NAME.md`: the last path before a block of Python, of TOML or of a diff is that of its file."""
    text = (ROOT / "docs" / f"{name}.md").read_text(encoding="utf-8")
    files: dict[str, str] = {}
    edits: dict[str, str] = {}
    commands: list[str] = []
    for prose, language, code in re.findall(r"(.*?)```(\w+)\n(.*?)```", text, flags=re.S):
        if language == "sh":
            commands += code.splitlines()
        else:
            path = re.findall(r"`([\w/-]+\.(?:py|toml))`", prose)[-1]
            {"python": files, "toml": files, "diff": edits}[language][path] = code
    return Page(files, edits, tuple(commands))


@dataclass(frozen=True)
class Scratch:
    """A copy of the package and of the tests, with sessions of its own."""

    root: Path

    def run(self, command: str, *, fails: bool = False) -> str:
        """Output of the command, run in the copy; `rnnlab` is that of the copy. `fails`: whether it has to."""
        name, *arguments = shlex.split(command)
        start = {"rnnlab": [sys.executable, "-m", "rnnlab"], "python": [sys.executable]}[name]
        done = subprocess.run(
            [*start, *arguments],
            cwd=self.root,
            env={
                **{key: value for key, value in os.environ.items() if not key.startswith("PYTEST")},
                "PYTHONPATH": str(self.root),
                "RNNLAB_SESSIONS": str(self.root / "sessions"),
                "COLUMNS": "200",
            },
            capture_output=True,
            text=True,
        )
        assert (done.returncode != 0) == fails, f"{command}\n{done.stdout}{done.stderr}"
        return done.stdout + done.stderr

    def edit(self, path: str, diff: str) -> None:
        """Applies a diff: its lines that begin with a space or `-` are in the file once, those with `+` are added."""
        lines = diff.splitlines(keepends=True)
        old = "".join(line[1:] for line in lines if not line.startswith("+"))
        new = "".join(line[1:] for line in lines if not line.startswith("-"))
        text = self.read(path)
        assert text.count(old) == 1, f"{path} does not hold once:\n{old}"
        self.write(path, text.replace(old, new))

    def write(self, path: str, text: str) -> None:
        (self.root / path).write_text(text, encoding="utf-8")

    def read(self, path: str) -> str:
        return (self.root / path).read_text(encoding="utf-8")


def scratch_copy(folder: Path) -> Scratch:
    """The package, its tests and its settings, copied below `folder`."""
    ignored = shutil.ignore_patterns("*.pyc.*", "__snapshots__")  # bytecode is copied, what is being written is not
    for name in ("rnnlab", "tests"):
        shutil.copytree(ROOT / name, folder / name, ignore=ignored)
    shutil.copy(ROOT / "pyproject.toml", folder)
    return Scratch(folder)
