"""A cluster's program, called for what it prints."""

from __future__ import annotations

import subprocess
from collections.abc import Sequence


def answer_of(command: Sequence[str], seconds: float) -> subprocess.CompletedProcess[str]:
    """The program's exit code and output. Raises `subprocess.TimeoutExpired` after so many seconds, `OSError`."""
    return subprocess.run(
        command,
        capture_output=True,
        text=True,
        errors="replace",
        timeout=seconds,
        check=False,
        stdin=subprocess.DEVNULL,
    )
