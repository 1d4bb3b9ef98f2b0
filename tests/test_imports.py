"""What a fresh process has loaded: the light rooms stay light."""

from __future__ import annotations

import subprocess
import sys

import pytest

HEAVY = {"torch", "sklearn", "numpy", "textual", "plotext", "faker", "pooch", "scipy"}


def loaded_by(code: str) -> set[str]:
    """The top-level modules loaded in a fresh interpreter after `code`."""
    script = f"import sys\n{code}\nprint('\\n'.join(sorted({{name.partition('.')[0] for name in sys.modules}})))"
    return set(
        subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True).stdout.split()
    )


@pytest.mark.parametrize(
    ("code", "allowed"),
    [
        ("import rnnlab.config", set()),
        ("import rnnlab.runs.log, rnnlab.runs.folders, rnnlab.runs.summary, rnnlab.runs.state", set()),
        ("import rnnlab.catalog.tasks.catalog, rnnlab.catalog.models.catalog", set()),
        ("import rnnlab.engines.local", set()),
        ("from rnnlab.cli.main import run; run(['--help'])", set()),
        ("from rnnlab.cli.main import run; run(['sessions'])", set()),
        ("import rnnlab.cli.compare, rnnlab.cli.repeats, rnnlab.cli.data, rnnlab.plots.analysis", set()),
        (
            "from rnnlab.cli.main import run; run(['params', '--model', 'lstm', '--input', '3', '--classes', '2'])",
            set(),
        ),
        ("import rnnlab.cli.report", set()),
        ("import rnnlab.reports.render.report, rnnlab.reports.render.template", {"numpy"}),
        ("import rnnlab.ui.app", {"textual"}),
        ("import rnnlab.ui.data.screen", {"textual"}),
        (
            "import rnnlab.ui.setup.draft.several, rnnlab.ui.setup.draft.sweep_estimate, rnnlab.sweeps.cost.dry_run",
            {"textual"},
        ),
        ("import rnnlab.ui.run.screen, rnnlab.ui.sessions.screen, rnnlab.ui.setup.screen", {"textual"}),
    ],
)
def test_light_rooms_import_nothing_heavy(code: str, allowed: set[str]) -> None:
    assert loaded_by(code) & HEAVY <= allowed
