"""Which machine this is, since when it runs, and what a process of it is doing."""

from __future__ import annotations

import platform
import sys
from functools import cache
from pathlib import Path

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
    """The machine's name in its network; `machine` where it has none."""
    return platform.node() or "machine"


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
