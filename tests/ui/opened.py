"""The app on a recorded run or session, with a frozen clock and nobody to carry anything out."""

from __future__ import annotations

import asyncio
import time
import unicodedata
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from textual.pilot import Pilot

from rnnlab.runs.folders import RunFolder, Session
from rnnlab.ui.app import RnnlabApp
from rnnlab.ui.run.following.followers import Followers
from rnnlab.ui.run.screen import RunScreen
from rnnlab.ui.session.screen import SessionScreen
from rnnlab.ui.sessions.screen import SessionsScreen
from tests.recorded_course import WALL

NOW = WALL + 600
"""Ten minutes after the recorded runs began."""


PATIENCE = 90.0
"""Seconds to wait for what comes sooner or later: how soon is not what these tests are about."""


def quiet(run: RunFolder) -> None:
    """Nobody is started for a recorded run."""


def app_on(theme: str = "rnnlab-dark", clock: Callable[[], float] | None = lambda: 0.0) -> RnnlabApp:
    """The app, its followers on this clock; None: the real one."""
    app = RnnlabApp(theme=theme)
    app._followers = Followers(app, ensure=quiet, **({"clock": clock} if clock else {}))
    return app


async def open_run(pilot: Pilot[Any], run: Path) -> RunScreen:
    """The run's screen, once its log has been read."""
    app = pilot.app
    assert isinstance(app, RnnlabApp)
    folder = RunFolder(run)
    app.open_run(folder)
    await app.followers.follow(folder).opened.wait()
    await settled(pilot)
    assert isinstance(app.screen, RunScreen)
    return app.screen


async def open_sessions(pilot: Pilot[Any], seconds: float = PATIENCE) -> SessionsScreen:
    """The browser, once it has read everything, which may take so many seconds."""
    app = pilot.app
    await app.push_screen(screen := SessionsScreen(clock=lambda: NOW))
    await until(lambda: screen.loaded, seconds)
    await settled(pilot)
    return screen


async def open_session(pilot: Pilot[Any], path: Path) -> SessionScreen:
    """The session's screen, once it has read all of its runs."""
    app = pilot.app
    await app.push_screen(screen := SessionScreen(Session(path), clock=lambda: NOW))
    await until(lambda: screen.loaded)
    await settled(pilot)
    return screen


async def settled(pilot: Pilot[Any]) -> None:
    """Whatever was posted has been handled and drawn."""
    for _ in range(3):
        await pilot.pause()


async def until(holds: Callable[[], bool], seconds: float = PATIENCE) -> None:
    """Wait for something that comes of what was done, by itself or by another process, and leave the processor to it.

    To ask may mean to draw the whole screen: it takes a third of the time at most.
    """
    async with asyncio.timeout(seconds):
        while True:
            began = time.thread_time()
            if holds():
                return
            await asyncio.sleep(max(0.01, 2 * (time.thread_time() - began)))


def on_run(run: Path, *keys: str) -> Callable[[Pilot[Any]], Awaitable[None]]:
    """For a snapshot: open the run and press the keys."""

    async def before(pilot: Pilot[Any]) -> None:
        await open_run(pilot, run)
        await pilot.press(*keys)
        await settled(pilot)

    return before


def on_sessions(*keys: str) -> Callable[[Pilot[Any]], Awaitable[None]]:
    """For a snapshot: open the browser and press the keys."""

    async def before(pilot: Pilot[Any]) -> None:
        await open_sessions(pilot)
        await pilot.press(*keys)
        await settled(pilot)

    return before


@asynccontextmanager
async def shown(size: tuple[int, int] = (140, 45), **options: Any) -> AsyncIterator[Pilot[Any]]:
    async with app_on(**options).run_test(size=size) as pilot:
        await pilot.pause()
        yield pilot


def text_of(app: Any) -> str:
    """What stands on the screen, line by line."""
    return "\n".join(strip.text for strip in app.screen._compositor.render_strips())


def assert_harmless(app: Any) -> None:
    """Nothing on the screen that a terminal would obey, and no label that has become an action."""
    for strip in app.screen._compositor.render_strips():
        for segment in strip:
            strange = [c for c in segment.text if unicodedata.category(c) in ("Cc", "Cf", "Cs", "Zl", "Zp")]
            assert not strange, (segment.text, strange)
            meta = segment.style.meta if segment.style else {}
            assert meta.get("@click") not in ("app.quit", ("app.quit", ())), segment


def said(app: Any) -> str:
    """What the app has told the person in passing."""
    return "\n".join(notification.message for notification in app._notifications)
