"""How long a plot takes: ours against plotext, the same data in the same size, in one run.

    python -m benchmarks.plots [--json] [--rounds N]

Times are processor time of this process, so that a busy machine disturbs them little; what
counts is the ratio. plotext is given its data twice: as it is, and decimated beforehand by column as its users have to.
"""

from __future__ import annotations

import argparse
import json
import math
import random
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import Any

from benchmarks.options import parse
from rnnlab.plots.drawing.curves import Curve, plot
from rnnlab.plots.run.confusion import confusion
from rnnlab.text.palette import DARK

WIDTH, HEIGHT = 100, 30


def curves(points: int) -> tuple[list[float], list[float], list[float]]:
    """A training and a validation loss over so many updates, noisy, from a fixed seed."""
    chance = random.Random(0)
    steps = [float(step) for step in range(points)]
    train = [math.exp(-4 * i / points) + 0.1 * chance.random() for i in range(points)]
    validation = [math.exp(-3 * i / points) + 0.1 + 0.05 * chance.random() for i in range(points)]
    return steps, train, validation


def ours(points: int) -> Callable[[], object]:
    steps, train, validation = curves(points)
    drawn = [Curve("train", steps, train), Curve("validation", steps, validation, role="validation", marker="◆")]
    return lambda: plot(drawn, width=WIDTH, height=HEIGHT, palette=DARK, title="loss")


def theirs(points: int, decimated: bool = False) -> Callable[[], object]:
    import plotext

    steps, train, validation = curves(points)
    x, pair = (steps, [train, validation]) if not decimated else _decimated(steps, [train, validation])

    def draw() -> object:
        plotext.clear_figure()
        plotext.plotsize(WIDTH, HEIGHT)
        plotext.title("loss")
        plotext.plot(x, pair[0], marker="braille", label="train", color=(88, 174, 245))
        plotext.plot(x, pair[1], marker="braille", label="validation", color=(245, 176, 76))
        return plotext.build()

    return draw


def _decimated(x: Sequence[float], series: Sequence[Sequence[float]]) -> tuple[list[float], list[list[float]]]:
    """The least and greatest value of each of twice the width's columns."""
    columns = 2 * WIDTH
    edges = [len(x) * column // columns for column in range(columns + 1)]
    spans = [(a, b) for a, b in pairwise(edges) if b > a]
    places = [x[a] for a, _ in spans for _ in range(2)]
    return places, [[v for a, b in spans for v in (min(y[a:b]), max(y[a:b]))] for y in series]


def matrix(classes: int) -> Callable[[], object]:
    chance = random.Random(1)
    counts = [[90 if i == j else chance.randrange(5) for j in range(classes)] for i in range(classes)]
    names = [f"class {i}" for i in range(classes)]
    return lambda: confusion(counts, names, width=WIDTH, height=HEIGHT, palette=DARK)


def milliseconds(draw: Callable[[], object], rounds: int) -> float:
    """The median processor time of a call, after one that warms up."""
    draw()
    times = []
    for _ in range(rounds):
        start = time.process_time()
        draw()
        times.append(time.process_time() - start)
    return 1e3 * statistics.median(times)


def import_time(module: str, rounds: int = 5) -> float:
    """Milliseconds to import `module` in a fresh interpreter, less an empty interpreter's."""

    def run(code: str) -> float:
        start = time.perf_counter()
        subprocess.run([sys.executable, "-c", code], check=True)
        return time.perf_counter() - start

    pairs = [(run(f"import {module}"), run("pass")) for _ in range(rounds)]
    return 1e3 * statistics.median(with_it - without for with_it, without in pairs)


def measure(rounds: int) -> dict[str, Any]:
    """Ours and plotext's times in milliseconds, and plotext's over ours, taken in turn."""
    figures: dict[str, Any] = {"width": WIDTH, "height": HEIGHT, "curves": 2, "plots": []}
    for points in (200, 2_000, 10_000):
        few = max(3, rounds if points < 10_000 else rounds // 8)
        mine, plain = milliseconds(ours(points), rounds), milliseconds(theirs(points), few)
        helped = milliseconds(theirs(points, decimated=True), rounds)
        figures["plots"].append(
            {"points": points, "ours_ms": mine, "plotext_ms": plain, "plotext_decimated_ms": helped}
            | {"ratio": plain / mine, "ratio_decimated": helped / mine}
        )
    figures["confusion_18_ms"] = milliseconds(matrix(18), rounds)
    figures["confusion_100_ms"] = milliseconds(matrix(100), rounds)
    figures["import_ours_ms"] = import_time("rnnlab.plots.drawing.curves")
    figures["import_plotext_ms"] = import_time("plotext")
    return figures


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--rounds", type=int, default=40)
    options = parse(parser, rounds=1)
    figures = measure(options.rounds)
    if options.json:
        print(json.dumps(figures))
        return
    print(f"two curves in {WIDTH}×{HEIGHT}, milliseconds a plot (processor time, median)")
    print(f"{'points':>8} {'ours':>8} {'plotext':>9} {'ratio':>7} {'plotext, decimated':>20} {'ratio':>7}")
    for row in figures["plots"]:
        print(
            f"{row['points']:>8,} {row['ours_ms']:>8.2f} {row['plotext_ms']:>9.2f} {row['ratio']:>6.1f}× "
            f"{row['plotext_decimated_ms']:>20.2f} {row['ratio_decimated']:>6.1f}×"
        )
    print(
        f"confusion matrix: 18 classes {figures['confusion_18_ms']:.2f} ms, 100 classes {figures['confusion_100_ms']:.2f} ms"
    )
    print(f"import: ours {figures['import_ours_ms']:.0f} ms, plotext {figures['import_plotext_ms']:.0f} ms")


if __name__ == "__main__":
    main()
