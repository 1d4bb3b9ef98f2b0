"""What the app remembers of a person between two starts: the theme."""

from __future__ import annotations

import contextlib
import json
import os
from pathlib import Path

from rnnlab.paths import configuration_folder


def preferences_path() -> Path:
    """The file, in the folder the system keeps for settings."""
    return configuration_folder() / "app.json"


def read_theme(path: Path) -> str | None:
    """The theme last chosen; None where none was, or the file cannot be read: a preference is no reason to fail."""
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    theme = document.get("theme") if isinstance(document, dict) else None
    return theme if isinstance(theme, str) else None


def write_theme(path: Path, theme: str) -> None:
    """Remember the theme, where the disk lets us."""
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    with contextlib.suppress(OSError):
        path.parent.mkdir(parents=True, exist_ok=True)
        temporary.write_text(json.dumps({"theme": theme}) + "\n", encoding="utf-8")
        temporary.replace(path)
