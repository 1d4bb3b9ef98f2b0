"""Weights on disk: whole, named by their digest, and refused when they are not what was saved."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import pytest
import torch
from torch import nn

from rnnlab.config import UsageError
from rnnlab.runs.events import CheckpointSaved
from rnnlab.runs.folders import RunFolder
from rnnlab.training.evaluation.saved_weights import load_checked
from rnnlab.training.persist.checkpoints import CheckpointStore


@pytest.fixture
def net() -> nn.Linear:
    torch.manual_seed(0)
    return nn.Linear(3, 2)


def test_best_and_last_are_saved_with_their_digests(tmp_path: Path, net: nn.Linear) -> None:
    checkpoints = CheckpointStore(RunFolder(tmp_path))
    checkpoints.snapshot(net, "best", epoch=1, step=10)
    first = net.weight.clone()
    checkpoints.snapshot(net, "last", epoch=1, step=10, lr=0.5)
    saved = {event.kind: event for event in checkpoints.write()}
    for kind in ("best", "last"):
        data = (tmp_path / f"{kind}.safetensors").read_bytes()
        assert hashlib.sha256(data).hexdigest() == saved[kind].sha256
    told = json.loads((tmp_path / "last.json").read_text())
    assert (told["epoch"], told["step"], told["lr"], told["sha256"]) == (1, 10, 0.5, saved["last"].sha256)
    with torch.no_grad():
        net.weight.zero_()
    assert torch.equal(load_checked(tmp_path / "best.safetensors", [saved["best"]])[0]["weight"], first)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["best.safetensors", "last.json", "last.safetensors"]


def test_quick_epochs_wait_in_memory_and_are_written_in_the_end(tmp_path: Path, net: nn.Linear) -> None:
    checkpoints = CheckpointStore(RunFolder(tmp_path))
    written = []
    for epoch in range(1, 30):
        with torch.no_grad():
            net.bias.fill_(epoch)
        checkpoints.snapshot(net, "last", epoch=epoch, step=epoch)
        written += list(checkpoints.write())
    assert len(written) < 29
    written += list(checkpoints.write(everything=True))
    assert (written[-1].epoch, list(checkpoints.write(everything=True))) == (29, [])
    assert load_checked(tmp_path / "last.safetensors", [written[-1]])[0]["bias"].tolist() == [29.0, 29.0]


def test_a_flipped_bit_a_cut_or_a_missing_file_is_refused_with_words(tmp_path: Path, net: nn.Linear) -> None:
    checkpoints = CheckpointStore(RunFolder(tmp_path))
    checkpoints.snapshot(net, "best", epoch=1, step=1)
    (saved,) = checkpoints.write()
    path = tmp_path / "best.safetensors"
    whole = path.read_bytes()
    for damaged in (whole[:-1] + bytes([whole[-1] ^ 1]), whole[:-7], b""):
        path.write_bytes(damaged)
        with pytest.raises(UsageError, match="not the file that the run saved"):
            load_checked(path, [saved])
    path.unlink()
    with pytest.raises(UsageError, match="missing"):
        load_checked(path, [saved])


def test_nothing_but_safetensors_is_ever_unpacked(tmp_path: Path) -> None:
    path = tmp_path / "best.safetensors"
    torch.save({"weight": torch.zeros(2)}, path)
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    saved = CheckpointSaved(kind="best", path=path.name, sha256=digest, epoch=1, step=1)
    with pytest.raises(UsageError, match="not a file of weights"):
        load_checked(path, [saved])


def test_a_file_that_cannot_be_replaced_leaves_the_old_one_whole(tmp_path: Path, net: nn.Linear) -> None:
    """A folder in the way of the temporary file's new name stands for any refusal of the disk."""
    folder = tmp_path / "run"
    folder.mkdir()
    checkpoints = CheckpointStore(RunFolder(folder))
    checkpoints.snapshot(net, "best", epoch=1, step=1)
    (saved,) = checkpoints.write()
    checkpoints.snapshot(net, "last", epoch=1, step=1)
    (folder / "last.safetensors").mkdir()
    with pytest.raises(OSError, match=r"last\.safetensors"):
        list(checkpoints.write(everything=True))
    assert "weight" in load_checked(folder / "best.safetensors", [saved])[0]
    assert not list(folder.glob(".*tmp"))


def test_a_process_that_dies_between_two_files_leaves_one_the_log_tells_of(tmp_path: Path, net: nn.Linear) -> None:
    """Stopped after the event and before the rename, as by a kill at that moment."""
    checkpoints = CheckpointStore(RunFolder(tmp_path))
    checkpoints.snapshot(net, "best", epoch=1, step=1)
    (first,) = checkpoints.write(everything=True)
    with torch.no_grad():
        net.bias.add_(1.0)
    checkpoints.snapshot(net, "best", epoch=2, step=2)
    writing = checkpoints.write(everything=True)
    second = next(writing)
    weights, found = load_checked(tmp_path / "best.safetensors", [second, first])
    assert found == first
    next(writing, None)
    weights, found = load_checked(tmp_path / "best.safetensors", [second, first])
    assert found == second
    assert torch.equal(weights["bias"], net.bias)
