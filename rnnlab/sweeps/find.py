"""Finding the sweep that a person names, and the session that it is carried out in."""

from __future__ import annotations

import re
import time
from pathlib import Path

from rnnlab.errors import UsageError
from rnnlab.runs.find import find_session, list_sessions
from rnnlab.runs.folders import Session, cut_to_name
from rnnlab.sweeps.specification import NAME, Specification, specification_of


def is_file(what: str) -> bool:
    """Whether what a person named is the path of a specification."""
    return what.endswith(".toml") or "/" in what


def session_with_sweep(what: str) -> tuple[Session, Specification]:
    """The session called `what`, and the sweep that it keeps. Raises `UsageError` where there is none."""
    session = find_session(what)
    specification = specification_of(session)
    if specification is None:
        raise UsageError(
            f"the session {session.name} holds no sweep ({NAME}); begin one with rnnlab sweep TASK --over …"
        )
    return session, specification


def session_name(specification: Specification, name: str | None, file: str = "") -> str:
    """The name of the session to carry the sweep out in: `name`, that of the same specification, or one of a new session.

    A specification in a file goes into the session called after the file, so that a changed file adds to what is there.
    """
    if name is not None:
        return name
    if file:
        stem = re.sub(r"[^\w .+-]", "-", Path(file).stem).lstrip("_ .+-")
        return cut_to_name((stem or "sweep")[:80])
    sessions = list_sessions()
    for session in sessions:
        if _same(session, specification):
            return session.name
    taken = {session.name for session in sessions}
    base = f"{time.strftime('%Y-%m-%d')}-{specification.settings.get('task.name', 'lab')}-sweep"
    number = 1
    while (label := base if number == 1 else f"{base}-{number}") in taken:
        number += 1
    return label


def _same(session: Session, specification: Specification) -> bool:
    if not (session.path / NAME).exists():
        return False
    try:
        return specification_of(session) == specification
    except UsageError:
        return False
