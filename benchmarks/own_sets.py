"""How well the defaults do on small data sets of other people's, and how these defaults were chosen.

    python -m benchmarks.own_sets FOLDER [--seeds 0,1,2,3,4] [--against] [--cross-validate] [--sets GunPoint,Trace] [--quick]

FOLDER holds, at any depth, pairs NAME_TRAIN.ts and NAME_TEST.ts of the UCR and UEA archives, or NAME.npz with X_train to y_test:
the wheels of aeon, sktime and tslearn hold a dozen sets with classes (`pip download --no-deps aeon sktime tslearn`, then unzip).
Each is trained as `rnnlab train own --data NAME_TRAIN.ts` would; the test part is evaluated once a seed, with the weights of
the best epoch by validation. `--against` sets the defaults beside a logistic regression on simple features and a 1-NN
(Euclidean distance, padded with zeros), both fitted on the whole training file, and prints the mean ranks. `--cross-validate`
looks at the training files alone: five folds of each, a fold in place of the test part, and a line for each setting that could
be the default. `--quick` makes a small set and runs a few updates of it.
"""

from __future__ import annotations

import argparse
import dataclasses
import statistics
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from benchmarks.options import parse
from rnnlab.cli.settings import config_from_options
from rnnlab.config import RunConfig, UsageError
from rnnlab.tasks.describe.baselines import learned_baseline
from rnnlab.tasks.describe.summary import summarise_split
from rnnlab.tasks.load import load_unchecked
from rnnlab.tasks.splitting.types import Split, Subset
from rnnlab.training.loop import Training

FOLDS = 5
NETS: tuple[tuple[str, Mapping[str, str], float], ...] = (
    ("BasicMotions", {"model.name": "gru", "train.epochs": "150"}, 0.90),
    ("BasicMotions", {}, 0.85),
    ("GunPoint", {}, 0.90),
    ("ItalyPowerDemand", {}, 0.90),
    ("JapaneseVowels", {}, 0.955),
)
"""Set, what differs from the defaults, and the mean test accuracy to reach."""
CANDIDATES: tuple[Mapping[str, str], ...] = (
    {},
    {"model.readout": "last"},
    {"model.readout": "mean"},
    {"model.readout": "max"},
    {"model.conv": "none"},
    {"model.conv": "32", "model.conv_kernel": "8", "model.conv_stride": "4"},
    {"model.conv": "32,64", "model.conv_kernel": "8", "model.conv_stride": "2"},
    {"data.validation": "0.1"},
    {"data.validation": "0.25"},
    {"model.dropout": "0.3"},
    {"model.bidirectional": "true"},
    {"model.name": "gru"},
    {"optim.lr": "0.002"},
)
RIVALS = ("net", "logistic", "1-NN")


def config_for(path: Path, settings: Mapping[str, str], seed: int) -> RunConfig:
    """The configuration that `rnnlab train own` makes for the file."""
    assignments = tuple(f"{key}={value}" for key, value in settings.items())
    return config_from_options(
        "own", None, (f"data.path={path}", f"train.seed={seed}", "train.inspect=off", *assignments), {}
    )


def trained(config: RunConfig, split: Split, name: str) -> float:
    """Test accuracy of the best epoch by validation."""
    training = Training(config, split, run=name, summary=summarise_split(split, config))
    for _ in training.events():
        pass
    return float(training.final["test"]["accuracy"] or 0.0)


def accuracy(path: Path, settings: Mapping[str, str], seed: int) -> float:
    """Test accuracy of a net trained on the file with these settings."""
    config = config_for(path, settings, seed)
    return trained(config, load_unchecked(config), path.stem)


def folds(path: Path, folder: Path) -> Iterator[Path]:
    """The training file in five, each fold once in place of the test part: pairs of files in `folder`."""
    lines = path.read_text(encoding="utf-8", errors="replace").splitlines(keepends=True)
    rows = [line for line in lines if line.strip() and not line.startswith(("#", "@"))]
    head = "".join(line for line in lines if line.startswith(("#", "@")))
    labels = np.array([row.rstrip().rpartition(":")[2] for row in rows])
    chance = np.random.default_rng(0)
    fold = np.zeros(len(rows), dtype=np.int64)
    for label in np.unique(labels):
        members = np.flatnonzero(labels == label)
        fold[chance.permutation(members)] = np.arange(len(members)) % FOLDS
    name = path.name.removesuffix("_TRAIN.ts")
    for number in range(FOLDS):
        place = folder / str(number)
        place.mkdir()
        for part, members in (("TRAIN", fold != number), ("TEST", fold == number)):
            (place / f"{name}_{part}.ts").write_text(head + "".join(rows[row] for row in np.flatnonzero(members)))
        yield place / f"{name}_TRAIN.ts"


def cross_validate(path: Path) -> None:
    """Prints a line for each candidate."""
    with tempfile.TemporaryDirectory() as folder:
        files = list(folds(path, Path(folder)))
        for settings in CANDIDATES:
            values = [accuracy(file, settings, seed) for seed, file in enumerate(files)]
            told = " ".join(f"{key}={value}" for key, value in settings.items()) or "the defaults"
            print(f"{path.stem.removesuffix('_TRAIN'):<18} {told:<28} {_spread(values)}", flush=True)


def sets_in(folder: Path, wanted: Sequence[str] = ()) -> dict[str, Path]:
    """Training file of each set in the folder, by name, one of each name."""
    found: dict[str, Path] = {}
    for path in sorted(folder.rglob("*_TRAIN.ts")):
        if path.with_name(path.name.replace("_TRAIN", "_TEST")).is_file():
            found.setdefault(path.stem.removesuffix("_TRAIN"), path)
    for path in sorted(folder.rglob("*.npz")):
        found.setdefault(path.stem, path)
    return {name: path for name, path in found.items() if not wanted or name in wanted}


def compare(folder: Path, wanted: Sequence[str], seeds: Sequence[int]) -> bool:
    """Prints the accuracies of net and rivals on each set, and their mean ranks; whether the net's is the best."""
    ranks: dict[str, list[float]] = {name: [] for name in RIVALS}
    below = []
    for name, path in sets_in(folder, wanted).items():
        try:
            config = config_for(path, {}, seeds[0])
            split = load_unchecked(config)
        except UsageError as error:
            print(f"{name:<24} left out: {error}", flush=True)
            continue
        if not split.classes:
            continue
        nets = [accuracy(path, {}, seed) for seed in seeds]
        scores = {"net": statistics.fmean(nets)} | rivals(split)
        order = [sum(other > score for other in scores.values()) for score in scores.values()]
        ties = [sum(other == score for other in scores.values()) for score in scores.values()]
        for rival, before, alike in zip(scores, order, ties, strict=True):
            ranks[rival].append(before + (alike + 1) / 2)
        majority = majority_share(split)
        if scores["net"] < majority:
            below.append(name)
        told = "  ".join(f"{rival} {score:.3f}" for rival, score in scores.items())
        print(f"{name:<24} {told}  majority {majority:.3f}  net {_spread(nets)}", flush=True)
    means = {rival: statistics.fmean(values) for rival, values in ranks.items() if values}
    print("mean rank: " + ", ".join(f"{rival} {mean:.2f}" for rival, mean in means.items()))
    print(f"below the majority class: {', '.join(below) or 'none'}")
    return bool(means) and not below and means["net"] == min(means.values())


def rivals(split: Split) -> dict[str, float]:
    """Test accuracies of the two rivals, fitted on training and validation rows together."""
    whole = dataclasses.replace(split, train=_together(split.train, split.validation))
    _, scores = learned_baseline(whole, "logistic")
    return {"logistic": scores["test"], "1-NN": nearest(whole.train, whole.test)}


def _together(one: Subset, other: Subset) -> Subset:
    return Subset(
        np.concatenate([one.inputs, other.inputs]).astype(np.float32),
        np.concatenate([one.lengths, other.lengths]),
        np.concatenate([one.targets, other.targets]).astype(np.int64),
    )


def nearest(train: Subset, test: Subset) -> float:
    """Accuracy of the class of the nearest training row, by Euclidean distance over all values."""

    def flat(subset: Subset) -> NDArray[np.float64]:
        return subset.inputs.reshape(len(subset), -1).astype(np.float64)

    known, asked = flat(train), flat(test)
    right = 0
    for first in range(0, len(asked), 64):
        block = asked[first : first + 64]
        distances = (known**2).sum(axis=1) - 2 * block @ known.T
        right += int((train.targets[distances.argmin(axis=1)] == test.targets[first : first + 64]).sum())
    return right / len(asked)


def majority_share(split: Split) -> float:
    """Share of the test rows in the class that most training rows have."""
    labels = np.concatenate([split.train.targets, split.validation.targets]).astype(np.int64)
    return float((split.test.targets == np.bincount(labels).argmax()).mean())


def _spread(values: list[float]) -> str:
    deviation = statistics.stdev(values) if len(values) > 1 else 0.0
    return f"{statistics.fmean(values):.3f} ± {deviation:.3f}"


def _quick(folder: Path) -> Path:
    """A set of two classes that differ in their mean, to try the script out."""
    chance = np.random.default_rng(0)
    for part in ("TRAIN", "TEST"):
        rows = [",".join(f"{value:.3f}" for value in chance.normal(label, 1, 8)) + f":{label}" for label in [0, 1] * 20]
        head = "@problemName quick\n@univariate true\n@classLabel true 0 1\n@data\n"
        (folder / f"quick_{part}.ts").write_text(head + "\n".join(rows) + "\n")
    return folder / "quick_TRAIN.ts"


def _reached(folder: Path, seeds: Sequence[int]) -> bool:
    """Prints a line for each of `NETS`; whether every figure was reached."""
    reached = True
    sets = sets_in(folder)
    for name, settings, wanted in NETS:
        values = [accuracy(sets[name], settings, seed) for seed in seeds]
        told = " ".join(f"{key}={value}" for key, value in settings.items()) or "the defaults"
        good = statistics.fmean(values) >= wanted
        reached &= good
        each = " ".join(f"{value:.3f}" for value in values)
        print(
            f"{name:<18} {told:<36} {_spread(values)}  asked {wanted}  {'reached' if good else 'MISSED'}  ({each})",
            flush=True,
        )
    return reached


def main() -> int:
    """Exit code 0 where every figure was reached."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", nargs="?", type=Path, help="where the sets are")
    parser.add_argument("--seeds", default="0,1,2,3,4", help="numbers with commas")
    parser.add_argument("--sets", default="", help="names with commas; all that are there")
    parser.add_argument("--against", action="store_true", help="compare with a logistic regression and a 1-NN")
    parser.add_argument("--cross-validate", action="store_true", help="choose, on the training files alone")
    arguments = parse(parser)
    if arguments.quick:
        with tempfile.TemporaryDirectory() as place:
            path = _quick(Path(place))
            split = load_unchecked(config_for(path, {}, 0))
            told = "  ".join(f"{rival} {score:.3f}" for rival, score in rivals(split).items())
            print(f"quick  {accuracy(path, {'train.updates': '20'}, 0):.3f}  {told}")
        return 0
    if arguments.folder is None:
        parser.error("say which FOLDER holds the sets")
    seeds = [int(seed) for seed in arguments.seeds.split(",")]
    wanted = [name for name in arguments.sets.split(",") if name]
    if arguments.cross_validate:
        for name, path in sets_in(arguments.folder, wanted or [name for name, _, _ in NETS]).items():
            if path.suffix == ".ts":
                print(name, flush=True)
                cross_validate(path)
        return 0
    if arguments.against:
        return 0 if compare(arguments.folder, wanted, seeds) else 1
    return 0 if _reached(arguments.folder, seeds) else 1


if __name__ == "__main__":
    sys.exit(main())
