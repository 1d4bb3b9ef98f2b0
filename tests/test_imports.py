"""What a fresh process has loaded: the light rooms stay light."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

HEAVY = {"torch", "sklearn", "numpy", "textual", "plotext", "faker", "pooch", "scipy"}


def loaded_by(code: str, *, whole: bool = False, **environment: str) -> set[str]:
    """The top-level modules (`whole`: all modules) loaded in a fresh interpreter after `code`."""
    script = f"import sys\n{code}\nprint('\\n'.join(sys.modules))"
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True, env=os.environ | environment
    )
    return {name if whole else name.partition(".")[0] for name in done.stdout.split()}


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


FIRST_FRAME = """
import asyncio
from textual.app import App
from rnnlab.ui.app import RnnlabApp

drawn = []
display = App._display

def note(app, screen, renderable):
    if renderable is not None and not app._batch_count and not drawn:
        drawn.extend(sys.modules)
    display(app, screen, renderable)

async def first_frame():
    App._display = note
    async with RnnlabApp().run_test(size=(80, 24)) as pilot:
        while "rnnlab.sweeps.cost.speed" not in sys.modules:
            await pilot.pause(0.02)

asyncio.run(first_frame())
for name in set(sys.modules) - set(drawn):
    del sys.modules[name]
"""


def test_the_first_frame_waits_for_no_module_that_it_does_not_draw(tmp_path: Path) -> None:
    drawn = loaded_by(FIRST_FRAME, whole=True, RNNLAB_SESSIONS=str(tmp_path))
    assert "rnnlab.ui.setup.screen" in drawn
    assert not drawn & {"rnnlab.sweeps.cost.speed", "rnnlab.runs.summary", "rnnlab.ui.setup.file.question"}


AHEAD = """
import asyncio
from rnnlab.ui.app import RnnlabApp
from rnnlab.ui.ahead import MODULES

async def wait():
    async with RnnlabApp().run_test(size=(80, 24)) as pilot:
        while not set(MODULES) <= set(sys.modules):
            await pilot.pause(0.05)

asyncio.run(wait())
"""


def test_the_screens_are_imported_while_nobody_types_and_bring_nothing_heavy(tmp_path: Path) -> None:
    assert loaded_by(AHEAD, RNNLAB_SESSIONS=str(tmp_path)) & HEAVY == {"textual"}
