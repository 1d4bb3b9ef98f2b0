"""Notes and tags that a person gave a session or a run.

A session's stand in its `session.toml`; a run's in a file of its own, `notes.toml`, which is there once it has some.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import NamedTuple

import tomli_w

from rnnlab.config.files import parse_toml
from rnnlab.errors import UsageError
from rnnlab.runs.files import TOML_LIMIT, read_text, write_atomically
from rnnlab.runs.folders import MOST_TAGS, TAG, RunFolder, Session, tags_in

NAME = "notes.toml"
NOTES_FORMAT = 1
STAR = "star"
"""Tag of a run that a person has starred, which the app shows as ☆."""
_LONGEST_NOTE = TOML_LIMIT // 8
"""Characters of notes, so that the file they stand in is read again."""


class Notes(NamedTuple):
    """What a person wrote of a run or a session, and its tags, in the order in which they were given."""

    text: str = ""
    tags: tuple[str, ...] = ()


def notes_of(target: RunFolder | Session) -> Notes:
    """The notes of a run or a session. Raises `UsageError` where they cannot be read."""
    if isinstance(target, Session):
        info = target.info()
        return Notes(info.notes, info.tags)
    path = target.path / NAME
    if not os.path.lexists(path):
        return Notes()
    try:
        document = parse_toml(read_text(path), str(path))
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not UTF-8 text"
        raise UsageError(f"{path} cannot be read: {reason}") from None
    version, text = document.get("format", 1), document.get("notes")
    if not isinstance(version, int) or version > NOTES_FORMAT:
        raise UsageError(
            f"{path} has format {version}, this rnnlab reads up to {NOTES_FORMAT}; a newer rnnlab wrote it"
        )
    return Notes(text if isinstance(text, str) else "", tags_in(document.get("tags")))


def readable_notes(run: RunFolder) -> Notes:
    """The run's notes; none where they cannot be read: a list of runs is shown all the same."""
    if not os.path.lexists(f"{run.path}/{NAME}"):  # as of nearly all of the thousands that a list may have
        return Notes()
    try:
        return notes_of(run)
    except UsageError:
        return Notes()


def tags_text(tags: Sequence[str]) -> str:
    """`#good #for-the-report`; empty without tags."""
    return " ".join(f"#{tag}" for tag in tags)


def write_notes(target: RunFolder | Session, notes: Notes) -> None:
    """Replace the notes and tags of a run or a session.

    Raises `UsageError` where they are too long, or no text that a file can hold, and where they cannot be written.
    """
    if len(notes.text) > _LONGEST_NOTE:
        raise UsageError(f"these notes have {len(notes.text):,} characters; at most {_LONGEST_NOTE:,} are kept")
    if any("\ud800" <= character <= "\udfff" for character in notes.text):
        raise UsageError("these notes are not UTF-8 text; write them in a terminal whose encoding is UTF-8")
    path = target.info_path if isinstance(target, Session) else target.path / NAME
    try:
        if isinstance(target, Session):
            target.write_info(replace(target.info(), notes=notes.text, tags=notes.tags))
        else:
            document = {"format": NOTES_FORMAT, "notes": notes.text, "tags": list(notes.tags)}
            write_atomically(path, tomli_w.dumps(document).encode())
    except OSError as error:
        raise UsageError(f"{path} cannot be written: {error.strerror}") from None


def changed_tags(tags: Sequence[str], changes: Iterable[str]) -> tuple[str, ...]:
    """The tags after changes: `+TAG`, or `TAG`, adds one, `-TAG` takes one away.

    Raises `UsageError` for what is no tag, a tag that is to be taken away and is not there, and too many of them.
    """
    held = list(tags)
    for change in changes:
        tag = change[1:] if change[:1] in ("+", "-") else change
        if not TAG.fullmatch(tag):
            raise UsageError(
                f"{change!r} is no tag; a tag has 1 to 40 letters, digits or . _ + -, a letter or digit first, "
                "with + or - before it"
            )
        if not change.startswith("-"):
            held += [] if tag in held else [tag]
        elif tag in held:
            held.remove(tag)
        else:
            raise UsageError(f"there is no tag {tag!r} here; its tags are {', '.join(held) or 'none'}")
    if len(held) > MOST_TAGS:
        raise UsageError(f"these are {len(held)} tags; at most {MOST_TAGS} are kept")
    return tuple(held)
