"""A loop in a process of its own, still until it is asked: several take turns, as settings of PyTorch hold for a process."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

Loop = Iterator[int]
"""Yields the examples trained on since it was last asked, every few milliseconds."""

PATIENCE = 30.0
"""Seconds that a worker has to end in."""


def serve(loop: Loop, about: Mapping[str, Any], warm_up: float) -> None:
    """A worker: train `warm_up` seconds, write what it is `about`.

    Then, for each number of seconds read, train that long and write the examples a second.
    """

    def train(seconds: float) -> float:
        examples = 0
        now = start = time.perf_counter()
        while now - start < seconds:
            examples += next(loop)
            now = time.perf_counter()
        return examples / (now - start)

    train(warm_up)
    print(json.dumps(dict(about)), flush=True)
    for line in sys.stdin:
        print(json.dumps(train(float(line))), flush=True)


class Worker:
    """A process that serves a loop; `line` is its command line. What goes wrong in it ends this one with `SystemExit`."""

    def __init__(self, line: Sequence[str], environment: Mapping[str, str] | None = None) -> None:
        self._about: dict[str, Any] | None = None
        self._process = subprocess.Popen(
            line, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment
        )

    def about(self) -> dict[str, Any]:
        """What it says of itself, once it is ready; to be waited for before anything else is asked."""
        if self._about is None:
            self._about = dict(self._answer())
        return self._about

    def begin(self, seconds: float) -> None:
        """Have it train."""
        assert self._process.stdin is not None
        self._process.stdin.write(f"{seconds}\n")
        self._process.stdin.flush()

    def rate(self) -> float:
        """Examples a second, when it is done."""
        return float(self._answer())

    def train(self, seconds: float) -> float:
        """Examples a second over about so many seconds."""
        self.begin(seconds)
        return self.rate()

    def close(self) -> None:
        """End it, one way or the other."""
        assert self._process.stdin is not None
        self._process.stdin.close()
        try:
            self._process.wait(timeout=PATIENCE)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def _answer(self) -> Any:
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if not line:
            raise SystemExit(f"a worker ended with code {self._process.wait()}; what it said stands above")
        return json.loads(line)
