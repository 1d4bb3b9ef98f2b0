"""`rnnlab doctor`: what works on this machine and in this terminal, what does not, and what to do about it."""

from __future__ import annotations

import click
import msgspec

from rnnlab.cli.echo import echo_json
from rnnlab.cli.terminal import out, report_width, show
from rnnlab.doctor.checkup import checkup
from rnnlab.doctor.finding import worst
from rnnlab.doctor.lines import finding_lines
from rnnlab.text.palette import terminal_palette


@click.command("doctor")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object: the worst level and all findings.")
def command(as_json: bool) -> int:
    """Check this machine and terminal: device, colours, folders, locks, data, logout, completion.

    Each line is ok (✓), a warning (⚠: it works, with a limit) or a problem (✗: something will fail), with what it means and what
    to do. Nothing is changed. Exit code 0, or 1 where there is a problem.
    """
    findings = list(checkup())
    level = worst(findings)
    if as_json:
        echo_json({"level": level, "findings": msgspec.to_builtins(findings)})
    else:
        console = out()
        show(finding_lines(findings, report_width(console), terminal_palette()), console)
    return 1 if level == "problem" else 0
