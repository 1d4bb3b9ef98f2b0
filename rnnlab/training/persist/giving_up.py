"""Ending a run within seconds of a signal, whatever its thread is computing.

A signal is first a command: the run stops between two updates, is evaluated, and tests its best weights. What is not
done after `GRACE` seconds is given up. The thread that trains lets another one take over while it computes what can be done
again, an update's gradient or an evaluation: then the state of the last update is saved. Where even that cannot be waited for,
or the disk is too slow for a state so large, the state saved last is kept. The run goes on from either as if it had never been
interrupted.
"""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Callable
from types import TracebackType
from typing import Self

GRACE = 3.5
"""Seconds that a run has to come to its end after a signal; fewer where saving its state takes long."""
SAVED_BY = 6.5
"""Seconds after the signal at which its state is saved, or what was saved before is kept."""
LAST_EVENT = 2.0
"""Seconds that writing the last event may take: a signal ends a run within ten seconds, all together."""
_FINDING = 1.0
"""Seconds to find a moment at which the state can be saved."""
_BUSY = 2.0
"""So many times as long as the last time saving may take: a machine that is being ended is busy."""
_POLL = 0.02
SIGNALS = (signal.SIGTERM, signal.SIGHUP, signal.SIGUSR1)


class SignalWatch:
    """Watches for signals, also while the main thread is inside a long operation of PyTorch, where Python runs no handler.

    `request_stop` is called at once, from another thread. While the context lasts, what ends the process after `GRACE` seconds
    is called in a thread, too: `give_up(patience)`, and `abandon` where that returns False or is not done by
    `SAVED_BY`. Before `let_finish` there is nothing to wait for, and `abandon` is called at once.
    """

    def __init__(self, request_stop: Callable[[], None], abandon: Callable[[], None]) -> None:
        self._request_stop = request_stop
        self._abandon = abandon
        self._give_up: Callable[[float], bool] | None = None
        self._saving: Callable[[], float] = lambda: 0.0
        self._beginning = threading.Lock()
        self._reading, self._writing = os.pipe()
        os.set_blocking(self._writing, False)
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._watch, name="signals", daemon=True)

    def let_finish(
        self, give_up: Callable[[float], bool], abandon: Callable[[], None], saving: Callable[[], float]
    ) -> None:
        """From now on the run has its seconds to come to its end; `saving` says how many of them it took to save its state.

        Never returns where it is being ended already.
        """
        with self._beginning:
            self._abandon = abandon
            self._saving = saving
            self._give_up = give_up

    def __enter__(self) -> Self:
        self._thread.start()
        signal.set_wakeup_fd(self._writing, warn_on_full_buffer=False)
        for number in SIGNALS:
            # The handler has nothing to do: what counts is the byte that the signal writes to the pipe.
            signal.signal(number, lambda _number, _frame: None)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._over.set()
        signal.set_wakeup_fd(-1)
        os.write(self._writing, b"\0")
        self._thread.join()  # for ever, where that thread is ending the process
        os.close(self._reading)
        os.close(self._writing)

    def _watch(self) -> None:
        while True:
            received = os.read(self._reading, 1024)
            if self._over.is_set():
                return
            if not any(number in received for number in SIGNALS):
                continue
            began = time.monotonic()
            self._request_stop()
            with self._beginning:
                if self._give_up is None:
                    self._end(began)
            if self._over.wait(min(GRACE, max(0.0, SAVED_BY - _FINDING - _BUSY * self._saving()))):
                return
            self._end(began)
            return

    def _end(self, began: float) -> None:
        """End the process, unless the run comes to its end meanwhile."""
        if (give_up := self._give_up) is not None:
            left = max(0.0, began + SAVED_BY - time.monotonic())
            if _within(left, lambda: give_up(left), unless=self._over):
                os._exit(0)
            if self._over.is_set():
                return
        _within(LAST_EVENT, self._abandon)
        os._exit(0)


def _within(seconds: float, call: Callable[[], bool | None], unless: threading.Event | None = None) -> bool:
    """Whether `call`, in a thread of its own, came to its end so soon, and before `unless` was set, and did not return False."""
    done, ended = threading.Event(), threading.Event()

    def carry_out() -> None:
        try:
            if call() is not False:
                done.set()
        finally:
            ended.set()

    threading.Thread(target=carry_out, daemon=True).start()
    deadline = time.monotonic() + seconds
    while not ended.wait(_POLL) and time.monotonic() < deadline and not (unless and unless.is_set()):
        pass
    return done.is_set()
