"""Short runs by trainers that are forked from a warm server, beside trainers with an interpreter of their own.

    python -m benchmarks.warm [--runs 16] [--updates 1000] [--slots 2] [--rounds 3] [--queued 1000] [--json]

The same queue of runs is carried out three times a round, in an order that changes: cold with --slots at once, forked one after
the other, and forked with --slots at once. Printed are the times on the clock, from the start of the runner to its end; the ratio
of one after the other to side by side, with the start of the server and without it (until the first event of the first run);
that ratio by processor seconds, which other work on the machine moves little; and the gap between the last event of a run and
the first one of the next, with the time in it that loading the data takes. Then the time of a poll of a session with --queued
runs that wait, and of one with as many that have ended.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import shutil
import statistics
import tempfile
import time
from dataclasses import asdict, dataclass
from itertools import pairwise
from pathlib import Path

from benchmarks.options import parse
from rnnlab.config import RunConfig
from rnnlab.cores import cores
from rnnlab.engines.runner import Runner
from rnnlab.engines.slots import release, take_slots
from rnnlab.runs.data_summary import DataSummary
from rnnlab.runs.events import RunFinished, RunStarted
from rnnlab.runs.folders import Session, SessionInfo, create_session
from rnnlab.runs.log import LogWriter
from rnnlab.runs.log_reader import read_state
from rnnlab.runs.repeats import repeated

WANTED = 1.85
SETTINGS: dict[str, object] = {
    "task.name": "sinusoids",
    "model.name": "gru",
    "model.hidden": 32,
    "train.batch_size": 16,
    "train.epochs": 100_000,
    "train.patience": None,
    "runtime.device": "cpu",
    "runtime.threads": 1,
}


@dataclass(frozen=True)
class Queue:
    """What a queue of runs took, in seconds.

    `start` is from the start of the runner to the first event; `training` what the runs say that they trained, added up; `gap`
    the median time between the last event of a run and the first one of the next (one slot).
    """

    warm: bool
    slots: int
    wall: float
    start: float
    training: float
    processor: float
    gap: float
    load: float
    """The machine's load average at the end."""


def carry_out(configs: list[RunConfig], slots: int, root: Path, *, warm: bool) -> Queue:
    """Carry the runs out with so many slots. Raises `RuntimeError` where one does not get to its end."""
    session = create_session(f"{slots} slots {time.monotonic_ns()}", root=root)
    session.write_info(SessionInfo(session.name, slots=slots))
    runs = [session.create_run(config) for config in configs]
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    began, began_wall = time.perf_counter(), time.time()
    Runner(session, warm=warm).work()
    wall = time.perf_counter() - began
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    states = [read_state(run.events_path)[0] for run in runs]
    if bad := [state for state in states if state.status != "completed"]:
        raise RuntimeError(f"a run ended as {bad[0].status}: {bad[0].message}")
    gaps = [following.first_wall - each.last_wall for each, following in pairwise(states)]
    return Queue(
        warm=warm,
        slots=slots,
        wall=wall,
        start=min(state.first_wall for state in states) - began_wall,
        training=sum(state.seconds for state in states),
        processor=after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime,
        gap=statistics.median(gaps) if gaps and slots == 1 else 0.0,
        load=os.getloadavg()[0],
    )


def loading(config: RunConfig) -> float:
    """Seconds to load the data in a process that has done so before."""
    from rnnlab.tasks.load import load

    load(config)
    began = time.perf_counter()
    load(config)
    return time.perf_counter() - began


def copies(root: Path, name: str, number: int, *, ended: bool) -> Session:
    """A session of that many equal runs, which wait, or have ended."""
    session = create_session(name, root=root)
    first = session.create_run(RunConfig.from_settings(SETTINGS))
    if ended:
        data = DataSummary(task="sinusoids", title="", problem="regression", metric="mae", higher_is_better=False)
        with LogWriter(first.events_path) as log:
            log.append(RunStarted(run=first.name, config={}, data=data, model="GRU 32"))
            log.append(RunFinished(outcome="completed"))
    for index in range(2, number + 1):
        shutil.copytree(first.path, session.runs_path / f"{index:04}-gru-32")
    return session


def poll_seconds(session: Session, polls: int) -> tuple[float, float]:
    """Seconds of the first poll, and the median of the later ones, while others have every slot."""
    runner = Runner(session, warm=False)
    slots = take_slots(session, cores())
    took = []
    try:
        for _ in range(polls + 1):
            began = time.perf_counter()
            runner.poll()
            took.append(time.perf_counter() - began)
            time.sleep(0.02)
    finally:
        release(slots)
    return took[0], statistics.median(took[1:])


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=16)
    parser.add_argument("--updates", type=int, default=1000, help="of each run")
    parser.add_argument("--slots", type=int, default=cores())
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--queued", type=int, default=1000)
    parser.add_argument("--json", action="store_true")
    options = parse(parser, runs=3, updates=20, rounds=1, queued=50)
    configs = repeated(RunConfig.from_settings(SETTINGS | {"train.updates": options.updates}), range(options.runs))
    arms = [(False, options.slots), (True, 1), (True, options.slots)]
    rounds: list[list[Queue]] = []
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        for number in range(options.rounds):
            order = range(len(arms)) if number % 2 == 0 else reversed(range(len(arms)))
            done = {arm: carry_out(configs, arms[arm][1], root, warm=arms[arm][0]) for arm in order}
            rounds.append([done[arm] for arm in range(len(arms))])
            if not options.json:
                print("; ".join(map(_text, rounds[-1])), flush=True)
        polls = {
            "ended" if ended else "queued": poll_seconds(copies(root, f"many {ended}", options.queued, ended=ended), 40)
            for ended in (False, True)
        }
    figures = {
        "runs": options.runs,
        "slots": options.slots,
        "cold_to_warm": round(statistics.median(cold.wall / beside.wall for cold, _, beside in rounds), 2),
        "ratio": round(statistics.median(alone.wall / beside.wall for _, alone, beside in rounds), 3),
        "ratio_without_start": round(
            statistics.median((alone.wall - alone.start) / (beside.wall - beside.start) for _, alone, beside in rounds),
            3,
        ),
        "ratio_by_processor_seconds": round(
            statistics.median(options.slots * alone.processor / beside.processor for _, alone, beside in rounds), 3
        ),
        "wanted": WANTED,
        "gap": round(statistics.median(alone.gap for _, alone, _ in rounds), 4),
        "loading": round(loading(configs[0]), 4),
        "poll_queued": [round(each, 4) for each in polls["queued"]],
        "poll_ended": [round(each, 4) for each in polls["ended"]],
        "rounds": [[asdict(queue) for queue in each] for each in rounds],
    }
    print(json.dumps(figures, indent=2) if options.json else _summary(figures, options.queued))
    return 0


def _text(queue: Queue) -> str:
    kind = "forked" if queue.warm else "cold"
    return f"{kind}, {queue.slots} at once: {queue.wall:.1f} s ({queue.processor:.1f} of processors, load {queue.load:.1f})"


def _summary(figures: dict[str, object], queued: int) -> str:
    return (
        f"{figures['runs']} runs: forked {figures['cold_to_warm']}× as quick as cold, {figures['slots']} at once; "
        f"side by side {figures['ratio']}× one after the other, {figures['ratio_without_start']}× without the server's start "
        f"(wanted {WANTED}×; by processor seconds {figures['ratio_by_processor_seconds']}×)\n"
        f"from a run's last event to the next one's first: {figures['gap']} s, of which loading {figures['loading']} s\n"
        f"a poll of {queued:,} runs that wait: {figures['poll_queued']} s; that have ended: {figures['poll_ended']} s "
        "(the first, a later one)"
    )


if __name__ == "__main__":
    raise SystemExit(main())
