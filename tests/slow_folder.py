"""A folder that is as slow as one of a far, busy file server, for processes that are started with this environment."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from functools import cache
from pathlib import Path

import pytest


def slow_folder(folder: Path) -> dict[str, str]:
    """Variables with which each operation on a file below the folder takes 0.1 to 0.3 s, and every fiftieth 2 s.

    Skips where no library can be compiled.
    """
    return {"LD_PRELOAD": str(_library()), "SLOW_FOLDER": str(folder)}


@cache
def _library() -> Path:
    compiler = shutil.which("cc")
    if compiler is None or os.uname().sysname != "Linux":
        pytest.skip("needs a C compiler and Linux")
    library = Path(tempfile.mkdtemp(prefix="slow-folder-")) / "slow.so"
    source = Path(__file__).with_suffix(".c")
    subprocess.run([compiler, "-shared", "-fPIC", "-O1", "-Wall", "-o", library, source], check=True)
    return library
