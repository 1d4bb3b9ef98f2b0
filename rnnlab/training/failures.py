"""Failures of a run, each as one sentence a person can act on. PyTorch is not imported for it."""

from __future__ import annotations

import errno
import traceback

from rnnlab.catalog.models.own_cells import place_in_own_cell
from rnnlab.config import ConfigError, UsageError
from rnnlab.config.advice import LESS_MEMORY
from rnnlab.errors import error_line
from rnnlab.runs.events import RunFailed
from rnnlab.runs.room import FULL


class DeviceMissing(UsageError):
    """The configuration asks for a device that this machine does not have."""


DETAIL = 4000
"""Characters of the traceback that are kept, its end."""

_DISK = {
    **FULL,
    errno.EFBIG: "a file grew beyond the size allowed here",
    errno.EROFS: "the disk is read-only",
    errno.EACCES: "writing is not permitted",
    errno.EPERM: "writing is not permitted",
    errno.EIO: "the disk reports an error",
}

_OUT_OF_MEMORY = ("out of memory", "can't allocate memory", "cannot allocate memory", "not enough memory")


def explain(error: BaseException, *, loading: bool = False) -> RunFailed:
    """`error` as the run's last event; `loading`: it happened while the data were read."""
    detail = "".join(traceback.format_exception(error))[-DETAIL:]
    kind, message, hint = _explanation(error, loading)
    return RunFailed(kind=kind, message=message, hint=hint, detail=detail)


def _explanation(error: BaseException, loading: bool) -> tuple[str, str, str]:
    if isinstance(error, ConfigError | DeviceMissing):
        return "config", str(error), ""
    if isinstance(error, UsageError):
        return ("data" if loading else "config"), str(error), ""
    if isinstance(error, OSError) and error.errno in _DISK:
        where = f" ({error.filename})" if error.filename else ""
        return (
            "disk",
            f"{_DISK[error.errno]}{where}: the run could not go on",
            "make room, or point RNNLAB_SESSIONS at a disk with room; what was saved before is kept, and rnnlab resume goes on",
        )
    if is_out_of_memory(error):
        on_device = "cuda" in str(error).lower() or "mps" in str(error).lower()
        return (
            "memory",
            f"the {'GPU' if on_device else 'machine'} ran out of memory",
            LESS_MEMORY
            + (
                "; another program may be using the GPU too; gpu_runs = 1 in session.toml gives it to one run at a time, and "
                "runtime.device = cpu always works"
                if on_device
                else ""
            ),
        )
    message = error_line(error)
    if place := place_in_own_cell(error):
        return "config", f"{place}: {message}", "the error is in the file of your own cell; the detail has all of it"
    if loading:
        return "data", f"the data could not be read ({message})", "`rnnlab data list` shows what is there"
    return "error", message, "this is a fault of rnnlab: please report it, with the detail"


def is_out_of_memory(error: BaseException) -> bool:
    """Whether a device or the machine had no memory left: PyTorch says so in several ways."""
    if isinstance(error, MemoryError) or type(error).__name__ == "OutOfMemoryError":
        return True
    return isinstance(error, RuntimeError) and any(text in str(error).lower() for text in _OUT_OF_MEMORY)
