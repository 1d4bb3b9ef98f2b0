"""`rnnlab plot`: a figure of a run or a session as text, SVG, PNG, CSV or Markdown."""

from __future__ import annotations

import shlex
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal, get_args

import click

from rnnlab.cli import completion
from rnnlab.cli.echo import echo, echo_json, line_width
from rnnlab.cli.sessions import read_runs
from rnnlab.cli.table_output import write_file
from rnnlab.cli.terminal import out, report_width, show
from rnnlab.config import UsageError
from rnnlab.plots.comparison.pages import distinct_names, read_pages
from rnnlab.plots.confusion.order import ORDERS, Order
from rnnlab.plots.drawing.axes import XAxis
from rnnlab.plots.drawing.zoom import Part, parse_ends
from rnnlab.plots.figure_formats import FORMATS, Format, format_of_file
from rnnlab.plots.run.figures import is_share
from rnnlab.reports.figures.figure import Figure
from rnnlab.reports.figures.groups import group_offers
from rnnlab.reports.figures.offers import Axes, Offer, asked_over, chosen, run_offers, session_offers, several_offers
from rnnlab.reports.figures.rendering import DPI, png, svg
from rnnlab.reports.figures.written import as_csv, as_document, as_markdown, as_text
from rnnlab.runs.comparison import compare
from rnnlab.runs.demo import find_recorded
from rnnlab.runs.find import find_session
from rnnlab.runs.folders import RunFolder, Session
from rnnlab.runs.log_reader import LogCursor, read_state
from rnnlab.runs.reduce import reduce_all
from rnnlab.runs.state import RunState, initial_state
from rnnlab.runs.timeline import end_of_epoch
from rnnlab.text.palette import terminal_palette

_WIDTH = 100
"""Cells of a text in a file."""


@click.command("plot")
@click.argument("path", default="latest", metavar="[RUN|SESSION]", shell_complete=completion.runs_or_sessions)
@click.argument("what", default="", metavar="[WHAT]")
@click.option(
    "-o", "file", metavar="FILE", help="Write to a file; its ending says the format: .svg, .png, .txt, .csv, .md."
)
@click.option("--to", "target", type=click.Choice(FORMATS), help="The format, where the file's name does not say it.")
@click.option(
    "--with",
    "others",
    multiple=True,
    metavar="RUN",
    help="Another run on the same axes, as often as wanted; of two runs confusion draws both matrices and their difference.",
    shell_complete=completion.runs,
)
@click.option("--at", "epoch", type=int, metavar="EPOCH", help="The run as it was at the end of that epoch.")
@click.option(
    "--x",
    "x_axis",
    type=click.Choice(get_args(XAxis)),
    default="epochs",
    show_default=True,
    help="The x axis of curves.",
)
@click.option(
    "--y",
    "y_axis",
    type=click.Choice(("auto", "linear", "log")),
    default="auto",
    show_default=True,
    help="The y axis of curves.",
)
@click.option(
    "--x-range",
    "x_range",
    default="",
    metavar="LOW:HIGH",
    help="Part of the x axis of curves, in its unit (seconds of time): 5:20, 5: or :20.",
)
@click.option(
    "--y-range", "y_range", default="", metavar="LOW:HIGH", help="Part of the y axis of curves, in its values."
)
@click.option("--without-spikes", is_flag=True, help="The y axis of curves that of the middle 98 % of their values.")
@click.option(
    "--sort",
    "order",
    type=click.Choice(get_args(Order)),
    default="classes",
    show_default=True,
    help=f"The order of the classes of confusion and classes: {'; '.join(f'{key}, {text}' for key, text in ORDERS.items())}.",
)
@click.option("--dpi", type=click.IntRange(30, 600), default=DPI, show_default=True, help="Dots an inch of a PNG.")
@click.option("--describe", is_flag=True, help="Print the figure in sentences instead of drawing it.")
@click.option("--json", "as_json", is_flag=True, help="Print it as JSON, alone; with -o, what was written.")
def command(
    path: str, what: str, target: Format | None, file: str | None, dpi: int, describe: bool, as_json: bool, **given: Any
) -> None:
    """A figure of RUN or SESSION; without WHAT, the figures that it has.

    WHAT of a run: loss, metric, any figure it was evaluated by, confusion, confusion:columns, confusion:counts,
    classes, calibration, positions, errors, scatter,
    forecast, gradients, length and early (further tests: other lengths, first steps alone). Of a session: loss, metric (the mean
    over seeds or folds in a band of ± one standard deviation, with :range one from the least to the greatest; without repeats
    the runs on the same axes), overlay:loss, length, early, over:KEY, over:KEY,KEY. Of several runs (--with): loss, metric,
    confusion of two; groups:loss, groups:confusion draw runs that differ in their seed or fold only as one, as the app's Compare.

    Without -o it is printed as text. Text, CSV (every drawn number) and Markdown (description and numbers) need nothing more; SVG
    and PNG need matplotlib: pip install 'rnnlab[report]'. An SVG has a title and a description in words, and the same bytes
    each time.
    """
    form = _format_of(target, file, as_json)
    if describe and (form is not None or as_json):
        raise UsageError(
            "--describe prints sentences; --json holds them too, and -o FILE.md writes them with the numbers"
        )
    asked = Asked(**given)
    source = _source(path, asked)
    if not what:
        if form is not None or describe:
            raise UsageError(
                f"which figure? Say WHAT, one of {', '.join(offer.name for offer in source.offers) or 'none yet'}"
            )
        _list(source, path, as_json)
        return
    offer = source.find(what)
    if not offer.zooms and not asked.part.is_whole:
        raise UsageError(f"{offer.name} has no curves, and a part of the axes is drawn of curves alone; leave it out")
    figure = offer.make()
    if figure is None:
        raise UsageError(f"{source.name} has nothing to draw of {offer.name} yet")
    if as_json and file is None:
        echo_json(as_document(figure))
        return
    if describe:
        echo(figure.title, figure.description)
        return
    _write(figure, form, file, dpi, announced=not as_json)
    if as_json:
        echo_json({"name": figure.name, "title": figure.title, "file": file, "format": form})


@dataclass(frozen=True, kw_only=True)
class Asked:
    """The options that say what is drawn."""

    others: tuple[str, ...]
    epoch: int | None
    x_axis: XAxis
    y_axis: Literal["auto", "linear", "log"]
    x_range: str
    y_range: str
    without_spikes: bool
    order: Order

    @property
    def axes(self) -> Axes:
        """The axes of curves."""
        return Axes(self.x_axis, None if self.y_axis == "auto" else self.y_axis == "log", self.part)

    @property
    def part(self) -> Part:
        """What of these is drawn. Raises `UsageError`."""
        x, y = parse_ends("--x-range", self.x_range), parse_ends("--y-range", self.y_range)
        return Part(x, y, self.without_spikes)


@dataclass(frozen=True)
class Source:
    """What figures are drawn of: its name, what it offers, and how one of these is found by name."""

    name: str
    offers: list[Offer]
    find: Callable[[str], Offer]


def _source(path: str, asked: Asked) -> Source:
    """The run or the session that `path` names, a run first. Raises `UsageError`."""
    try:
        run = find_recorded(path)
    except UsageError as error:
        try:
            session = find_session(path)
        except UsageError:
            raise error from None
        return _session_source(session, asked)
    return _run_source(run, asked)


def _run_source(run: RunFolder, asked: Asked) -> Source:
    state = _state(run, asked.epoch)
    # What is kept is of the best weights at the end, not of an epoch.
    offers = run_offers(run.name, state, asked.axes, run if asked.epoch is None else None, asked.order)
    name = run.name
    if asked.others:
        runs = distinct_names([run, *map(find_recorded, asked.others)])
        states = {shown: state if each.path == run.path else _state(each, asked.epoch) for shown, each in runs.items()}
        offers = several_offers(list(states.items()), asked.axes)
        pages, _ = read_pages(list(runs.values()))
        offers += group_offers(pages[0], states, asked.axes) if len(pages) == 1 else []
        name = " and ".join(states)
    return Source(name, offers, lambda what: chosen(what, offers, name, state.metric))


def _state(run: RunFolder, epoch: int | None) -> RunState:
    """The run's state, at the end of `epoch` where that is asked for. Raises `UsageError`."""
    if epoch is None:
        return read_state(run.events_path)[0]
    last = end_of_epoch(LogCursor(run.events_path).stream(), epoch)
    records = LogCursor(run.events_path).stream()
    return reduce_all(initial_state(), (record for record in records if record.seq <= last))


def _session_source(session: Session, asked: Asked) -> Source:
    for option, value in (("--with", asked.others), ("--at", asked.epoch)):
        if value not in ((), None):
            raise UsageError(f"{option} is for a run, and {session.name} is a session; say {session.name}/RUN")
    comparisons = compare(read_runs(session), is_share)

    def state_of(name: str) -> RunState:
        return read_state(RunFolder(session.runs_path / name).events_path)[0]

    offers = session_offers(session.name, comparisons, state_of, asked.axes)
    metric = comparisons[0].metric if comparisons else ""

    def find(what: str) -> Offer:
        return asked_over(what, comparisons, session.name) or chosen(what, offers, session.name, metric)

    return Source(session.name, offers, find)


def _list(source: Source, path: str, as_json: bool) -> None:
    """The figures that there are, and how one of them is asked for."""
    if as_json:
        echo_json(
            {"name": source.name, "figures": [{"name": each.name, "about": each.about} for each in source.offers]}
        )
        return
    if not source.offers:
        echo(f"{source.name} has nothing to draw yet")
        return
    widest = max(len(offer.name) for offer in source.offers)
    echo(*(f"{offer.name:<{widest}}  {offer.about}" for offer in source.offers), width=line_width())
    echo(
        "", f"rnnlab plot {shlex.quote(path)} {source.offers[0].name} -o {source.offers[0].name.replace(':', '-')}.svg"
    )


def _format_of(target: Format | None, file: str | None, as_json: bool) -> Format | None:
    """The format asked for; None: a text in the terminal. Raises `UsageError`."""
    if as_json and target and not file:
        raise UsageError(f"--json prints numbers, so --to {target} has no effect with it; leave one of them out")
    if target is not None or file is None:
        if target == "png" and file is None:
            raise UsageError("--to png: a picture is no text; say where to with -o FILE.png")
        return target
    ways = f"{', '.join(FORMATS[:-1])} or {FORMATS[-1]}"
    return format_of_file(file, f"-o {file}: in which format? Say --to {ways}, or end the name in one of these")


def _write(figure: Figure, form: Format | None, file: str | None, dpi: int, announced: bool) -> None:
    if form is None:
        console = out()
        show(figure.lines(report_width(console), terminal_palette()), console)
        return
    if form == "png":
        data = png(figure, dpi)
    else:
        makers: dict[str, Callable[[Figure], str]] = {
            "svg": svg,
            "csv": as_csv,
            "md": as_markdown,
            "txt": lambda each: as_text(each, _WIDTH),
        }
        data = makers[form](figure).encode()
    if file is not None:
        write_file(file, data, announced=announced)
        return
    echo(*data.decode().rstrip("\n").split("\n"))
