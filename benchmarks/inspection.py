"""What looks into the net cost: the share of a run's time that they take at `train.inspect = auto`, in one process, one thread.

    python -m benchmarks.inspection [TASK ...]

Updates, evaluations and looks of a short run with `each` are timed where they happen; the share is then of one look among as many
evaluations as `auto` puts between two.
"""

from __future__ import annotations

import argparse
import statistics
import time
from collections.abc import Callable, Iterator
from typing import Any

from benchmarks.options import parse
from rnnlab.config import RunConfig
from rnnlab.tasks.load import load
from rnnlab.training.loop import Training

USUAL = ("digits", "binary", "sinusoids", "surnames", "temporal_order", "anbn")
EPOCHS = {
    "surnames": 2,
    "temporal_order": 2,
    "gestures": 3,
    "names": 2,
    "har": 2,
    "sales": 4,
    "adding": 2,
    "anbn": 20,
    "copy": 3,
    "vigenere": 2,
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("tasks", nargs="*", metavar="TASK", default=list(USUAL))
    options = parse(parser, tasks=["sinusoids"])
    print(f"{'task':<16} {'update':>9} {'evaluation':>11} {'inspection':>11} {'ratio':>6} {'share':>7}")
    for task in options.tasks:
        measure(task)


def measure(task: str) -> None:
    settings = {"task.name": task, "runtime.device": "cpu", "train.epochs": EPOCHS.get(task, 10)}
    sparse = Training(RunConfig.from_settings(settings), load(RunConfig.from_settings(settings)))
    config = RunConfig.from_settings(settings | {"train.inspect": "each"})
    training = Training(config, load(config))
    inspector = training.gradients
    updates: list[float] = []
    edges: list[float] = []
    inspections: list[float] = []
    evaluations: list[float] = []
    training.update = Timed(training.update, updates)  # type: ignore[assignment]
    inspector.before = Timed(inspector.before, edges)  # type: ignore[method-assign]
    inspector.after = Timed(inspector.after, edges)  # type: ignore[method-assign]
    inspector.inspect = timed_through(inspector.inspect, inspections)  # type: ignore[method-assign]
    training.evaluate = timed_through(training.evaluate, evaluations)  # type: ignore[method-assign]
    for _ in training.events():
        pass
    update, whole = statistics.median(updates), statistics.median(evaluations)
    inspection = statistics.median(inspections)
    evaluation = whole - inspection
    inspection += 2 * statistics.median(edges)
    ratio = sparse.gradients.interval // training.gradients.interval
    share = inspection / (ratio * (training.gradients.interval * update + evaluation) + inspection)
    shown = [f"{1000 * seconds:.2f} ms" for seconds in (update, evaluation, inspection)]
    print(f"{task:<16} {shown[0]:>9} {shown[1]:>11} {shown[2]:>11} {ratio:>6} {100 * share:>5.2f} %", flush=True)


class Timed:
    """`call`, with all that it has besides, and the seconds of each call put `into` a list."""

    def __init__(self, call: Callable[..., Any], into: list[float]) -> None:
        self._call = call
        self._into = into

    def __call__(self, *given: Any) -> Any:
        began = time.perf_counter()
        answer = self._call(*given)
        self._into.append(time.perf_counter() - began)
        return answer

    def __getattr__(self, name: str) -> Any:
        return getattr(self._call, name)


def timed_through(call: Callable[..., Iterator[Any]], into: list[float]) -> Callable[..., Iterator[Any]]:
    def timing(*given: Any) -> Iterator[Any]:
        began = time.perf_counter()
        answers = list(call(*given))
        into.append(time.perf_counter() - began)
        yield from answers

    return timing


if __name__ == "__main__":
    main()
