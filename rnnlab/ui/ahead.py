"""Imports of the screens that may come next, made in a thread once the first screen stands and nobody types.

The first frame waits for none of them; whoever opens a screen for the first time should not either.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from importlib import import_module
from typing import Any

from textual.app import App

_AFTER = 1.0
_BETWEEN = 0.2
"""Seconds after the first frame, and between two imports: an import holds up a key for a few milliseconds."""
MODULES = tuple(
    f"rnnlab.ui.{name}"
    for name in (
        "sessions.screen",
        "session.screen",
        "run.screen",
        "compare.screen",
        "playground.screen",
        "data.screen",
        "common.help",
    )
)


def import_ahead(app: App[Any], is_quiet: Callable[[], bool], imported: Callable[[], object]) -> None:
    """Import the screens one after another, each once nobody types; then, once nobody does, call `imported`."""

    async def import_all() -> None:
        await asyncio.sleep(_AFTER)
        for name in MODULES:
            while not is_quiet():
                await asyncio.sleep(_BETWEEN)
            await asyncio.to_thread(import_module, name)
            await asyncio.sleep(_BETWEEN)
        while not is_quiet():
            await asyncio.sleep(_BETWEEN)
        imported()

    app.run_worker(import_all(), name="import the screens", group="ahead", exit_on_error=False)
