"""Kinds of files of a user's own, the values of `data.kind`."""

from __future__ import annotations

from typing import Literal

OwnKind = Literal["text", "series", "steps", "rows", "arrays", "recordings", "ts"]
KINDS: tuple[OwnKind, ...] = ("text", "series", "steps", "rows", "arrays", "recordings", "ts")
