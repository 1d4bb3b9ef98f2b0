"""Pictures that a person put into the text of a report: local files, taken into the page, so that it needs nothing else."""

from __future__ import annotations

import base64
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import unquote

from rnnlab.errors import UsageError
from rnnlab.files import read_regular

if TYPE_CHECKING:
    from markdown_it.token import Token

KINDS = {".png": "image/png", ".jpg": "image/jpeg", ".jpeg": "image/jpeg", ".gif": "image/gif", ".svg": "image/svg+xml"}
LIMIT = 4 << 20
"""Bytes of a picture."""


def embedded(inline: Token, folder: Path | None, where: str) -> None:
    """Put the pictures of a paragraph into it, found from `folder` on.

    Raises `UsageError`, naming `where` and the line, for one that is on the net, is no picture, or cannot be read.
    """
    for child in inline.children or ():
        if child.type != "image":
            continue
        source = unquote(str(child.attrs.get("src", "")))
        line = f"{where}, line {inline.map[0] + 1}: " if inline.map else f"{where}: "
        if source.startswith("data:"):
            continue  # it is in the text already
        if "://" in source or source.startswith("//"):
            raise UsageError(
                f"{line}the picture {source} is on the net, and a report needs nothing from there; download it and name the file"
            )
        path = (folder or Path()) / source
        kind = KINDS.get(path.suffix.lower())
        if kind is None:
            raise UsageError(f"{line}the picture {source} is none that is known; take one of {', '.join(KINDS)}")
        try:
            data = read_regular(path, LIMIT, links="follow")
        except (OSError, ValueError) as error:  # ValueError: a name that no file can have
            reason = error.strerror if isinstance(error, OSError) else str(error)
            raise UsageError(f"{line}the picture {source} cannot be read: {reason}") from None
        child.attrSet("src", f"data:{kind};base64,{base64.b64encode(data).decode()}")
