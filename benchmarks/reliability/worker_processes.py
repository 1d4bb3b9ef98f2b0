"""Trials in processes of their own: a process is given the numbers of some, and prints a line of JSON for each, in their order.

A line is the sentence of what is wrong, empty where nothing is.
"""

from __future__ import annotations

import contextlib
import itertools
import json
import subprocess
from collections import deque
from collections.abc import Callable, Generator, Iterable

from benchmarks.reliability.promise import ROOT, Trial

AT_ONCE = 10
"""Trials that one process is given."""


def tried_in_processes(
    numbers: Iterable[int], line: Callable[[list[int]], list[str]], *, beside: int = 1, at_once: int = AT_ONCE
) -> Generator[Trial, None, None]:
    """The trials of these numbers, in their order; `line` is the command of a process for some of them.

    `beside` processes go on at a time, each ahead of those whose trials are yielded. They are killed when the caller ends. More
    than there are cores are right for trials that mostly wait and whose times do not count.
    """
    left = iter(numbers)
    with contextlib.ExitStack() as stack:
        going: deque[tuple[list[int], subprocess.Popen[str]]] = deque()

        def start_next() -> None:
            if chosen := list(itertools.islice(left, at_once)):
                process = subprocess.Popen(line(chosen), stdout=subprocess.PIPE, text=True, cwd=ROOT)
                stack.callback(_end, process)
                going.append((chosen, process))

        for _ in range(beside):
            start_next()
        while going:
            chosen, process = going.popleft()
            assert process.stdout is not None
            answered = 0
            for text in process.stdout:
                answered += 1
                yield Trial(json.loads(text))
            process.wait()
            start_next()
            for number in chosen[answered:]:
                yield Trial(f"trial {number}: its process ended with {process.returncode}")


def _end(process: subprocess.Popen[str]) -> None:
    process.kill()
    process.wait()
    assert process.stdout is not None
    process.stdout.close()
