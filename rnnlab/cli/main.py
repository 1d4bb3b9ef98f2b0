"""The command line: which commands there are, and how every error becomes one line and an exit code."""

from __future__ import annotations

import contextlib
import errno
import importlib
import os
import sys
import traceback

import click
from click.shell_completion import CompletionItem

from rnnlab.cli.cells import cells_option, choose_cells
from rnnlab.cli.echo import echo
from rnnlab.cli.streams import mute, replace_unencodable, replaced_sentence, writing_to
from rnnlab.errors import UsageError
from rnnlab.ui.queries.end_with_app import end_with_app
from rnnlab.version import __version__

COMMANDS: dict[str, tuple[str, str]] = {
    "train": ("train", "Train one run without the app."),
    "sweep": ("sweep", "Train many runs from one specification: values, seeds, folds."),
    "recipes": ("recipes", "Published experiments: list them, show one beside what came of it here."),
    "wait": ("wait", "Wait until a session's runs have ended."),
    "resume": ("resume", "Resume a run that was killed or stopped, or train it for more epochs."),
    "tell": ("tell", "Steer a run that trains: pause, stop, evaluate, roll back, change a setting."),
    "lr-range": ("lr_range", "Learning-rate range test: which rate to take."),
    "replay": ("replay", "Replay a run from its log: curves, figures, outcome."),
    "sessions": ("sessions", "List the sessions and their runs."),
    "show": ("show", "One run: its settings, figures and files; or a session's runs."),
    "compare": ("compare", "A session's runs in a table, mean ± std over seeds."),
    "report": ("report", "The report one hands in: Markdown with blocks, or one HTML file."),
    "plot": ("plot", "A figure of a run or a session: as text, SVG, PNG, CSV, Markdown."),
    "export": ("export", "Export a run: CSV tables, ONNX, a PyTorch file of its own, TensorBoard."),
    "errors": ("errors", "What the best weights predict wrong: the worst rows, confusions, calibration."),
    "predict": ("predict", "Predictions of a trained model for inputs you give."),
    "prune": ("prune", "Free disk space: remove weights of runs that have ended."),
    "pack": ("pack", "A session as one zip file, to be moved."),
    "unpack": ("unpack", "A session out of a zip file."),
    "rename": ("rename", "Another name for a session or a run."),
    "note": ("note", "Notes of a session or a run."),
    "tag": ("tag", "Tags of a session or a run."),
    "delete": ("delete", "Move sessions and runs to the trash, and back."),
    "models": ("models", "The architectures: equations, sources, parameters."),
    "tune": ("tune", "Batch sizes and threads, measured here."),
    "params": ("params", "Count a net's parameters, layer by layer."),
    "data": ("data", "The data sets: what is here, fetch, show."),
    "bench": ("bench", "This machine's figures, measured now."),
    "serve": ("serve", "The app in a browser, for this machine or with a token."),
    "doctor": ("doctor", "What works on this machine and terminal, what does not, what to do."),
}
"""Command name → (module in `rnnlab.cli`, one line of help). The module is imported when the command is called."""

INTERRUPTED = 130

COMPLETE = "_RNNLAB_COMPLETE"
"""The environment variable by which a shell asks: `bash_source` for its script, `bash_complete` at each TAB."""


class _LazyGroup(click.Group):
    """Imports a command's module only when that command is called; the list of commands needs none."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[CompletionItem[str]]:
        found = [CompletionItem(name, help=text) for name, (_, text) in COMMANDS.items() if name.startswith(incomplete)]
        return found + click.Command.shell_complete(self, ctx, incomplete)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        command = importlib.import_module(f"rnnlab.cli.{COMMANDS[cmd_name][0]}").command
        assert isinstance(command, click.Command)
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        if args and args[0] not in COMMANDS and not args[0].startswith("-"):
            import difflib

            near = difflib.get_close_matches(args[0], COMMANDS, n=1)
            hint = f" (did you mean {near[0]}?)" if near else ""
            raise UsageError(f"there is no command {args[0]!r}{hint}; the commands are {', '.join(COMMANDS)}")
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, text) for name, (_, text) in COMMANDS.items()])


@click.group(cls=_LazyGroup, invoke_without_command=True, context_settings={"help_option_names": ["-h", "--help"]})
@click.option("--debug", is_flag=True, help="Show the traceback of an error.")
@click.option("--tour", is_flag=True, help="Open the app with its tour: five steps to a trained run.")
@cells_option
@click.version_option(__version__, prog_name="rnnlab")
@click.pass_context
def cli(ctx: click.Context, debug: bool, tour: bool) -> None:
    """A terminal lab for recurrent networks. Without a command it opens the app."""
    ctx.obj = {"debug": debug}
    if ctx.invoked_subcommand is None:
        from rnnlab.cli.app import open_app

        sys.exit(open_app(tour=tour))
    if tour:
        raise UsageError(f"--tour opens the app: leave out {ctx.invoked_subcommand}")


def run(arguments: list[str]) -> int:
    """Carry out a command line. Returns the exit code: 0 done, 1 failed, 2 a usage error, 130 interrupted."""
    if COMPLETE in os.environ:
        return _complete(arguments)
    end_with_app()
    debug = "--debug" in arguments
    replace_unencodable()
    code = _carried_out([argument for argument in arguments if argument != "--debug"], debug)
    if sentence := replaced_sentence():
        with contextlib.suppress(OSError, ValueError):
            echo(sentence, err=True)
    try:
        with writing_to("standard output"):
            sys.stdout.flush()
    except OSError as error:
        # Nothing more may be written there, not even by the interpreter's last flush.
        mute(sys.stdout)
        if code == 0 and not isinstance(error, BrokenPipeError):
            code = _report(error, debug)
    return code


def _carried_out(arguments: list[str], debug: bool) -> int:
    """The exit code of the command."""
    try:
        arguments = choose_cells(arguments)
        result = cli.main(arguments, prog_name="rnnlab", standalone_mode=False)
    except SystemExit as error:
        return error.code if isinstance(error.code, int) else 1
    except click.exceptions.Abort:
        return INTERRUPTED
    except KeyboardInterrupt:
        return INTERRUPTED
    except BrokenPipeError:
        mute(sys.stdout)  # the reader has gone (`| head`)
        return 0
    except Exception as error:
        return _report(error, debug)
    return result if isinstance(result, int) else 0


def _report(error: Exception, debug: bool) -> int:
    """Says on standard error what went wrong; the exit code."""
    code, message = _explained(error)
    lines = "".join(traceback.format_exception(error)).splitlines() if debug else []
    try:
        echo(*lines, f"rnnlab: {message}", err=True)
    except OSError:
        mute(sys.stderr)
    return code


def _complete(arguments: list[str]) -> int:
    """Completions for a shell, or its script. Errors are not printed: they would land in the middle of a line."""
    from rnnlab.cli.shells import register

    register()
    try:
        cli.main(arguments, prog_name="rnnlab", complete_var=COMPLETE, standalone_mode=False)
    except SystemExit as ending:
        if not ending.code:
            return 0
    except Exception:
        return 1
    if os.environ[COMPLETE].endswith("_source"):
        echo(f"rnnlab: {COMPLETE} must be bash_source, zsh_source or fish_source", err=True)
        return 2
    return 1


def _explained(error: Exception) -> tuple[int, str]:
    """The exit code and the one line for an error."""
    if isinstance(error, UsageError):
        return 2, str(error)
    if isinstance(error, click.ClickException):
        command = error.ctx.command_path if isinstance(error, click.UsageError) and error.ctx else "rnnlab"
        return 2, f"{error.format_message().rstrip('.')}; see: {command} --help"
    if isinstance(error, OSError):
        target = f"{error.filename}: " if error.filename else ""
        remedy = {
            errno.ENOSPC: "; make room and try again",
            errno.EACCES: "; ask whoever owns it, or choose another folder",
            errno.EROFS: "; choose a folder you may write to",
        }.get(error.errno or 0, "")
        return 1, f"{target}{error.strerror or error}{remedy}"
    return 1, f"{type(error).__name__}: {' '.join(str(error).split())} (a fault of rnnlab's; --debug shows where)"
