"""`rnnlab data check`: what is wrong with a person's own file, before it is trained on."""

from __future__ import annotations

import shlex
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING

import click
from rich.segment import Segment

from rnnlab.cli import completion
from rnnlab.cli.echo import echo_json, redraw
from rnnlab.cli.terminal import err, out, report_width, show
from rnnlab.config import UsageError, field_of
from rnnlab.plots.dataset.file_check import PLACES, file_check, read_notes
from rnnlab.text.lines import Line, Lines
from rnnlab.text.palette import Palette, terminal_palette
from rnnlab.text.sanitise import plain
from rnnlab.text.sections import Paragraph, paragraphs

if TYPE_CHECKING:
    from rnnlab.tasks.own.check import CheckReport


@click.command("check")
@click.argument("file", shell_complete=completion.files)
@click.option(
    "--json", "as_json", is_flag=True, help="Print what was found as one JSON object, and nothing else, on stdout."
)
@click.option("--all", "every", is_flag=True, help="List the first 20 occurrences of each problem instead of 5.")
@click.option(
    "--set",
    "assignments",
    multiple=True,
    metavar="KEY=VALUE",
    help="A setting to read it with, e.g. data.kind=series, data.target_column=price.",
    shell_complete=completion.settings("data."),
)
def command(file: str, as_json: bool, every: bool, assignments: tuple[str, ...]) -> int:
    """Check FILE (or a folder) as `rnnlab train own` would read it: what is wrong, line by line.

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
        console = out()
        lines = report_lines(report, assignments, report_width(console), terminal_palette(), 20 if every else PLACES)
        show(lines, console)
    return 0 if report.trainable else 1


def show_notes(notes: Sequence[str]) -> None:
    """Prints how a file was read, on stderr: the lines on its columns, and what was found in it."""
    console = err()
    show(paragraphs(read_notes(notes), report_width(console), terminal_palette()), console)


class ReadingProgress:
    """How much of a file has been read, on stderr, redrawn in place; silent where stderr is no terminal."""

    def __init__(self) -> None:
        self._live = sys.stderr.isatty()
        self._shown = -1

    def show(self, read: int, size: int) -> None:
        """Redraw the line for `read` of `size` bytes, where the percentage has changed."""
        percent = min(100, 100 * read // max(1, size))
        if self._live and percent != self._shown:
            self._shown = percent
            redraw(sys.stderr, f"reading {percent} %")

    def close(self) -> None:
        """Erase the line, where there is one."""
        if self._shown >= 0:
            redraw(sys.stderr)


def report_lines(report: CheckReport, assignments: tuple[str, ...], width: int, palette: Palette, places: int) -> Lines:
    """The report in lines of `width` cells, with up to `places` places of each problem; the command to train with at the end."""
    found = file_check(report.as_json(), places)
    title = paragraphs([Paragraph(plain(report.file), cut=True)], width, palette)
    lines = title + paragraphs([*found.facts, *found.problems], width, palette)
    if not report.trainable:
        return lines + paragraphs(found.verdict, width, palette)
    lines += paragraphs([found.verdict[0]._replace(text=f"{found.verdict[0].text}:")], width, palette)
    lines.append(_command(report, assignments))
    if report.may_be_classes:
        lines += paragraphs([Paragraph("✓ or, if its numbers are classes:", "good")], width, palette)
        lines.append(_command(report, (*assignments, "data.problem=classes")))
    return lines


def _command(report: CheckReport, assignments: tuple[str, ...]) -> Line:
    """The command stands whole on a line of its own, to be copied."""
    settings = "".join(f" --set {shlex.quote(assignment)}" for assignment in assignments)
    return [Segment(plain(f"  rnnlab train own --data {shlex.quote(report.file)}{settings}"))]
