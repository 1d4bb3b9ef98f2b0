"""`rnnlab show`: one run on one screen: what was set, what came of it, what is on disk."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import click
import msgspec
from rich.segment import Segment

from rnnlab.cli import completion
from rnnlab.cli.echo import echo, echo_json, line_width
from rnnlab.cli.iterations import iteration_table
from rnnlab.cli.sessions import read_runs, session_document, session_lines
from rnnlab.cli.terminal import out, report_width, show
from rnnlab.config import RunConfig, UsageError
from rnnlab.plots.run.extra_tests import extra_report
from rnnlab.plots.run.figure_table import figures_table
from rnnlab.plots.run.report import data_notes, leak_sentence, noticed, run_heading, run_outcome
from rnnlab.plots.run.settings_list import changed_keys, changed_note, settings_list
from rnnlab.runs.current import current
from rnnlab.runs.demo import find_recorded
from rnnlab.runs.find import find_session
from rnnlab.runs.folders import RunFolder, Session
from rnnlab.runs.log_reader import LogCursor
from rnnlab.runs.log_tail import read_last
from rnnlab.runs.notes import NAME as NOTES
from rnnlab.runs.notes import Notes, readable_notes, tags_text
from rnnlab.runs.outcome import outcome
from rnnlab.runs.pruning import cause_of, pruned_of
from rnnlab.runs.reduce import reduce_all
from rnnlab.runs.state import RunState, initial_state
from rnnlab.runs.summary import summarise
from rnnlab.text.lines import Line, Lines, fit, padded
from rnnlab.text.palette import Palette, terminal_palette
from rnnlab.text.sections import heading, paragraph
from rnnlab.text.table_lines import table_lines


@click.command("show")
@click.argument("run", default="latest", metavar="[RUN]", shell_complete=completion.runs_or_sessions)
@click.option("--json", "as_json", is_flag=True, help="Print it as JSON, alone.")
@click.option(
    "--iterations", is_flag=True, help="Its evaluations as a log: iteration, elapsed, loss, a sequence and the guess."
)
def command(run: str, as_json: bool, iterations: bool) -> None:
    """One run: its settings (those that differ from the defaults first), figures and files; or the runs of a session.

    RUN is a path, SESSION/RUN, a run's name or number in the latest session, or `latest`; or a session's name or path.
    """
    try:
        folder = find_recorded(run)
    except UsageError as error:
        try:
            session = find_session(run)
        except UsageError:
            raise error from None
        if iterations:
            raise UsageError(
                f"--iterations is of one run, and {run!r} is a session: name one of its runs, as {run}/1"
            ) from None
        _show_session(session, as_json)
        return
    read_last(folder.events_path)  # a log of which nothing is left is not that of a run that waits
    log = LogCursor(folder.events_path)
    if iterations:
        _show_iterations(log, as_json)
        return
    state = reduce_all(initial_state(), log.stream())
    now = current(folder, summarise(folder)).summary
    if now.status in ("queued", "loading", "interrupted") and not state.ended:
        state.status, state.message = now.status, now.message
    config, problem = _config(folder)
    if as_json:
        echo_json(_document(folder, state, config, problem, log.damaged))
        return
    console, palette = out(), terminal_palette()
    width = report_width(console)
    parts: list[Lines] = [
        run_heading(state, width, palette, folder.name),
        run_outcome(state, width, palette, damaged=log.damaged, unknown=log.unknown, torn=log.torn),
        _notes(readable_notes(folder), width, palette),
        paragraph(f"⚠ {leak_sentence(state)}", width, palette.style("bad", bold=True)) if state.leaks else [],
        figures_table(state, width, palette),
        *extra_report(state, width, palette),
        data_notes(state, width, palette),
        noticed(state, width, palette),
        _settings(config, problem, width, palette),
        _own_cell(state, width, palette),
        _on_disk(folder, width, palette),
    ]
    lines: Lines = []
    for part in parts:
        lines += ([[Segment(" " * width)]] if lines and part else []) + part
    show(lines, console)


def _show_iterations(log: LogCursor, as_json: bool) -> None:
    table = iteration_table(log.stream())
    if as_json:
        echo_json(table.values_by_name())
    else:
        show(table_lines(table, terminal_palette(), line_width()), out())


def _notes(notes: Notes, width: int, palette: Palette) -> Lines:
    """The run's tags, and its notes, where it has some."""
    lines = [paragraph(line, width, palette.style("text")) for line in notes.text.splitlines()]
    tags = [paragraph(tags_text(notes.tags), width, palette.style("accent"))] if notes.tags else []
    return [line for part in [*tags, *lines] for line in part]


def _document(
    folder: RunFolder, state: RunState, config: RunConfig | None, problem: str, damaged: int
) -> dict[str, Any]:
    """For `--json`: the run's outcome, and where, with what and how it was made."""
    document = outcome(folder, state)
    started = state.started
    document |= {
        "model": started.model if started else None,
        "device": started.device if started else None,
        "host": started.host if started else "",
        "argv": started.argv if started else (),
        "commit": started.commit if started else "",
        "cell": started.cell if started else None,
        "versions": started.versions if started else {},
        "started": state.first_wall or None,
        "config": msgspec.to_builtins(config) if config else None,
        "changed": changed_keys(config) if config else [],
        "files": {path.name: path.stat().st_size for path in _files(folder)},
        "damaged": damaged,
    }
    held = readable_notes(folder)
    document |= {"notes": held.text, "tags": held.tags}
    if pruned := pruned_of(folder):
        document["pruned"] = pruned
    if problem:
        document["problem"] = problem
    return document


def _show_session(session: Session, as_json: bool) -> None:
    runs = read_runs(session)
    if as_json:
        echo_json(session_document(session, runs))
        return
    echo(*session_lines(session, runs), width=line_width())


def _config(folder: RunFolder) -> tuple[RunConfig | None, str]:
    try:
        return folder.config(), ""
    except UsageError as error:
        return None, str(error)


def _settings(config: RunConfig | None, problem: str, width: int, palette: Palette) -> Lines:
    """Every setting that means anything in this run; those that were changed come first, marked."""
    if config is None:
        return [heading("settings", width, palette), *paragraph(problem, width, palette.style("bad"))]
    return [heading("settings", width, palette, changed_note(config)), *settings_list(config, width, palette)]


def _own_cell(state: RunState, width: int, palette: Palette) -> Lines:
    """The cell of a person's own that the run was made with: its equations and its file, as the log has them."""
    cell = state.started.cell if state.started else None
    if cell is None:
        return []
    style = palette.style("text")
    lines: Lines = [heading("cell", width, palette, f"{cell.name}, a person's own")]
    for text in (cell.card.summary, *cell.equations, f"defined in {cell.file}, SHA-256 {cell.sha256}"):
        lines += paragraph(text, width, style)
    return lines


def _files(folder: RunFolder) -> list[Path]:
    return sorted(path for path in folder.path.iterdir() if path.is_file() and not path.name.startswith("."))


def _on_disk(folder: RunFolder, width: int, palette: Palette) -> Lines:
    """The folder, and its files with their sizes."""
    lines: Lines = [heading("files", width, palette, str(folder.path))]
    for path in _files(folder):
        stat = path.stat()
        when = time.strftime("%Y-%m-%d %H:%M", time.localtime(stat.st_mtime))
        line: Line = [
            Segment(fit(path.name, 24), palette.style("text")),
            Segment(fit(_size(stat.st_size), 9, "right"), palette.style("text")),
            Segment(f"  {when}  ", palette.style("muted")),
            Segment(fit(_WHAT.get(path.name, ""), max(0, width - 53)), palette.style("muted", italic=True)),
        ]
        lines.append(padded(line, width))
    if text := _pruned_text(folder):
        lines += paragraph(text, width, palette.style("muted"))
    return lines


def _pruned_text(folder: RunFolder) -> str:
    """What was removed, by what; empty where nothing was."""
    pruned = pruned_of(folder)
    if pruned is None:
        return ""
    gone = {name: size for name, size in pruned.files.items() if name in _WHAT and not (folder.path / name).exists()}
    return f"pruned ({cause_of(pruned)}): {', '.join(gone)}, {_size(sum(gone.values()))}" if gone else ""


_WHAT = {
    "run.toml": "the configuration; rnnlab train --config takes it",
    "events.jsonl": "the log: everything that was measured",
    "commands.jsonl": "what a person asked for while it ran",
    "best.safetensors": "the best weights",
    "last.safetensors": "the last weights",
    "last.json": "where the last weights stand",
    "predictions.safetensors": "the predictions of the best weights; rnnlab errors reads them",
    "resume.safetensors": "the state that rnnlab resume starts from",
    "pruned.json": "what was pruned",
    NOTES: "notes and tags",
    "trainer.log": "what the trainer printed",
}


def _size(count: float) -> str:
    for unit in ("B", "kB", "MB", "GB"):
        if count < 1000 or unit == "GB":
            return f"{count:.0f} {unit}" if unit == "B" or count >= 100 else f"{count:.1f} {unit}"
        count /= 1000
    return ""
