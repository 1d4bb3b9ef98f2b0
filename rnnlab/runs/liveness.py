"""How a run stands: whether it waits, is trained, has ended, or lost its process. Only this module decides.

On the machine whose process writes the log, the lock beside it decides: the kernel lets it go when the process dies. A process
of another start of this machine is gone. Of another machine no lock is believed, for not every shared disk passes them on:
there the claim on the log decides (`rnnlab.claims`), and where there is none the age of the log's last event, which is a second
old at most while the run lives.
"""

from __future__ import annotations

import os
import time
from dataclasses import dataclass
from typing import Literal

from rnnlab.claims import find_claim, is_claimed
from rnnlab.config.tree import RunConfig
from rnnlab.errors import UsageError
from rnnlab.machine import boot_id, host
from rnnlab.runs.events import Record, ResumeAsked
from rnnlab.runs.folders import RunFolder
from rnnlab.runs.history import LAST_WORDS, recorded_config, waits
from rnnlab.runs.log import is_held, lock_path
from rnnlab.runs.log_tail import DamagedLog, NewerLog, read_last
from rnnlab.runs.queue_entry import is_queued_as, read_entry
from rnnlab.runs.starts import starts_of

Stands = Literal["queued", "loading", "training", "dead", "ended", "damaged"]
"""`loading`: a process has the log and has yet to write to it. `dead`: begun, and its process is gone without a last event."""

MARGIN = 30.0
"""Seconds without an event after which a process of another machine is taken for dead: clocks differ, and network file
systems show a change late."""


@dataclass(frozen=True)
class Standing:
    """How a run stands, and the last record of its log.

    `host` names the other machine that trains it, where one does; `problem` is why its log cannot be read.
    """

    state: Stands
    last: Record | None = None
    host: str = ""
    problem: str = ""

    @property
    def alive(self) -> bool:
        """Whether a process has the run."""
        return self.state in ("loading", "training")


def standing(run: RunFolder) -> Standing:
    """How the run stands now. Raises `OSError` where its log cannot be read."""
    held = _held(run)
    try:
        last = read_last(run.events_path)
    except (DamagedLog, NewerLog) as error:
        return Standing("damaged", problem=str(error))
    if last is not None and isinstance(last.data, LAST_WORDS):
        return Standing("ended", last)
    if waits(last):
        return Standing("loading" if held else "queued", last)
    assert last is not None
    start = starts_of(run.events_path).last
    their_host, their_boot = (start.host, start.boot) if start is not None else ("", "")
    on_this_kernel = not their_host or (their_boot == boot_id() and (their_boot or their_host == host()))
    if on_this_kernel:
        alive = _fresh(run, last) if held is None else held
        return Standing("training" if alive else "dead", last)
    claimed = is_claimed(run.events_path)
    if claimed or (claimed is None and their_host != host() and _fresh(run, last)):
        return Standing("training", last, host=their_host)
    return Standing("dead", last)


def held_elsewhere(run: RunFolder) -> bool:
    """Whether a process of another machine has the claim on the run's log. Raises `OSError`."""
    found = find_claim(run.events_path)
    return found is not None and found.owner is not None and found.owner.alive is None and found.holds(time.time())


def seconds_behind_claim(run: RunFolder) -> float:
    """Seconds from the last change of a run's log to the last renewal of the claim on it, by the file server's clock.

    So old is the newest event at least, whatever the clocks of the machines say; 0 where there is no claim. Raises `OSError`.
    """
    found = find_claim(run.events_path)
    return 0.0 if found is None else max(0.0, found.renewed - run.events_path.stat().st_mtime)


def is_alive(run: RunFolder) -> bool:
    """Whether a process has the run, or has not quite let go of it since it ended."""
    stands = standing(run)
    return stands.alive or (stands.state == "ended" and is_held(run.events_path))


def config_to_train(run: RunFolder, last: Record | None) -> RunConfig:
    """The configuration that a trainer would take from the run's folder, where its log ends with `last`.

    Raises `UsageError` where none can be read, `OSError`.
    """
    starts = starts_of(run.events_path)
    config = run.config() if starts.started is None else recorded_config(starts.started, run)
    changes = dict(starts.resumed.changes) if starts.resumed is not None else {}
    if last is not None and isinstance(last.data, ResumeAsked):
        changes |= last.data.changes
    return RunConfig.from_settings(config.flat() | changes) if changes else config


def made_here(run: RunFolder) -> bool:
    """Whether this person queued the run on this machine."""
    return read_entry(run.path) is not None


def queued_here(run: RunFolder, last: Record | None) -> bool:
    """Whether this person queued the run on this machine, with the very settings that it would be trained with now, or further.

    Only such a run is started, or resumed, unasked.
    """
    entry = read_entry(run.path)
    if entry is None:
        return False
    try:
        return is_queued_as(entry, config_to_train(run, last))
    except UsageError:
        return True  # nothing can be trained of it, and its trainer reports why
    except OSError:
        return False


def _held(run: RunFolder) -> bool | None:
    """Whether a process of this machine has the log; None where that is not to be known, for it is another person's."""
    lock = lock_path(run.events_path)
    if os.path.lexists(lock) and not os.access(lock, os.R_OK):
        return None
    return is_held(run.events_path)


def _fresh(run: RunFolder, last: Record) -> bool:
    """Whether the log was written to lately, by the writer's clock or by that of the disk."""
    now = time.time()
    try:
        written = run.events_path.stat().st_mtime
    except OSError:
        written = 0.0
    return any(abs(now - when) < MARGIN for when in (last.wall, written))
