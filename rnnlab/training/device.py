"""Where a run is computed, and what has to be known to compute it again: device, threads, versions."""

from __future__ import annotations

import ctypes
import os
import platform
from functools import cache
from pathlib import Path

import numpy as np
import torch

from rnnlab.config import UsageError
from rnnlab.config.tree import Runtime
from rnnlab.models.cpu.blas import limit_blas
from rnnlab.models.kernels import c_kernels as compiled
from rnnlab.models.kernels.library import in_use
from rnnlab.models.net import Net
from rnnlab.training.failures import DeviceMissing
from rnnlab.version import __version__

_M_TRIM_THRESHOLD, _M_MMAP_MAX = -1, -4
"""Names of `mallopt`'s settings in glibc's malloc.h."""


def choose_device(wish: str) -> torch.device:
    """The device that `runtime.device` stands for: `auto` is CUDA, else MPS, else the CPU. Raises `DeviceMissing`."""
    if wish == "cpu":
        return torch.device("cpu")
    cuda, mps = torch.cuda.is_available(), torch.backends.mps.is_available()
    if wish == "auto":
        return torch.device("cuda:0" if cuda else "mps" if mps else "cpu")
    if wish == "cuda" and not cuda:
        built = torch.version.cuda
        reason = "it finds no GPU" if built else "it is a build without CUDA"
        raise DeviceMissing(
            f"runtime.device = 'cuda', but PyTorch {torch.__version__} cannot use CUDA here ({reason}); "
            "set runtime.device to auto or cpu"
        )
    if wish == "mps" and not mps:
        raise DeviceMissing(
            f"runtime.device = 'mps', but this machine has no Metal device that PyTorch {torch.__version__} can use; "
            "set runtime.device to auto or cpu"
        )
    return torch.device("cuda:0" if wish == "cuda" else wish)


def device_name(device: torch.device) -> str:
    """The device as its maker calls it."""
    if device.type == "cuda":
        return str(torch.cuda.get_device_name(device))
    if device.type == "mps":
        return f"Apple {platform.machine()} GPU"
    return _processor()


def versions() -> dict[str, str]:
    """Everything PyTorch's promise of equal numbers depends on, but for device and threads."""
    return {
        "rnnlab": __version__,
        "python": platform.python_version(),
        "torch": str(torch.__version__),
        "numpy": np.__version__,
        "kernels": in_use().name,
        "platform": platform.platform(),
    }


def prepare(device: torch.device, runtime: Runtime) -> None:
    """Compute as `runtime` says from now on, in this whole process.

    Raises `UsageError` where the precision asked for is one of CUDA devices and this is none, or where the kernels asked for are
    not on this machine.
    """
    in_use()
    limit_blas(runtime.threads or 1)
    _keep_memory()
    if device.type == "cuda":
        if runtime.deterministic:
            # Read when cuBLAS starts. cuDNN's recurrent nets sum in one order where all buffers are of one size, and PyTorch
            # takes only this setting and ":16:8" for deterministic: of any other it warns.
            os.environ.setdefault("CUBLAS_WORKSPACE_CONFIG", ":4096:8")
        # What has no deterministic form gives a warning in trainer.log rather than an error.
        torch.use_deterministic_algorithms(runtime.deterministic, warn_only=True)
        # Else every new tensor is filled first, which is one more kernel each. None is read before it is written.
        torch.utils.deterministic.fill_uninitialized_memory = False  # type: ignore[attr-defined]
        torch.backends.cudnn.deterministic = runtime.deterministic
        # PyTorch lets cuDNN round to TF32 of itself: here only who asks for it gets it.
        torch.backends.cuda.matmul.allow_tf32 = runtime.precision == "tf32"
        torch.backends.cudnn.allow_tf32 = runtime.precision == "tf32"
    elif runtime.precision != "float32":
        raise UsageError(
            f"runtime.precision = {runtime.precision!r} is one of CUDA devices, and this run computes on {device.type}; "
            "set runtime.precision to float32"
        )


def use_threads(threads: int, net: Net) -> None:
    """Have that many threads work on `net` from now on, in this whole process.

    Where its layers are compiled they are theirs alone. PyTorch's own wait for their next piece of work by looking for it all the
    time, on the very processor that a layer could use: names, LSTM 128, batch 256, two threads: 21,800 examples a second with
    both at work, 32,000 with one of PyTorch's; with one thread at all 21,000.
    """
    compiled.use_threads(threads)
    of_pytorch = 1 if net.is_compiled else threads
    # Setting the number anew starts a pool of its own, so an equal one is left alone.
    if torch.get_num_threads() != of_pytorch:
        torch.set_num_threads(of_pytorch)


def autocast_dtype(runtime: Runtime) -> torch.dtype | None:
    """The type that a net's products are computed in, where it is not that of its weights."""
    return torch.bfloat16 if runtime.precision == "bf16" else None


@cache
def _keep_memory() -> None:
    """Have the C library keep freed memory, where it is glibc.

    A step frees what the next one asks for again. Given back to the system in between, every page of it is made anew: har,
    batch 256, LSTM 64 takes twice as long, in PyTorch's own kernels as in ours.
    """
    try:
        mallopt = ctypes.CDLL(None).mallopt
    except (OSError, AttributeError, TypeError):
        return
    mallopt(_M_TRIM_THRESHOLD, 2**30)
    mallopt(_M_MMAP_MAX, 0)


def _processor() -> str:
    try:
        for line in Path("/proc/cpuinfo").read_text(encoding="utf-8", errors="replace").splitlines():
            key, _, value = line.partition(":")
            if key.strip() == "model name" and value.strip():
                return value.strip()
    except OSError:
        pass
    return platform.processor() or platform.machine() or "CPU"
