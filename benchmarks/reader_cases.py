"""Tables as programs and people write them, each with what a reader should find: dialects drawn by a seed."""

from __future__ import annotations

import csv
import io
import random
from dataclasses import dataclass
from typing import Literal

_WORDS = (
    "the",
    "net",
    "reads",
    "a",
    "name",
    "letter",
    "by",
    "Zürich",
    "says",
    "which",
    "of",
    "many",
    "it",
    "may",
    "be",
)
_PLACES = ("north", "south", "east", "west")


@dataclass(frozen=True)
class TableCase:
    """A file's bytes, and the titles (none where it has no header) and fields that a reader should find."""

    name: str
    data: bytes
    titles: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


def table_cases(count: int, seed: int = 0) -> list[TableCase]:
    """So many tables in as many dialects: delimiter, quoting, preamble, header, line ends, encoding, decimal sign."""
    maker = random.Random(seed)
    return [_case(index, random.Random(maker.getrandbits(64))) for index in range(count)]


def _case(index: int, maker: random.Random) -> TableCase:
    delimiter = maker.choice((",", ",", ";", ";", "\t", "|", " "))
    quoting = maker.choice(("minimal", "minimal", "all", "texts", "apostrophe"))
    decimal = maker.choice((".", ".", ",")) if delimiter != " " else "."
    preamble = maker.choice(("none", "none", "none", "lines", "comments", "padded"))
    titled = maker.random() < 0.75
    end = maker.choice(("\n", "\n", "\r\n", "\r"))
    encoding = maker.choice(("utf-8", "utf-8", "utf-8-sig", "latin-1", "utf-16"))
    columns = [maker.choice(("date", "number", "number", "text", "place", "whole")) for _ in range(maker.randint(2, 6))]
    if not {"number", "whole", "date"} & set(columns):
        columns[0] = "number"
    rows = [tuple(_field(kind, row, maker, decimal) for kind in columns) for row in range(maker.choice((30, 80, 300)))]
    titles = tuple(
        f"{kind} {place}" if maker.random() < 0.5 else f"{kind}{place}" for place, kind in enumerate(columns)
    )
    text = _written([titles] * titled + rows, delimiter, quoting, end)
    above = {
        "none": "",
        "lines": f"Measurements of the station{end}made up by hand{end}{end}",
        "comments": f"# made up{end}# unit: none{end}",
        "padded": f"Measurements{delimiter * (len(columns) - 1)}{end}" if delimiter != " " else "",
    }[preamble]
    name = (
        f"{index}: {delimiter!r} {quoting} {preamble} {'titled' if titled else 'untitled'} {end!r} {encoding} {decimal}"
    )
    return TableCase(name, (above + text).encode(encoding), titles if titled else (), tuple(rows))


def _field(kind: str, row: int, maker: random.Random, decimal: str) -> str:
    match kind:
        case "date":
            return f"20{row // 336 + 10:02}-{row // 28 % 12 + 1:02}-{row % 28 + 1:02}"
        case "number":
            return (
                ""
                if maker.random() < 0.03
                else f"{maker.gauss(20, 50):.{maker.choice((1, 2, 2))}f}".replace(".", decimal)
            )
        case "whole":
            return str(maker.randrange(1000))
        case "place":
            return maker.choice(_PLACES)
        case _:
            words = " ".join(maker.choice(_WORDS) for _ in range(maker.randint(2, 9)))
            return words + maker.choice(("", "", ", too", "; or not", ', he said "so"', ", it's"))


def _written(rows: list[tuple[str, ...]], delimiter: str, quoting: str, end: str) -> str:
    file = io.StringIO(newline="")
    quote = "'" if quoting == "apostrophe" else '"'
    style: Literal[0, 1, 2, 3] = csv.QUOTE_MINIMAL
    if quoting != "minimal":
        style = csv.QUOTE_NONNUMERIC if quoting == "texts" else csv.QUOTE_ALL
    writer = csv.writer(file, delimiter=delimiter, quotechar=quote, quoting=style, lineterminator=end)
    for row in rows:
        # Blanks part the fields: an empty one is written as a missing value.
        writer.writerow([word or "NA" for word in row] if delimiter == " " else row)
    return file.getvalue()
