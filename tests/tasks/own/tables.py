"""Tables as people save them, for tests: their lines, and what the check says of their columns."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from pathlib import Path
from typing import cast

from rnnlab.tasks.own.check import CheckReport, check_file

_TEXT = "the room was stale and fine near a book with driver soup chair kind warm noisy rude quick tasty lovely dirty"
_WORDS = _TEXT.split()


def text_of(row: int) -> str:
    """A sentence of its own for each row."""
    return " ".join(_WORDS[(row * step + step) % len(_WORDS)] for step in range(2, 9)) + f" {row}"


def day(row: int) -> date:
    """The row's day, one after the other."""
    return date(2019, 1, 1) + timedelta(days=row)


def value(row: int) -> float:
    """A measurement that goes up and down."""
    return round(50 + 10 * ((row * 7) % 13) / 13 + (row % 5) * 0.37, 2)


def table(rows: Iterable[Sequence[object]], header: str = "", delimiter: str = ",") -> str:
    lines = [header] if header else []
    return "\n".join([*lines, *(delimiter.join(map(str, row)) for row in rows)]) + "\n"


def check(folder: Path, content: str, **settings: object) -> CheckReport:
    """Report on a table with this content, read with these settings of its data."""
    path = folder / "own.csv"
    path.write_text(content, encoding="utf-8")
    return check_file(path, {"data.window": 4} | {f"data.{key}": setting for key, setting in settings.items()})


def _entries(report: CheckReport, key: str) -> list[dict[str, str]]:
    """The columns that the report lists under a key, each with what is said of it."""
    return cast(list[dict[str, str]], report.facts.get(key, []))


def notes(report: CheckReport, role: str) -> str:
    """Note on the first column of a role."""
    return next(entry["note"] for entry in _entries(report, "roles") if entry["role"] == role)


def roles(report: CheckReport) -> dict[str, str]:
    """Columns by role, several with commas between."""
    found: dict[str, list[str]] = {}
    for entry in _entries(report, "roles"):
        found.setdefault(entry["role"], []).append(entry["column"])
    return {role: ",".join(columns) for role, columns in found.items()}


def left_out(report: CheckReport) -> dict[str, str]:
    """Reason by column, of those that are left out."""
    return {entry["column"]: entry["reason"] for entry in _entries(report, "left_out")}


def settings_of(report: CheckReport, kind: str) -> list[str]:
    """Settings that answer the problem of a kind."""
    return [choice.setting for problem in report.problems if problem.kind == kind for choice in problem.choices]
