"""Seconds that `rnnlab compare` takes on a session of 10,000 runs, and the table of a sweep of 1,000 after one log grew.

    python -m benchmarks.compare_runs [--runs 10000] [--again 1000] [--rounds 5] [--json]

The runs are the packaged demo run with other settings and figures: a grid of learning rates, hidden sizes and dropout, five
seeds each. Processor time is given beside the time by the clock, which a busy machine lengthens.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import msgspec

from benchmarks.options import parse
from rnnlab.cli.sweep_table import sweep_lines
from rnnlab.config import RunConfig, to_toml
from rnnlab.runs.codec import decode, encode
from rnnlab.runs.demo import DEMO, find_recorded
from rnnlab.runs.events import Record, RunFinished, RunStarted
from rnnlab.runs.folders import Session
from rnnlab.runs.summaries import Summaries
from rnnlab.sweeps.space import Choices
from rnnlab.sweeps.specification import Specification
from rnnlab.sweeps.sweep import Sweep

SEEDS = 5
SIZES = (16, 32, 64, 128)
DROPOUTS = (0.0, 0.1, 0.2, 0.3, 0.5)


def make_runs(session: Path, runs: int) -> None:
    """Finished runs of many configurations, five seeds each, in the session's folder."""
    source = find_recorded(DEMO)
    base = source.config().flat()
    first, *middle, last = source.events_path.read_bytes().splitlines(keepends=True)
    start, end = decode(first), decode(last)
    assert isinstance(start.data, RunStarted)
    assert isinstance(end.data, RunFinished)
    dice = random.Random(1)
    for number in range(runs):
        of = number // SEEDS
        settings = {
            "train.seed": number % SEEDS,
            "data.seed": 0,
            "model.hidden": SIZES[of % len(SIZES)],
            "model.dropout": DROPOUTS[of // len(SIZES) % len(DROPOUTS)],
            "optim.lr": 1e-4 * (1 + of // (len(SIZES) * len(DROPOUTS))),
        }
        config = RunConfig.from_settings(base | settings)
        name = f"{number + 1:05}-lstm-{settings['model.hidden']}"
        folder = session / "runs" / name
        folder.mkdir(parents=True)
        (folder / "run.toml").write_text(to_toml(config))
        begun = msgspec.structs.replace(start.data, run=name, config=msgspec.to_builtins(config))
        shift = dice.gauss(0.0, 0.01)
        final = {
            part: {key: value + shift if isinstance(value, float) else value for key, value in figures.items()}
            for part, figures in end.data.final.items()
        }
        done = msgspec.structs.replace(end.data, final=final, best=final["validation"])
        lines = (
            encode(Record(start.seq, start.wall, start.mono, begun)),
            *middle,
            encode(Record(end.seq, end.wall, end.mono, done)),
        )
        (folder / "events.jsonl").write_bytes(b"".join(lines))


def command_seconds(session: Path, rounds: int) -> tuple[list[float], list[float]]:
    """Clock and processor seconds of the whole command, its start included."""
    clock, processor = [], []
    for _ in range(rounds):
        begun, used = time.perf_counter(), os.times()
        subprocess.run([sys.executable, "-m", "rnnlab", "compare", str(session)], check=True, stdout=subprocess.DEVNULL)
        clock.append(time.perf_counter() - begun)
        now = os.times()
        processor.append(now.children_user + now.children_system - used.children_user - used.children_system)
    return clock, processor


def seconds_after_growth(session: Path, rounds: int, read: Callable[[], object]) -> list[float]:
    """Seconds that `read` takes each time after one log grew."""
    log = sorted((session / "runs").iterdir())[0] / "events.jsonl"
    seconds = []
    for _ in range(rounds):
        with log.open("ab") as file:
            file.write(b"\n")
        begun = time.perf_counter()
        read()
        seconds.append(time.perf_counter() - begun)
    return seconds


def again_seconds(session: Path, rounds: int) -> list[float]:
    """Seconds to read all rows once more after one log grew, without those of the first time."""
    summaries = Summaries(Session(session))
    summaries.read()
    return seconds_after_growth(session, rounds, summaries.read)


def table_seconds(session: Path, runs: int, rounds: int) -> tuple[list[float], int]:
    """Seconds to renew the table of the sweep that has these runs, after one log grew; and how many of them it found."""
    base = find_recorded(DEMO).config().flat()
    rates = -(-runs // (SEEDS * len(SIZES) * len(DROPOUTS)))
    specification = Specification(
        settings=base | {"data.seed": 0},
        over={
            "optim.lr": Choices(tuple(1e-4 * (1 + index) for index in range(rates))),
            "model.dropout": Choices(DROPOUTS),
            "model.hidden": Choices(tuple((size,) for size in SIZES)),
        },
        method="grid",
        seeds=tuple(range(SEEDS)),
    )
    sweep = Sweep(Session(session), specification)
    keys = list(specification.over)
    sweep_lines(sweep.stand(), keys)
    seconds = seconds_after_growth(session, rounds, lambda: sweep_lines(sweep.stand(), keys))
    return seconds, sum(each.run is not None for each in sweep.stand().trials)


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=10_000)
    parser.add_argument("--again", type=int, default=1_000)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--json", action="store_true")
    options = parse(parser, runs=40, again=20, rounds=1)
    with tempfile.TemporaryDirectory() as folder:
        many, some = Path(folder) / "many", Path(folder) / "some"
        make_runs(many, options.runs)
        make_runs(some, options.again)
        clock, processor = command_seconds(many, options.rounds)
        again = again_seconds(some, options.rounds)
        table, known = table_seconds(some, options.again, options.rounds)
    found = {"compare": statistics.median(clock), "processor": statistics.median(processor)}
    found["again"] = statistics.median(again)
    found["table"] = statistics.median(table)
    if known != options.again:
        raise SystemExit(f"the sweep knows {known} of its {options.again} runs")
    if options.json:
        print(json.dumps({"runs": options.runs, "again_runs": options.again, **found}))
        return
    print(
        f"compare, {options.runs:,} runs: {found['compare']:.2f} s ({found['processor']:.2f} s of processor time); "
        f"{options.again:,} rows read again: {found['again'] * 1e3:.0f} ms, as the table of a sweep "
        f"{found['table'] * 1e3:.0f} ms (medians of {options.rounds})"
    )


if __name__ == "__main__":
    main()
