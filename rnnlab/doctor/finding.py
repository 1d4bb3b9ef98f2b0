"""Finding of one check, as data: the command line prints it, `--json` writes it, the app shows it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

Level = Literal["ok", "warning", "problem"]
"""ok: as it should be; warning: it works, with a limit that one should know; problem: something will fail."""
LEVELS: tuple[Level, ...] = ("ok", "warning", "problem")


@dataclass(frozen=True, slots=True)
class Finding:
    """One check: its `name`, its `level`, what was `found`, what that means, and what to do (empty where nothing need be)."""

    name: str
    level: Level
    found: str
    meaning: str = ""
    remedy: str = ""


def worst(findings: Sequence[Finding]) -> Level:
    """The worst level among the findings; ok where there are none."""
    return max((each.level for each in findings), key=LEVELS.index, default="ok")
