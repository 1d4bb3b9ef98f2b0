"""Saving the whole state of a run, often enough that a kill costs little and seldom enough that saving does."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from rnnlab.files import sync_folder
from rnnlab.runs.events import CheckpointSaved
from rnnlab.runs.folders import RunFolder
from rnnlab.training.persist.checkpoints import save
from rnnlab.training.persist.insist import Insist, once
from rnnlab.training.persist.state_file import pack_in_pieces

FIRST = 0.5
"""Seconds of a run after which its state may be saved."""
LOST = 0.01
"""The share of the time trained so far that a kill may cost."""
SHARE = 0.001
"""The share of its time that a run may spend on saving its state, where that leaves it saved often enough."""
LONGEST = 1200.0
"""Seconds that a kill may cost at most, also where saving takes so long that a signal leaves no time for it."""
MOST = 0.05
"""The share of its time that a run may spend on saving its state in any case."""


class StateSaver:
    """Writes the state of a run into its folder (none: never), when it is time to."""

    def __init__(
        self, folder: RunFolder | None, insist: Insist = once, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self.path: Path | None = None if folder is None else folder.resume_path
        self.step = -1
        """The update after which the state was saved last."""
        self.seconds = 0.0
        """What the last saving took."""
        self._insist = insist
        self._clock = clock
        self._began = clock()
        self._due_at = self._began + FIRST

    @property
    def due(self) -> bool:
        """Whether it is time to save."""
        return self.path is not None and self._clock() >= self._due_at

    def save(self, state: Callable[[], dict[str, Any]], *, epoch: int, step: int) -> Iterator[CheckpointSaved]:
        """Write the state. Raises `OSError`; what stood on disk before then still stands."""
        if self.path is None:
            return
        began = self._clock()
        data = pack_in_pieces(state())
        saved = CheckpointSaved(kind="resume", path=self.path.name, sha256=data.sha256, epoch=epoch, step=step)
        yield from save(self.path, data.buffers, saved, self._insist)
        sync_folder(self.path.parent)
        self.step = step
        now = self._clock()
        self.seconds = now - began
        wanted = max(FIRST, self.seconds / SHARE, (now - self._began) * LOST)
        self._due_at = now + max(min(wanted, LONGEST), self.seconds / MOST)
