"""How the fields of a table's lines are written."""

from __future__ import annotations

import csv
from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from _csv import Reader


@dataclass(frozen=True)
class Dialect:
    """How the fields of a line are written. `delimiter` is one character; a blank stands for runs of blanks and tabs.

    `quote`: the character around quoted fields, empty where quotes are characters as others. `padded`: blanks stand between a
    delimiter and a quote. `terminator`: a character at the end of every line that belongs to no field. `comment`: lines that
    begin with it are no rows.
    """

    delimiter: str = ","
    quote: str = '"'
    padded: bool = False
    terminator: str = ""
    comment: str = ""

    @property
    def blanks(self) -> bool:
        """Whether runs of blanks part the fields."""
        return self.delimiter == " "

    def split(self, line: str) -> list[str]:
        """The line's fields, quotes taken as they stand."""
        return line.split() if self.blanks else line.split(self.delimiter)

    def reader(self, lines: Iterable[str], *, strict: bool = False) -> Reader:
        """CSV reader of the lines; a `strict` one raises `csv.Error` where a field goes on after its last quote."""
        return csv.reader(
            lines,
            delimiter=self.delimiter,
            quotechar=self.quote or None,
            quoting=csv.QUOTE_MINIMAL if self.quote else csv.QUOTE_NONE,
            skipinitialspace=self.padded or self.blanks,
            strict=strict,
        )

    def is_broken(self, lines: list[str]) -> bool:
        """Whether a quoted field of these lines, ended by nothing but the last of them, goes on after its last quote."""
        try:
            deque(self.reader([f"{line}\n" for line in lines], strict=True), maxlen=0)
        except csv.Error as error:
            return "expected after" in str(error)
        return False


def trimmed(fields: list[str], width: int) -> list[str]:
    """Without the empty fields that some programs put at the end of a line."""
    if len(fields) > width and not any(map(str.strip, fields[width:])):
        return fields[:width]
    return fields
