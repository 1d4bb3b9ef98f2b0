"""Naming, tagging, noting and starring runs from the Session screen."""

from __future__ import annotations

from collections.abc import Sequence

from rnnlab.errors import UsageError
from rnnlab.runs.folders import RunFolder
from rnnlab.runs.notes import STAR, changed_tags, notes_of, tags_text, write_notes
from rnnlab.ui.sessions.trash import Notice


def check_tags(text: str) -> tuple[str, ...]:
    """The changes that were typed: `good -bad`. Raises `UsageError` for what is no tag."""
    changes = tuple(text.replace("#", "").split())
    changed_tags([change[1:] for change in changes if change.startswith("-")], changes)
    return changes


def tag(runs: Sequence[RunFolder], changes: Sequence[str]) -> list[Notice]:
    """Change the tags of the runs; one that a run has not is not taken from it. What to show of it."""
    try:
        for run in runs:
            held = notes_of(run)
            mine = [each for each in changes if not each.startswith("-") or each[1:] in held.tags]
            write_notes(run, held._replace(tags=changed_tags(held.tags, mine)))
    except UsageError as error:
        return [Notice(str(error), "warning")]
    names = runs[0].name if len(runs) == 1 else f"{len(runs)} runs"
    added = tags_text([each.lstrip("+") for each in changes if not each.startswith("-")])
    taken = tags_text([each[1:] for each in changes if each.startswith("-")])
    return [Notice(f"{names}: {', '.join(part for part in (added, taken and f'no longer {taken}') if part)}")]


def star(runs: Sequence[RunFolder]) -> list[Notice]:
    """Star the runs, or take the star off where all of them have it: the tag `star`. What to show of it."""
    try:
        starred = all(STAR in notes_of(run).tags for run in runs)
    except UsageError as error:
        return [Notice(str(error), "warning")]
    notices = tag(runs, [f"-{STAR}" if starred else STAR])
    return [notice for notice in notices if notice.severity == "warning"]
