"""Turns of runs: the slots that a run takes to train now, beside those of its session that train already."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from rnnlab.cores import cores
from rnnlab.engines.gpus import gpu_of
from rnnlab.engines.slots import GPU_RUNS, NoLocks, NoSlot, release, take_gpu, take_slots
from rnnlab.errors import UsageError
from rnnlab.runs.folders import RunFolder, Session, SessionInfo
from rnnlab.runs.thread_cache import remembered


class Turns:
    """Which runs of a session may begin. `tell(run, text)` is called where no locks can be had for a run's slots.

    `allocated`: the cores that are the runner's own in an allocation of a cluster, which it shares with nobody; None: it
    takes turns with this machine's other sessions.
    """

    def __init__(
        self, session: Session, tell: Callable[[RunFolder, str], None], *, allocated: int | None = None
    ) -> None:
        self._session = session
        self._tell = tell
        self._allocated = allocated

    def slots(self, run: RunFolder, live: Sequence[RunFolder]) -> list[int] | None:
        """The slots that the run takes, as open files, beside the session's own that live; None: it has to wait."""
        try:
            info = self._session.info()
        except UsageError:
            info = SessionInfo(self._session.name)
        need, gpu, allowed = threads_of(run), gpu_of_run(run), self._allocated or info.slots
        slots: list[int] = []
        if allowed is None:
            try:
                slots = take_slots(self._session, need)
            except NoSlot:
                return None
            except NoLocks as problem:
                self._tell(run, str(problem))
                allowed = cores()
        if allowed is not None and live and sum(map(threads_of, live)) + need > allowed:
            return None
        if gpu is not None and self._allocated is not None:
            most = info.gpu_runs or GPU_RUNS
            return None if sum(gpu_of_run(other) == gpu for other in live) >= most else []
        if gpu is not None:
            try:
                return slots + take_gpu(self._session, gpu, info.gpu_runs)
            except NoSlot:
                release(slots)
                return None
            except NoLocks as problem:
                self._tell(run, str(problem))
                if sum(gpu_of_run(other) == gpu for other in live) >= (info.gpu_runs or GPU_RUNS):
                    release(slots)
                    return None
        return slots


def gpu_of_run(run: RunFolder) -> str | None:
    """The GPU that the run trains on, as `gpu_of` names it; None for the CPU, and where its settings cannot be read."""
    try:
        return gpu_of(run.config())
    except UsageError:
        return None


def threads_of(run: RunFolder) -> int:
    """The threads that the run trains with: its own number, else the one that is remembered of such runs."""
    try:
        config = run.config()
        if config.runtime.threads is not None:
            return config.runtime.threads
        held = remembered(config)
        return held.threads if held is not None else 1
    except UsageError:
        return 1
