"""A signal ends a process that trains: by itself where it comes to its end, with its state where that can be, else as it is."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable

import pytest

from rnnlab.training.persist import giving_up
from rnnlab.training.persist.giving_up import SignalWatch

BY_ITSELF = 7


def ended(
    give_up: Callable[[int], bool], *, saving: float = 0.0, busy: float = 600.0, before_start: bool = False
) -> tuple[int, str]:
    """The exit code of a process that gets a signal while it is busy for so long, and what it wrote.

    `give_up` gets the file to write to.
    """
    reading, writing = os.pipe()
    if (child := os.fork()) == 0:
        with SignalWatch(says(writing, "stop "), says(writing, "abandoned ")) as watch:
            if not before_start:
                watch.let_finish(lambda _: give_up(writing), says(writing, "abandoned "), lambda: saving)
            os.kill(os.getpid(), signal.SIGTERM)
            deadline = time.monotonic() + busy
            while time.monotonic() < deadline:
                time.sleep(0.01)
        os._exit(BY_ITSELF)
    os.close(writing)
    code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    with os.fdopen(reading) as file:
        return code, file.read()


def says(file: int, text: str) -> Callable[[], None]:
    def write() -> None:
        os.write(file, text.encode())

    return write


def saved(file: int) -> bool:
    os.write(file, b"saved ")
    return True


def never(_: int) -> bool:
    time.sleep(600)
    return True


def test_where_its_state_takes_long_to_save_it_is_given_up_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(giving_up, "GRACE", 600.0)
    assert ended(saved, saving=100.0) == (0, "stop saved ")


def test_a_run_that_ends_while_its_state_is_waited_for_ends_by_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(giving_up, "GRACE", 0.0)
    monkeypatch.setattr(giving_up, "SAVED_BY", 600.0)
    assert ended(never, busy=0.5) == (BY_ITSELF, "stop ")


@pytest.mark.parametrize("give_up", [never, lambda _: False])
def test_a_state_that_cannot_be_had_in_time_is_given_up(
    give_up: Callable[[int], bool], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(giving_up, "SAVED_BY", 0.2)
    assert ended(give_up) == (0, "stop abandoned ")


def test_before_a_run_begins_there_is_nothing_to_wait_for() -> None:
    assert ended(saved, before_start=True) == (0, "stop abandoned ")
