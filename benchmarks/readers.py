"""Readers of tables compared: ours, DuckDB, polars and clevercsv on the same files, and on a large one.

    python -m benchmarks.readers [--dialects 200] [--cases FOLDER] [--gigabytes 1] [--seed 0]

The others are no dependencies (`pip install duckdb polars clevercsv`); those that are not here are passed over. DuckDB sniffs
dialect and header by itself, polars takes the delimiter that clevercsv finds, clevercsv detects and reads.

1. Generated dialects (`benchmarks.reader_cases`): a reader is right where titles and all fields are as they were written.
2. A folder of people's files: number of columns and rows, and titles, that each reader finds; where they differ is printed.
3. A large file, each reader in a process of its own: seconds, processor seconds, peak memory, all fields as Python texts.
4. Line numbers of rows that cannot be read, and of a row that can and holds what is no number, in a file with records of
   several lines, blank lines, a row too short and one that is no UTF-8.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from benchmarks.options import parse
from benchmarks.reader_cases import table_cases
from rnnlab.config import UsageError
from rnnlab.tasks.own.common.findings import Findings
from rnnlab.tasks.own.tables.table import open_table

Found = tuple[tuple[str, ...], list[tuple[str, ...]]]
"""Titles, and the fields of each row."""


def read_ours(path: Path) -> Found:
    findings = Findings(path.name)
    table = open_table(path, findings)
    rows = [row for block in table.blocks(findings) for row in zip(*block.columns, strict=True)]
    return (table.header if table.titled else ()), rows


def _duckdb(path: Path) -> Any:
    connection = import_module("duckdb").connect(config={"memory_limit": "512MB", "threads": 2})
    connection.execute("SET autoinstall_known_extensions = false; SET autoload_known_extensions = false")
    return connection.execute("SELECT * FROM read_csv(?, all_varchar = true, ignore_errors = true)", [_literal(path)])


def _literal(path: Path) -> str:
    """The path as DuckDB takes it for a name and not for a pattern."""
    return "".join(f"[{character}]" if character in "*?[" else character for character in str(path))


def read_duckdb(path: Path) -> Found:
    result = _duckdb(path)
    titles = tuple(column[0] for column in result.description)
    untitled = all(title == f"column{index}" for index, title in enumerate(titles)) or all(
        title.startswith("column") and title[6:].isdigit() for title in titles
    )
    return (() if untitled else titles), [tuple(word or "" for word in row) for row in result.fetchall()]


def _detected(path: Path) -> Any:
    return import_module("clevercsv").Detector().detect(path.read_text("utf-8", errors="replace"))


def read_polars(path: Path) -> Found:
    delimiter = (_detected(path).delimiter if find_spec("clevercsv") else "") or ","
    frame = import_module("polars").read_csv(
        path, separator=delimiter, infer_schema=False, truncate_ragged_lines=True, encoding="utf8-lossy"
    )
    return tuple(frame.columns), [tuple(word or "" for word in row) for row in frame.rows()]


def read_clevercsv(path: Path) -> Found:
    dialect = _detected(path)
    text = path.read_text("utf-8", errors="replace")
    rows = list(import_module("clevercsv").reader(text.splitlines(keepends=True), dialect))
    return tuple(rows[0]), [tuple(row) for row in rows[1:]]


READERS: dict[str, Callable[[Path], Found]] = {
    "ours": read_ours,
    "duckdb": read_duckdb,
    "polars": read_polars,
    "clevercsv": read_clevercsv,
}


def here() -> list[str]:
    """Readers that can be imported."""
    return [name for name in READERS if name == "ours" or find_spec(name)]


def attempt(name: str, path: Path) -> Found | str:
    """What the reader finds, or its error."""
    try:
        return READERS[name](path)
    except UsageError as error:
        return str(error)
    except Exception as error:  # whatever a library raises is its answer
        return f"{type(error).__name__}: {str(error).splitlines()[0] if str(error) else ''}"


def dialects(count: int, seed: int, *, verbose: bool) -> None:
    """Prints how many of the generated files each reader reads right."""
    right = dict.fromkeys(here(), 0)
    whole = dict.fromkeys(here(), 0)
    with tempfile.TemporaryDirectory(prefix="rnnlab-readers-") as folder:
        path = Path(folder) / "table.csv"
        for case in table_cases(count, seed):
            path.write_bytes(case.data)
            wanted = [tuple(word.strip() for word in row) for row in case.rows]
            for name in right:
                found = attempt(name, path)
                fields = [] if isinstance(found, str) else [_plain(row) for row in found[1]]
                whole[name] += fields == wanted
                right[name] += fields == wanted and not isinstance(found, str) and found[0] == case.titles
                if (
                    verbose
                    and name == "ours"
                    and (isinstance(found, str) or (found[0], fields) != (case.titles, wanted))
                ):
                    print(f"    ours: {case.name}: {found if isinstance(found, str) else (found[0], found[1][:1])}")
    for name in right:
        print(f"{name}: fields of {whole[name]} and titles too of {right[name]} of {count} dialects", flush=True)


def _plain(row: tuple[str, ...]) -> tuple[str, ...]:
    return tuple("" if word.strip() == "NA" else word.strip() for word in row)


def people(folder: Path) -> None:
    """Prints what each reader finds in each text file below the folder, where they do not agree."""
    files = sorted(
        path for path in folder.rglob("*.*") if path.is_file() and path.suffix.lower() in (".csv", ".tsv", ".txt")
    )
    alike = dict.fromkeys(here(), 0)
    for path in files:
        shown = {}
        for name in alike:
            found = attempt(name, path)
            shown[name] = found[:90] if isinstance(found, str) else _summary(found)
            alike[name] += shown[name] == shown["ours"]
        if len(set(shown.values())) > 1:
            print(path.relative_to(folder))
            print("".join(f"    {name}: {words}\n" for name, words in shown.items()), end="", flush=True)
    for name, count in alike.items():
        print(f"{name}: as ours on {count} of {len(files)} files", flush=True)


def _summary(found: Found) -> str:
    columns = len(found[1][0]) if found[1] else 0
    return f"{columns} columns, {len(found[1])} rows, {', '.join(found[0][:3]) or 'no titles'}"


def _all_fields(name: str, path: Path) -> int:
    """Number of rows of which all fields were texts of Python once."""
    if name == "ours":
        findings = Findings(path.name)
        return sum(len(block) for block in open_table(path, findings).blocks(findings))
    if name == "duckdb":
        result = _duckdb(path)
        return sum(map(len, iter(lambda: result.fetchmany(50_000), [])))
    if name == "polars":
        return sum(_of_batch(batch) for batch in _batches(path))
    raise ValueError(name)


def _batches(path: Path) -> Iterator[Any]:
    polars = import_module("polars")
    yield from polars.scan_csv(path, infer_schema=False, truncate_ragged_lines=True).collect_batches(chunk_size=50_000)


def _of_batch(batch: Any) -> int:
    columns = [column.to_list() for column in batch.get_columns()]
    return len(columns[0]) if columns else 0


def large(gigabytes: float) -> None:
    """Prints seconds and peak memory of each reader on large files of texts and of numbers."""
    from benchmarks.check_large import MADE

    with tempfile.TemporaryDirectory(prefix="rnnlab-readers-") as folder:
        for kind in ("text", "series"):
            path = Path(folder) / f"{kind}.csv"
            MADE[kind][1](path, int(gigabytes * 10**9))
            for name in here():
                if name == "clevercsv":  # it holds the whole file, and reads a megabyte a second
                    continue
                found = _measured(name, path)
                print(f"{kind}, {path.stat().st_size / 1e9:.2f} GB, {name}: {found}", flush=True)
            path.unlink()


def _measured(name: str, path: Path) -> str:
    began = time.perf_counter()
    process = subprocess.Popen(
        [sys.executable, "-m", "benchmarks.readers", "--one", name, str(path)], stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    words = process.stdout.read()
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    peak = usage.ru_maxrss / (2**20 if sys.platform == "darwin" else 2**10)
    seconds = time.perf_counter() - began
    return f"{seconds:.1f} s, {usage.ru_utime + usage.ru_stime:.1f} s of processor time, peak {peak:.0f} MiB, {words.strip()}"


_BAD = (
    b'date,value,note\n2020-01-01,1.5,plain\n2020-01-02,2.5,"two\nlines"\n\n2020-01-03,3.5\n2020-01-04,4.5,caf\xe9\n'
    b"2020-01-05,five,word\n"
    + b"".join(b"2020-02-%02d,%d.5,plain \xc3\xbc\n" % (day, day) for day in range(1, 29))
    * 20
)
_TOO_SHORT, _NO_UTF8, _NO_NUMBER = 6, 7, 8


def line_numbers() -> None:
    """Prints the lines at which each reader says that a row is too short, no UTF-8, and no number; right are 6, 7 and 8."""
    with tempfile.TemporaryDirectory(prefix="rnnlab-readers-") as folder:
        path = Path(folder) / "bad.csv"
        path.write_bytes(_BAD)
        findings = Findings("bad.csv")
        table = open_table(path, findings)
        words = [
            line
            for block in table.blocks(findings)
            for line, word in zip(block.lines, block.columns[1], strict=True)
            if word == "five"
        ]
        places = {kind: [where for where, _ in problem.places] for kind, problem in findings.problems.items()}
        print(f"ours: {json.dumps(places)}; 'five' on line {words}; right: {_TOO_SHORT}, {_NO_UTF8}; {_NO_NUMBER}")
        if find_spec("duckdb"):
            connection = import_module("duckdb").connect()
            rows = connection.execute("SELECT * FROM read_csv(?, store_rejects = true)", [_literal(path)]).fetchall()
            rejects = connection.execute("SELECT line, error_type FROM reject_errors ORDER BY line").fetchall()
            print(f"duckdb: {len(rows)} rows; rejected {rejects}; a row that is read has no line number")
        if find_spec("polars"):
            found = attempt("polars", path)
            print(f"polars: {found if isinstance(found, str) else f'{len(found[1])} rows, no line numbers'}")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--dialects", type=int, default=200)
    parser.add_argument("--cases", type=Path)
    parser.add_argument("--gigabytes", type=float, default=1.0)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--verbose", action="store_true", help="print the dialects that ours reads otherwise")
    parser.add_argument("--one", nargs=2, metavar=("READER", "PATH"), help=argparse.SUPPRESS)
    options = parse(parser, dialects=3, gigabytes=0.0)
    if options.one:
        name, path = options.one
        print(f"{_all_fields(name, Path(path)):,} rows")
        return 0
    dialects(options.dialects, options.seed, verbose=options.verbose)
    line_numbers()
    if options.cases:
        people(options.cases)
    if options.gigabytes:
        large(options.gigabytes)
    return 0


if __name__ == "__main__":
    sys.exit(main())
