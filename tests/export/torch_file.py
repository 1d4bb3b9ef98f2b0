"""An exported Python file, imported, and how far its net is from the one it was made of."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from types import ModuleType

import torch

from rnnlab.export.to_torch.model_file import model_file
from rnnlab.models.net import Net
from rnnlab.runs.data_summary import DataSummary
from tests.export.nets import BATCHES, rows

CLASSES = DataSummary(
    task="surnames", title="", problem="classification", metric="accuracy", higher_is_better=True,
    classes=("a", "b", "c", "d", "e"), symbols="abcdefghij",
)  # fmt: skip


def written(net: Net, folder: Path, data: DataSummary = CLASSES) -> ModuleType:
    """The exported file, imported."""
    text, weights = model_file(net, data, title="a net", about="For a test.", example="abc")
    (folder / "model.py").write_text(text, encoding="utf-8")
    (folder / "weights.pt").write_bytes(weights)
    spec = importlib.util.spec_from_file_location("exported_model", folder / "model.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def difference(net: Net, folder: Path) -> float:
    """The greatest difference of outputs, over all batches."""
    theirs = written(net, folder).load()
    found = 0.0
    for lengths in BATCHES:
        inputs, counts = rows(net, lengths)
        with torch.no_grad():
            apart = (theirs(inputs, counts) - net(inputs, counts)).abs()
        if net.readout == "steps":
            apart = apart[torch.arange(apart.shape[1]) < counts.unsqueeze(1)]
        found = max(found, float(apart.max()))
    return found
