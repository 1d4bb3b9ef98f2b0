"""The app without the person's own folders: empty sessions, no data sets, no preferences, nothing that blinks."""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
import textual._wait
from textual.pilot import Pilot

from tests.ui import quiet
from tests.ui.own_files import write_files

IDLE = 0.005
"""Seconds without work by which an app is idle. Textual waits 0.02, twice for each key: most of the time of these tests."""


@pytest.fixture(autouse=True)
def _own_folders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RNNLAB_SESSIONS", str(tmp_path / "sessions"))
    monkeypatch.setenv("RNNLAB_DATA", str(tmp_path / "data"))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.setenv("COLORTERM", "truecolor")
    monkeypatch.setenv("TEXTUAL_ANIMATIONS", "none")


@pytest.fixture(autouse=True)
def _patient_pilot(monkeypatch: pytest.MonkeyPatch) -> None:
    """Keys, clicks and pauses are over when everything that they brought has been handled, however busy the machine is."""
    monkeypatch.setattr(Pilot, "press", quiet.press)
    monkeypatch.setattr(Pilot, "_wait_for_screen", quiet.wait_for_screen)


@pytest.fixture(scope="session", autouse=True)
def _short_waits() -> Iterator[None]:
    """A pilot waits for an idle app in short pieces, each with so many turns of the event loop.

    A busy machine can let the whole piece pass without a turn, which looks idle; turns cannot pass without work done.
    """

    async def sleep(seconds: float) -> None:
        await asyncio.sleep(seconds)
        for _ in range(20):
            await asyncio.sleep(0)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(textual._wait, "SLEEP_GRANULARITY", IDLE)
        patch.setattr(textual._wait, "SLEEP_IDLE", IDLE / 10)
        patch.setattr(textual._wait, "sleep", sleep)
        yield


@pytest.fixture
def short_folder() -> Iterator[Path]:
    """A folder whose path is short enough to be typed key by key."""
    with tempfile.TemporaryDirectory(prefix="r") as folder:
        yield Path(folder)


@pytest.fixture
def sessions(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder of sessions, named as a person would see it."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("RNNLAB_SESSIONS", "sessions")
    root = Path("sessions")
    root.mkdir()
    return root


@pytest.fixture
def files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder that the app is started in, with files of one's own."""
    folder = tmp_path / "mine"
    write_files(folder)
    monkeypatch.chdir(folder)
    return folder
