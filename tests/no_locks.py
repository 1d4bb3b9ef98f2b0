"""File systems without locks, or whose locks mean nothing, for processes that are started with this environment."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from functools import cache
from pathlib import Path

import pytest

_SOURCE = """
#include <errno.h>
#include <stdlib.h>
int flock(int file, int operation) {
    if (getenv("TEST_LOCKS_REFUSED")) { errno = ENOLCK; return -1; }
    return 0;
}
"""


def no_locks(kind: str) -> dict[str, str]:
    """Variables with which a process finds its locks `refused`, or `ignored`: granted to everybody. Skips where none compiles."""
    return {"LD_PRELOAD": str(_library()), **({"TEST_LOCKS_REFUSED": "1"} if kind == "refused" else {})}


@cache
def _library() -> Path:
    compiler = shutil.which("cc")
    if compiler is None or os.uname().sysname != "Linux":
        pytest.skip("needs a C compiler and Linux")
    folder = Path(tempfile.mkdtemp(prefix="no-locks-"))
    source = folder / "locks.c"
    source.write_text(_SOURCE)
    subprocess.run([compiler, "-shared", "-fPIC", "-o", folder / "locks.so", source], check=True)
    return folder / "locks.so"
