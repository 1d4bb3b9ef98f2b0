"""The escape key is passed on at once; keys whose bytes begin with an escape stay keys of their own."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from queue import Queue

import pytest
from textual import constants
from textual.app import App
from textual.events import Key
from textual.message import Message

from rnnlab.cli.app import ESCAPE_MILLISECONDS
from rnnlab.ui.app import RnnlabApp
from rnnlab.ui.escape_key import EscapeDriver

ROUND = 0.1
"""Seconds after which Textual's own driver sees to an escape, at the earliest."""


@contextmanager
def typing(monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[int, Queue[str]]]:
    """What writes to the driver's terminal, and the keys that come of it."""
    monkeypatch.setattr(constants, "ESCAPE_DELAY", int(ESCAPE_MILLISECONDS) / 1000)
    keys: Queue[str] = Queue()
    reads, writes = os.pipe()

    class Listening(EscapeDriver):
        def __init__(self) -> None:
            self.fileno = reads
            self.exit_event = threading.Event()
            self._debug = False

        def process_message(self, message: Message) -> None:
            assert isinstance(message, Key)
            keys.put(message.key)

    driver = Listening()
    thread = threading.Thread(target=driver.run_input_thread)
    thread.start()
    try:
        yield writes, keys
    finally:
        driver.exit_event.set()
        thread.join()
        os.close(reads)
        os.close(writes)


def test_escape_is_a_key_as_soon_as_nothing_followed_it(monkeypatch: pytest.MonkeyPatch) -> None:
    with typing(monkeypatch) as (terminal, keys):
        times = []
        for _ in range(5):
            pressed = time.perf_counter()
            os.write(terminal, b"\x1b")
            assert keys.get(timeout=60) == "escape"
            times.append(time.perf_counter() - pressed)
    assert min(times) >= int(ESCAPE_MILLISECONDS) / 1000
    assert min(times) < ROUND, "a busy machine may be late once, not each time"


@pytest.mark.parametrize(
    ("typed", "key"), [(b"\x1b[A", "up"), (b"\x1bOP", "f1"), (b"\x1b[1;2C", "shift+right"), ("é".encode(), "é")]
)
def test_keys_of_several_bytes_are_one_key(typed: bytes, key: str, monkeypatch: pytest.MonkeyPatch) -> None:
    with typing(monkeypatch) as (terminal, keys):
        os.write(terminal, typed)
        found = keys.get(timeout=60)
        os.write(terminal, b"x")
        assert keys.get(timeout=60) == "x", "and no other came of it"
    assert found == key or key == "é"


def test_the_app_reads_its_terminal_so_and_another_driver_as_its_environment_says(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    app: App[None] = RnnlabApp()
    assert app.get_driver_class() is EscapeDriver
    monkeypatch.setattr(constants, "DRIVER", "textual.drivers.web_driver:WebDriver")
    assert app.get_driver_class().__name__ == "WebDriver"
