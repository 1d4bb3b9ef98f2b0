"""The page of commands, docs/commands.md, made from the help texts.

python scripts/commands_page.py            writes the page
python scripts/commands_page.py --check    exit code 1 where the page is not what would be written
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import click

from rnnlab.cli.main import cli

PAGE = Path(__file__).parents[1] / "docs" / "commands.md"
WIDTH = 100
"""Columns of the help texts."""
EXAMPLES = {
    "train": "rnnlab train surnames --model gru --hidden 64 --epochs 5",
    "resume": "rnnlab resume latest --epochs 30",
    "tell": "rnnlab tell latest set optim.lr=0.001",
    "lr-range": "rnnlab lr-range surnames --model gru",
    "replay": "rnnlab replay latest --speed 20",
    "sessions": "rnnlab sessions",
    "sweep": "rnnlab sweep names --over 'model.hidden=64;128;256' --over optim.lr=1e-3..1e-1:log:5 --seeds 2",
    "recipes": "rnnlab recipes gestures-gru --quick",
    "wait": "rnnlab wait latest",
    "show": "rnnlab show latest",
    "compare": "rnnlab compare latest --show loss,macro_f1",
    "report": "rnnlab report latest --spec mine.md -o mine.html",
    "plot": "rnnlab plot latest confusion -o confusion.svg",
    "errors": "rnnlab errors latest --true Irish --predicted English",
    "prune": "rnnlab prune latest --keep best --dry-run",
    "export": "rnnlab export latest --to onnx -o net.onnx",
    "pack": "rnnlab pack latest -o session.zip",
    "unpack": "rnnlab unpack session.zip --name from-the-cluster",
    "rename": "rnnlab rename latest baseline",
    "note": 'rnnlab note latest "the default, two epochs"',
    "tag": "rnnlab tag latest +report -draft",
    "delete": "rnnlab delete latest",
    "predict": "rnnlab predict latest Kowalski --top 5",
    "models": "rnnlab models lstm",
    "tune": "rnnlab tune surnames --model lstm",
    "params": "rnnlab params --input 57 --classes 18 --model lstm --hidden 128",
    "data": "rnnlab data list",
    "data list": "rnnlab data list --json",
    "data fetch": "rnnlab data fetch names",
    "data show": "rnnlab data show surnames --set data.split=grouped",
    "data check": "rnnlab data check mine.csv --all",
    "bench": "rnnlab bench --quick",
    "serve": "rnnlab serve --port 8080",
    "doctor": "rnnlab doctor",
}
"""One command line for each command."""


def commands(group: click.Group = cli, above: str = "") -> Iterator[tuple[str, click.Command]]:
    """Each command with its name, such as `data show`, in the order of the help."""
    context = click.Context(group)
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        assert command is not None
        full = f"{above}{name}"
        yield full, command
        if isinstance(command, click.Group):
            yield from commands(command, f"{full} ")


def help_text(name: str, command: click.Command) -> str:
    """The text that `rnnlab NAME --help` prints in `WIDTH` columns."""
    context = click.Context(
        command,
        info_name=f"rnnlab {name}".strip(),
        terminal_width=WIDTH,
        max_content_width=WIDTH,
        help_option_names=["-h", "--help"],
    )
    return command.get_help(context).rstrip()


def page() -> str:
    """The whole page, as Markdown."""
    parts = [
        "# Commands",
        "Made from the help texts by `scripts/commands_page.py`; change those, then run it again. "
        "Without a command `rnnlab` opens the app.",
        f"```text\n{help_text('', cli)}\n```",
    ]
    for name, command in commands():
        parts += [f"## rnnlab {name}", f"```sh\n{EXAMPLES[name]}\n```", f"```text\n{help_text(name, command)}\n```"]
    return "\n\n".join(parts) + "\n"


def main() -> int:
    """Write the page, or compare it."""
    text = page()
    if "--check" in sys.argv[1:]:
        same = PAGE.exists() and PAGE.read_text(encoding="utf-8") == text
        click.echo(
            "docs/commands.md is up to date"
            if same
            else "docs/commands.md is not up to date: run scripts/commands_page.py"
        )
        return 0 if same else 1
    PAGE.write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
