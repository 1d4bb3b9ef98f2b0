"""How a person's own data were read, in labelled lines: the kind, the columns taken with their roles, those left out and why.

The same lines are printed by the check, kept among the notes of a run, and shown with them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

KIND, COLUMNS, LEFT_OUT, DATES = "kind", "columns", "left out", "dates"
LABELS = (KIND, COLUMNS, LEFT_OUT, DATES)
"""Labels of the lines."""
_MOST = 12
"""Columns of one role, or with one reason, that are written out."""
_ROLES = {"input": "goes in"}
"""Names of roles for people, where they differ from those of the document."""


def column_lines(kind: str, facts: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Label and text of each line that `facts` of a check give; `kind` is what the kind of the file is called."""
    dates = facts.get("dates") or {}
    span = f"{dates['first']} to {dates['last']}, a step is {dates['step']}" if dates.get("step") else ""
    lines = [(KIND, kind), (COLUMNS, _roles(facts)), (DATES, span), (LEFT_OUT, _left_out(facts))]
    return [(label, text) for label, text in lines if text]


def labelled(note: str) -> tuple[str, str]:
    """Label and text of a note of a run; the label is empty where it is none of these lines."""
    label, colon, text = note.partition(": ")
    return (label, text) if colon and label in LABELS else ("", note)


def _roles(facts: Mapping[str, Any]) -> str:
    groups: dict[str, list[tuple[str, str]]] = {}
    for entry in facts.get("roles") or ():
        role = str(entry.get("role", ""))
        groups.setdefault(_ROLES.get(role, role), []).append((str(entry.get("column", "")), str(entry.get("note", ""))))
    return "; ".join(f"{role}: {_named(columns)}" for role, columns in groups.items())


def _left_out(facts: Mapping[str, Any]) -> str:
    reasons: dict[str, list[tuple[str, str]]] = {}
    for entry in facts.get("left_out") or ():
        reasons.setdefault(str(entry.get("reason", "")), []).append((str(entry.get("column", "")), ""))
    return "; ".join(f"{_named(columns)} ({reason})" for reason, columns in reasons.items())


def _named(columns: Sequence[tuple[str, str]]) -> str:
    """Columns with their notes; a note that all have stands once."""
    notes = {note for _, note in columns}
    shared = notes.pop() if len(notes) == 1 else ""
    names = [column + (f" ({note})" if note and not shared else "") for column, note in columns[:_MOST]]
    more = f", … ({len(columns):,} in all)" if len(columns) > _MOST else ""
    return ", ".join(names) + more + (f" ({shared})" if shared else "")
