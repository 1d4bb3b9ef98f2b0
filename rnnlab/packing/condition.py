"""In which condition a session's runs are on this machine: damaged files, and data that are not here."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from rnnlab.catalog.tasks.catalog import TASKS
from rnnlab.config import RunConfig
from rnnlab.errors import UsageError
from rnnlab.paths import user_path
from rnnlab.runs.checkpoint_file import Saved, read_checked
from rnnlab.runs.folders import RunFolder, Session
from rnnlab.runs.log_reader import LogCursor
from rnnlab.runs.log_tail import NewerLog
from rnnlab.runs.notes import notes_of
from rnnlab.runs.reduce import reduce_all
from rnnlab.runs.state import RunState, initial_state
from rnnlab.tasks.download.data_folders import is_here

WITHOUT_DATA = (
    "runs of these data still replay, compare, report and predict; resume, replay --verify and the inputs that errors shows "
    "need the data"
)


@dataclass(frozen=True)
class Condition:
    """`damage`: a sentence for each run with a damaged file. `missing`: a sentence for each place of data that is not here."""

    damage: tuple[str, ...]
    missing: tuple[str, ...]


def condition_of(session: Session) -> Condition:
    """The condition of a session: every log is read by its checksums, every file that a log names by its sha256."""
    damage: list[str] = []
    places: dict[str, int] = {}
    for run in session.runs():
        damage += [f"{run.name}: {each}" for each in _damage(run)]
        try:
            place = _missing(run.config())
        except UsageError as error:
            damage.append(f"{run.name}: {error}")
            continue
        if place:
            places[place] = places.get(place, 0) + 1
    missing = [f"{place} ({count} run{'' if count == 1 else 's'})" for place, count in places.items()]
    return Condition(tuple(damage), tuple(missing))


def _damage(run: RunFolder) -> Iterator[str]:
    cursor, state = LogCursor(run.events_path), initial_state()
    try:
        reduce_all(state, cursor.stream())
    except (OSError, NewerLog) as error:
        yield f"its log cannot be read: {error}"
        return
    if cursor.damaged or cursor.torn:
        lines = f"{cursor.damaged} damaged line{'' if cursor.damaged == 1 else 's'}" if cursor.damaged else "a torn end"
        yield f"its log has {lines}, which is left out where it is read"
    yield from _other_files(run, state)
    try:
        notes_of(run)
    except UsageError as error:
        yield str(error)


def _other_files(run: RunFolder, state: RunState) -> Iterator[str]:
    """What is wrong with the weights and predictions that the log names; what is not there was pruned, or not packed."""
    weights = [*state.checkpoints.values(), *state.superseded.values()]
    for path in (run.best_path, run.last_path, run.resume_path):
        yield from _wrong(path, [each for each in weights if each.path == path.name])
    if state.predictions is not None:
        yield from _wrong(run.predictions_path, [state.predictions])


def _wrong(path: Path, recorded: Sequence[Saved]) -> Iterator[str]:
    if recorded and path.exists():
        try:
            read_checked(path, recorded)
        except UsageError as error:
            yield str(error).removeprefix(f"{path.parent}/")


def _missing(config: RunConfig) -> str:
    """The data of a run that are not here: the path, or the data set and how it is had; empty where they are here."""
    card = TASKS[config.task.name]
    if config.task.name == "own" or (config.data.path and card.found_by):
        path = user_path(config.data.path, "data.path") if config.data.path else None
        return "" if path is None or path.exists() else f"the data are not at {path}"
    if not is_here(card, config):
        return f"the data set {card.name} is not here; rnnlab data fetch {card.name} fetches it"
    return ""
