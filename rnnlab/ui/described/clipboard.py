"""Text to the terminal's clipboard."""

from __future__ import annotations

from typing import Any

from textual.app import App

from rnnlab.text.sanitise import plain


def copy_text(app: App[Any], title: str, text: str) -> None:
    """Copy the text under its title, both without anything that a terminal would obey, and say so in a notice."""
    lines = [plain(line) for line in text.split("\n")]
    app.copy_to_clipboard("\n".join([plain(title), "", *lines, ""]))
    app.notify(
        f"Copied {plain(title, 60)}: {len(lines)} line{'' if len(lines) == 1 else 's'} of text",
        markup=False,
        timeout=4,
    )
