"""`rnnlab train` as a person or a script calls it, in a process of its own."""

from __future__ import annotations

import json
import signal
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from rnnlab.runs.folders import RunFolder
from tests.command_line import called, started
from tests.engines.running import until

Rnnlab = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture
def rnnlab(tmp_path: Path) -> Rnnlab:
    """Calls `rnnlab` in an empty folder without data."""

    return partial(called, tmp_path)


def test_a_run_ends_with_its_json_alone_on_stdout(rnnlab: Rnnlab, tmp_path: Path) -> None:
    done = rnnlab("train", "binary", "--hidden", "8", "--epochs", "2", "--json")
    assert done.returncode == 0, done.stderr
    told: dict[str, Any] = json.loads(done.stdout)
    assert told["status"] == "completed"
    assert Path(tmp_path, told["run"], "run.toml").exists()
    assert Path(told["run"]).parent.parent == Path(told["session"])
    assert told["best"]["split"] == "validation"
    assert 1 <= told["best"]["epoch"] <= 2
    assert set(told["final"]) == {"train", "validation", "test"}
    for figures in told["final"].values():
        assert {"loss", "mae", "rmse"} <= set(figures)
    assert told["parameters"] > 0
    assert told["seconds"] > 0
    assert told["examples_per_second"] > 0
    shown = rnnlab("replay", told["run"], "--json")
    assert json.loads(shown.stdout)["final"] == told["final"]


def test_without_json_a_person_is_told_the_figures_and_how_to_go_on(rnnlab: Rnnlab) -> None:
    done = rnnlab("train", "binary", "--hidden", "8", "--epochs", "1", "--session", "lab")
    assert done.returncode == 0
    assert done.stdout == ""
    assert "completed" in done.stderr
    assert "rnnlab replay" in done.stderr
    assert "Traceback" not in done.stderr
    listed = rnnlab("sessions")
    assert "lab  (1 run)" in listed.stdout
    assert "completed" in listed.stdout
    (session,) = json.loads(rnnlab("sessions", "--json").stdout)
    assert session["name"] == "lab"
    assert session["runs"][0]["status"] == "completed"


def test_a_run_made_again_from_its_own_file_is_the_same_run(rnnlab: Rnnlab) -> None:
    first = json.loads(rnnlab("train", "binary", "--hidden", "8", "--epochs", "2", "--seed", "3", "--json").stdout)
    again = json.loads(rnnlab("train", "--config", f"{first['run']}/run.toml", "--json").stdout)
    assert again["final"] == first["final"]
    assert again["best"] == first["best"]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["train", "nmaes"], ["task.name", "'nmaes'", "surnames", "did you mean names?"]),
        (["train"], ["TASK", "rnnlab train surnames"]),
        (["train", "binary", "--hidden", "0"], ["model.hidden", "at least 1"]),
        (["train", "binary", "--set", "optim.lrr=1"], ["optim.lrr", "did you mean optim.lr?"]),
        (["train", "binary", "--set", "optim.lr"], ["KEY=VALUE"]),
        (["train", "binary", "--model", "gru", "--activation", "relu"], ["model.activation", "model.name is elman"]),
        (["train", "binary", "--config", "none.toml"], ["none.toml", "No such file"]),
        (["train", "binary", "--session", "../out"], ["'../out'", "letters"]),
        (["train", "binary", "--nonsense"], ["--nonsense", "rnnlab train --help"]),
        (["train", "binary", "--seeds", "1,1"], ["seeds", "'1,1'", "none of them twice"]),
        (["train", "binary", "--vary-split"], ["--vary-split", "--seeds"]),
        (["trian"], ["'trian'", "did you mean train?"]),
        (["replay", "none"], ["'none'", "rnnlab sessions"]),
        (["show", "latest"], ["no run", "rnnlab train"]),
        (["train", "names"], ["names", "rnnlab data fetch names"]),
    ],
)
def test_what_cannot_be_done_is_one_sentence_and_exit_code_2(
    rnnlab: Rnnlab, tmp_path: Path, arguments: list[str], words: list[str]
) -> None:
    done = rnnlab(*arguments)
    assert done.returncode == 2
    assert done.stdout == ""
    assert done.stderr.count("\n") == 1, done.stderr
    for word in words:
        assert word in done.stderr
    assert list(tmp_path.glob("sessions/*/runs/*")) == [], "nothing is left behind"


def test_a_place_that_cannot_be_written_is_a_sentence(rnnlab: Rnnlab, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    done = rnnlab("train", "binary", RNNLAB_SESSIONS=str(tmp_path / "file"))
    assert done.returncode == 2
    assert "RNNLAB_SESSIONS" in done.stderr
    assert done.stderr.count("\n") == 1


def test_a_run_that_diverges_fails_with_exit_code_1_and_says_so(rnnlab: Rnnlab) -> None:
    wild = ["--optimiser", "sgd", "--lr", "100", "--clip", "none", "--model", "elman", "--activation", "relu"]
    done = rnnlab("train", "binary", "--epochs", "30", "--layers", "3", *wild, "--json")
    assert done.returncode == 1
    assert json.loads(done.stdout)["status"] == "diverged"


def until_it_trains(folder: Path) -> None:
    until(
        lambda: any(log.stat().st_size > 5000 for log in folder.glob("sessions/*/runs/*/events.jsonl")), "a run trains"
    )


def test_ctrl_c_stops_cleanly_and_keeps_the_run(tmp_path: Path) -> None:
    process = started(tmp_path, "train", "binary", "--hidden", "8", "--epochs", "100000", "--json")
    until_it_trains(tmp_path)
    process.send_signal(signal.SIGINT)
    out, error = process.communicate(timeout=30)
    assert process.returncode == 130
    told = json.loads(out)
    assert told["status"] == "stopped"
    assert set(told["final"]) == {"train", "validation", "test"}
    assert "Traceback" not in error
    run = tmp_path / told["run"]
    assert (run / "best.safetensors").exists()
    assert (run / "last.safetensors").exists()


def test_ctrl_c_twice_at_once_leaves_the_run_training(tmp_path: Path) -> None:
    process = started(tmp_path, "train", "binary", "--hidden", "8", "--epochs", "100000")
    try:
        until_it_trains(tmp_path)
        process.send_signal(signal.SIGINT)
        time.sleep(0.3)  # as fast as a person presses twice
        process.send_signal(signal.SIGINT)
        _, error = process.communicate(timeout=30)
        assert process.returncode == 130
        assert "left training" in error
        (commands,) = tmp_path.glob("sessions/*/runs/*/commands.jsonl")
        assert "stop" not in commands.read_text(encoding="utf-8")
    finally:
        process.kill()
        for path in tmp_path.glob("sessions/*/runs/*"):
            RunFolder(path).send("stop")


def test_seeds_are_trained_with_one_split_and_told_as_mean_and_deviation(rnnlab: Rnnlab, tmp_path: Path) -> None:
    done = rnnlab("train", "binary", "--hidden", "8", "--epochs", "1", "--seeds", "3", "--session", "lab", "--json")
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert [run["seed"] for run in told["runs"]] == [0, 1, 2]
    values = [run["final"]["test"]["mae"] for run in told["runs"]]
    assert len(set(values)) == 3
    summary = told["summary"]
    assert summary["split"] == "the same split"
    assert summary["test"]["mae"]["mean"] == pytest.approx(statistics.fmean(values))
    assert summary["test"]["mae"]["std"] == pytest.approx(statistics.stdev(values))
    # A repeat is a run as any other: alone it comes to the same.
    alone = json.loads(rnnlab("train", "binary", "--hidden", "8", "--epochs", "1", "--seed", "0", "--json").stdout)
    assert alone["final"] == told["runs"][0]["final"]


def test_seeds_are_told_to_a_person_in_a_table(rnnlab: Rnnlab) -> None:
    done = rnnlab("train", "binary", "--hidden", "8", "--epochs", "1", "--seeds", "4,9", "--vary-split")
    assert done.returncode == 0
    assert done.stdout == ""
    lines = done.stderr.splitlines()
    assert [line.split()[0] for line in lines[-5:-2]] == ["4", "9", "mean"]
    assert "±" in lines[-3]
    assert lines[-2] == "a split each; std is that of a sample (n - 1)"
    assert "\x1b" not in done.stderr


def test_ctrl_c_stops_every_seed_and_keeps_them(tmp_path: Path) -> None:
    process = started(tmp_path, "train", "binary", "--epochs", "100000", "--seeds", "4", "--json")
    until_it_trains(tmp_path)
    process.send_signal(signal.SIGINT)
    out, error = process.communicate(timeout=60)
    assert process.returncode == 130, error
    told = json.loads(out)
    assert [run["status"] for run in told["runs"]] == ["stopped"] * 4
    assert told["summary"]["counted"] == 0
    assert len(list(tmp_path.glob("sessions/*/runs/*/events.jsonl"))) == 4


def test_output_cut_off_by_its_reader_is_no_traceback(rnnlab: Rnnlab, tmp_path: Path) -> None:
    done = subprocess.run(
        f"{sys.executable} -m rnnlab --help | head -n 1",
        shell=True,
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=True,
    )
    assert "Usage" in done.stdout
    assert done.stderr == ""


def test_debug_shows_the_traceback(rnnlab: Rnnlab) -> None:
    assert "Traceback" in rnnlab("--debug", "train", "nmaes").stderr


def test_a_range_test_says_which_rate_to_take_and_draws_it(rnnlab: Rnnlab) -> None:
    done = rnnlab("lr-range", "surnames", "--hidden", "16", "--set", "train.updates=120", COLUMNS="90")
    assert done.returncode == 0, done.stderr
    assert "loss over the learning rate" in done.stdout
    assert "try optim.lr = " in done.stderr
    told = json.loads(rnnlab("lr-range", "surnames", "--hidden", "16", "--set", "train.updates=120", "--json").stdout)
    assert len(told["rates"]) == len(told["losses"]) <= 120
    assert f"try optim.lr = {told['suggested']:g}" in told["words"]
    shown = rnnlab("replay", told["run"], "--instant", "--verify")
    assert shown.returncode == 0, shown.stderr
    assert "loss over the learning rate" in shown.stdout
