"""Coverage of the intervals that rnnlab prints, in simulation: how often each holds its target, and what the tests find.

    python -m benchmarks.coverage [--draws 10000] [--part new-rows] [--each]

Simulated are nets whose true accuracy is known. Whether seed i gets row j right depends on the seed's level, on how hard the
row is (shared by all seeds, and by the rows of one person) and on luck; `alike` is the share of that which is shared. Every
interval and p-value is made by the functions of `rnnlab.sweeps` that make the printed ones. The table in docs/statistics.md is
this script's output. Exit code 1 where an interval holds its target less often than it promises, by more than chance.
"""

from __future__ import annotations

import argparse
import itertools
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from statistics import NormalDist
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks.options import parse
from rnnlab.sweeps.conclude.importance import setting_importance
from rnnlab.sweeps.results import Interval
from rnnlab.sweeps.statistics import (
    LEVEL,
    holm,
    luck_of_the_best,
    mean_interval,
    new_rows_interval,
    paired_rows,
    welch,
    welch_all,
)

Floats = NDArray[np.float64]
NORMAL = NormalDist()
MOST = 0.98
PARTS = ("seeds", "new-rows", "few-people", "people", "differences", "settings", "importance")
NAMES = 0.95, 0.02
"""`alike` and `own` as on names: five seeds of LSTMs with 128 and 64 units differ by .003 to .004 there, on 1,799 test rows."""
PERSON = 0.3
"""Share of what makes a row hard that comes from its person."""


@dataclass(frozen=True)
class Nets:
    """A configuration, as simulated: what its seeds get right on shared rows."""

    rows: int
    accuracy: float
    seeds: int
    seed_std: float = 0.0
    """Standard deviation of the seeds' true accuracies."""
    alike: float = 0.7
    """Share of what decides on a row that is the same for all seeds; with 0 they are wrong on rows of their own."""
    people: int = 0
    own: float = 0.0
    """Share that is the same for the seeds of one configuration alone, in a comparison of two."""

    @property
    def skewed(self) -> bool:
        """Whether seeds scatter about as far as 1 is away: then few of them are far below, and most are near 1."""
        return self.seed_std > 0.9 * (1 - self.accuracy)

    def hardness(self, rng: np.random.Generator) -> NDArray[np.float32]:
        """How easy each row is, standard normal, rows of a person alike."""
        rows = rng.standard_normal(self.rows, dtype=np.float32)
        if not self.people:
            return rows
        people = rng.standard_normal(self.people, dtype=np.float32)[self.groups()]
        return np.asarray(math.sqrt(PERSON) * people + math.sqrt(1 - PERSON) * rows, dtype=np.float32)

    def groups(self) -> NDArray[np.int64] | None:
        return np.arange(self.rows) % self.people if self.people else None

    def scores(self, rng: np.random.Generator, hardness: NDArray[np.float32], accuracy: float | None = None) -> Floats:
        """1 where a seed is right, (seeds, rows); the mean over seeds and rows is `accuracy` in expectation."""
        target = NORMAL.inv_cdf(self.accuracy if accuracy is None else accuracy)
        spread = self.seed_std / NORMAL.pdf(target)
        level = target * math.sqrt(1 + spread**2) + spread * rng.standard_normal((self.seeds, 1))
        shared = math.sqrt(self.alike) * hardness
        if self.own:
            shared = shared + math.sqrt(self.own) * rng.standard_normal(self.rows, dtype=np.float32)
        luck = rng.standard_normal((self.seeds, self.rows), dtype=np.float32)
        right = level + shared + math.sqrt(1 - self.alike - self.own) * luck > 0
        return np.asarray(right, dtype=float)


def holds(interval: Interval | None, target: float) -> bool:
    return interval is not None and interval.low <= target <= interval.high


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    print("", f"| {' | '.join(head)} |", f"| {' | '.join('---' for _ in head)} |", sep="\n")
    for row in rows:
        print(f"| {' | '.join(row)} |")
    print(flush=True)


def share(value: float) -> str:
    return f"{100 * value:.1f} %"


class Checks:
    """Promises that were held against what was measured."""

    def __init__(self, draws: int) -> None:
        self.broken: list[str] = []
        self.chance = 3 * math.sqrt(LEVEL * (1 - LEVEL) / draws)
        """Three standard errors of a measured coverage."""

    def between(self, what: str, value: float, low: float, high: float) -> None:
        if not low - self.chance <= value <= high + self.chance:
            self.broken.append(f"{what}: {share(value)}, not {share(low)} to {share(high)}")


def seeds_on_this_split(draws: int, rng: np.random.Generator, checks: Checks) -> None:
    """(a): the t-interval of a mean and Welch's of a difference, of normal figures."""
    rows = []
    for seeds in (3, 5, 10):
        values = rng.normal(0.83, 0.005, (draws, seeds))
        t = sum(holds(mean_interval(each.tolist()), 0.83) for each in values) / draws
        checks.between(f"t, {seeds} seeds", t, LEVEL - 0.01, LEVEL + 0.01)
        found = [share(t)]
        for ratio in (1.0, 3.0):
            others = rng.normal(0.83, 0.005 * ratio, (draws, seeds))
            pairs = zip(values.tolist(), others.tolist(), strict=True)
            covered = sum(holds(welch(a, b).interval, 0.0) for a, b in pairs) / draws
            # Of three seeds Welch's degrees of freedom are on the safe side.
            checks.between(f"Welch, {seeds} seeds", covered, LEVEL - 0.01, LEVEL + (0.02 if seeds < 5 else 0.01))
            found.append(share(covered))
        rows.append([str(seeds), *found])
    table(["(a) seeds", "t-interval", "Welch, equal std", "Welch, one std three times the other"], rows)


def scenarios(people: int) -> Iterator[Nets]:
    for rows, accuracy, seeds in itertools.product((200, 1800), (0.6, 0.836, 0.98), (1, 3, 5)):
        for seed_std in (0.0, 0.005, 0.02) if seeds > 1 else (0.0,):
            for alike in (0.0, 0.7) if not people and seeds > 1 else (0.7,):
                yield Nets(rows, accuracy, seeds, seed_std, alike, people)


def new_rows(people: int, draws: int, rng: np.random.Generator, checks: Checks, each: bool) -> None:
    """(b): the interval for new rows, over all scenarios; the lowest and the highest coverage of each kind."""
    found: dict[tuple[bool, int, int], list[tuple[float, float, Nets]]] = {}
    for nets in scenarios(people):
        covered, width = 0, 0.0
        for _ in range(draws):
            interval = new_rows_interval(nets.scores(rng, nets.hardness(rng)), nets.groups(), share=True)
            covered += holds(interval, nets.accuracy)
            width += 0.0 if interval is None else interval.high - interval.low
        result = (covered / draws, width / draws, nets)
        found.setdefault((nets.skewed, nets.rows, nets.seeds), []).append(result)
        if each:
            print(f"{share(result[0])} width {result[1]:.4f} {nets}", flush=True)
        if not nets.people and not nets.skewed:
            checks.between(f"new rows, {nets}", result[0], LEVEL, MOST)
    rows = []
    for (skewed, n, seeds), results in sorted(found.items()):
        (low, _, worst), (high, *_) = min(results, key=lambda r: r[0]), max(results, key=lambda r: r[0])
        usual = [r for r in results if r[2].accuracy == 0.836 and r[2].alike and r[2].seed_std < 0.02]
        where = f"{worst.accuracy:g}, {worst.seed_std:g}, {worst.alike:g}"
        half = f"± {usual[-1][1] / 2:.3f}" if usual else "–"
        kind = "seeds skewed, " * skewed + (f"{people} people" if people else "rows")
        rows.append([kind, f"{n}", f"{seeds}", share(low), where, share(high), half])
    head = ["(b)", "rows", "seeds", "lowest", "at accuracy, seed std, alike", "highest", "half-width at .836"]
    table(head, rows)


def differences(draws: int, rng: np.random.Generator, checks: Checks) -> None:
    """Two settings on the same 1,800 rows: coverage of equal ones on new rows, and how often a gain of a point is found."""
    rows = []
    for seeds, seed_std, (alike, own) in itertools.product((3, 5, 10), (0.0, 0.005, 0.02), ((0.7, 0.0), NAMES)):
        nets = Nets(1800, 0.836, seeds, seed_std, alike, own=own)
        counts = np.zeros((2, 3))
        for gain, _ in itertools.product((0, 1), range(draws)):
            hardness = nets.hardness(rng)
            a = nets.scores(rng, hardness, nets.accuracy + 0.01 * gain)
            b = nets.scores(rng, hardness)
            # The mean net of each side, as one seed: rows alone, without what seeds differ by.
            alone = paired_rows(a.mean(0), b.mean(0), share=True)
            tests = (welch(a.mean(1).tolist(), b.mean(1).tolist()), paired_rows(a, b, share=True), alone)
            counts[gain] += [holds(test.interval, 0.0) for test in tests]
        covered, missed = counts / draws
        checks.between(f"paired rows, {nets}", covered[1], LEVEL, 1.0)
        both = [f"{share(c)}, {100 * (1 - m):.0f} %" for c, m in zip(covered, missed, strict=True)]
        rows.append([f"{seeds}", f"{seed_std:g}", f"{alike:g}, {own:g}", *both])
    head = ["seeds each", "seed std", "alike, own", "Welch", "paired rows, as printed", "paired rows without seeds"]
    print("Two settings, 1,800 shared rows: coverage for new rows, and how often one point is found.")
    table(head, rows)


def many_settings(draws: int, rng: np.random.Generator, checks: Checks) -> None:
    """Equal settings of five seeds each: how often the best is called better than another."""
    rows = []
    for k in (3, 5, 10, 20, 50):
        any_alone = worst_alone = others = pairs = fixed = 0
        looks = 0.0
        for _ in range(draws):
            values = rng.standard_normal((k, 5))
            mean, std, n = values.mean(1), values.std(1, ddof=1), np.full(k, 5.0)
            best, worst = int(mean.argmax()), int(mean.argmin())
            looks += float(mean[best]) * math.sqrt(5)
            p = welch_all(mean, std, n, mean[best : best + 1], std[best : best + 1], n[:1])[2]
            rest = np.delete(p, best).tolist()
            worst_alone += bool(p[worst] < 1 - LEVEL)
            any_alone += min(rest) < 1 - LEVEL
            others += min(holm(rest)) < 1 - LEVEL
            pairs += min(holm(rest, k * (k - 1) // 2)) < 1 - LEVEL
            against_first = welch_all(mean[1:], std[1:], n[1:], mean[:1], std[:1], n[:1])[2]
            fixed += min(holm(against_first.tolist())) < 1 - LEVEL
        checks.between(f"Holm over all pairs, {k} settings", 1 - pairs / draws, LEVEL, 1.0)
        checks.between(f"Holm, fixed reference, {k} settings", 1 - fixed / draws, LEVEL, 1.0)
        counted = [share(count / draws) for count in (worst_alone, any_alone, others, pairs, fixed)]
        rows.append([str(k), *counted, f"{looks / draws:.2f} ({luck_of_the_best(k):.2f})"])
    head = [
        "equal settings", "best against worst, alone", "best against any, alone", "Holm over the others",
        "Holm over all pairs, as printed", "a fixed reference, Holm, as printed", "luck of the best, std errors (as printed)",
    ]  # fmt: skip
    table(head, rows)


def importance(draws: int, rng: np.random.Generator) -> None:
    """Studies of five settings, of which one explains a third of the variance: how often a useless one is first, or named."""
    rows = []
    for configurations in (24, 48, 96):
        first = named = found = 0
        for _ in range(draws):
            settings = rng.integers(0, 3, (configurations, 5))
            scores = settings[:, 0] * math.sqrt(0.75) + rng.standard_normal(configurations)
            configs: list[dict[str, Any]] = [{str(key): int(v) for key, v in enumerate(line)} for line in settings]
            results = setting_importance(configs, scores.tolist())
            first += results[0].key != "0"
            named += any(each.p < 1 - LEVEL for each in results if each.key != "0")
            found += any(each.p < 1 - LEVEL for each in results if each.key == "0")
        rows.append([str(configurations), *(share(count / draws) for count in (first, named, found))])
    table(["configurations", "useless setting first", "useless setting named", "the one that matters named"], rows)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--draws", type=int, default=10_000, help="of each scenario; 10000 take a quarter of an hour")
    parser.add_argument("--part", choices=PARTS, action="append", help="only this part; may be given more than once")
    parser.add_argument("--each", action="store_true", help="print each scenario for new rows, too")
    options = parse(parser, draws=20)
    draws, checks = options.draws, Checks(options.draws)
    for part in options.part or PARTS:
        rng = np.random.default_rng(PARTS.index(part))  # so that a part alone gives what it gives among all
        match part:
            case "seeds":
                seeds_on_this_split(draws, rng, checks)
            case "new-rows":
                new_rows(0, draws, rng, checks, options.each)
            case "few-people":
                new_rows(8, draws, rng, checks, options.each)
            case "people":
                new_rows(25, draws, rng, checks, options.each)
            case "differences":
                differences(draws, rng, checks)
            case "settings":
                many_settings(draws, rng, checks)
            case "importance":
                importance(max(10, draws // 10), rng)
    print(f"{options.draws} draws a scenario. ", end="")
    print("Every promise holds." if not checks.broken else "Not as promised: " + "; ".join(checks.broken))
    return 0 if options.quick or not checks.broken else 1


if __name__ == "__main__":
    raise SystemExit(main())
