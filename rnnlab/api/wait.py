"""Waiting for runs that a session's runner trains."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Sequence

from rnnlab.api.progress import ProgressLine
from rnnlab.engines.local import ensure_runner, run_alive, runner_alive
from rnnlab.errors import UsageError
from rnnlab.runs.folders import RunFolder
from rnnlab.runs.liveness import made_here, standing
from rnnlab.runs.state import RunState

_EVERY = 0.1
"""Seconds between two readings of the logs."""
_LIVENESS = 1.0
"""Seconds between two checks that some process has the runs."""
_STOPPING = "stopping … (interrupt again to return without waiting)"


def wait_for(runs: Sequence[RunFolder], states_of: Callable[[], list[RunState]], progress: bool | None) -> None:
    """Return when all of the runs have ended.

    `states_of` reads their states. An interrupt (Ctrl-C) stops the runs, waits until they have ended cleanly and is raised
    then; a second one returns at once. Raises `KeyboardInterrupt`; `UsageError` where a run waits that nobody trains here.
    """
    for run in runs:
        _check_trained_here(run)
    line, stopping, checked = ProgressLine(progress), False, time.monotonic()
    while True:
        try:
            states = states_of()
            line.show(runs, states, _STOPPING if stopping else "")
            if all(state.ended for state in states):
                break
            if time.monotonic() - checked > _LIVENESS:
                checked = time.monotonic()
                _see_to(runs, states)
            time.sleep(_EVERY)
        except KeyboardInterrupt:
            if stopping:
                line.end()
                raise
            stopping = True
            for run in runs:
                with contextlib.suppress(OSError):
                    run.send("stop")
    line.end(runs, states)
    if stopping:
        raise KeyboardInterrupt


def _check_trained_here(run: RunFolder) -> None:
    try:
        stands = standing(run)
    except OSError as error:
        raise UsageError(f"{error.filename or run.path} cannot be read: {error.strerror}") from None
    if stands.state in ("queued", "dead") and not made_here(run):
        raise UsageError(
            f"{run.name} was not queued by you on this machine, so nothing trains it; rnnlab resume {run.path} asks you first"
        )


def _see_to(runs: Sequence[RunFolder], states: Sequence[RunState]) -> None:
    """Start the session's runner where a run lies that no process has. Raises `UsageError` where a folder is gone."""
    for run, state in zip(runs, states, strict=True):
        if state.ended:
            continue
        if not run.path.is_dir():
            raise UsageError(f"the run's folder was deleted or moved away: {run.path}")
        if not run_alive(run) and not runner_alive(run.session):
            ensure_runner(run.session)
