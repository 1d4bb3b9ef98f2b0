"""Formats in which a figure is written, and how the name of a file says which."""

from __future__ import annotations

from pathlib import PurePath
from typing import Literal, get_args

from rnnlab.errors import UsageError

Format = Literal["svg", "png", "txt", "csv", "md"]
FORMATS: tuple[Format, ...] = get_args(Format)
"""Text, CSV (every drawn number) and Markdown (description and numbers) need nothing; SVG and PNG need the extra `report`."""


def format_of_file(file: str, problem: str) -> Format:
    """The format that the file's name ends with. Raises `UsageError` with that `problem` where it names none."""
    ending = PurePath(file).suffix.lower().removeprefix(".")
    for each in FORMATS:
        if each == ending:
            return each
    raise UsageError(problem)
