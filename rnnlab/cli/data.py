"""`rnnlab data`: the data sets, what is in them, and how to get them."""

from __future__ import annotations

import shutil
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, TextIO

import click
import msgspec

from rnnlab.cli.check import command as check_file
from rnnlab.cli.settings import config_from_options
from rnnlab.config import UsageError
from rnnlab.plots.numbers import duration, probability, whole
from rnnlab.plots.plain import plain
from rnnlab.tasks.card import TaskCard
from rnnlab.tasks.catalog import TASKS
from rnnlab.tasks.folders import data_root, is_here, locate

BAR = 24
"""Columns of the longest bar."""
_EIGHTHS = " ▏▎▍▌▋▊▉"


@click.group("data")
def command() -> None:
    """The data sets: list them, fetch one, show what is in one, check a file of your own."""


command.add_command(check_file)


@command.command("list")
@click.option("--json", "as_json", is_flag=True, help="Print a JSON array.")
def list_data(as_json: bool) -> None:
    """List the data sets: which are here, where and how large, what they are, their terms."""
    listed = [_listing(card) for card in TASKS.values()]
    if as_json:
        click.echo(msgspec.json.encode(listed))
        return
    width = min(shutil.get_terminal_size((100, 24)).columns, 140)
    for entry in listed:
        for line in _listed_lines(entry, width):
            click.echo(line)


def _listed_lines(entry: dict[str, Any], width: int) -> list[str]:
    """A data set in a few lines: its name and kind, where it is or how to get it, its terms."""
    import textwrap

    head = f"{entry['name']:<15} {entry['title']:<28} {entry['problem']}"
    if entry["path"]:
        place = f"here: {size(entry['bytes'])} in {plain(entry['path'])}"
    elif entry["name"] == "own":
        place = "yours: rnnlab data check FILE, then rnnlab train own --data FILE"
    elif entry["here"]:
        place = "here: nothing to fetch"
    else:
        place = f"not here: rnnlab data fetch {entry['name']}"
        if entry["partly"]:
            place += f" ({size(entry['partly'])} of about {entry['download']} came already: it goes on from there)"
        elif entry["download"]:
            place += f" (about {entry['download']})"
    folded = textwrap.wrap(f"{place}. Terms: {plain(entry['terms'])}", max(20, width - 16), break_on_hyphens=False)
    return [plain(head, width).rstrip(), *(f"{'':<15} {line}" for line in folded)]


def _listing(card: TaskCard) -> dict[str, Any]:
    from rnnlab.tasks.download import partly_here
    from rnnlab.tasks.manifest import read_manifest

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
    """Bytes as people say them: 164 kB, 61.0 MB."""
    return f"{count / 1e6:,.1f} MB" if count >= 1e6 else f"{count / 1e3:,.0f} kB" if count >= 1e3 else f"{count} bytes"


@command.command("fetch")
@click.argument("name")
@click.option(
    "--from", "source", metavar="PATH-OR-URL", help="A folder, an archive, a CSV or another address that holds it."
)
@click.option("--json", "as_json", is_flag=True, help="Print what came as JSON, alone, on stdout.")
def fetch_data(name: str, source: str | None, as_json: bool) -> None:
    """Bring the data set NAME into the data folder (RNNLAB_DATA, else data/), checked by sha256."""
    from rnnlab.tasks.download import fetch, partly_here
    from rnnlab.tasks.manifest import data_set, read_manifest

    if name in TASKS and TASKS[name].offline:
        raise UsageError(f"{name} needs no fetching: it is {TASKS[name].source}")
    wanted = data_set(name, read_manifest())
    click.echo(f"{wanted.title}; terms: {wanted.terms}", err=True)
    click.echo(f"from {plain(source or wanted.address)}" + ("" if source else f", about {wanted.about}"), err=True)
    bar = TransferLine(sys.stderr)
    try:
        fetched = fetch(name, source, report=bar.show)
    except KeyboardInterrupt:
        bar.close()
        if here := partly_here(name):
            click.echo(f"stopped; {size(here)} are kept, and the same command goes on from there", err=True)
        raise
    finally:
        bar.close()
    if as_json:
        click.echo(msgspec.json.encode(fetched, enc_hook=str))
        return
    files = f"{fetched.files:,} {'file' if fetched.files == 1 else 'files'}"
    if fetched.already:
        click.echo(f"{name} is in {plain(str(fetched.folder))} already, {files}, as published")
        return
    click.echo(f"{name} is in {plain(str(fetched.folder))} now: {files}, {fetched.bytes:,} bytes")
    if fetched.differing:
        click.echo(
            f"note: {len(fetched.differing)} of them differ from those published ({', '.join(fetched.differing[:3])}"
            f"{', …' if len(fetched.differing) > 3 else ''}), so figures will not compare with others'",
            err=True,
        )
    click.echo(f"next: rnnlab data show {name}, or rnnlab train {name}")


class TransferLine:
    """A download's progress, redrawn in place on a terminal: how much, how fast, how long still; a line every ten seconds
    elsewhere."""

    _EVERY = 10.0

    def __init__(self, stream: TextIO, clock: Callable[[], float] = time.monotonic) -> None:
        self._stream = stream
        self._clock = clock
        self._live = stream.isatty()
        self._began: tuple[int, float] | None = None
        self._told = 0.0
        self._open = False

    def show(self, received: int, expected: int) -> None:
        """So many bytes are here, of so many (0: unknown)."""
        now = self._clock()
        if self._began is None or received < self._began[0]:
            self._began = (received, now)
            self._told = now
            if received:
                self._write(f"going on from {size(received)}\n")
        last = received == expected
        if not last and now - self._told < (0.1 if self._live else self._EVERY):
            return
        self._told = now
        seconds = now - self._began[1]
        pace = (received - self._began[0]) / seconds if seconds > 0 else 0.0
        words = self._words(received, expected, pace)
        if self._live:
            width = shutil.get_terminal_size((80, 24)).columns - 1
            share = received / expected if expected else 0.0
            self._write(f"\r\x1b[2K{f'{_bar(share, BAR):<{BAR}} {words}'[:width]}")
            self._open = True
        elif not last:
            self._write(f"{words}\n")

    def _words(self, received: int, expected: int, pace: float) -> str:
        parts = [f"{size(received)} of {size(expected)}  {received / expected:4.0%}" if expected else size(received)]
        if pace > 0:
            parts.append(f"{size(round(pace))}/s")
            if received < expected:
                parts.append(f"left {duration((expected - received) / pace)}")
        return "  ".join(parts)

    def _write(self, text: str) -> None:
        self._stream.write(text)
        self._stream.flush()

    def close(self) -> None:
        """Leaves the line."""
        if self._open:
            self._open = False
            self._write("\n")


@command.command("show")
@click.argument("name")
@click.option("--json", "as_json", is_flag=True, help="Print the card as JSON, alone, on stdout.")
@click.option(
    "--set", "assignments", multiple=True, metavar="KEY=VALUE", help="A setting, e.g. data.split=grouped, train.seed=1."
)
def show_data(name: str, as_json: bool, assignments: tuple[str, ...]) -> None:
    """Show what is in the data set NAME: classes, lengths, splits, duplicates, leaks, baseline, terms."""
    from rnnlab.tasks.datacard import data_card

    document = data_card(config_from_options(name, None, assignments, {}))
    if as_json:
        click.echo(msgspec.json.encode(document))
        return
    width = min(shutil.get_terminal_size((100, 24)).columns, 140)
    for line in card_lines(document, width):
        click.echo(line)


def card_lines(document: dict[str, Any], width: int) -> list[str]:
    """The card as text, at most `width` columns wide."""
    import textwrap

    lines = [plain(f"{document['name']}: {document['title']}", width), ""]
    lines += [plain(line) for line in textwrap.wrap(document["summary"], width)]
    lines += ["", *_facts(document, width), ""]
    lines += _classes(document, width) if document["classes"] else []
    lines += _samples(document, width)
    return lines


def _facts(document: dict[str, Any], width: int) -> list[str]:
    lengths, duplicates, parts = document["lengths"], document["duplicates"], document["splits"]
    rows, distinct = whole(document["rows"]), whole(duplicates["distinct"])
    sizes = ", ".join(f"{part} {whole(parts[part]['rows'])}" for part in parts)
    facts = [
        ("source", document["source"]),
        ("terms", document["terms"]),
        (
            "rows",
            f"{rows} as published, {distinct} of them distinct" if duplicates["rows"] else f"{rows}, all distinct",
        ),
        ("split", f"{document['split']}, seed {document['seed']}: {sizes}"),
        ("lengths", f"{lengths['min']} to {lengths['max']}, mean {lengths['mean']:.2f}, median {lengths['median']:g}"),
    ]
    facts += [
        (key, f"{document[key]['min']:g} to {document[key]['max']:g}")
        for key in ("values", "targets")
        if key in document
    ]
    if duplicates["rows"]:
        leak = f"{duplicates['random_split_leak']:.1%} of the test rows would be training rows too"
        facts.append(("repeats", f"{whole(duplicates['rows'])} rows; split at random with them, {leak}"))
    if duplicates.get("several_classes"):
        several, ceiling = whole(duplicates["several_classes"]), f"{duplicates['ceiling']:.1%}"
        facts.append(("ambiguous", f"{several} inputs under several classes: knowing all by heart gives {ceiling}"))
    facts += [("leaks", _leak_words(document["leaks"])), ("baseline", _baseline_words(document))]
    facts += [("note", note) for note in document["notes"]]
    return [line for label, text in facts for line in _wrapped(label, text, width)]


def _baseline_words(document: dict[str, Any]) -> str:
    baseline = document["baseline"]
    shown = [*document["splits"], *(["published"] if document["duplicates"]["rows"] else [])]
    words = (
        f"{part} {value:.2f}" if document["metric"] == "mae" else f"{part} {probability(value, 3)}"
        for part, value in ((part, baseline[part]) for part in shown if part in baseline)
    )
    return f"{baseline['name']}: {document['metric']} {', '.join(words)}".replace("published", "all rows as published")


def _leak_words(leaks: dict[str, Any]) -> str:
    words = "no row in two parts" if not leaks["rows"] else f"{whole(leaks['rows'])} rows in two parts"
    if leaks["inputs"]:
        return f"{words}; {whole(leaks['inputs'])} inputs in two, under another class (data.split=grouped keeps them together)"
    return f"{words}, no input either"


def _wrapped(label: str, text: str, width: int) -> list[str]:
    import textwrap

    folded = textwrap.wrap(plain(text), max(20, width - 11)) or [""]
    return [f"{label if index == 0 else '':<10} {line}" for index, line in enumerate(folded)]


def _classes(document: dict[str, Any], width: int) -> list[str]:
    """A row a class, with a bar of its distinct rows and its rows in each part; of its steps where each step has a class."""
    classes = document["classes"]
    distinct = document["duplicates"].get("classes")
    counted, bars = ("rows", distinct) if distinct else ("steps", classes)
    most = max(1, *bars.values())
    name_width = min(24, max(5, *map(len, classes)))
    bar_width = max(4, min(BAR, width - name_width - 38))
    column = f"{'distinct' if distinct else '':>8}"
    lines = [f"{'class':<{name_width}} {counted:>7} {column} {'':<{bar_width}} {'train':>6} {'valid.':>6} {'test':>5}"]
    for name, rows in classes.items():
        parts = [document["splits"][part]["classes"][name] for part in ("train", "validation", "test")]
        column = f"{distinct[name]:>8,}" if distinct else f"{'':>8}"
        bar = _bar(bars[name] / most, bar_width)
        lines.append(
            f"{plain(name, name_width):<{name_width}} {rows:>7,} {column} {bar:<{bar_width}} "
            f"{parts[0]:>6,} {parts[1]:>6,} {parts[2]:>5,}"
        )
    return [line[:width].rstrip() for line in lines] + [""]


def _samples(document: dict[str, Any], width: int) -> list[str]:
    lines = ["samples"]
    for sample in document["samples"]:
        target = plain(sample["target"], 24)
        lines.append(f"  {plain(sample['input'], max(8, width - len(target) - 5))} → {target}")
    return lines


def _bar(share: float, width: int) -> str:
    """A bar of `share` of `width` columns, to an eighth of a column; something is never nothing."""
    eighths = max(1 if share > 0 else 0, round(share * width * 8))
    return ("█" * (eighths // 8) + _EIGHTHS[eighths % 8]).rstrip()
