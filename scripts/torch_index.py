"""Where `make lab` takes PyTorch from: prints pip's option for the index of CPU builds, or nothing.

    python scripts/torch_index.py

On Linux without an NVIDIA device, pip's own choice would be a build with gigabytes of CUDA. Where the index cannot be reached
within three seconds nothing is printed, and pip takes what it finds.
"""

from __future__ import annotations

import os
import platform
import sys
import threading
import urllib.request
from pathlib import Path

INDEX = "https://download.pytorch.org/whl/cpu"
SECONDS = 3.0


def has_nvidia(proc: Path = Path("/proc/driver/nvidia"), dev: Path = Path("/dev")) -> bool:
    """Whether a driver has found a device; under WSL it is `/dev/dxg`."""
    return proc.exists() or any(dev.glob("nvidia[0-9]*")) or (dev / "dxg").exists()


def reachable(index: str, seconds: float = SECONDS) -> bool:
    """Whether the index lists PyTorch, known within so many seconds, a name server that is silent included."""
    found = threading.Event()
    done = threading.Event()

    def ask() -> None:
        try:
            with urllib.request.urlopen(f"{index}/torch/", timeout=seconds) as response:
                if response.status == 200:
                    found.set()
        except (OSError, ValueError):
            pass
        finally:
            done.set()

    threading.Thread(target=ask, daemon=True).start()
    done.wait(seconds)
    return found.is_set()


def option(index: str = INDEX) -> str:
    """The option for pip, or an empty text."""
    if platform.system() != "Linux" or has_nvidia() or not reachable(index):
        return ""
    return f"--extra-index-url {index}"


if __name__ == "__main__":
    sys.stdout.write(option() + "\n")
    sys.stdout.flush()
    os._exit(0)  # not to wait for a thread that asks a silent name server
