"""Which machine this is, since when it runs, and what a process of it is doing."""

from __future__ import annotations

import os
import platform
import shutil
import subprocess
import sys
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

_DOING = {
    "stopped": "is stopped",
    "tracing-stop": "is stopped by a debugger",
    "disk-sleep": "waits for a disk",
    "zombie": "has ended",
    "dead": "has ended",
}
"""States of a process that explain why it is silent, as psutil names them."""


@cache
def host() -> str:
    """The machine's name in its network, as Slurm names it within its jobs; `machine` where it has none."""
    return os.environ.get("SLURMD_NODENAME") or platform.node() or "machine"


@cache
def boot_id() -> str:
    """An identifier of this start of the operating system; empty where the system has none.

    Containers on one machine share it, and so they share a kernel, which knows of every lock held in any of them.
    """
    if sys.platform == "darwin":
        return _sysctl("kern.bootsessionuuid")
    return _first_line("/proc/sys/kernel/random/boot_id")


@cache
def machine_id() -> str:
    """An identifier that the machine keeps when it is started again or renamed; its name where there is none."""
    if sys.platform == "darwin":
        return _sysctl("kern.uuid") or host()
    return _first_line("/etc/machine-id") or _first_line("/var/lib/dbus/machine-id") or host()


@cache
def pid_namespace() -> str:
    """An identifier of the set of processes that this one sees, as containers have their own; empty where there is but one."""
    try:
        return str(Path("/proc/self/ns/pid").readlink())
    except OSError:
        return ""


def started_at(pid: int) -> str:
    """When this machine's process `pid` was started, in a count of its own; empty where there is none, or it has ended."""
    import psutil

    try:
        process = psutil.Process(pid)
        if process.status() in (psutil.STATUS_ZOMBIE, psutil.STATUS_DEAD):
            return ""
        stat = Path(f"/proc/{pid}/stat")
        if stat.exists():
            # Ticks since the machine started: a clock that is set does not change them.
            return stat.read_text(encoding="ascii", errors="replace").rpartition(")")[2].split()[19]
        return f"{process.create_time():.2f}"
    except (psutil.Error, OSError, ValueError, OverflowError, IndexError):
        return ""


def is_ours(pid: int) -> bool:
    """Whether the number is free, or of a process that this one may send signals to: not one of another user."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    except (OSError, OverflowError):
        return False
    return True


def process_state(pid: int) -> str:
    """Why this machine's process `pid` may be silent: `is stopped`, `waits for a disk`.

    Empty where nothing explains it, or where the number is that of a program that is not rnnlab.
    """
    import psutil

    try:
        process = psutil.Process(pid)
        status = process.status()
        if not any("rnnlab" in part for part in process.cmdline()):
            return ""  # of another container, or of a later process
    except (psutil.Error, OSError, ValueError, OverflowError):
        return ""
    return _DOING.get(status, "")


def oom_kills() -> int:
    """How many processes the kernel has killed for want of memory, in any of its containers; 0 where it does not count them."""
    try:
        text = Path("/proc/vmstat").read_text(encoding="ascii", errors="replace")
        return next((int(line.split()[1]) for line in text.splitlines() if line.startswith("oom_kill ")), 0)
    except (OSError, ValueError, IndexError):
        return 0


@dataclass(frozen=True, slots=True)
class Load:
    """What a process takes of this machine, and how busy that is: cores, bytes, shares; of the GPU as its driver has it.

    Cores and shares are means since the reading before, so that the first one has none.
    """

    cores: float | None
    memory: int
    machine: float | None
    """Share of all cores that is busy."""
    n_cores: int
    machine_memory: int
    """Bytes of the machine's memory that are taken."""
    all_memory: int
    gpu: str = ""
    """`35 %, 2,100 of 16,384 MiB`; empty where the process uses none, or nothing tells."""


class LoadMeter:
    """Reads the load of one process, each time since the reading before. To be called in a thread: drivers take their time."""

    def __init__(self, pid: int, *, gpu: bool = False) -> None:
        self._pid = pid
        self._gpu = gpu
        self._process: Any = None

    def read(self) -> Load | None:
        """The load now; None where the process is gone, or the number is that of a program that is not rnnlab."""
        import psutil

        try:
            first = self._process is None
            if first:
                process = psutil.Process(self._pid)
                if not any("rnnlab" in part for part in process.cmdline()):
                    return None
                process.cpu_percent()
                psutil.cpu_percent()
                self._process = process
            process = self._process
            memory = psutil.virtual_memory()
            return Load(
                cores=None if first else process.cpu_percent() / 100,
                memory=process.memory_info().rss,
                machine=None if first else psutil.cpu_percent() / 100,
                n_cores=psutil.cpu_count() or 1,
                machine_memory=memory.total - memory.available,
                all_memory=memory.total,
                gpu=_gpu_load() if self._gpu else "",
            )
        except (psutil.Error, OSError, ValueError, OverflowError):
            self._process = None
            return None


def _gpu_load() -> str:
    """How busy the first GPU is, as nvidia-smi has it; empty where there is no nvidia-smi, or it does not answer in time."""
    program = shutil.which("nvidia-smi")
    if program is None:
        return ""
    query = "--query-gpu=utilization.gpu,memory.used,memory.total"
    try:
        result = subprocess.run(
            [program, query, "--format=csv,noheader,nounits"], capture_output=True, text=True, timeout=2, check=True
        )
        busy, used, total = (int(part) for part in result.stdout.splitlines()[0].split(","))
    except (OSError, subprocess.SubprocessError, ValueError, IndexError):
        return ""
    return f"{busy} %, {used:,} of {total:,} MiB"


def _first_line(path: str) -> str:
    try:
        with Path(path).open(encoding="ascii", errors="replace") as file:
            return file.readline(100).strip()
    except OSError:
        return ""


def _sysctl(name: str) -> str:
    """A text that the kernel of macOS knows by `name`; empty where it does not."""
    import ctypes

    try:
        library = ctypes.CDLL(None)
        buffer = ctypes.create_string_buffer(100)
        size = ctypes.c_size_t(len(buffer))
        failed = library.sysctlbyname(name.encode(), buffer, ctypes.byref(size), None, 0)
    except (OSError, AttributeError):
        return ""
    return "" if failed else buffer.value.decode("ascii", "replace")
