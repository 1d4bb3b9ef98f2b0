"""How many threads were measured to be quickest for a net on this machine, remembered in the folder for caches.

The key is the machine (name, cores, version of PyTorch) and what the speed of a step depends on: the task, its data, the net, the
batch size, precision and device. Nothing a run logs depends on it: the number used stands in the run's own log.
"""

from __future__ import annotations

import contextlib
import hashlib
import importlib.metadata
import math
import os
import platform
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import msgspec

from rnnlab.config.changed import changed_settings
from rnnlab.config.tree import RunConfig
from rnnlab.locks import acquire
from rnnlab.paths import user_path
from rnnlab.runs.files import write_atomically

_LEFT_OUT = ("data.seed", "data.leaks", "data.baseline", "data.test_prefixes", "runtime.threads")
_GROUPS = ("task", "data", "model", "runtime")


class Tuned(msgspec.Struct, frozen=True):
    """The quickest number of threads, the examples a second of each that was tried, and when (Unix time)."""

    threads: int
    rates: dict[str, float]
    wall: float


def cache_root() -> Path:
    """The folder for caches: `RNNLAB_CACHE`, else the system's. Raises `UsageError` where it cannot be a path."""
    named = os.environ.get("RNNLAB_CACHE")
    if named:
        return user_path(named, "RNNLAB_CACHE")
    import platformdirs

    return Path(platformdirs.user_cache_dir("rnnlab"))


def remembered(config: RunConfig) -> Tuned | None:
    """What was measured of runs as this one on this machine; None where nothing was, or nothing that can be read."""
    try:
        return msgspec.json.decode(_path(config).read_bytes(), type=Tuned)
    except (OSError, msgspec.MsgspecError):
        return None


def remember(config: RunConfig, threads: int, rates: Mapping[int, float]) -> None:
    """Keep it. A folder that cannot be written is done without."""
    held = Tuned(threads, {str(number): round(rate, 1) for number, rate in rates.items()}, round(time.time(), 1))
    path = _path(config)
    with contextlib.suppress(OSError):
        path.parent.mkdir(parents=True, exist_ok=True)
        write_atomically(path, msgspec.json.encode(held))


@contextmanager
def measuring() -> Iterator[None]:
    """One process of this machine's person at a time: two that measure at once would measure each other."""
    try:
        folder = cache_root() / "tuned"
        folder.mkdir(parents=True, exist_ok=True)
        file = acquire(folder / ".lock", patience=math.inf, links="folder")
    except OSError:
        yield
        return
    try:
        yield
    finally:
        os.close(file)


def _path(config: RunConfig) -> Path:
    """Another machine, or another net, has another file."""
    try:
        torch = importlib.metadata.version("torch")
    except importlib.metadata.PackageNotFoundError:
        torch = ""
    alike = {
        key: value
        for key, value in changed_settings(config).items()
        if (key.partition(".")[0] in _GROUPS or key == "train.batch_size") and key not in _LEFT_OUT
    }
    about = (platform.node(), platform.machine(), os.cpu_count(), torch, sorted(alike.items()))
    return cache_root() / "tuned" / f"{hashlib.blake2b(repr(about).encode(), digest_size=12).hexdigest()}.json"
