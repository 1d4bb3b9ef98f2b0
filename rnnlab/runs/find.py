"""Finding sessions and runs by what a person types: a path, a name, a number, `latest`."""

from __future__ import annotations

import os
import re
from pathlib import Path

from rnnlab.errors import UsageError
from rnnlab.files import refuse_link
from rnnlab.runs.folders import RunFolder, Session, folder_names, is_session, is_there, sessions_root


def list_sessions(root: Path | None = None) -> list[Session]:
    """All sessions, the one last worked in first."""
    root = root or sessions_root()
    sessions = [Session(root / name) for name in folder_names(root)]
    found = [(session, _worked_in(session)) for session in sessions if is_session(session)]
    return [session for session, _ in sorted(found, key=lambda pair: (pair[1], pair[0].name), reverse=True)]


def _worked_in(session: Session) -> float:
    try:
        return session.runs_path.stat().st_mtime
    except OSError:
        return 0.0


def find_session(text: str, root: Path | None = None) -> Session:
    """The session that `text` names: a folder, a session's name, or `latest`. Raises `UsageError` where there is none."""
    root = root or sessions_root()
    if text == "latest":
        sessions = list_sessions(root)
        if not sessions:
            raise UsageError(f"there is no session in {root} yet; make one with: rnnlab train surnames")
        return sessions[0]
    for path in (root / text, Path(text)):
        session = Session(path)
        if is_session(session):
            return session
    raise UsageError(f"there is no session {text!r} in {root}; `rnnlab sessions` lists them")


def find_run(text: str, root: Path | None = None) -> RunFolder:
    """The run that `text` names: a path, `SESSION/RUN`, a run's name or its number in the latest session, or `latest`.

    Raises `UsageError` where there is none, or several.
    """
    root = root or sessions_root()
    path = Path(text)
    if is_there(path / "run.toml") or is_there(path / "events.jsonl"):
        return _named_by_path(path)
    sessions = list_sessions(root)
    wanted_session, _, wanted = text.rpartition("/")
    if wanted == "latest":
        runs = [run for session in sessions if wanted_session in ("", session.name) for run in session.runs()]
        if not runs:
            folder = root / wanted_session if wanted_session else root
            raise UsageError(f"there is no run in {folder} yet; make one with: rnnlab train surnames")
        return max(runs, key=lambda run: _mtime(run.config_path))
    matches = [
        run
        for session in sessions
        if not wanted_session or session.name == wanted_session
        for run in session.runs()
        if run.name == wanted or re.sub(r"^0*(\d+)-.*", r"\1", run.name) == (wanted.lstrip("0") or "0")
    ]
    if not matches:
        if text in (session.name for session in sessions):
            raise UsageError(f"{text!r} is a session; say {text}/latest, or one of its runs as {text}/RUN")
        raise UsageError(
            f"there is no run {text!r} in {root}; `rnnlab sessions` lists them, or give the path of a run's folder"
        )
    here = [run for run in matches if run.session.path == matches[0].session.path]
    if len(matches) > 1 and (len(here) > 1 or not wanted.isdigit()):
        names = ", ".join(f"{run.session.name}/{run.name}" for run in matches[:5])
        raise UsageError(
            f"{text!r} names {len(matches)} runs ({names}{', …' if len(matches) > 5 else ''}); give SESSION/RUN"
        )
    return matches[0]


def _named_by_path(path: Path) -> RunFolder:
    """The run at a path that a person gave. Raises `UsageError` where the run's folder, or its session's `runs`, is a link."""
    path = Path(os.path.abspath(path))  # noqa: PTH100 - links are to be seen, not resolved
    for folder in (path, path.parent) if path.parent.name == "runs" else (path,):
        try:
            refuse_link(folder)
        except OSError as error:
            raise UsageError(f"{folder} is not opened: {error.strerror}") from None
    return RunFolder(path)


def _mtime(path: Path) -> float:
    try:
        return path.stat().st_mtime
    except OSError:
        return 0.0
