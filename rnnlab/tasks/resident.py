"""Data kept in memory for several runs: the split of a task as `load` gave it, for as long as its files are the same.

A process that forks trainers holds it, so that they share the memory and what one writes to its arrays no other one sees.
"""

from __future__ import annotations

import contextlib
import os
import stat
import time
from dataclasses import dataclass
from pathlib import Path

from rnnlab.catalog.tasks.catalog import TASKS
from rnnlab.config import RunConfig, UsageError
from rnnlab.paths import user_path
from rnnlab.tasks.download.data_folders import locate
from rnnlab.tasks.load import load
from rnnlab.tasks.splitting.types import SUBSET_NAMES, Split

MOST_SPLITS = 32
MOST_BYTES = 2**30
"""Most bytes that the kept splits take together."""
_MOST_EXPECTED = 256
_MOST_FILES = 5000
_MOST_READ = 2**28
"""Files and bytes of a data set: of a larger one each run reads what it needs by itself, as no other run can begin meanwhile."""
_SETTLED = 2.0
"""Seconds for which no file may have changed: the clock of a file system is too coarse to tell two changes apart."""

Key = tuple[tuple[str, object], ...]
_Files = tuple[tuple[str, int, int, int, int], ...]


@dataclass(frozen=True)
class _Held:
    split: Split
    files: _Files
    size: int
    """Bytes of its arrays, or those by which the process grew when it was loaded."""


class ResidentData:
    """Splits that were loaded once, by the settings they depend on. At most `MOST_SPLITS`, the one kept first goes first."""

    def __init__(self) -> None:
        self._held: dict[Key, _Held] = {}
        self._expected: dict[Key, None] = {}
        """Of data that a run has loaded without a fault, the latest last."""

    def expect(self, config: RunConfig) -> None:
        """A run has loaded these data without a fault, so that the next one may have them from here."""
        self._expected[key_of(config)] = None
        if len(self._expected) > _MOST_EXPECTED:
            del self._expected[next(iter(self._expected))]

    def prepare(self, config: RunConfig) -> None:
        """Load the data of a run about to begin, where they are expected and not kept as they are now.

        Raises what `load` raises, and `OSError`; then nothing is kept of them.
        """
        key = key_of(config)
        if key not in self._expected:
            return
        files = files_of(config)
        if files is None or ((held := self._held.get(key)) is not None and held.files == files):
            return
        self._held.pop(key, None)
        del self._expected[key]
        before = _resident_bytes()
        split = load(config)
        size = max(_bytes_of(split), _resident_bytes() - before)
        if files_of(config) != files or size > MOST_BYTES:
            return
        self._expected[key] = None
        self._held[key] = _Held(split, files, size)
        while len(self._held) > MOST_SPLITS or sum(each.size for each in self._held.values()) > MOST_BYTES:
            del self._held[next(iter(self._held))]

    def load(self, config: RunConfig) -> Split:
        """Split of the task: the one kept, where its files are as they were then, else as `rnnlab.tasks.load.load` has it."""
        held = self._held.get(key_of(config))
        with contextlib.suppress(OSError, UsageError):
            if held is not None and held.files == files_of(config):
                return held.split
        return load(config)


def key_of(config: RunConfig) -> Key:
    """All settings that the data of a run depend on."""
    values = {key: value for key, value in config.flat().items() if key.partition(".")[0] in ("task", "data")}
    return (("seed of the split", config.split_seed), *sorted(values.items()))


def files_of(config: RunConfig) -> _Files | None:
    """Name, size, times and inode of each file that the data may come from; none for data that are drawn.

    None where they are too many or too large, or one has just changed. Raises `OSError`, `UsageError`.
    """
    card = TASKS[config.task.name]
    if config.data.path and not card.found_by:
        path = user_path(config.data.path, "data.path")
        # A file may have others beside it that belong to it.
        folder, deep = (path, True) if path.is_dir() else (path.parent, False)
    elif card.found_by:
        folder, deep = locate(card, config), True
    else:
        return ()
    found: list[tuple[str, int, int, int, int]] = []
    size = 0
    for where, _, names in os.walk(folder):
        for name in names:
            about = Path(where, name).stat()
            if not stat.S_ISREG(about.st_mode):
                continue
            size += about.st_size
            too_large = len(found) == _MOST_FILES or size > _MOST_READ
            if too_large or abs(time.time() - about.st_ctime) < _SETTLED:
                return None
            found.append((f"{where}/{name}", about.st_size, about.st_mtime_ns, about.st_ctime_ns, about.st_ino))
        if not deep:
            break
    return tuple(sorted(found))


def _bytes_of(split: Split) -> int:
    subsets = [*map(split.subset, SUBSET_NAMES), *split.extra.values()]
    return sum(subset.inputs.nbytes + subset.targets.nbytes for subset in subsets)


def _resident_bytes() -> int:
    """Bytes of memory that this process has; 0 where that cannot be read."""
    try:
        return int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1]) * os.sysconf("SC_PAGE_SIZE")
    except (OSError, ValueError, IndexError):
        return 0
