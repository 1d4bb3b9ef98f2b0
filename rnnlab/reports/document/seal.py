"""Seal of a report: its last line, by which a file that a person changed is told from one that may be rendered again."""

from __future__ import annotations

import hashlib
import re

_SEAL = re.compile(r"<!-- rnnlab report ([0-9a-f]{64}) -->\s*\Z")


def sealed(text: str) -> str:
    """The report with its seal, a comment of HTML, which Markdown takes, too."""
    return f"{text}\n<!-- rnnlab report {_digest(text)} -->\n"


def is_rendered(text: str) -> bool:
    """Whether the text was rendered by `sealed`, whatever was done to it since."""
    return _SEAL.search(text) is not None


def is_untouched(text: str) -> bool:
    """Whether the text is a report as it was rendered."""
    found = _SEAL.search(text)
    return found is not None and _digest(text[: found.start()].removesuffix("\n")) == found[1]


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
