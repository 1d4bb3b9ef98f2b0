"""All checks, in the order in which they are shown."""

from __future__ import annotations

import subprocess
from collections.abc import Callable, Iterator

from rnnlab.doctor.device import device, kernels, machine, python
from rnnlab.doctor.extras import extras
from rnnlab.doctor.finding import Finding
from rnnlab.doctor.logout import logout
from rnnlab.doctor.storage import data, locks, sessions, state
from rnnlab.doctor.terminal import characters, colours, command, completion
from rnnlab.errors import UsageError

CHECKS: tuple[Callable[[], Finding], ...] = (
    python, machine, device, kernels, colours, characters, sessions, locks, data, state, logout, completion, command, extras,
)  # fmt: skip

FAILURES = (OSError, UsageError, ImportError, LookupError, RuntimeError, ValueError, subprocess.SubprocessError)
"""What a strange machine makes a check raise: files and settings that it did not foresee, packages that are half there."""


def checkup() -> Iterator[Finding]:
    """The findings, each as soon as it is known; importing PyTorch for that of the device takes a second or two."""
    for check in CHECKS:
        try:
            yield check()
        except FAILURES as error:  # a check that fails must not hide the others
            yield Finding(
                check.__name__, "problem", f"the check itself failed: {type(error).__name__}: {error}",
                "nothing is known of it", "rnnlab --debug doctor, and tell who keeps rnnlab",
            )  # fmt: skip
