"""Which GPU a run is going to train on, found out without PyTorch: the runner has to know before it starts a trainer."""

from __future__ import annotations

import importlib.util
import os
import platform
import re
from functools import cache
from pathlib import Path

from rnnlab.config import RunConfig

DRIVERS = (Path("/proc/driver/nvidia/gpus"), Path("/dev/dxg"), Path("/dev/kfd"))
"""What stands there where a driver has found a GPU: NVIDIA's, that of Windows beneath a Linux, AMD's."""


def gpu_of(config: RunConfig) -> str | None:
    """The name of the GPU that the run shares with others: `cuda-0`, `mps`; None: it trains on the CPU.

    `auto` is guessed. Where the guess is a GPU and the run then finds none, it only has to wait for longer.
    """
    match config.runtime.device:
        case "cpu":
            return None
        case "mps":
            return "mps"
        case "cuda":
            return f"cuda-{_first_visible() or 0}"
    if _built_for_gpus() and _first_visible() is not None and any(path.exists() for path in DRIVERS):
        return f"cuda-{_first_visible()}"
    return "mps" if platform.system() == "Darwin" and platform.machine() == "arm64" else None


def _first_visible() -> str | None:
    """The GPU that PyTorch calls `cuda:0`: a number or an identifier; None where `CUDA_VISIBLE_DEVICES` hides all of them."""
    first = os.environ.get("CUDA_VISIBLE_DEVICES", "0").split(",")[0].strip()
    return None if first in ("", "-1") else first


@cache
def _built_for_gpus() -> bool:
    """Whether the PyTorch that is installed was built with CUDA or ROCm; its file of versions is read, not run."""
    torch = importlib.util.find_spec("torch")
    if torch is None or torch.origin is None:
        return False
    try:
        versions = Path(torch.origin).with_name("version.py").read_text(encoding="utf-8")
    except OSError:
        return False
    return re.search(r"^(cuda|hip)\b[^=]*=\s*['\"]", versions, re.MULTILINE) is not None
