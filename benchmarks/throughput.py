"""Training throughput: rnnlab's own loop beside the loops people write, in one run, as ratios.

    python -m benchmarks.throughput [--seconds 4] [--rounds 5] [--json]

- batch 64 and 256: against a DataLoader, a collate function that pads, `pack_padded_sequence`, Adam and PyTorch's default
  threads;
- batch 64: against the same loader and net under Lightning and under skorch (`pip install rnnlab[bench]`), likewise;
- batch 1: against the loop of PyTorch's names tutorial: a name at a time, a one-hot tensor filled letter by letter, SGD.

Both sides train an LSTM of 128 units on the same rows, with the same optimiser, and fetch the loss of every step. Ours runs
`rnnlab.training.loop` as the training process does: it polls for commands and writes its log. Nobody evaluates. A run
measures before it begins whether one thread or as many as there are cores are quicker for it; here each is a loop of its own,
and ours is the quicker of the two. Each loop lives in a process of its own, as thread settings hold for a process; they take
turns, one at a time, and the figure is the median over the rounds of the ratio within a round. The data is `names` where
RNNLAB_DATA is set.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import os
import statistics
import sys
from collections.abc import Callable
from typing import Any

from benchmarks.loops import HIDDEN, configured, lightning_64, ours, plain, plain_1, settings_of, skorch_64
from benchmarks.options import parse
from benchmarks.workers import Loop, Worker, serve

PAIRS = (
    ("batch 64", "ours-64", "plain-64", 2.5),
    ("batch 256", "ours-256", "plain-256", 2.5),
    ("batch 1", "ours-1", "plain-1", 2.0),
    ("batch 64, Lightning", "ours-64", "lightning-64", 2.5),
    ("batch 64, skorch", "ours-64", "skorch-64", 2.5),
)
"""What is compared, by whom, and the ratio to reach."""
ONE_THREAD = "-one-thread"
WARM_UP = 1.0
"""Seconds each loop runs before anything is counted: kernels are chosen, memory is found."""
CORES = os.cpu_count() or 1


def _ours(batch_size: int, threads: int) -> Loop:
    return ours(configured(batch_size, runtime__threads=threads))


LOOPS: dict[str, Callable[[], Loop]] = {
    "ours-64": lambda: _ours(64, CORES),
    "ours-256": lambda: _ours(256, CORES),
    "ours-1": lambda: _ours(1, CORES),
    "ours-64-one-thread": lambda: _ours(64, 1),
    "ours-256-one-thread": lambda: _ours(256, 1),
    "ours-1-one-thread": lambda: _ours(1, 1),
    "plain-64": lambda: plain(64),
    "plain-256": lambda: plain(256),
    "plain-1": plain_1,
    "lightning-64": lightning_64,
    "skorch-64": skorch_64,
}
LOOPS |= {name + ONE_THREAD: loop for name, loop in LOOPS.items() if not name.startswith("ours")}


def work(name: str, warm_up: float) -> None:
    """A worker's life."""
    import torch

    mine = name.startswith("ours")
    threads = (1 if name.endswith(ONE_THREAD) else CORES) if mine else torch.get_num_threads()
    serve(LOOPS[name](), {"threads": threads, "torch": torch.__version__}, warm_up)


def _worker(name: str, warm_up: float) -> Worker:
    environment = dict(os.environ)
    # The threads a person gets who has set nothing.
    for variable in ("OMP_NUM_THREADS", "MKL_NUM_THREADS"):
        environment.pop(variable, None)
    if name.endswith(ONE_THREAD):
        environment["OMP_NUM_THREADS"] = "1"
    worker = Worker(
        [sys.executable, "-m", "benchmarks.throughput", "--worker", name, "--warm-up", str(warm_up)], environment
    )
    worker.about()  # each loads alone
    return worker


def compare(
    title: str, ours_name: str, plain_name: str, goal: float, seconds: float, rounds: int, warm_up: float
) -> dict[str, Any]:
    """Rounds in which each loop trains in turn; the first to go changes, so that no side has the cooler machine."""
    names = (ours_name, ours_name + ONE_THREAD, plain_name, plain_name + ONE_THREAD)
    workers: dict[str, Worker] = {}
    rates: dict[str, list[float]] = {name: [] for name in names}
    try:
        for name in names:
            workers[name] = _worker(name, warm_up)
        for turn in range(rounds):
            for name in names[turn % 4 :] + names[: turn % 4]:
                rates[name].append(workers[name].train(seconds))
        about = {name: worker.about() for name, worker in workers.items()}
    finally:
        for worker in workers.values():
            worker.close()

    quicker = max(names[:2], key=lambda name: statistics.median(rates[name]))

    def ratios(mine: str, against: str) -> dict[str, float]:
        found = sorted(a / b for a, b in zip(rates[mine], rates[against], strict=True))
        return {"median": statistics.median(found), "least": found[0], "most": found[-1]}

    return {
        "what": title,
        "examples_per_second": {name: round(statistics.median(values), 1) for name, values in rates.items()},
        "threads": {name: each["threads"] for name, each in about.items()},
        "ours": quicker,
        "plain": plain_name,
        "ratio": ratios(quicker, plain_name),
        "ratio_one_thread": ratios(names[1], names[3]),
        "goal": goal,
        "rounds": {name: [round(rate, 1) for rate in values] for name, values in rates.items()},
        "torch": about[ours_name]["torch"],
    }


def _shown(ratio: dict[str, float]) -> str:
    return f"{ratio['median']:.2f}× ({ratio['least']:.2f} to {ratio['most']:.2f})"


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--seconds", type=float, default=4.0, help="of one loop's turn in a round (default 4)")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    parser.add_argument("--only", default="", help="the comparisons whose title holds this")
    parser.add_argument("--worker", choices=tuple(LOOPS), help=argparse.SUPPRESS)
    parser.add_argument("--warm-up", type=float, default=WARM_UP, help=argparse.SUPPRESS)
    options = parse(parser, seconds=0.1, rounds=1, only="batch 1", warm_up=0.1)
    if options.worker:
        work(options.worker, options.warm_up)
        return
    task = settings_of(64)["task.name"]
    say: Callable[[str], None] = (lambda _: None) if options.json else print
    say(f"LSTM {HIDDEN} on {task}, {os.cpu_count()} cores, median of {options.rounds} rounds of {options.seconds:g} s")
    if task != "names":
        say("RNNLAB_DATA is not set, so this is surnames, not names: the figures differ, the ratios hardly")
    load, cores = os.getloadavg()[0], CORES
    if load > 0.5 * cores:
        # Two threads that wait for each other lose most to other people's processes: the plain loop's default then.
        say(
            f"the machine is busy (load {load:.1f} on {cores} cores), which flatters the ratio; run it again on an idle one"
        )
    results = []
    for title, ours_name, plain_name, goal in (pair for pair in PAIRS if options.only in pair[0]):
        package = plain_name.partition("-")[0]
        if package != "plain" and importlib.util.find_spec(package) is None:
            say(f"\n{title}: {package} is not installed (pip install 'rnnlab[bench]'), so nothing was measured")
            continue
        result = compare(title, ours_name, plain_name, goal, options.seconds, options.rounds, options.warm_up)
        results.append(result)
        say(f"\n{title}")
        for name, rate in result["examples_per_second"].items():
            threads = result["threads"][name]
            say(f"  {name:26} {rate:10,.0f} examples/s   {threads} thread{'s' if threads > 1 else ''}")
        say(
            f"  {result['ours']} is {_shown(result['ratio'])} {result['plain']}, PyTorch's default (goal {goal}×); "
            f"with one thread each, {_shown(result['ratio_one_thread'])}"
        )
    if options.json:
        print(json.dumps({"task": task, "cores": cores, "load": load, "hidden": HIDDEN, "results": results}))


if __name__ == "__main__":
    main()
