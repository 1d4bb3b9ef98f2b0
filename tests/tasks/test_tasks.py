"""Each task as it is offered, loaded and summarised."""

from __future__ import annotations

import os
import subprocess
import sys
from collections import Counter
from pathlib import Path

import numpy as np
import pytest

from rnnlab.catalog.tasks.catalog import TASKS
from rnnlab.config import RunConfig, field_of
from rnnlab.tasks.describe.summary import summarise_split
from rnnlab.tasks.load import load, read_dataset
from rnnlab.tasks.splitting.types import SUBSET_NAMES
from tests.tasks.datafiles import LOADED, write_data


def config(name: str, root: Path, **settings: object) -> RunConfig:
    return RunConfig.from_settings({"task.name": name, "data.path": str(root), **settings})


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_data(tmp_path_factory.mktemp("data"))


@pytest.mark.parametrize("name", LOADED)
def test_a_card_is_true(name: str, root: Path) -> None:
    card, split = TASKS[name], load(config(name, root))
    assert (split.input_size, split.outputs) == (card.input_size, card.outputs)
    assert len(split.classes) == (card.outputs if card.classifies else 0)
    if not card.found_by:  # whose rows here are made up
        assert len(split.train) == pytest.approx(card.training_rows, rel=0.05)
    assert card.summary
    assert card.source
    assert card.terms
    for subset in map(split.subset, SUBSET_NAMES):
        assert subset.inputs.dtype == (np.int32 if card.inputs == "tokens" else np.float32)
        assert subset.targets.dtype == (np.int64 if split.classes else np.float32)
        assert subset.lengths.min() >= 1
        assert subset.inputs.shape[1] >= subset.lengths.max()
        for row, length in zip(subset.inputs, subset.lengths, strict=True):
            assert not row[length:].any()
        if card.inputs == "tokens":
            assert subset.inputs.max() < split.input_size


@pytest.mark.parametrize("name", LOADED)
def test_a_summary_tells_the_split(name: str, root: Path) -> None:
    split = load(config(name, root))
    summary = summarise_split(split, config(name, root))
    assert summary.rows == {subset: len(split.subset(subset)) for subset in SUBSET_NAMES}
    assert summary.fingerprint == split.fingerprint()
    assert summary.symbols == split.symbols
    for subset in SUBSET_NAMES:
        targets = split.subset(subset).targets
        if split.classes:
            targets = targets[targets >= 0]  # those of each step, where one is asked for
            assert sum(summary.class_counts[subset]) == targets.size
            answered = split.classes.index(summary.baseline_name.removeprefix("always "))
            assert summary.baseline[subset] == pytest.approx(float((targets == answered).mean()))
        elif split.series is None:
            middle = float(np.median(split.train.targets))
            assert summary.baseline[subset] == pytest.approx(float(np.abs(targets - middle).mean()))
    assert summary.baselines[summary.baseline_name] == summary.baseline
    assert summary.split == config(name, root).data.split
    assert summary.leaks == {}


def test_a_seed_is_the_same_split_in_another_process(root: Path) -> None:
    code = (
        "from rnnlab.config import RunConfig; from rnnlab.tasks.load import load\n"
        f"for name in {list(LOADED)!r}:\n"
        f"    config = RunConfig.from_settings({{'task.name': name, 'data.path': {str(root)!r}, 'train.seed': 3}})\n"
        "    print(load(config).fingerprint())"
    )
    environment = {**os.environ, "PYTHONHASHSEED": "11"}
    other = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, env=environment)
    for name, fingerprint in zip(LOADED, other.stdout.split(), strict=True):
        assert fingerprint == load(config(name, root, **{"train.seed": 3})).fingerprint(), name
        if name not in ("anbn", "sales"):  # whose splits are by length and by time
            assert fingerprint != load(config(name, root, **{"train.seed": 4})).fingerprint(), name


def test_loading_needs_neither_torch_nor_sklearn(root: Path) -> None:
    code = (
        "import sys; from rnnlab.config import RunConfig; from rnnlab.tasks.load import load\n"
        f"for name in {list(LOADED)!r}: load(RunConfig.from_settings({{'task.name': name, 'data.path': {str(root)!r}}}))\n"
        "print([name for name in ('torch', 'sklearn', 'textual') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_surnames_are_many_and_each_of_one_country(root: Path) -> None:
    rows = read_dataset(config("surnames", root))
    counts = Counter(rows.targets.tolist())
    assert len(counts) >= 15
    assert min(counts.values()) >= 200
    folded = [key.casefold() for key in rows.keys]
    assert len(rows.keys) == len(set(rows.keys))
    countries: dict[str, set[int]] = {}
    for name, target in zip(folded, rows.targets.tolist(), strict=True):
        countries.setdefault(name, set()).add(target)
    assert all(len(held) == 1 for held in countries.values())
    # Every letter of the lists is in the alphabet: no name has an unknown token inside it.
    assert all(row[:length].all() for row, length in zip(rows.inputs, rows.lengths, strict=True))


def test_bytes_stand_for_their_numbers(root: Path) -> None:
    split = load(config("binary", root))
    seen: dict[str, float] = {}
    for name in SUBSET_NAMES:
        subset = split.subset(name)
        seen |= {split.show_input(subset, row): float(subset.targets[row, 0]) for row in range(len(subset))}
    assert seen == {f"{number:08b}": float(number) for number in range(256)}
    assert split.train.targets.mean() == pytest.approx(split.scale["target_offset"])
    assert split.train.targets.std() == pytest.approx(split.scale["target_scale"])


def test_waves_hold_the_cycles_their_class_says(root: Path) -> None:
    rows = read_dataset(config("sinusoids", root))
    assert np.abs(rows.inputs).max() < 0.75
    assert Counter(rows.targets.tolist()) == dict.fromkeys(range(6), 50)
    split = load(config("sinusoids", root))
    assert len(split.test) == 90
    assert len(split.train) + len(split.validation) == 210
    waves = rows.inputs[:, :, 0]
    crossings = (np.diff(np.sign(waves), axis=1) != 0).sum(axis=1)
    for label, cycles in ((3, 1), (4, 2), (5, 3)):
        assert crossings[rows.targets == label].mean() == pytest.approx(2 * cycles, abs=0.5)


@pytest.mark.parametrize("name", LOADED)
def test_the_defaults_of_a_card_are_settings_that_apply(name: str, root: Path) -> None:
    made = config(name, root)
    for key, value in TASKS[name].defaults.items():
        assert field_of(key).check(value) == value
        assert made.get(key) == value
        assert made.applies(key)
