"""Cache of what learned baselines score, so that the runs of a sweep fit them once.

A file of the cache folder for each kind and data; one that is missing or damaged costs the fit, no more.
"""

from __future__ import annotations

import contextlib
import hashlib
import importlib.metadata
import platform
from collections.abc import Callable
from pathlib import Path

import msgspec

from rnnlab.errors import UsageError
from rnnlab.files import read_regular
from rnnlab.runs.files import write_atomically
from rnnlab.runs.thread_cache import cache_root
from rnnlab.tasks.splitting.types import SUBSET_NAMES, Split

_VERSION = 1
"""Of features and fit: another one makes other files."""
_LIMIT = 4096
"""Bytes of a file."""


def cached_scores(split: Split, kind: str, fit: Callable[[], dict[str, float]]) -> dict[str, float]:
    """The scores, by subset, that `fit` returns for these rows, from the cache where they stand there."""
    try:
        path = _path(split, kind)
        held = msgspec.json.decode(read_regular(path, _LIMIT), type=dict[str, float])
        if tuple(held) == SUBSET_NAMES and all(0 <= score <= 1 for score in held.values()):
            return held
    except UsageError:
        return fit()
    except (OSError, msgspec.MsgspecError):
        pass
    scores = fit()
    with contextlib.suppress(OSError):
        path.parent.mkdir(parents=True, exist_ok=True)
        write_atomically(path, msgspec.json.encode(scores))
    return scores


def _path(split: Split, kind: str) -> Path:
    """Another machine or version may come to a figure that differs by a row, and has another file."""
    sklearn = importlib.metadata.version("scikit-learn")
    about: tuple[object, ...] = (_VERSION, kind, split.fingerprint(), len(split.classes), sklearn, platform.machine())
    if split.texts:
        # Texts with the same tokens may differ in what the net does not know, which baselines of texts read.
        texts = "\0".join(text for name in SUBSET_NAMES for text in split.texts[name])
        about += (hashlib.blake2b(texts.encode("utf-8", "surrogatepass"), digest_size=16).hexdigest(),)
    return cache_root() / "baselines" / f"{hashlib.blake2b(repr(about).encode(), digest_size=12).hexdigest()}.json"
