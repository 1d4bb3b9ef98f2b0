"""`rnnlab data`: the data sets, what is in them, and how to get them."""

from __future__ import annotations

import shutil
import sys
from typing import Any

import click
import msgspec

from rnnlab.cli.settings import config_from_options
from rnnlab.config import UsageError
from rnnlab.plots.numbers import probability, whole
from rnnlab.plots.plain import plain
from rnnlab.tasks.card import TaskCard
from rnnlab.tasks.catalog import TASKS
from rnnlab.tasks.folders import is_here, locate

BAR = 24
"""Columns of the longest bar."""
_EIGHTHS = " ▏▎▍▌▋▊▉"


@click.group("data")
def command() -> None:
    """The data sets: list them, fetch one, show what is in one."""


@command.command("list")
@click.option("--json", "as_json", is_flag=True, help="Print a JSON array.")
def list_data(as_json: bool) -> None:
    """List the data sets: which are here, what they are, their terms."""
    listed = [_listing(card) for card in TASKS.values()]
    if as_json:
        click.echo(msgspec.json.encode(listed))
        return
    for entry in listed:
        place = "here" if entry["here"] else f"not here: rnnlab data fetch {entry['name']}"
        click.echo(f"{entry['name']:<11}{entry['title']:<24}{entry['problem']:<16}{place}")
        if entry["path"]:
            click.echo(f"{'':<11}in {plain(entry['path'])}")
        click.echo(f"{'':<11}{entry['terms']}")


def _listing(card: TaskCard) -> dict[str, Any]:
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
        "offline": card.offline,
        "address": entry.address if entry else None,
        "sha256": entry.sha256 if entry else None,
        "source": card.source,
        "terms": card.terms,
        "summary": card.summary,
    }


@command.command("fetch")
@click.argument("name")
@click.option(
    "--from", "source", metavar="PATH-OR-URL", help="A folder, a zip archive or another address that holds it."
)
@click.option("--json", "as_json", is_flag=True, help="Print what came as JSON, alone, on stdout.")
def fetch_data(name: str, source: str | None, as_json: bool) -> None:
    """Bring the data set NAME into the data folder (RNNLAB_DATA, else data/), checked by sha256."""
    from rnnlab.tasks.download import fetch
    from rnnlab.tasks.manifest import data_set, read_manifest

    if name in TASKS and TASKS[name].offline:
        raise UsageError(f"{name} needs no fetching: it is {TASKS[name].source}")
    wanted = data_set(name, read_manifest())
    click.echo(f"{wanted.title}; terms: {wanted.terms}", err=True)
    click.echo(f"from {plain(source or wanted.address)}" + ("" if source else f", about {wanted.about}"), err=True)
    bar = _Bar()
    try:
        fetched = fetch(name, source, report=bar.show)
    finally:
        bar.close()
    if as_json:
        click.echo(msgspec.json.encode(fetched, enc_hook=str))
        return
    if fetched.already:
        click.echo(f"{name} is in {plain(str(fetched.folder))} already, {fetched.files} files, each as published")
        return
    click.echo(f"{name} is in {plain(str(fetched.folder))} now: {fetched.files} files, {fetched.bytes:,} bytes")
    if fetched.differing:
        click.echo(
            f"note: {len(fetched.differing)} of them differ from those published ({', '.join(fetched.differing[:3])}"
            f"{', …' if len(fetched.differing) > 3 else ''}), so figures will not compare with others'",
            err=True,
        )
    click.echo(f"next: rnnlab data show {name}, or rnnlab train {name}")


class _Bar:
    """Progress on stderr, redrawn in place; silent where stderr is no terminal."""

    def __init__(self) -> None:
        self._live = sys.stderr.isatty()
        self._shown = ""

    def show(self, received: int, expected: int) -> None:
        done = f"{received / 2**20:.1f}"
        text = f"{done} of {expected / 2**20:.1f} MiB  {received / expected:4.0%}" if expected else f"{done} MiB"
        if self._live and text != self._shown:
            self._shown = text
            share = received / expected if expected else 0.0
            sys.stderr.write(f"\r\x1b[K{_bar(share, BAR):<{BAR}} {text}")
            sys.stderr.flush()

    def close(self) -> None:
        if self._shown:
            sys.stderr.write("\n")


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
    """A row a class, with a bar of its distinct rows and its rows in each part."""
    distinct = document["duplicates"]["classes"]
    most = max(distinct.values())
    name_width = min(24, max(len(name) for name in document["classes"]))
    bar_width = max(4, min(BAR, width - name_width - 38))
    lines = [
        f"{'class':<{name_width}} {'rows':>7} {'distinct':>8} {'':<{bar_width}} {'train':>6} {'valid.':>6} {'test':>5}"
    ]
    for name, rows in document["classes"].items():
        parts = [document["splits"][part]["classes"][name] for part in ("train", "validation", "test")]
        bar = _bar(distinct[name] / most, bar_width)
        lines.append(
            f"{plain(name, name_width):<{name_width}} {rows:>7,} {distinct[name]:>8,} {bar:<{bar_width}} "
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
