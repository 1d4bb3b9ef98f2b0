"""The weights of a run on disk: the best and the last, each whole or not at all.

Only safetensors and JSON are read back, and only where the bytes are the ones that the log records.
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Literal, TypeVar

import torch
from torch import Tensor, nn

from rnnlab.files import sync_folder
from rnnlab.runs.events import CheckpointSaved, Event
from rnnlab.runs.files import put_in_place, write_beside
from rnnlab.runs.folders import RunFolder
from rnnlab.training.evaluation.saved_weights import unpack_weights
from rnnlab.training.persist.insist import Insist, once
from rnnlab.training.persist.pieces import Pieces, safetensors_pieces

Kind = Literal["best", "last"]
_Saved = TypeVar("_Saved", bound=Event)

PAUSE = 10.0
"""Seconds between two writes of one file. Small nets have epochs of ten milliseconds, and an fsync takes three; what is
not written at once waits in memory, and is written in the end."""


class Weights:
    """A net's weights as they were, which become a file's bytes when somebody asks for these."""

    def __init__(self, net: nn.Module) -> None:
        self._tensors = {
            name: value.detach().to("cpu", copy=True, memory_format=torch.contiguous_format)
            for name, value in net.state_dict().items()
        }

    @cached_property
    def packed(self) -> Pieces:
        """As a safetensors file."""
        return safetensors_pieces(self._tensors)


@dataclass
class _Kept:
    held: Weights | Pieces
    epoch: int
    step: int
    facts: dict[str, object]
    written: bool = False

    @property
    def data(self) -> Pieces:
        return self.held if isinstance(self.held, Pieces) else self.held.packed


class CheckpointStore:
    """Keeps the best and the last weights of a run, in memory and in its folder (none: in memory alone).

    `insist` carries out each write to the disk.
    """

    def __init__(self, folder: RunFolder | None = None, insist: Insist = once) -> None:
        self.folder = folder
        self.insist = insist
        self._kept: dict[Kind, _Kept] = {}
        self._written_at: dict[Kind, float] = {}

    def snapshot(self, net: nn.Module, *kinds: Kind, epoch: int, step: int, **facts: object) -> None:
        """Note the net's weights as they are now. `facts` go into `last.json` beside epoch and step."""
        held = Weights(net)
        for kind in kinds:
            self._kept[kind] = _Kept(held, epoch, step, facts)

    def weights(self, kind: Kind) -> dict[str, Tensor] | None:
        """The weights noted last, on the CPU; None where there are none."""
        kept = self._kept.get(kind)
        return None if kept is None else unpack_weights(kept.data.joined)

    def state_dict(self) -> dict[str, Any]:
        """What is kept, for a later process: what stands on disk may be newer than the rest of the state."""
        return {
            kind: {"data": kept.data, "epoch": kept.epoch, "step": kept.step, "facts": kept.facts}
            for kind, kept in self._kept.items()
        }

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Hold the weights of a saved state, none of them written yet."""
        self._kept = {
            kind: _Kept(Pieces((kept["data"],)), kept["epoch"], kept["step"], kept["facts"])  # type: ignore[misc]
            for kind, kept in state.items()
        }

    def write(self, *, everything: bool = False) -> Iterator[CheckpointSaved]:
        """Write what is not on disk yet, but no file more often than every `PAUSE` seconds unless `everything` is wanted.

        Raises `OSError`; what stood on disk before then still stands.
        """
        now = time.monotonic()
        renamed = False
        for kind, kept in self._kept.items():
            if kept.written or not (everything or now - self._written_at.get(kind, -PAUSE) >= PAUSE):
                continue
            digest = kept.data.sha256
            name = f"{kind}.safetensors"
            saved = CheckpointSaved(kind=kind, path=name, sha256=digest, epoch=kept.epoch, step=kept.step)
            if self.folder is None:
                yield saved
            else:
                yield from save(self.folder.path / name, kept.data.buffers, saved, self.insist)
                if kind == "last":
                    self._write_facts(self.folder.last_json_path, kept, {"weights": name, "sha256": digest})
                renamed = True
            kept.written = True
            self._written_at[kind] = time.monotonic()
        if renamed and self.folder is not None:
            sync_folder(self.folder.path)  # once for all: until then either of the last two stands there

    def _write_facts(self, path: Path, kept: _Kept, weights: dict[str, object]) -> None:
        facts = {"format": 1, "epoch": kept.epoch, "step": kept.step, **kept.facts, **weights}
        data = (json.dumps(facts, indent=2) + "\n").encode()
        self.insist(lambda: put_in_place(write_beside(path, data), path))


def save(path: Path, data: bytes | Sequence[bytes | memoryview], saved: _Saved, insist: Insist) -> Iterator[_Saved]:
    """Put `data` at `path`, and yield `saved` between the write and the rename: it has to be safely in the log then.

    Whenever the process dies or the power fails, the file there is one of the last two that the log records.
    Raises `OSError`; what stood there before then still stands.
    """
    temporary = insist(lambda: write_beside(path, data))
    try:
        yield saved
        insist(lambda: put_in_place(temporary, path))
    finally:
        temporary.unlink(missing_ok=True)
