"""Repeats side by side: `--seeds N` on the cores there are, against the same runs one after the other.

    python -m benchmarks.seeds [--seeds 4] [--updates 4000] [--rounds 1] [--json]

The runs are those of `rnnlab train names --seeds N` (surnames where RNNLAB_DATA is not set): an LSTM of 128 units, batch 64,
evaluated each epoch, logged and saved as always, carried out by the runner with one slot and with one a core. The order of
the two changes from round to round. Printed are the ratio of the times on the clock, the share of the time that goes before
training (a new process imports PyTorch and reads the data), and the processor seconds of a run alone and beside others: on a
machine that does other work the clock measures that work too, the processor seconds hardly.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import statistics
import tempfile
import time
from dataclasses import asdict, dataclass
from pathlib import Path

from benchmarks.options import parse
from rnnlab.config import RunConfig
from rnnlab.cores import cores
from rnnlab.engines.runner import Runner
from rnnlab.runs.folders import SessionInfo, create_session
from rnnlab.runs.log_reader import read_state
from rnnlab.runs.repeats import repeated

WANTED = 1.8


@dataclass(frozen=True)
class Queue:
    """What a queue of runs took: on the clock, and of the processor (all trainers together), in seconds."""

    slots: int
    wall: float
    processor: float
    training: float
    """Seconds that the runs themselves say they trained, evaluated and saved, added up."""
    load: float
    """The machine's load average at the end."""


def carry_out(configs: list[RunConfig], slots: int, root: Path) -> Queue:
    """Carry the runs out with so many slots. Raises `RuntimeError` where one does not get to its end."""
    session = create_session(f"{slots} slots {time.monotonic_ns()}", root=root)
    session.write_info(SessionInfo(session.name, slots=slots))
    runs = [session.create_run(config) for config in configs]
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    began = time.perf_counter()
    Runner(session).work()
    wall = time.perf_counter() - began
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    states = [read_state(run.events_path)[0] for run in runs]
    if bad := [state for state in states if state.status != "completed"]:
        raise RuntimeError(f"a run ended as {bad[0].status}: {bad[0].message}")
    processor = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return Queue(slots, wall, processor, sum(state.seconds for state in states), os.getloadavg()[0])


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seeds", type=int, default=4)
    parser.add_argument("--updates", type=int, default=4000, help="of each run; 4000 take 20 s and more")
    parser.add_argument("--rounds", type=int, default=1)
    parser.add_argument("--json", action="store_true")
    options = parse(parser, seeds=2, updates=20)
    settings: dict[str, object] = {
        "task.name": "names" if os.environ.get("RNNLAB_DATA") else "surnames",
        "model.name": "lstm",
        "model.hidden": 128,
        "train.batch_size": 64,
        "train.epochs": 1000,
        "train.updates": options.updates,
        "train.patience": None,
        "runtime.device": "cpu",
    }
    configs = repeated(RunConfig.from_settings(settings), range(options.seeds))
    rounds: list[tuple[Queue, Queue]] = []
    with tempfile.TemporaryDirectory() as folder:
        for number in range(options.rounds):
            done: dict[int, Queue] = {}
            for slots in (1, cores()) if number % 2 == 0 else (cores(), 1):
                done[slots] = carry_out(configs, slots, Path(folder))
            rounds.append((done[1], done[cores()]))
            if not options.json:
                print(_words(*rounds[-1], options.seeds), flush=True)
    ratio = statistics.median(alone.wall / beside.wall for alone, beside in rounds)
    expected = statistics.median(cores() * alone.processor / beside.processor for alone, beside in rounds)
    startup = statistics.median(1 - alone.training / alone.wall for alone, _ in rounds)
    figures = {
        "seeds": options.seeds,
        "cores": cores(),
        "ratio": round(ratio, 3),
        "ratio_by_processor_seconds": round(expected, 3),
        "startup_share": round(startup, 3),
        "wanted": WANTED,
        "rounds": [[asdict(queue) for queue in pair] for pair in rounds],
    }
    if options.json:
        print(json.dumps(figures, indent=2))
    else:
        print(
            f"{options.seeds} seeds on {cores()} cores: {ratio:.2f}× one after the other (wanted {WANTED}×); "
            f"start-up {startup:.1%} of the time alone; by processor seconds {expected:.2f}×"
        )
    return 0 if ratio >= WANTED or options.quick else 1


def _words(alone: Queue, beside: Queue, seeds: int) -> str:
    return (
        f"one after the other {alone.wall:.1f} s ({alone.processor / seeds:.1f} processor seconds a run, "
        f"load {alone.load:.1f}); side by side {beside.wall:.1f} s ({beside.processor / seeds:.1f}, load {beside.load:.1f})"
    )


if __name__ == "__main__":
    raise SystemExit(main())
