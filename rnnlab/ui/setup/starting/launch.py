"""Starting a run from the app, and knowing which runs train. Everything here touches the disk: call it in a thread."""

from __future__ import annotations

import contextlib
from collections.abc import Sequence
from typing import TYPE_CHECKING

from rnnlab.catalog.task_card import TaskCard
from rnnlab.config import RunConfig, UsageError
from rnnlab.config.data import Data

if TYPE_CHECKING:
    from rnnlab.runs.folders import RunFolder

LATEST_SESSIONS = 100
"""The latest sessions, in which a run may still train."""


def data_missing(card: TaskCard, path: str | None = None) -> bool:
    """Whether the task's files have yet to be fetched; `path` is the folder of data sets, none: the usual one.

    A single folder is read, and for a synthetic task none: the first frame waits for it.
    """
    if not card.found_by:
        return False
    from rnnlab.tasks.download.data_folders import is_here

    try:
        return not is_here(card, RunConfig(data=Data(path=path)))
    except (OSError, UsageError):  # a folder that may not be read, or that can be none
        return True


def launch(config: RunConfig) -> RunFolder:
    """Queue a run in today's session of its task and see that a runner trains it. Raises `UsageError`."""
    return _launch([config])[0]


def launch_repeats(config: RunConfig, seeds: str) -> list[RunFolder]:
    """The same once a seed, with one split; `seeds` as `rnnlab train --seeds` takes them. Raises `UsageError`."""
    from rnnlab.runs.repeats import parse_seeds, repeated

    return _launch(repeated(config, parse_seeds(seeds, config.train.seed)))


def _launch(configs: Sequence[RunConfig]) -> list[RunFolder]:
    from rnnlab.engines.local import ensure_runner
    from rnnlab.engines.startable import check_startable
    from rnnlab.runs.folders import create_session

    session = create_session(task=configs[0].task.name)
    check_startable(session)
    runs = [session.create_run(config) for config in configs]
    try:
        ensure_runner(session)
    except OSError as error:
        raise UsageError(
            f"{runs[0].path} is queued, but no runner could be started: {error.strerror or error}"
        ) from None
    return runs


def runs_underway() -> list[RunFolder]:
    """The runs that train, or wait in a queue that a runner serves."""
    from rnnlab.engines.clusters.dispatch import cluster_of
    from rnnlab.engines.local import runner_alive
    from rnnlab.runs.find import list_sessions
    from rnnlab.runs.liveness import held_elsewhere, queued_here
    from rnnlab.runs.log import is_held

    underway = []
    for session in list_sessions()[:LATEST_SESSIONS]:
        with contextlib.suppress(OSError, UsageError):
            if cluster_of(session) is not None:
                continue  # a cluster's jobs end by themselves
            served = runner_alive(session)
            for run in session.runs():
                # What another machine trains is not ended with this app, whatever is answered.
                waits = served and not run.events_path.exists() and queued_here(run, None)
                if waits or (is_held(run.events_path) and not held_elsewhere(run) and not _has_ended(run)):
                    underway.append(run)
    return underway


def _has_ended(run: RunFolder) -> bool:
    """Whether the log has its last event: who wrote it holds the log a moment longer."""
    from rnnlab.runs.history import LAST_WORDS
    from rnnlab.runs.log_tail import read_last

    try:
        last = read_last(run.events_path)
    except UsageError:
        return False
    return last is not None and isinstance(last.data, LAST_WORDS)


def stop_runs(runs: list[RunFolder]) -> list[RunFolder]:
    """Ask the runs to stop. Returns those that could not be asked."""
    unreachable = []
    for run in runs:
        try:
            run.send("stop")
        except OSError:
            unreachable.append(run)
    return unreachable
