"""`rnnlab data`: the data sets, what is in them, and how to get them."""

from __future__ import annotations

import shutil
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, TextIO

import click

from rnnlab.catalog.task_card import TaskCard
from rnnlab.catalog.tasks.catalog import TASKS
from rnnlab.cli import completion
from rnnlab.cli.check import command as check_file
from rnnlab.cli.echo import echo, echo_json, redraw, write_lines
from rnnlab.cli.settings import config_from_options
from rnnlab.config import UsageError
from rnnlab.tasks.download.data_folders import data_root, is_here, locate
from rnnlab.text.bar import bar_text
from rnnlab.text.numbers import duration
from rnnlab.text.sanitise import plain

_BAR = 24
"""Columns of the bar of a download."""


@click.group("data", invoke_without_command=True)
@click.pass_context
def command(ctx: click.Context) -> None:
    """The data sets: list them, fetch one, show what is in one, check a file of your own."""
    if ctx.invoked_subcommand is None:
        echo(*ctx.get_help().splitlines())


command.add_command(check_file)


@command.command("list")
@click.option("--json", "as_json", is_flag=True, help="Print a JSON array.")
def list_data(as_json: bool) -> None:
    """List the data sets: which are here, where and how large, what they are, their terms."""
    listed = [_listing(card) for card in TASKS.values()]
    if as_json:
        echo_json(listed)
        return
    width = min(shutil.get_terminal_size((100, 24)).columns, 140)
    for entry in listed:
        echo(*_listed_lines(entry, width))


def _listed_lines(entry: dict[str, Any], width: int) -> list[str]:
    """A data set in a few lines: its name and kind, where it is or how to get it, its terms."""
    import textwrap

    # What there is to learn in a person's own file depends on the file.
    problem = "any of these" if entry["name"] == "own" else entry["problem"]
    head = f"{entry['name']:<15} {entry['title']:<28} {problem}"
    if entry["path"]:
        where = f"here: {size(entry['bytes'])} in {plain(entry['path'])}"
    elif entry["name"] == "own":
        where = "yours: rnnlab data check FILE, then rnnlab train own --data FILE"
    elif entry["here"]:
        where = "here: nothing to fetch"
    else:
        where = f"not here: rnnlab data fetch {entry['name']}"
        if entry["partly"]:
            where += f" ({size(entry['partly'])} of about {entry['download']} downloaded: it resumes there)"
        elif entry["download"]:
            where += f" (about {entry['download']})"
    folded = textwrap.wrap(f"{where}. Terms: {plain(entry['terms'])}", max(20, width - 16), break_on_hyphens=False)
    return [plain(head, width).rstrip(), *(f"{'':<15} {line}" for line in folded)]


def _listing(card: TaskCard) -> dict[str, Any]:
    from rnnlab.tasks.download.fetch import partly_here
    from rnnlab.tasks.download.manifest import read_manifest

    entry = read_manifest().get(card.name)
    here = is_here(card)
    folder = locate(card) if here and card.found_by else None
    return {
        "name": card.name,
        "title": card.title,
        "problem": card.problem,
        "here": here,
        "path": str(folder) if folder else None,
        "bytes": _bytes_on_disk(folder, card) if folder else None,
        "offline": card.offline,
        "address": entry.address if entry else None,
        "sha256": entry.sha256 if entry else None,
        "download": entry.about if entry else None,
        "partly": partly_here(card.name),
        "source": card.source,
        "terms": card.terms,
        "summary": card.summary,
    }


def _bytes_on_disk(folder: Path, card: TaskCard) -> int:
    """How much the data set takes: its folder, or in a folder that holds all of them the files it is known by."""
    own = folder != data_root()
    files = folder.rglob("*") if own else (path for pattern in card.found_by for path in folder.glob(pattern))
    return sum(path.stat().st_size for path in set(files) if path.is_file())


def size(count: int) -> str:
    """Bytes in the unit that suits them: 164 kB, 61.0 MB."""
    return f"{count / 1e6:,.1f} MB" if count >= 1e6 else f"{count / 1e3:,.0f} kB" if count >= 1e3 else f"{count} bytes"


@command.command("fetch")
@click.argument("name", shell_complete=completion.fetched)
@click.option(
    "--from",
    "source",
    metavar="PATH-OR-URL",
    help="A folder, an archive, a CSV or another address that holds it.",
    shell_complete=completion.files,
)
@click.option("--json", "as_json", is_flag=True, help="Print what was fetched as JSON, and nothing else, on stdout.")
@click.option(
    "--every",
    type=click.FloatRange(min=0.05),
    default=10.0,
    show_default=True,
    metavar="SECONDS",
    help="Time between two lines of progress, where they do not go to a terminal.",
)
def fetch_data(name: str, source: str | None, as_json: bool, every: float) -> None:
    """Bring the data set NAME into the data folder (RNNLAB_DATA, else data/), checked by sha256."""
    from rnnlab.tasks.download.fetch import fetch, partly_here
    from rnnlab.tasks.download.manifest import published_files, read_manifest

    if name in TASKS and TASKS[name].offline:
        raise UsageError(f"{name} needs no fetching: it is {TASKS[name].source}")
    wanted = published_files(name, read_manifest())
    echo(f"{wanted.title}; terms: {wanted.terms}", err=True)
    echo(f"from {source or wanted.address}" + ("" if source else f", about {wanted.about}"), err=True)
    bar = TransferLine(sys.stderr, every=every)
    try:
        fetched = fetch(name, source, report=bar.show)
    except KeyboardInterrupt:
        bar.close()
        if here := partly_here(name):
            echo(f"stopped; {size(here)} are kept, and the same command resumes there", err=True)
        raise
    finally:
        bar.close()
    if as_json:
        echo_json(fetched, default=str)
        return
    files = f"{fetched.files:,} {'file' if fetched.files == 1 else 'files'}"
    if fetched.already:
        echo(f"{name} is in {fetched.folder} already, {files}, as published")
        return
    echo(f"{name} is in {fetched.folder} now: {files}, {fetched.bytes:,} bytes")
    if fetched.differing:
        echo(
            f"note: {len(fetched.differing)} of them differ from those published ({', '.join(fetched.differing[:3])}"
            f"{', …' if len(fetched.differing) > 3 else ''}), so figures will not compare with others'",
            err=True,
        )
    echo(f"next: rnnlab data show {name}, or rnnlab train {name}")


class TransferLine:
    """Progress of a download: bytes, rate, time left.

    On a terminal it is redrawn in place, elsewhere a line every `every` seconds.
    """

    def __init__(self, stream: TextIO, clock: Callable[[], float] = time.monotonic, every: float = 10.0) -> None:
        self._every = every
        self._stream = stream
        self._clock = clock
        self._live = stream.isatty()
        self._began: tuple[int, float] | None = None
        self._shown = 0.0
        self._open = False

    def show(self, received: int, expected: int) -> None:
        """So many bytes are here, of so many (0: unknown)."""
        now = self._clock()
        if self._began is None or received < self._began[0]:
            self._began = (received, now)
            self._shown = now
            if received:
                write_lines(self._stream, f"resuming at {size(received)}")
        last = received == expected
        if not last and now - self._shown < (0.1 if self._live else self._every):
            return
        self._shown = now
        seconds = now - self._began[1]
        pace = (received - self._began[0]) / seconds if seconds > 0 else 0.0
        text = self._text(received, expected, pace)
        if self._live:
            share = received / expected if expected else 0.0
            redraw(self._stream, f"{bar_text(share, _BAR)} {text}")
            self._open = True
        elif not last:
            write_lines(self._stream, text)

    def _text(self, received: int, expected: int, pace: float) -> str:
        parts = [f"{size(received)} of {size(expected)}  {received / expected:4.0%}" if expected else size(received)]
        if pace > 0:
            parts.append(f"{size(round(pace))}/s")
            if received < expected:
                parts.append(f"left {duration((expected - received) / pace)}")
        return "  ".join(parts)

    def close(self) -> None:
        """End the line that is redrawn in place."""
        if self._open:
            self._open = False
            write_lines(self._stream, "")


@command.command("show")
@click.argument("name", shell_complete=completion.tasks)
@click.option("--json", "as_json", is_flag=True, help="Print the card as JSON, and nothing else, on stdout.")
@click.option(
    "--set",
    "assignments",
    multiple=True,
    metavar="KEY=VALUE",
    help="A setting, e.g. data.split=grouped, train.seed=1.",
    shell_complete=completion.settings(),
)
def show_data(name: str, as_json: bool, assignments: tuple[str, ...]) -> None:
    """Show what is in the data set NAME: classes, lengths, splits, duplicates, leaks, baseline, terms."""
    from rnnlab.cli.terminal import out, report_width, show
    from rnnlab.plots.dataset.profile import data_card_lines
    from rnnlab.tasks.describe.profile import data_card
    from rnnlab.text.palette import terminal_palette

    document = data_card(config_from_options(name, None, assignments, {}))
    if as_json:
        echo_json(document)
        return
    console = out()
    show(data_card_lines(document, report_width(console), terminal_palette()), console)
