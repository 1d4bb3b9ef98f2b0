"""`rnnlab report`: the report one hands in, rendered from a person's Markdown and the runs."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from rnnlab.cli import completion
from rnnlab.cli.cells import cells_option
from rnnlab.cli.consent import ask_to_train, yes_option
from rnnlab.cli.echo import echo
from rnnlab.cli.predicted import predicted
from rnnlab.cli.sessions import read_runs
from rnnlab.engines.resume import is_ours
from rnnlab.errors import UsageError
from rnnlab.files import read_regular
from rnnlab.paths import user_path
from rnnlab.runs.confusion_figures import FIGURES, with_figures
from rnnlab.runs.demo import DEMO_SESSION, find_recorded
from rnnlab.runs.files import write_atomically
from rnnlab.runs.find import find_session
from rnnlab.runs.folders import RunFolder, Session

if TYPE_CHECKING:
    from rnnlab.reports.document.document import Document
    from rnnlab.reports.material.material import Material, Source, Verified
    from rnnlab.reports.render.report import Format

_ENDINGS: dict[str, Format] = {".html": "html", ".htm": "html", ".md": "md"}
_MOST_READ = 64 << 20
"""Bytes of a report that is to be rendered again."""
NO_PICTURES = "figures are drawn as text, as matplotlib is not installed; for pictures: pip install 'rnnlab[report]'"


@click.command("report")
@click.argument("what", nargs=-1, metavar="[SESSION|RUN]...", shell_complete=completion.runs_or_sessions)
@click.option("-o", "file", metavar="FILE", help="Where to write the report; its ending says the format: .html or .md.")
@click.option(
    "--spec",
    "spec",
    metavar="FILE",
    help="Your Markdown with blocks; where there is no such file yet, one that suits the runs is written there.",
    shell_complete=completion.files,
)
@click.option(
    "--verify",
    "verified",
    is_flag=True,
    help="Train the best run again, and say whether every number of its log matches.",
)
@yes_option
@cells_option
def command(what: tuple[str, ...], file: str | None, spec: str | None, verified: bool, yes: bool) -> int:
    """A report on sessions, or on runs: tables, curves, confusion matrices, statistics, the exact configuration.

    Without a name it is on the session last worked in. The report is a Markdown file of yours, given with --spec, in which blocks
    such as ```rnnlab table``` are filled in; write your sentences between them, and render it again as runs change. The file is
    never changed once it is there. Without --spec the report is the one that would be written there.

    The HTML is one file without scripts that needs nothing else; print it from a browser. Figures need the extra: pip install
    'rnnlab[report]'. Without it they are drawn as text.
    """
    spec_path, path, target = _paths(spec, file)
    if path is not None:
        _check_place(path, f"-o {file}")
        if path.exists():
            _check_untouched(path, file or "")
    from rnnlab.reports.document.document import parse_document, read_document
    from rnnlab.reports.document.seal import is_rendered
    from rnnlab.reports.material.material import Material
    from rnnlab.reports.render.report import render
    from rnnlab.reports.render.template import specification_text

    document: Document | None = None
    if spec_path is not None and spec_path.exists():
        document = read_document(spec_path)
        if is_rendered(document.text):
            raise UsageError(f"--spec {spec} is a report that was rendered already; give the file with the blocks")
    material = Material(_sources(what), predict=predicted)
    if not any(source.runs for source in material.sources):
        names = ", ".join(source.session.name for source in material.sources)
        raise UsageError(
            f"{names} holds no run yet, so there is nothing to report; train one with: rnnlab train surnames"
        )
    if document is None:
        text = specification_text(material)
        document = parse_document(
            text, spec or "the report's own specification", spec_path.parent if spec_path else None
        )
        if spec_path is not None:
            _write(spec_path, text, f"--spec {spec}")
            echo(f"specification written to {spec}: write your sentences between its blocks", err=True)
    if path is None or target is None:
        return 0
    if verified:
        # A mistake in a block is found before minutes of training.
        render(document, material, target, pictures=False)
        material.verified = _verified(material, yes)
    _render(document, material, target, path, file or "")
    return 0 if all(each.holds for each in material.verified) else 1


def _render(document: Document, material: Material, target: Format, path: Path, file: str) -> None:
    """Write the report, whole or not at all. Raises `UsageError`."""
    from rnnlab.reports.figures.rendering import has_matplotlib
    from rnnlab.reports.render.report import render

    pictures = has_matplotlib()
    _write(path, render(document, material, target, pictures=pictures), f"-o {file}")
    echo(f"written to {file}", err=True)
    if not pictures and target == "html":
        echo(NO_PICTURES, err=True)


def _paths(spec: str | None, file: str | None) -> tuple[Path | None, Path | None, Format | None]:
    """Where the specification is, where the report goes, and its format. Raises `UsageError`."""
    spec_path = user_path(spec) if spec is not None else None
    if file is None:
        if spec_path is None or spec_path.exists():
            raise UsageError("where shall the report be written? Say -o report.html, or -o report.md")
        return spec_path, None, None
    path = user_path(file)
    target = _ENDINGS.get(path.suffix.lower())
    if target is None:
        raise UsageError(f"-o {file}: in which format? End the name in .html or .md")
    if spec_path is not None and path.resolve() == spec_path.resolve():
        raise UsageError(f"-o {file} would replace your specification; give the report another name")
    return spec_path, path, target


def _sources(what: Sequence[str]) -> list[Source]:
    """The runs that are named, session by session, in the order in which these were named first. Raises `UsageError`."""
    from rnnlab.reports.material.material import Source

    wanted: dict[Path, tuple[Session, set[str] | None]] = {}
    for text in what or ("latest",):
        session, name = _named(text)
        held = wanted.setdefault(session.path.resolve(), (session, set()))
        if name is None:
            wanted[session.path.resolve()] = (session, None)
        elif held[1] is not None:
            held[1].add(name)
    sources = []
    for session, names in wanted.values():
        runs = [with_figures(run, tuple(FIGURES)) for run in read_runs(session) if names is None or run.name in names]
        trusted = session.path.is_relative_to(DEMO_SESSION)  # as the code beside it
        foreign = {run.name for run in runs if not (trusted or run.problem or is_ours(RunFolder(Path(run.path))))}
        sources.append(Source(session, tuple(runs), names is None, frozenset(foreign)))
    return sources


def _named(text: str) -> tuple[Session, str | None]:
    """The session that a text names, or a run's session and the run's name."""
    try:
        return find_session(text), None
    except UsageError:
        pass
    try:
        run = find_recorded(text)
    except UsageError as error:
        raise UsageError(str(error).replace("there is no run", "there is no session and no run", 1)) from None
    return run.session, run.name


def _verified(material: Material, yes: bool) -> list[Verified]:
    """The best run of each set of runs that compare, trained again. Raises `UsageError`, `click.Abort`."""
    from rnnlab.reports.material.choose import run_to_verify
    from rnnlab.reports.material.material import Verified
    from rnnlab.training.verify import verify

    found = []
    for group in material.groups:
        name = run_to_verify(group)
        if name is None:
            continue
        folder = material.run(group, name)
        if not folder.path.is_relative_to(DEMO_SESSION):
            ask_to_train(folder, yes)
        echo(f"training {material.qualified(group, name)} again, to compare every number of its log", err=True)
        report = verify(folder)
        notes = f" ({'; '.join(report.notes)})" if report.notes else ""
        sentence = f"every number matches ({report.compared:,} compared)" if report.ok else report.summary()
        found.append(Verified(material.qualified(group, name), report.ok, sentence.rstrip(".") + notes))
    return found


def _check_untouched(path: Path, file: str) -> None:
    """Raise `UsageError` where a file stands that is not a report as it was rendered: a person's words would be lost."""
    from rnnlab.reports.document.seal import is_untouched

    try:
        text = read_regular(path, _MOST_READ, links="follow").decode()
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not UTF-8 text"
        raise UsageError(f"-o {file} cannot be replaced: {reason}; choose another name") from None
    if not is_untouched(text):
        raise UsageError(
            f"-o {file} was changed by hand, or is no report, and would be replaced; move it away or choose another name "
            "(sentences of your own belong into the file of --spec)"
        )


def _check_place(path: Path, option: str) -> None:
    """Raise `UsageError` where no file can stand at the path."""
    if not path.parent.is_dir():
        raise UsageError(f"{option}: there is no folder {path.parent}; make it first, or choose another")
    if path.is_dir():
        raise UsageError(f"{option}: that is a folder; give the name of a file in it")


def _write(path: Path, text: str, option: str) -> None:
    """Write a file, whole or not at all. Raises `UsageError` where none can be written there."""
    _check_place(path, option)
    try:
        write_atomically(path, text.encode())
    except OSError as error:
        raise UsageError(f"{option} cannot be written: {error.strerror}; choose another place") from None
