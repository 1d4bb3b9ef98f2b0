"""The commit of a checkout is what git says it is, wherever git keeps it."""

from __future__ import annotations

import subprocess
from pathlib import Path

from rnnlab.runs.commit import commit_of


def git(folder: Path, *arguments: str) -> str:
    command = ["git", "-c", "user.name=a", "-c", "user.email=a@b", "-C", str(folder), *arguments]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()


def test_the_commit_is_gits(tmp_path: Path) -> None:
    checkout, worktree = tmp_path / "checkout", tmp_path / "worktree"
    (checkout / "inside" / "it").mkdir(parents=True)
    assert commit_of(checkout / "inside") == ""
    git(checkout, "init", "-q")
    assert commit_of(checkout) == "", "no commit yet"
    git(checkout, "commit", "-q", "--allow-empty", "-m", "one")
    assert commit_of(checkout / "inside" / "it") == git(checkout, "rev-parse", "HEAD")
    git(checkout, "worktree", "add", "-q", "-b", "other", str(worktree))
    git(worktree, "commit", "-q", "--allow-empty", "-m", "two")
    assert commit_of(worktree) == git(worktree, "rev-parse", "HEAD") != commit_of(checkout)
    git(checkout, "pack-refs", "--all")
    assert commit_of(worktree) == git(worktree, "rev-parse", "HEAD")
    git(checkout, "checkout", "-q", "--detach")
    assert commit_of(checkout) == git(checkout, "rev-parse", "HEAD")
    (checkout / ".git" / "HEAD").write_text("ref: ../../../etc/passwd\n")
    assert commit_of(checkout) == ""
