"""What a list shows of a run beyond its log: that its process is gone or silent, or that it waits for a person's consent."""

from __future__ import annotations

import shlex
import time
from dataclasses import dataclass

import msgspec

from rnnlab.locks import is_locked
from rnnlab.runs.events import Record
from rnnlab.runs.folders import RunFolder
from rnnlab.runs.liveness import queued_here, standing
from rnnlab.runs.log import is_held
from rnnlab.runs.room import NO_ROOM, has_room
from rnnlab.runs.silence import SILENT, is_elsewhere, process_text, silence_text
from rnnlab.runs.starts import starts_of
from rnnlab.runs.state import ENDED, Status
from rnnlab.runs.summary import RunSummary


@dataclass(frozen=True)
class Current:
    """A run's row as it is now.

    `alive`: a process has the run; `silent`: seconds since it last wrote to its log, 0 where that is not unusual.
    """

    summary: RunSummary
    alive: bool = False
    silent: float = 0.0


RUNNER_STARTS = 5.0
"""Seconds that a runner may take from the moment a run is queued until it has its session's lock."""

_WAITING: dict[Status, str] = {
    "queued": "queued: it starts as soon as a slot is free",
    "loading": "loading the data: training starts after that",
}


def waiting_text(status: Status, reason: str = "") -> str:
    """Why a run in this state has no figures yet, in one sentence; empty for other states.

    `reason` is what keeps it from starting, other than runs before it (see `room_text`).
    """
    return f"{reason}: it starts when there is room" if reason and status in _WAITING else _WAITING.get(status, "")


def room_text(run: RunFolder) -> str:
    """`the disk is full`, where no log could be begun in the run's folder: the run itself has no record of that."""
    return "" if has_room(run.path) else NO_ROOM


def status_now(run: RunFolder, status: Status) -> Status:
    """The run's status, where `status` is that of its log: `loading` where a process has a queued run and has yet to write."""
    return "loading" if status == "queued" and is_held(run.events_path) else status


def is_over(summary: RunSummary) -> bool:
    """Whether the row will not change any more."""
    return bool(summary.problem) or summary.status is None or summary.status in ENDED


def current(run: RunFolder, summary: RunSummary) -> Current:
    """The row of a run, made of its log, with what is known of its process. Never raises for what stands in the folder."""
    if is_over(summary):
        return Current(summary)
    try:
        stands = standing(run)
        match stands.state:
            case "training":
                return _training(run, summary, stands.last.wall if stands.last is not None else time.time())
            case "loading":
                loading = msgspec.structs.replace(summary, status="loading", message=waiting_text("loading"))
                return Current(loading, alive=True)
            case "dead":
                message = f"its process is gone; {_onward('go on with', run)}"
                return Current(msgspec.structs.replace(summary, status="interrupted", message=message))
            case "damaged":
                return Current(msgspec.structs.replace(summary, status=None, problem=stands.problem))
            case "queued" if not queued_here(run, stands.last):
                return Current(
                    msgspec.structs.replace(summary, message=f"queued elsewhere; {_onward('train it here with', run)}")
                )
            case "queued" if _lies(run, stands.last):
                message = f"queued, but no runner carries it out; {_onward('start it with', run)}"
                return Current(msgspec.structs.replace(summary, message=message))
            case "queued":
                return Current(msgspec.structs.replace(summary, message=waiting_text("queued", room_text(run))))
    except OSError as error:
        problem = f"{error.filename or run.path} cannot be read: {error.strerror}"
        return Current(msgspec.structs.replace(summary, status=None, problem=problem))
    return Current(summary)


def _lies(run: RunFolder, last: Record | None) -> bool:
    """Whether no runner has the run's session, and none is on its way."""
    if is_locked(run.session.lock_path, links="folder"):
        return False
    queued = last.wall if last is not None else run.path.stat().st_mtime
    return abs(time.time() - queued) > RUNNER_STARTS


def _training(run: RunFolder, summary: RunSummary, wall: float) -> Current:
    now = time.time()
    if now - wall < SILENT:
        return Current(summary, alive=True)
    started = starts_of(run.events_path).last
    elsewhere = is_elsewhere(started)
    # The clock of another machine may be behind: so is not, then, the file server's, by which the log was changed.
    silent = now - (max(wall, run.events_path.stat().st_mtime) if elsewhere else wall)
    text = silence_text(silent, process_text(started), elsewhere=elsewhere)
    if not text:
        return Current(summary, alive=True)
    return Current(msgspec.structs.replace(summary, message=text), True, silent)


def _onward(text: str, run: RunFolder) -> str:
    return f"{text}: rnnlab resume {shlex.quote(f'{run.session.name}/{run.name}')}"
