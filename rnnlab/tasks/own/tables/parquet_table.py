"""Table in a Parquet file, read by polars where that is installed."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from rnnlab.tasks.own.common.findings import Findings, Refusal, Report
from rnnlab.tasks.own.common.source import Source, regular_file
from rnnlab.tasks.own.tables.json_table import StoredTable
from rnnlab.tasks.own.tables.records import Block
from rnnlab.tasks.own.values.cell_numbers import SAVE_SEQUENCES

_SIGNATURE = b"PAR1"
_BLOCK_ROWS = 25_000
_SAMPLE_ROWS = 1000
_LARGEST = 2 * 2**30
"""Maximum bytes of the table in memory, which is held as a whole."""


def is_parquet(path: Path) -> bool:
    """Whether the file begins as a Parquet file does."""
    try:
        with path.open("rb") as stream:
            return stream.read(len(_SIGNATURE)) == _SIGNATURE
    except OSError:
        return False


def parquet_table(path: Path, findings: Findings) -> tuple[Source, StoredTable]:
    """Table of a Parquet file, its values as texts: dates in ISO form, null an empty field.

    Raises `Refusal` where polars is missing, or the file is damaged, too large, or holds lists.
    """
    size = regular_file(path, findings.name)
    try:
        import polars
    except ImportError:
        raise Refusal(
            "binary",
            f"{findings.name} is a Parquet table; to read it, pip install 'rnnlab[parquet]', or write it as CSV",
        ) from None
    try:
        # The opened file, as a path may hold characters that stand for many files.
        with path.open("rb") as stream:
            frame = polars.read_parquet(stream)
        if frame.estimated_size() > _LARGEST:
            raise Refusal("large", f"{findings.name} takes more than {_LARGEST // 2**30} GiB in memory; take a part")
        nested = [name for name, kind in frame.schema.items() if kind.is_nested() or kind == polars.Binary]
        if nested:
            raise Refusal(
                "format",
                f"{findings.name}: the column {nested[0][:40]} holds lists, and not one value in each row; {SAVE_SEQUENCES}",
            )
        texts = frame.select(polars.all().cast(polars.String)).fill_null("")
    except (polars.exceptions.PolarsError, polars.exceptions.PanicException) as error:
        first = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise Refusal("damaged", f"{findings.name} is a Parquet table that cannot be read: {first[:200]}") from None
    unpacked = max(size, int(frame.estimated_size()))
    source = Source(path, size, unpacked, len(texts), "utf-8", b"\n", bom=False)

    def blocks(_findings: Findings, report: Report) -> Iterator[Block]:
        for start in range(0, len(texts), _BLOCK_ROWS):
            part = texts.slice(start, _BLOCK_ROWS)
            yield Block(range(start + 1, start + 1 + len(part)), _columns(part))
            report(min(start + _BLOCK_ROWS, len(texts)), len(texts))

    sample = [list(row) for row in zip(*_columns(texts.head(_SAMPLE_ROWS)), strict=True)]
    return source, StoredTable(tuple(texts.columns), sample, blocks, "Parquet")


def _columns(frame: Any) -> list[list[str]]:
    return [series.to_list() for series in frame.get_columns()]
