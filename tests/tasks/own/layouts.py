"""Movements of made-up sensors, for tests of the layouts in which people keep them."""

from __future__ import annotations

import math
import random
from pathlib import Path

from rnnlab.config import RunConfig
from rnnlab.config.suggested import with_suggested
from rnnlab.tasks.load import load
from rnnlab.tasks.own.check import CheckReport, check_file, known_data
from rnnlab.tasks.splitting.types import SUBSET_NAMES, Split

SPEEDS = {"walk": 0.3, "run": 0.9, "sit": 0.02}


def movement(label: str, steps: int, channels: int = 3, seed: int = 0) -> list[list[str]]:
    """Steps of a movement, a field for each channel."""
    chance = random.Random(f"{label} {steps} {seed}")
    return [
        [f"{math.sin(SPEEDS[label] * step + channel) + chance.gauss(0, 0.1):.4f}" for channel in range(channels)]
        for step in range(steps)
    ]


def write(path: Path, rows: list[list[str]], *, head: str = "", delimiter: str = ",") -> None:
    """A file of rows, with a line of titles where there is one."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(head + "\n".join(delimiter.join(row) for row in rows) + "\n")


def checked(path: Path, **settings: object) -> CheckReport:
    """Report on the file, with settings of `data`."""
    return check_file(path, {f"data.{name}": value for name, value in settings.items()})


def loaded(path: Path, **settings: object) -> Split:
    """The split of a run that the command line would make."""
    chosen: dict[str, object] = {"task.name": "own", "data.path": str(path)}
    chosen |= {f"data.{name}": value for name, value in settings.items()}
    known = known_data(chosen)
    assert known is not None
    return load(RunConfig.from_settings(with_suggested(chosen, known)))


def said(report: CheckReport) -> dict[str, str]:
    """Sentences of the report by their kinds."""
    return {problem["kind"]: problem["message"] for problem in report.as_json()["problems"]}


def rows_of(split: Split) -> int:
    """Number of rows in all subsets."""
    return sum(len(split.subset(name)) for name in SUBSET_NAMES)
