"""What the trainer of a run takes of this machine, read now and then while its screen is open."""

from __future__ import annotations

import asyncio

from rnnlab.machine import Load, LoadMeter
from rnnlab.runs.silence import is_elsewhere, speaks
from rnnlab.ui.run.following.follow import RunFollower

SECONDS = 2.0
"""Between two readings."""


class LoadWatch:
    """Reads the load of a run's process, in a thread; None where no process of this machine trains it."""

    def __init__(self) -> None:
        self._meter: LoadMeter | None = None
        self._pid = 0
        self._reading = False

    async def read(self, follower: RunFollower) -> Load | None:
        """The load since the reading before; the first one of a process says how much memory it takes, and no cores yet."""
        started = follower.state.started
        if started is None or not started.pid or self._reading or not speaks(follower.state) or follower.gone:
            return None
        if not started.host or is_elsewhere(started):
            return None
        if self._meter is None or started.pid != self._pid:
            self._meter, self._pid = LoadMeter(started.pid, gpu=started.device.startswith("cuda")), started.pid
        self._reading = True
        try:
            return await asyncio.to_thread(self._meter.read)
        finally:
            self._reading = False
