"""`rnnlab bench`: this machine's figures, measured now by the scripts in `benchmarks/`."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import click
import msgspec

from rnnlab.cli import completion
from rnnlab.cli.echo import echo, echo_json
from rnnlab.errors import UsageError

BENCHMARKS: dict[str, tuple[str, str]] = {
    "throughput": ("throughput", "training against a plain PyTorch loop, batch 64 and batch 1"),
    "attached": ("attached", "the same training with the app attached and without"),
    "paint": ("first_paint", "first paint against a bare Textual app"),
    "keys": ("key_to_paint", "key to paint, idle and while a run trains"),
    "log": ("replay_log", "a log of 100,000 events to a state"),
    "sessions": ("browse_sessions", "the session browser with 2,000 runs"),
    "plots": ("plots", "drawing against plotext"),
}
"""Name → (module in `benchmarks/`, what it measures)."""


def _root() -> Path:
    root = Path(__file__).resolve().parents[2]
    if not (root / "benchmarks").is_dir():
        raise UsageError(
            "the benchmarks stand in the project's checkout, not in the installed package; clone it and run: make bench"
        )
    return root


@click.command("bench")
@click.argument("names", nargs=-1, metavar="[NAME]…", shell_complete=completion.among(BENCHMARKS))
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object: benchmark → its figures.")
@click.option("--quick", is_flag=True, help="Try the scripts out, in seconds; the figures mean nothing.")
def command(names: tuple[str, ...], as_json: bool, quick: bool) -> int:
    """Run all benchmarks, or those named, and print their figures. Each script in benchmarks/ also runs by itself."""
    for name in names:
        if name not in BENCHMARKS:
            raise UsageError(f"there is no benchmark {name!r}; there are {', '.join(BENCHMARKS)}")
    environment = os.environ | {"PYTHONPATH": str(_root())}
    figures: dict[str, object] = {}
    failed = 0
    for name in names or tuple(BENCHMARKS):
        module, about = BENCHMARKS[name]
        echo(f"{name}: {about}", err=as_json)
        line = [sys.executable, "-P", "-m", f"benchmarks.{module}", *(["--quick"] if quick else [])]
        line += ["--json"] if as_json else []
        done = subprocess.run(line, stdout=subprocess.PIPE if as_json else None, env=environment, check=False)
        failed += done.returncode != 0
        if as_json:
            figures[name] = msgspec.json.decode(done.stdout) if done.returncode == 0 and done.stdout.strip() else None
    if as_json:
        echo_json(figures)
    return 1 if failed else 0
