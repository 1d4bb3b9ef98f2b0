"""`rnnlab data check`: what is wrong with somebody's own file, before it is trained on."""

from __future__ import annotations

import shlex
import shutil
import sys
import textwrap
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from rnnlab.cli import completion
from rnnlab.cli.echo import echo, echo_json, redraw
from rnnlab.config import UsageError, field_of
from rnnlab.text.numbers import whole
from rnnlab.text.sanitise import plain

if TYPE_CHECKING:
    from rnnlab.tasks.own.check import CheckReport

_PLACES = 5
"""Places of a problem that are listed, unless all twenty are asked for."""
_CLASSES = 12


@click.command("check")
@click.argument("file", shell_complete=completion.files)
@click.option("--json", "as_json", is_flag=True, help="Print what was found as one JSON object, alone, on stdout.")
@click.option("--all", "every", is_flag=True, help="List the first 20 places of each problem instead of 5.")
@click.option(
    "--set",
    "assignments",
    multiple=True,
    metavar="KEY=VALUE",
    help="A setting to read it with, e.g. data.kind=series, data.target_column=price.",
    shell_complete=completion.settings("data."),
)
def command(file: str, as_json: bool, every: bool, assignments: tuple[str, ...]) -> int:
    """Look through FILE (or a folder) as `rnnlab train own` would read it, and say what is wrong, line by line.

    Exit code 0 when it can be trained on, 1 when not. A file of any size is read in bounded memory.
    """
    settings: dict[str, object] = {}
    for assignment in assignments:
        key, equals, value = assignment.partition("=")
        if not equals:
            raise UsageError(f"--set {assignment!r} is not KEY=VALUE; for example --set data.kind=series")
        settings[key.strip()] = field_of(key.strip(), value).parse(value)
    from rnnlab.tasks.own.check import check_file

    progress = ReadingProgress()
    try:
        report = check_file(file, settings, progress.show)
    finally:
        progress.close()
    if as_json:
        echo_json(report.as_json())
    else:
        width = min(shutil.get_terminal_size((100, 24)).columns, 140)
        echo(*report_lines(report, assignments, width, 20 if every else _PLACES))
    return 0 if report.trainable else 1


class ReadingProgress:
    """How much of a file has been read, on stderr, redrawn in place; silent where stderr is no terminal."""

    def __init__(self) -> None:
        self._live = sys.stderr.isatty()
        self._shown = -1

    def show(self, read: int, size: int) -> None:
        percent = min(100, 100 * read // max(1, size))
        if self._live and percent != self._shown:
            self._shown = percent
            redraw(sys.stderr, f"reading {percent} %")

    def close(self) -> None:
        if self._shown >= 0:
            redraw(sys.stderr)


_KINDS = {
    "text": "texts with labels",
    "series": "a series to forecast",
    "arrays": "arrays",
    "recordings": "recordings, a folder a label",
    "ts": "a .ts file of the UCR and UEA archives",
}


def report_lines(report: CheckReport, assignments: tuple[str, ...], width: int, places: int) -> list[str]:
    """The report as text, at most `width` columns wide, with up to `places` places of each problem."""
    lines = [plain(report.file, width)]
    for label, text in _facts(report):
        lines += _wrapped(f"{label:<10} ", text, width)
    for problem in report.as_json()["problems"]:
        lines += _wrapped("✗ " if problem["stops"] else "! ", problem["message"], width)
        shown = problem["places"][:places] if len(problem["places"]) > 1 else []
        lines += [plain(f"    {place['where']}: {place['message']}", width) for place in shown]
        if shown and problem["count"] > len(shown):
            lines.append(f"    and {whole(problem['count'] - len(shown))} more")
    if report.trainable:
        # The command stands whole on a line of its own, to be copied.
        lines += ["✓ it can be trained on:", plain(f"  {_command(report, assignments)}")]
        if report.may_be_classes:
            lines += ["✓ or, if its numbers are classes:"]
            lines += [plain(f"  {_command(report, (*assignments, 'data.problem=classes'))}")]
    else:
        lines += _wrapped("✗ ", "it cannot be trained on as it is", width)
    return lines


def _command(report: CheckReport, assignments: tuple[str, ...]) -> str:
    settings = "".join(f" --set {shlex.quote(assignment)}" for assignment in assignments)
    return f"rnnlab train own --data {shlex.quote(report.file)}{settings}"


def _facts(report: CheckReport) -> list[tuple[str, str]]:
    """What was found out of the file, a label and a text each."""
    facts: list[tuple[str, str]] = []
    found = report.as_json()["facts"]
    if report.kind:
        told = [_KINDS[report.kind]]
        if "delimiter" in found:
            width = "1 column" if found["columns"] == 1 else f"{found['columns']} columns"
            told.append(f"{width}, delimiter {found['delimiter']}")
            told.append("a header" if found.get("header") else "no header")
            told.append(str(found["encoding"]))
        facts.append(("kind", ", ".join(told)))
    columns = {
        "date_column": "date",
        "input_column": "text",
        "input_columns": "goes in",
        "target_column": "label" if report.kind == "text" else "forecast",
    }
    named = [f"{word}: {_list(found[key])}" for key, word in columns.items() if found.get(key)]
    if named:
        facts.append(("columns", "; ".join(named)))
    if report.problem == "regression":
        facts.append(("to learn", "numbers, not classes: a regression"))
    if found.get("test_file"):
        train, test = str(found.get("train_file")), str(found["test_file"])
        given = plain(Path(report.file).name)
        if given == train:
            facts.append(("test set", f"{test}, beside it"))
        else:
            beside = ", beside it" if given == test else ""
            facts += [("train set", f"{train}{beside}: what is trained on"), ("test set", test)]
    if report.rows:
        facts.append(("rows" if report.kind != "series" else "steps", whole(report.rows)))
    if report.lengths and report.kind != "series":
        least, most, mean = (report.lengths[key] for key in ("min", "max", "mean"))
        facts.append(
            ("lengths", f"{least:,.0f} to {most:,.0f}, mean {mean:,.2f}" if least < most else f"all {most:,.0f}")
        )
    if report.classes:
        classes = [f"{plain(name, 30)} {whole(count)}" for name, count in list(report.classes.items())[:_CLASSES]]
        more = ", …" if len(report.classes) > _CLASSES else ""
        facts.append(("classes", f"{whole(len(report.classes))}: {', '.join(classes)}{more}"))
    if report.splits:
        facts.append(("split", ", ".join(f"{name} {whole(count)}" for name, count in report.splits.items())))
    return facts


def _list(value: Any) -> str:
    if not isinstance(value, list):
        return str(value)
    return ", ".join(map(str, value[:_CLASSES])) + (f", … ({len(value):,} in all)" if len(value) > _CLASSES else "")


def _wrapped(label: str, text: str, width: int) -> list[str]:
    folded = textwrap.wrap(plain(text), max(20, width - len(label))) or [""]
    return [f"{label if index == 0 else ' ' * len(label)}{line}" for index, line in enumerate(folded)]
