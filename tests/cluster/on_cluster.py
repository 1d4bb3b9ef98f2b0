"""What the tests of Slurm and of Ray do on their clusters."""

from __future__ import annotations

import subprocess
import sys

from rnnlab.runs.folders import Session


def rnnlab(
    environment: dict[str, str], session: Session, *arguments: str, code: int = 0
) -> subprocess.CompletedProcess[str]:
    """One command of a person."""
    done = subprocess.run(
        [sys.executable, "-m", "rnnlab", *arguments],
        env={**environment, "RNNLAB_SESSIONS": str(session.path.parent)},
        capture_output=True,
        text=True,
        timeout=180,
        check=False,
    )
    assert done.returncode == code, done.stderr
    return done
