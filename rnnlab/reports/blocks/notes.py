"""Notes and tags that a person gave the session and its runs."""

from __future__ import annotations

from collections.abc import Iterator

from rnnlab.errors import UsageError
from rnnlab.reports.document.document import Block
from rnnlab.reports.document.elements import Element, Paragraph, TableElement
from rnnlab.reports.document.simple_table import simple_table
from rnnlab.reports.material.material import Material, Source
from rnnlab.runs.folders import SessionInfo
from rnnlab.runs.notes import tags_text
from rnnlab.text.sanitise import plain

_COLUMNS = (("run", True), ("tags", True), ("notes", True))


def notes(material: Material, _block: Block) -> Iterator[Element]:
    """The notes of each session, a paragraph a line, and a table of the runs that have notes or tags."""
    several = len(material.sources) > 1
    for source in material.sources:
        info = _info_of(source)
        for line in (tags_text(info.tags), *info.notes.splitlines()):
            if shown := plain(line).strip():
                yield Paragraph(f"{source.session.name}: {shown}" if several else shown)
        if rows := list(_rows(source)):
            yield TableElement(simple_table(source.session.name if several else "Runs", _COLUMNS, rows))


def has_notes(material: Material) -> bool:
    """Whether there is anything for the block to show."""
    infos = [_info_of(source) for source in material.sources]
    of_runs = any(row for source in material.sources for row in _rows(source))
    return of_runs or any(info.notes.strip() or info.tags for info in infos)


def _info_of(source: Source) -> SessionInfo:
    """The session's name, notes and tags; none where only some of its runs are reported, or they cannot be read."""
    try:
        return source.session.info() if source.whole else SessionInfo("")
    except UsageError:
        return SessionInfo("")


def _rows(source: Source) -> Iterator[tuple[str, str, str]]:
    for run in source.runs:
        if run.tags or run.notes.strip():
            yield run.name, tags_text(run.tags), plain(" ".join(run.notes.split()))
