"""Private interfaces of PyTorch are used in one file alone."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import torch
from torch import nn

import rnnlab

ROOT = Path(str(rnnlab.__file__)).parent
ONLY = ROOT / "models" / "kernels" / "torch_private.py"
KINDS = (torch, torch.Tensor, torch.optim.Optimizer, nn.Module, nn.RNNBase(mode="LSTM", input_size=1, hidden_size=1))
PRIVATE = {name for kind in KINDS for name in dir(kind) if name.startswith("_") and not name.startswith("__")}


def private_uses(source: str) -> Iterator[str]:
    """Private names of PyTorch, as attributes of anything but `self` and as imports from torch."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Attribute) and node.attr in PRIVATE:
            if not (isinstance(node.value, ast.Name) and node.value.id in ("self", "cls")):
                yield f"{node.lineno}: .{node.attr}"
        elif isinstance(node, ast.ImportFrom) and (node.module or "").startswith("torch"):
            names = [*(node.module or "").split("."), *(alias.name for alias in node.names)]
            yield from (f"{node.lineno}: import {name}" for name in names if name.startswith("_"))


def test_a_private_use_is_found() -> None:
    source = "from torch import _VF\nimport torch\ntorch._C.x\ncell._flat_weights\nself._parameters"
    assert sorted(private_uses(source)) == ["1: import _VF", "3: ._C", "4: ._flat_weights"]


def test_private_interfaces_of_pytorch_are_used_in_one_file() -> None:
    used = {
        f"{path.relative_to(ROOT)}:{use}"
        for folder in ("models", "training", "engines")
        for path in (ROOT / folder).rglob("*.py")
        if path != ONLY
        for use in private_uses(path.read_text(encoding="utf-8"))
    }
    assert used == set()
    assert list(private_uses(ONLY.read_text(encoding="utf-8")))
