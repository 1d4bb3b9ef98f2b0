"""What the commands on sessions and runs have in common: what a person names, be it a run or a session."""

from __future__ import annotations

from rnnlab.errors import UsageError
from rnnlab.runs.find import find_run, find_session
from rnnlab.runs.folders import RunFolder, Session


def run_or_session(text: str) -> RunFolder | Session:
    """The run that `text` names, else the session. Raises `UsageError` where it names neither, or several runs."""
    try:
        return find_run(text)
    except UsageError as error:
        try:
            return find_session(text)
        except UsageError:
            raise error from None


def label_of(target: RunFolder | Session) -> str:
    """`SESSION/RUN`, or the session's name."""
    return f"{target.session.name}/{target.name}" if isinstance(target, RunFolder) else target.name
