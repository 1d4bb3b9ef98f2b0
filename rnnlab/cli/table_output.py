"""Tables of a command as text for a report, a spreadsheet or a thesis: to standard output, or to a file."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from rnnlab.cli.echo import echo
from rnnlab.errors import UsageError
from rnnlab.paths import user_path
from rnnlab.runs.files import write_atomically
from rnnlab.text.latex import to_latex
from rnnlab.text.markdown import to_markdown
from rnnlab.text.spreadsheet import to_csv
from rnnlab.text.table import Table

FORMATS: dict[str, Callable[[Sequence[Table]], str]] = {"md": to_markdown, "csv": to_csv, "latex": to_latex}
_ENDINGS = {".md": "md", ".csv": "csv", ".tex": "latex"}


def format_for(named: str | None, file: str | None) -> str | None:
    """The format that `--to` names, else the one that the file's name ends with; None: a table in the terminal.

    Raises `UsageError` for a file whose name does not say.
    """
    if named is not None or file is None:
        return named
    found = _ENDINGS.get(Path(file).suffix.lower())
    if found is None:
        raise UsageError(f"-o {file}: in which format? Say --to md, csv or latex, or end the name in .md, .csv or .tex")
    return found


def write_tables(tables: Sequence[Table], named: str, file: str | None) -> None:
    """The tables in the format, UTF-8, to the file, whole or not at all, or to standard output.

    Raises `UsageError` where no file can be written there.
    """
    text = FORMATS[named](tables)
    if file is None:
        echo(*text.rstrip("\n").split("\n"))
        return
    write_file(file, text.encode())


def write_file(file: str, data: bytes, *, announced: bool = True) -> None:
    """Writes what `-o` asks for, whole or not at all, and says so where `announced`. Raises `UsageError` where it cannot be."""
    path = user_path(file)
    if not path.parent.is_dir():
        raise UsageError(f"-o {file}: there is no folder {path.parent}; make it first, or choose another")
    if path.is_dir():
        raise UsageError(f"-o {file}: that is a folder; give the name of a file in it")
    try:
        write_atomically(path, data)
    except OSError as error:
        raise UsageError(f"-o {file} cannot be written: {error.strerror}; choose another place") from None
    if announced:
        echo(f"written to {file}", err=True)
