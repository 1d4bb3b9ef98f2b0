"""What a CUDA device makes of it, as ratios within one run of about three minutes; where there is no device it says so.

    RNNLAB_DATA=… python -m benchmarks.gpu [--seconds 2] [--rounds 3] [--json]

- cuDNN's LSTM in rnnlab's loop, batch 64 and 256, against the loop people write: DataLoader, packed sequences, the loss fetched
  at each step;
- TF32 and bf16 against float32, where products are large: LSTM 512, batch 256;
- updates launched as graphs against kernels launched one by one: LSTM 32, batch 64;
- sums in one order each time (`runtime.deterministic`) against any order: LSTM 128, batch 64;
- two runs side by side on the device against the same two one after the other: LSTM 128, batch 64.

Each side lives in a process of its own, as precision and determinism hold for a process; the two take turns, and the figure is
the median over the rounds of the ratio within a round. The data is `names` where RNNLAB_DATA is set. `--device cpu` tries the
script itself out, on what a CPU can do of it.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import sys
import time
from typing import Any, NamedTuple

from benchmarks.loops import configured, ours, plain, settings_of
from benchmarks.options import parse
from benchmarks.workers import Worker, serve

WARM_UP = 3.0
"""Seconds before anything is counted: kernels are chosen, and shapes of batches are captured or not."""

SMALL: dict[str, object] = {"model.hidden": 32}
LARGE: dict[str, object] = {"model.hidden": 512}
SIDES: dict[str, tuple[int, dict[str, object]]] = {
    "64": (64, {}),
    "64 twice": (64, {"train.seed": 1}),
    "256": (256, {}),
    "large": (256, LARGE),
    "large tf32": (256, LARGE | {"runtime.precision": "tf32"}),
    "large bf16": (256, LARGE | {"runtime.precision": "bf16"}),
    "small": (64, SMALL),
    "small graphs": (64, SMALL | {"runtime.graphs": "auto"}),
    "64 any order": (64, {"runtime.deterministic": False}),
}
"""Runs of rnnlab: batch size, and what is set beside it."""


class Pair(NamedTuple):
    """Two ways to do the same, measured in turn."""

    what: str
    ours: str
    other: str
    on_cpu: bool = True
    """Whether a CPU can do it too."""


PAIRS = (
    Pair("LSTM 128, batch 64, against the loop people write", "64", "plain 64"),
    Pair("LSTM 128, batch 256, against the loop people write", "256", "plain 256"),
    Pair("LSTM 512, batch 256: tf32 against float32", "large tf32", "large", False),
    Pair("LSTM 512, batch 256: bf16 against float32", "large bf16", "large", False),
    Pair("LSTM 32, batch 64: graphs against kernel by kernel", "small graphs", "small", False),
    Pair("LSTM 128, batch 64: sums in one order against any order", "64", "64 any order", False),
)


def work(name: str, device: str) -> None:
    """A worker's life."""
    about: dict[str, Any] = {}
    if name.startswith("plain"):
        loop = plain(int(name.split()[1]), device)
    else:
        batch_size, settings = SIDES[name]
        further = {key.replace(".", "__"): value for key, value in settings.items()}
        loop = ours(configured(batch_size, runtime__device=device, **further), about)
    serve(loop, about, WARM_UP)


def _worker(name: str, device: str) -> Worker:
    return Worker([sys.executable, "-m", "benchmarks.gpu", "--worker", name, "--device", device])


def compare(pair: Pair, device: str, seconds: float, rounds: int) -> dict[str, Any]:
    """Rounds in which each side trains in turn; the first to go changes."""
    workers = {name: _worker(name, device) for name in (pair.ours, pair.other)}  # both load at once
    try:
        about = {name: worker.about() for name, worker in workers.items()}
        rates: dict[str, list[float]] = {name: [] for name in workers}
        for turn in range(rounds):
            for name in list(workers)[:: 1 if turn % 2 == 0 else -1]:
                rates[name].append(workers[name].train(seconds))
    finally:
        for worker in workers.values():
            worker.close()
    ratios = sorted(a / b for a, b in zip(rates[pair.ours], rates[pair.other], strict=True))
    return _figure(pair.what, ratios, statistics.median(rates[pair.ours]), about[pair.ours].get("graphs", ""))


def side_by_side(device: str, seconds: float, rounds: int) -> dict[str, Any]:
    """What two runs get done at once, over what they get done in turn in as much time."""
    workers = [_worker(name, device) for name in ("64", "64 twice")]
    ratios, rates = [], []
    try:
        for worker in workers:
            worker.about()
        for _ in range(rounds):
            in_turn = statistics.mean(worker.train(seconds) for worker in workers)
            for worker in workers:
                worker.begin(seconds)
            rates.append(sum(worker.rate() for worker in workers))
            ratios.append(rates[-1] / in_turn)
    finally:
        for worker in workers:
            worker.close()
    what = "LSTM 128, batch 64: two runs side by side against one after the other"
    return _figure(what, sorted(ratios), statistics.median(rates), "")


def _figure(what: str, ratios: list[float], rate: float, note: str) -> dict[str, Any]:
    return {
        "what": what,
        "ratio": round(statistics.median(ratios), 3),
        "least": round(ratios[0], 3),
        "most": round(ratios[-1], 3),
        "examples_per_second": round(rate, 1),
        "note": note,
    }


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=2.0, help="of each turn")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--device", choices=("cuda", "cpu"), default="cuda")
    parser.add_argument("--worker", help=argparse.SUPPRESS)
    arguments = parse(parser, seconds=0.2, rounds=1)
    device = arguments.device
    if arguments.worker:
        work(arguments.worker, device)
        return 0
    import torch

    if device == "cuda" and not torch.cuda.is_available():
        why = "finds none" if torch.version.cuda else "is a build without CUDA"
        print(f"There is no CUDA device here (PyTorch {torch.__version__} {why}), so nothing was measured.")
        return 0
    from rnnlab.training.device import device_name, versions

    about = versions() | {"device": device_name(torch.device(device)), "data": str(settings_of(64)["task.name"])}
    if device == "cuda":
        about |= {"cuda": str(torch.version.cuda), "cudnn": str(torch.backends.cudnn.version())}  # type: ignore[no-untyped-call]
    if not arguments.json:
        print(", ".join(f"{key} {value}" for key, value in about.items()), flush=True)
    began = time.perf_counter()
    figures = []
    for measure in (*(pair for pair in PAIRS if device == "cuda" or pair.on_cpu), None):
        seconds, rounds = arguments.seconds, arguments.rounds
        figure = compare(measure, device, seconds, rounds) if measure else side_by_side(device, seconds, rounds)
        figures.append(figure)
        if not arguments.json:
            note = f"; {figure['note']}" if figure["note"] else ""
            print(
                f"{figure['ratio']:>7.2f}×  ({figure['least']:.2f} to {figure['most']:.2f})  {figure['what']}, "
                f"{figure['examples_per_second']:,.0f} examples/s{note}",
                flush=True,
            )
    took = time.perf_counter() - began
    if arguments.json:
        print(json.dumps({"about": about, "figures": figures, "seconds": round(took, 1)}))
    else:
        print(f"measured in {took:.0f} s")
    return 0


if __name__ == "__main__":
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    sys.exit(main())
