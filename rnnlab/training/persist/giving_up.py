"""Ending a run within seconds of a signal, whatever its thread is computing.

A signal is first a command: the run stops between two updates, is evaluated, and tests its best weights. What is not
done after `GRACE` seconds is given up. The thread that trains lets another one take over while it computes what can be done
again, an update's gradient or an evaluation: then the state of the last update is saved. Where even that cannot be waited for,
the state saved last is kept. The run goes on from either as if it had never been interrupted.
"""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Callable
from types import TracebackType
from typing import Self

GRACE = 3.5
"""Seconds that a run has to come to its end after a signal."""
PATIENCE = 1.0
"""Seconds to wait then for a moment at which its state can be saved."""
SAVING = 2.5
"""Seconds that saving it may take."""
LAST_EVENT = 2.5
"""Seconds that writing the last event may take: a signal ends a run within ten seconds, all together."""
SIGNALS = (signal.SIGTERM, signal.SIGHUP, signal.SIGUSR1)


class SignalWatch:
    """Watches for signals, also while the main thread is inside a long operation of PyTorch, where Python runs no handler.

    `request_stop` is called at once, from another thread. While the context lasts, what ends the process after `GRACE` seconds
    is called in a thread, too: `give_up(patience)`, and `abandon` where that returns False or takes more than `SAVING` seconds.
    Before `let_finish` there is nothing to wait for, and `abandon` is called at once.
    """

    def __init__(self, request_stop: Callable[[], None], abandon: Callable[[], None]) -> None:
        self._request_stop = request_stop
        self._abandon = abandon
        self._give_up: Callable[[float], bool] | None = None
        self._beginning = threading.Lock()
        self._reading, self._writing = os.pipe()
        os.set_blocking(self._writing, False)
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._watch, name="signals", daemon=True)

    def let_finish(self, give_up: Callable[[float], bool], abandon: Callable[[], None]) -> None:
        """From now on the run has its seconds to come to its end. Never returns where it is being ended already."""
        with self._beginning:
            self._abandon = abandon
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
            self._request_stop()
            with self._beginning:
                if self._give_up is None:
                    self._end()
            if self._over.wait(GRACE):
                return
            self._end()

    def _end(self) -> None:
        give_up = self._give_up
        if give_up is None or not _within(PATIENCE + SAVING, lambda: give_up(PATIENCE)):
            _within(LAST_EVENT, self._abandon)
        os._exit(0)


def _within(seconds: float, call: Callable[[], bool | None]) -> bool:
    """Whether `call`, in a thread of its own, came to its end so soon and did not return False."""
    done = threading.Event()

    def carry_out() -> None:
        try:
            if call() is not False:
                done.set()
        finally:
            ended.set()

    ended = threading.Event()
    threading.Thread(target=carry_out, daemon=True).start()
    ended.wait(seconds)
    return done.is_set()
