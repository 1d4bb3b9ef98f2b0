"""Trials in processes of their own: their order, what becomes of a process that dies, and of those that are not waited for."""

from __future__ import annotations

import itertools
import json
import sys
from pathlib import Path

import psutil

from benchmarks.reliability.waiting import until
from benchmarks.reliability.worker_processes import tried_in_processes

WORKER = """
import json, os, pathlib, sys, time
folder = pathlib.Path(sys.argv[1])
for number in json.loads(sys.argv[2]):
    (folder / f"{number}").write_text(str(os.getpid()))
    time.sleep(60 if number == 40 else 0)
    if number == 7:
        os.kill(os.getpid(), 9)
    print(json.dumps("" if number % 2 else f"{number} is even"), flush=True)
"""


def line(folder: Path) -> list[str]:
    return [sys.executable, "-c", WORKER, str(folder)]


def test_trials_come_in_order_and_those_of_a_dead_process_have_failed(tmp_path: Path) -> None:
    found = tried_in_processes(range(11), lambda chosen: [*line(tmp_path), json.dumps(chosen)], beside=3, at_once=3)
    dead = "its process ended with -9"
    assert [each.problem for each in found] == [
        "0 is even", "", "2 is even", "", "4 is even", "", "6 is even", f"trial 7: {dead}", f"trial 8: {dead}", "", "10 is even",
    ]  # fmt: skip


def test_processes_ahead_end_with_the_caller(tmp_path: Path) -> None:
    numbers = itertools.chain([1, 3, 40], itertools.repeat(5))
    found = tried_in_processes(numbers, lambda chosen: [*line(tmp_path), json.dumps(chosen)], beside=3, at_once=1)
    assert not next(found).problem
    ahead = tmp_path / "40"
    until(lambda: ahead.exists() and ahead.read_text(), "it has begun")
    pid = int(ahead.read_text())
    found.close()
    assert not psutil.pid_exists(pid)
