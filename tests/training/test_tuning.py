"""Threads and batch sizes are measured by training, remembered by machine and net, and told."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from rnnlab.config import RunConfig
from rnnlab.cores import cores
from rnnlab.runs.events import RunStarted
from rnnlab.runs.folders import create_session
from rnnlab.runs.log_reader import read_records
from rnnlab.runs.thread_cache import remember, remembered
from rnnlab.tasks.load import load
from rnnlab.training import tune_threads as tuning
from rnnlab.training.tune_threads import Rate, measure, quickest, thread_counts, with_threads
from rnnlab.training.verify import verify
from tests.forked import FORKER

AUTO = {"task.name": "binary", "model.hidden": "8", "train.epochs": 2, "runtime.device": "cpu", "runtime.threads": None}


@pytest.fixture(autouse=True)
def _own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RNNLAB_CACHE", str(tmp_path / "cache"))


def test_auto_is_a_number_of_threads() -> None:
    config = RunConfig.from_settings({"runtime.threads": "auto"})
    assert config.runtime.threads is None
    with pytest.raises(Exception, match="or auto"):
        RunConfig.from_settings({"runtime.threads": 0})


def test_more_threads_are_chosen_only_where_they_are_clearly_quicker() -> None:
    assert quickest([Rate(64, 1, 100.0), Rate(64, 2, 105.0)]) == 1
    assert quickest([Rate(64, 2, 150.0), Rate(64, 1, 100.0)]) == 2
    assert quickest([Rate(64, 1, 100.0), Rate(64, 2, 150.0), Rate(64, 4, 160.0)]) == 2


def test_every_pair_is_really_trained() -> None:
    config = RunConfig.from_settings(AUTO)
    rates = list(measure(config, load(config), batch_sizes=[8, 32], threads=[1], seconds=0.2))
    assert [(rate.batch_size, rate.threads) for rate in rates] == [(8, 1), (32, 1)]
    assert all(rate.examples_per_second > 0 for rate in rates)


def test_a_test_of_rates_is_measured_beyond_its_last_update() -> None:
    config = RunConfig.from_settings(AUTO | {"optim.schedule": "range", "train.updates": 3})
    (rate,) = measure(config, load(config), batch_sizes=[8], threads=[1], seconds=0.2)
    assert rate.examples_per_second > 0


def test_what_is_known_is_not_measured_again(monkeypatch: pytest.MonkeyPatch) -> None:
    config = RunConfig.from_settings(AUTO)
    split = load(config)
    monkeypatch.setattr(os, "getloadavg", lambda: (0.0, 0.0, 0.0))
    remember(config, 3, {1: 100.0, 3: 200.0})
    assert with_threads(config, split).runtime.threads == 3
    other_seed = RunConfig.from_settings(AUTO | {"train.seed": 5, "optim.lr": 0.1})
    assert with_threads(other_seed, split).runtime.threads == 3, "neither makes a step slower"
    assert remembered(RunConfig.from_settings(AUTO | {"model.hidden": "16"})) is None
    monkeypatch.setattr(os, "getloadavg", lambda: (99.0, 0.0, 0.0))
    assert with_threads(config, split).runtime.threads == 1, "the machine is busy"
    assert with_threads(RunConfig.from_settings(AUTO | {"runtime.threads": 2}), split).runtime.threads == 2


def test_a_damaged_or_forbidden_memory_is_done_without(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    config = RunConfig.from_settings(AUTO)
    remember(config, 2, {1: 1.0, 2: 2.0})
    (held,) = (tmp_path / "cache" / "tuned").glob("*.json")
    held.write_bytes(b'{"threads": "many"}')
    assert remembered(config) is None
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("RNNLAB_CACHE", str(tmp_path / "file"))
    assert 1 <= (with_threads(config, load(config)).runtime.threads or 0) <= cores()


def test_a_run_with_auto_tells_the_number_and_comes_out_the_same_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = create_session("lab", root=tmp_path).create_run(RunConfig.from_settings(AUTO))
    environment = os.environ | {"RNNLAB_CACHE": str(tmp_path / "cache")}
    assert (
        FORKER.run("rnnlab.training", str(run.path), folder=run.path, environment=environment, seconds=300).returncode
        == 0
    )
    started = next(record.data for record in read_records(run.events_path)[0] if isinstance(record.data, RunStarted))
    assert started.threads == started.config["runtime"]["threads"]
    if len(thread_counts(run.config())) > 1:
        assert remembered(run.config()) is not None
    # A new measurement would fail here: the number comes from the log.
    monkeypatch.setattr(tuning, "with_threads", None)
    report = verify(run)
    assert report.ok, report.summary()
    assert report.notes == []


@pytest.mark.slow
def test_tune_tells_a_table_and_what_to_do(tmp_path: Path) -> None:
    line = [sys.executable, "-m", "rnnlab", "tune", "binary", "--hidden", "8", "--batch", "1", "--seconds", "0.2"]
    environment = os.environ | {"RNNLAB_CACHE": str(tmp_path / "cache")}
    told = subprocess.run(line, env=environment, capture_output=True, text=True, check=True).stdout
    assert "1 thread" in told
    assert "batch 1 " in told.casefold()
    document = json.loads(
        subprocess.run([*line, "--json"], env=environment, capture_output=True, text=True, check=True).stdout
    )
    assert {rate["batch_size"] for rate in document["rates"]} == {1, 2, 4}
    assert document["recommended_batch_size"] in {1, 2, 4}
    if cores() > 1:
        tuned = remembered(RunConfig.from_settings({"task.name": "binary", "model.hidden": 8, "train.batch_size": 1}))
        assert tuned is not None
        assert tuned.threads == document["threads"]
