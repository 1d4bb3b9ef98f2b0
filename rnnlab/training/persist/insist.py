"""How a write to the disk is carried out: once, or again for as long as the disk is full."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol, TypeVar

Result = TypeVar("Result")


class Insist(Protocol):
    """A way to carry out a write."""

    def __call__(self, write: Callable[[], Result]) -> Result: ...


def once(write: Callable[[], Result]) -> Result:
    """Try once: a full disk is an error."""
    return write()
