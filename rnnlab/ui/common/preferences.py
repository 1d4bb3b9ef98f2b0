"""What the app remembers of a person between two starts: the theme, and that the tour was shown."""

from __future__ import annotations

import contextlib
import json
import os
from pathlib import Path
from typing import Any

from rnnlab.paths import configuration_folder
from rnnlab.runs.files import write_atomically

TOUR = "RNNLAB_TOUR"
"""The environment variable that, set to 0, keeps the tour from being shown by itself."""


def preferences_path() -> Path:
    """The file, in the folder the system keeps for settings."""
    return configuration_folder() / "app.json"


def read_theme(path: Path) -> str | None:
    """The theme last chosen; None where none was, or the file cannot be read: a preference is no reason to fail."""
    theme = _read(path).get("theme")
    return theme if isinstance(theme, str) else None


def write_theme(path: Path, theme: str) -> None:
    """Remember the theme, where the disk lets us."""
    _write(path, theme=theme)


def takes_first_tour(path: Path) -> bool:
    """Whether this is a first start, in which the tour is shown: from then on it is not, whatever becomes of it.

    Where this cannot be remembered it is none, or each start would be the first.
    """
    if os.environ.get(TOUR) == "0" or path.exists():
        return False
    return _write(path, tour="shown")


def _read(path: Path) -> dict[str, Any]:
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return document if isinstance(document, dict) else {}


def _write(path: Path, **changes: str) -> bool:
    """Whether the changes could be written."""
    with contextlib.suppress(OSError):
        path.parent.mkdir(parents=True, exist_ok=True)
        write_atomically(path, json.dumps(_read(path) | changes).encode() + b"\n")
        return True
    return False
