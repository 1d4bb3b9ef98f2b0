"""Runs some of whose operations on files are refused by a preloaded library, for a full disk or a quota."""

from __future__ import annotations

import ctypes
import errno
import json
import os
import random
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from benchmarks.reliability.outcome import outcome
from benchmarks.reliability.promise import Plan, Skipped, Trial
from benchmarks.reliability.resume_kills import SETTINGS, Forked
from benchmarks.reliability.trace import NoCompiler, library
from rnnlab.config import RunConfig
from rnnlab.runs.folders import create_session
from rnnlab.runs.history import waits
from rnnlab.runs.log_tail import read_last

OFFSETS = 200
"""Operations on files of which each is refused once."""


def settings_of(epochs: int) -> dict[str, object]:
    return SETTINGS | {"train.epochs": epochs}


def refused(plan: Plan) -> Iterator[Trial]:
    """Operations on files are refused, one to three of them, the first at another place each time."""
    try:
        preloaded = {"LD_PRELOAD": str(library()), "FILES_ROOT": "/nowhere"}
    except NoCompiler as reason:
        raise Skipped(str(reason)) from None
    code = "from benchmarks.reliability.refused_operations import refuse; refuse()"
    command = [sys.executable, "-c", code]
    with subprocess.Popen(
        command, env=os.environ | preloaded, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        for number in plan.numbers:
            process.stdin.write(f"{number}\n")
            process.stdin.flush()
            yield Trial(json.loads(process.stdout.readline() or '"the process that trains ended"'))
        process.stdin.close()


def refuse() -> None:
    """Train a run for each number on standard input; what was wrong, as JSON. The library is loaded here, and in each fork."""
    loaded = ctypes.CDLL(None)
    trainers = Forked()
    config = RunConfig.from_settings(settings_of(20))
    with tempfile.TemporaryDirectory() as name:
        os.environ["FILES_ROOT"] = name
        session = create_session("lab", root=Path(name))
        reference = session.create_run(config)
        trainers.wait(reference, trainers.start(reference))
        expected = outcome(reference)
        for line in sys.stdin:
            number = int(line)
            chance = random.Random(f"refused {number}")
            first, count, code = (
                1 + number % OFFSETS,
                chance.choice((1, 2, 3)),
                chance.choice((errno.ENOSPC, errno.EDQUOT)),
            )
            run = session.create_run(config)
            if number % 3 == 2:
                os.environ["FILES_NO_ROOM"] = "1"
            loaded.files_refuse(first, count, code)
            trainer = trainers.start(run)
            loaded.files_refuse(1 << 40, 0, 0)
            trainers.wait(run, trainer)
            os.environ.pop("FILES_NO_ROOM", None)
            # A run that could not make its log stays queued, and the runner begins it again.
            if waits(read_last(run.events_path)):
                trainers.wait(run, trainers.start(run))
            where = f"operations {first} to {first + count - 1} refused with {errno.errorcode[code]}"
            try:
                problem = "" if outcome(run) == expected else f"{where}: weights or figures differ"
            except OSError as error:
                problem = f"{where}: {error}"
            sys.stdout.write(json.dumps(problem) + "\n")
            sys.stdout.flush()
