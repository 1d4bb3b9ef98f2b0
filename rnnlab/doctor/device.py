"""Where nets are trained here: processor, memory, PyTorch and the GPU that it sees or should see, the kernels."""

from __future__ import annotations

import os
import platform
import sys
from pathlib import Path

from rnnlab.cores import cores
from rnnlab.doctor.finding import Finding
from rnnlab.text.numbers import figure

_FEW_BYTES = 1 << 30
"""Memory under which the system may kill a run."""


def python() -> Finding:
    """The interpreter."""
    found = f"Python {platform.python_version()} on {platform.system()} {platform.machine()}, {sys.executable}"
    return Finding("python", "ok", found)


def machine() -> Finding:
    """Processors that may be used, and memory."""
    import psutil

    memory = psutil.virtual_memory()
    threads = "1 processor" if cores() == 1 else f"{cores()} processors"
    of = f" of the machine's {os.cpu_count()}" if (os.cpu_count() or 0) > cores() else ""
    found = f"{threads}{of} for this process, {_gb(memory.available)} of {_gb(memory.total)} memory available"
    if memory.available < _FEW_BYTES:
        return Finding(
            "machine", "warning", found,
            "a run takes some hundred megabytes beside its data; where there are none the system kills it",
            "end what is not needed here, or train fewer runs at once: slots = 1 in session.toml",
        )  # fmt: skip
    return Finding(
        "machine", "ok", found, "runs of all sessions share these processors: one a processor trains at once"
    )


def device() -> Finding:
    """The device that `runtime.device = auto` takes, and a GPU that PyTorch does not see."""
    try:
        import torch
    except (ImportError, OSError, RuntimeError, AttributeError, ValueError) as error:  # as its libraries fail to load
        return Finding(
            "device", "problem", f"PyTorch cannot be imported ({type(error).__name__}: {error})",
            "nothing can be trained", "install it anew: python -m pip install --force-reinstall torch",
        )  # fmt: skip
    version = f"PyTorch {torch.__version__}"
    if torch.cuda.is_available():
        names = [torch.cuda.get_device_name(each) for each in range(torch.cuda.device_count())]
        return Finding(
            "device", "ok", f"cuda: {', '.join(names)}, {version}", "runs train there unless they say otherwise"
        )
    if torch.backends.mps.is_available():
        return Finding("device", "ok", f"mps: Apple {platform.machine()} GPU, {version}")
    found = f"cpu, {version}"
    if Path("/proc/driver/nvidia/version").exists() or Path("/dev/nvidia0").exists():
        reason = "it is a build without CUDA" if torch.version.cuda is None else "the driver may be older than it needs"
        return Finding(
            "device", "warning", found, f"there is an NVIDIA GPU, but this PyTorch cannot use it: {reason}",
            "install a build for your driver: https://pytorch.org/get-started/locally",
        )  # fmt: skip
    return Finding("device", "ok", found, "no GPU is seen; nets of this lab's size train on the processor in minutes")


def kernels() -> Finding:
    """The kernels of recurrent layers on the processor."""
    from rnnlab.errors import UsageError
    from rnnlab.models.kernels.library import in_use

    try:
        name = in_use().name
    except UsageError as error:
        return Finding(
            "kernels", "problem", str(error), "no run that trains on the processor can start", "unset the variable"
        )
    if name == "numpy":
        return Finding(
            "kernels", "warning", "numpy",
            "the compiled kernels were not built: recurrent layers train at about half the speed on the processor",
            "install a C compiler (gcc or clang), then install rnnlab again",
        )  # fmt: skip
    return Finding(
        "kernels", "ok", f"{name}, as RNNLAB_KERNELS says" if os.environ.get("RNNLAB_KERNELS") else f"{name}, compiled"
    )


def _gb(count: int) -> str:
    return f"{figure(count / 1e9)} GB"
