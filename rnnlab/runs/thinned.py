"""A bounded choice of what came, for what is too large to keep of every evaluation: confusion matrices, gradient flows."""

from __future__ import annotations

from typing import Generic, TypeVar

import msgspec

LIMIT = 64
"""Items kept: the first, the last, and an even choice between."""

T = TypeVar("T")


class Thinned(msgspec.Struct, Generic[T]):
    """Items over time, thinned to every `stride`-th when there are more than `LIMIT`; `last` is always kept."""

    kept: list[T] = []
    last: T | None = None
    stride: int = 1
    seen: int = 0

    def add(self, item: T) -> None:
        """Append `item`; where `LIMIT` are kept already, every second of them is dropped first."""
        if self.seen % self.stride == 0:
            if len(self.kept) == LIMIT:
                self.kept = self.kept[::2]
                self.stride *= 2
            if self.seen % self.stride == 0:
                self.kept.append(item)
        self.last = item
        self.seen += 1

    def all(self) -> list[T]:
        """The kept items, oldest first, and `last` at the end."""
        if self.last is None or (self.kept and self.kept[-1] is self.last):
            return self.kept
        return [*self.kept, self.last]
