"""`rnnlab prune`: free disk space by removing weights of runs that have ended."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, cast

import click

from rnnlab.cli import completion
from rnnlab.cli.echo import echo, echo_json
from rnnlab.errors import UsageError
from rnnlab.runs.find import find_run, find_session
from rnnlab.runs.folders import RunFolder
from rnnlab.runs.pruning import Keep, NotPruned, check_prunable, prune, removable
from rnnlab.text.numbers import bytes_text

_LEAVES = {"best": "log, predictions and best weights stay", "none": "log and predictions stay, no weights"}


@dataclass
class _Plan:
    """A run, the files that go, with their bytes, and why it keeps them where it does."""

    run: RunFolder
    files: dict[str, int]
    kept: str = ""

    @property
    def size(self) -> int:
        return sum(self.files.values())


@click.command("prune")
@click.argument(
    "targets", nargs=-1, required=True, metavar="SESSION|RUN...", shell_complete=completion.runs_or_sessions
)
@click.option(
    "--keep",
    type=click.Choice(["best", "none"]),
    default="best",
    show_default=True,
    help="Which weights stay: the best, or none.",
)
@click.option(
    "--failed", is_flag=True, help="Prune runs that failed or were stopped, too: they cannot be resumed then."
)
@click.option("--dry-run", is_flag=True, help="Say what would be freed, and remove nothing.")
@click.option("--json", "as_json", is_flag=True, help="Print the result as JSON, and nothing else, on stdout.")
@click.option("--yes", is_flag=True, help="Do not ask.")
def command(targets: tuple[str, ...], keep: str, failed: bool, dry_run: bool, as_json: bool, yes: bool) -> None:
    """Remove weights, and the state to resume from, of runs that have ended: of each RUN, of all runs of each SESSION.

    They still open, replay and compare. What waits or is trained is left alone. A run with runtime.keep=best does this by itself
    when it has come to its end.
    """
    chosen = cast("Keep", keep)
    plans = [_planned(run, chosen, failed) for run in _runs(targets)]
    if not dry_run and any(plan.files for plan in plans):
        if not yes:
            _ask(plans, keep)
        for plan in plans:
            _carry_out(plan, chosen, failed)
    if as_json:
        echo_json(_document(plans, keep, dry_run))
    else:
        echo(*_lines(plans, keep, dry_run))


def _runs(targets: Sequence[str]) -> list[RunFolder]:
    """The runs that are named, or whose sessions are, each once. Raises `UsageError`."""
    found: dict[str, RunFolder] = {}
    for target in targets:
        try:
            runs = [find_run(target)]
        except UsageError as error:
            try:
                runs = find_session(target).runs()
            except UsageError:
                raise error from None
        for run in runs:
            found.setdefault(str(run.path.absolute()), run)
    return list(found.values())


def _planned(run: RunFolder, keep: Keep, failed: bool) -> _Plan:
    try:
        check_prunable(run, failed=failed)
        return _Plan(run, removable(run, keep))
    except NotPruned as reason:
        return _Plan(run, {}, str(reason))
    except OSError as error:
        return _Plan(run, {}, f"it cannot be opened ({error.strerror})")


def _carry_out(plan: _Plan, keep: Keep, failed: bool) -> None:
    if not plan.files:
        return
    try:
        prune(plan.run, keep, failed=failed)
    except NotPruned as reason:
        plan.files, plan.kept = {}, str(reason)
    except OSError as error:
        plan.files, plan.kept = {}, f"{error.filename or plan.run.path}: {error.strerror}"


def _ask(plans: Sequence[_Plan], keep: str) -> None:
    """Raises `UsageError` where there is no terminal to ask in, `click.Abort` where the answer is no."""
    count, size = sum(bool(plan.files) for plan in plans), sum(plan.size for plan in plans)
    sentence = (
        f"{bytes_text(size)} of {count} run{'s' if count != 1 else ''} would be removed for good ({_LEAVES[keep]}), "
        "so that these runs cannot be resumed"
    )
    if not (sys.stdin.isatty() and sys.stderr.isatty()):
        raise UsageError(f"{sentence}; if that is what you want, say so with --yes")
    echo(f"{sentence}.", err=True)
    if not click.confirm("Remove it?", default=False, err=True):
        raise click.Abort


def _lines(plans: Sequence[_Plan], keep: str, dry_run: bool) -> list[str]:
    """A line a run, and what is freed in all."""
    names = [f"{plan.run.session.name}/{plan.run.name}" for plan in plans]
    wide = max(map(len, names), default=0)
    lines = []
    for name, plan in zip(names, plans, strict=True):
        what = ", ".join(plan.files) if plan.files else plan.kept or "nothing to remove"
        lines.append(f"{name:<{wide}}  {bytes_text(plan.size):>12}  {what}")
    count = sum(bool(plan.files) for plan in plans)
    verb = "would be freed" if dry_run else "freed"
    total = f"{bytes_text(sum(plan.size for plan in plans))} {verb}, of {count} of {len(plans)} runs"
    return [*lines, f"{total}; {_LEAVES[keep]}" if count else total]


def _document(plans: Sequence[_Plan], keep: str, dry_run: bool) -> dict[str, Any]:
    """For `--json`."""
    runs = [
        {"run": str(plan.run.path), "bytes": plan.size, "files": plan.files}
        | ({"kept": plan.kept} if plan.kept else {})
        for plan in plans
    ]
    return {"keep": keep, "dry_run": dry_run, "bytes": sum(plan.size for plan in plans), "runs": runs}
