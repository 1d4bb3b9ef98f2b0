"""Waiting until an app has handled everything that was posted to it."""

from __future__ import annotations

import asyncio
import time
from typing import Any

from textual.app import App
from textual.pilot import Pilot
from textual.screen import Screen

TURNS = 5
"""Turns of the event loop in a row in which nothing waits to be handled: one message may bring another."""
FRAMES = 3
"""Frames that are drawn at most: Textual lays out and draws by a timer, which no message in a queue tells of."""
PATIENCE = 30.0

_press, _wait_for_screen = Pilot.press, Pilot._wait_for_screen


async def until_quiet(app: App[Any]) -> None:
    """Wait until no message waits to be handled by the app, a screen or a widget, and the screen is laid out and drawn."""
    deadline = time.monotonic() + PATIENCE
    turns = frames = 0
    while turns < TURNS and time.monotonic() < deadline and app.is_running:
        await asyncio.sleep(0)
        nodes = [app, *(node for screen in app.screen_stack for node in screen.walk_children(with_self=True))]
        turns = 0 if any(node.message_queue_size for node in nodes) else turns + 1
        if turns == TURNS and frames < FRAMES and _is_to_be_drawn(app):
            app.screen._on_timer_update()
            turns, frames = 0, frames + 1


def _is_to_be_drawn(app: App[Any]) -> bool:
    """Whether the screen waits for its next frame."""
    screen: Screen[Any] = app.screen
    changed = screen._layout_required or screen._scroll_required or screen._repaint_required or screen._dirty_widgets
    return bool(changed) and screen.is_current and not app._batch_count


async def press(pilot: Pilot[Any], *keys: str) -> None:
    """Press the keys, each once the one before has been handled.

    Textual's pilot takes a process that gets no processor time for one that is idle, so that on a busy machine a key reaches
    what had the focus before.
    """
    for key in keys:
        await _press(pilot, key)


async def wait_for_screen(pilot: Pilot[Any], timeout: float = PATIENCE) -> bool:
    """As Textual's, and until whatever the messages brought has been handled too."""
    done = await _wait_for_screen(pilot, timeout)
    await until_quiet(pilot.app)
    return done
