"""One recording in a folder of them."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Recording:
    """One file: its label, its group (empty where it is unknown), and whether it is in the test set."""

    path: Path
    where: str
    label: str
    group: str
    test: bool
