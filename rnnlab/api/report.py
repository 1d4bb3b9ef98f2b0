"""Report on runs, written by the command of that name in a process of its own."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

from rnnlab.errors import UsageError
from rnnlab.runs.folders import RunFolder


def write_report(
    runs: Iterable[RunFolder], file: str | os.PathLike[str], spec: str | os.PathLike[str] | None = None
) -> Path:
    """Write the report, as `rnnlab report RUN… -o FILE --spec SPEC` does, and return its path.

    A session whose runs are all among them is named as a whole. Raises `UsageError` with the command's sentence.
    """
    sessions: dict[Path, list[RunFolder]] = {}
    for run in runs:
        sessions.setdefault(run.session.path, []).append(run)
    named: list[str] = []
    for members in sessions.values():
        whole = {run.name for run in members[0].session.runs()} == {run.name for run in members}
        named += [str(members[0].session.path.absolute())] if whole else [str(run.path.absolute()) for run in members]
    if not named:
        raise UsageError("there are no runs to report on; train one first")
    options = ["-o", os.fspath(file)] + ([] if spec is None else ["--spec", os.fspath(spec)])
    done = subprocess.run(
        [sys.executable, "-P", "-m", "rnnlab", "report", *options, "--", *named],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        lines = done.stderr.strip().splitlines()
        raise UsageError(lines[-1].removeprefix("rnnlab: ") if lines else f"the report ended with {done.returncode}")
    return Path(file)
