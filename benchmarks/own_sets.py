"""How well the defaults do on small data sets of other people's, and how these defaults were chosen.

    python -m benchmarks.own_sets FOLDER [--seeds 0,1,2,3,4] [--cross-validate] [--markdown] [--quick]

FOLDER holds pairs NAME_TRAIN.ts and NAME_TEST.ts of the UCR and UEA archives; aeon's wheel has BasicMotions, GunPoint,
ItalyPowerDemand and JapaneseVowels in `aeon/datasets/data` (`pip download --no-deps aeon`, then unzip). Each is trained as
`rnnlab train own --data NAME_TRAIN.ts` would; the test part is evaluated once a seed, with the weights of the best epoch by
validation. `--cross-validate` looks at the training files alone: five folds of each, a fold in place of the test part, and a
line for each setting that could be the default. `--quick` makes a small set and runs a few updates of it.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path

import numpy as np

from benchmarks.options import parse
from rnnlab.cli.settings import config_from_options
from rnnlab.tasks.describe.summary import summarise_split
from rnnlab.tasks.load import load
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
    {"data.validation": "0.1"},
    {"data.validation": "0.25"},
    {"model.dropout": "0.3"},
    {"model.bidirectional": "true"},
    {"model.name": "gru"},
    {"optim.lr": "0.002"},
)


def accuracy(path: Path, settings: Mapping[str, str], seed: int) -> float:
    """Test accuracy of the best epoch by validation."""
    assignments = tuple(f"{key}={value}" for key, value in settings.items())
    config = config_from_options(
        "own", None, (f"data.path={path}", f"train.seed={seed}", "train.inspect=off", *assignments), {}
    )
    split = load(config)
    training = Training(config, split, run=path.stem, summary=summarise_split(split, config))
    for _ in training.events():
        pass
    return float(training.final["test"]["accuracy"] or 0.0)


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


def main() -> int:
    """Exit code 0 where every figure was reached."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", nargs="?", type=Path, help="where the .ts files are")
    parser.add_argument("--seeds", default="0,1,2,3,4", help="numbers with commas")
    parser.add_argument("--cross-validate", action="store_true", help="choose, on the training files alone")
    arguments = parse(parser)
    if arguments.quick:
        with tempfile.TemporaryDirectory() as folder:
            print(f"quick  {accuracy(_quick(Path(folder)), {'train.updates': '20'}, 0):.3f}")
        return 0
    if arguments.folder is None:
        parser.error("say which FOLDER holds the .ts files")
    seeds = [int(seed) for seed in arguments.seeds.split(",")]
    if arguments.cross_validate:
        for name in dict.fromkeys(name for name, _, _ in NETS):
            cross_validate(arguments.folder / f"{name}_TRAIN.ts")
        return 0
    reached = True
    for name, settings, wanted in NETS:
        values = [accuracy(arguments.folder / f"{name}_TRAIN.ts", settings, seed) for seed in seeds]
        told = " ".join(f"{key}={value}" for key, value in settings.items()) or "the defaults"
        good = statistics.fmean(values) >= wanted
        reached &= good
        each = " ".join(f"{value:.3f}" for value in values)
        print(
            f"{name:<18} {told:<36} {_spread(values)}  asked {wanted}  {'reached' if good else 'MISSED'}  ({each})",
            flush=True,
        )
    return 0 if reached else 1


if __name__ == "__main__":
    sys.exit(main())
