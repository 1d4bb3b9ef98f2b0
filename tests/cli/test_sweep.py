"""`rnnlab sweep` as a person calls it, in a process of its own, with real runs."""

from __future__ import annotations

import importlib.util
import json
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from rnnlab.engines.local import runner_alive
from rnnlab.runs.folders import RunFolder, Session
from rnnlab.runs.log_reader import read_records
from tests.command_line import called, started
from tests.engines.running import until

Rnnlab = Callable[..., "subprocess.CompletedProcess[str]"]

TINY = ("--epochs", "2", "--batch", "256")
"""A run of `binary` so short that its process takes longer than its training."""


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    """An empty folder; whatever a test leaves training there is stopped."""
    yield tmp_path
    for runs in tmp_path.glob("sessions/*/runs"):
        for path in runs.iterdir():
            RunFolder(path).send("stop")
    deadline = time.monotonic() + 30
    while any(runner_alive(Session(path)) for path in tmp_path.glob("sessions/*")) and time.monotonic() < deadline:
        time.sleep(0.1)


@pytest.fixture
def rnnlab(folder: Path) -> Rnnlab:
    return partial(called, folder)


def result(done: subprocess.CompletedProcess[str], code: int = 0) -> dict[str, Any]:
    assert done.returncode == code, done.stderr
    document: dict[str, Any] = json.loads(done.stdout)
    return document


def starts(folder: Path) -> dict[str, int]:
    """How often each run was begun, or resumed."""
    found = {}
    for path in folder.glob("sessions/*/runs/*/events.jsonl"):
        records, _ = read_records(path)
        found[path.parent.name] = sum(type(each.data).__name__ in ("RunStarted", "RunResumed") for each in records)
    return found


def test_a_grid_with_seeds_is_one_session_and_nothing_is_done_twice(rnnlab: Rnnlab, folder: Path) -> None:
    command = ["sweep", "binary", "--over", "model.hidden=4;8", "optim.lr=0.01", "--seeds", "2", *TINY, "--json"]
    first = result(rnnlab(*command))
    assert [(each["values"]["model.hidden"], each["seed"]) for each in first["runs"]] == [
        ([4], 0),
        ([4], 1),
        ([8], 0),
        ([8], 1),
    ]
    assert all(each["status"] == "completed" and "test" in each["final"] for each in first["runs"])
    before = starts(folder)
    assert result(rnnlab(*command)) == first
    assert starts(folder) == before
    session = Path(first["session"])
    assert (folder / session / "sweep.toml").exists()
    wider = list(command)
    wider[3] = "model.hidden=4;8;12"
    more = result(rnnlab(*wider, "--session", session.name))
    assert len(more["runs"]) == 6
    assert {name: starts(folder)[name] for name in before} == before, "those that were done are not trained again"
    compared = rnnlab("compare", session.name)
    assert compared.stdout.count("× 2") == 3
    assert "mean over all seeds" in compared.stdout
    status = rnnlab("sweep", session.name, "--status").stdout
    assert "001 × 2" in status, "as in the table of compare"


def test_a_file_is_a_sweep_and_a_changed_one_adds_what_is_new(rnnlab: Rnnlab, folder: Path) -> None:
    file = folder / "sizes.toml"
    file.write_text(
        '[settings]\n"task.name" = "binary"\n"train.epochs" = 1\n[over]\n"model.hidden" = [4, 8]\n', encoding="utf-8"
    )
    dry = rnnlab("sweep", "sizes.toml", "--dry-run")
    assert "2 configurations, 2 runs; 0 of them done" in dry.stdout
    assert not (folder / "sessions").exists(), "a dry run makes nothing"
    assert len(result(rnnlab("sweep", "sizes.toml", "--json"))["runs"]) == 2
    file.write_text(file.read_text(encoding="utf-8").replace("[4, 8]", "[4, 8, 12]"), encoding="utf-8")
    assert "3 configurations, 3 runs; 2 of them done" in rnnlab("sweep", "./sizes.toml", "--dry-run").stdout
    again = rnnlab("sweep", "sizes.toml")
    assert "the sweep of sizes was changed: what is new is added" in again.stderr
    assert starts(folder) == {"001-lstm-4": 1, "002-lstm-8": 1, "003-lstm-12": 1}
    assert "3 of 3 runs done" in rnnlab("sweep", "sizes", "--status").stdout


def test_the_best_are_confirmed_from_fresh_seeds_and_only_they_are_tested(rnnlab: Rnnlab) -> None:
    found = result(
        rnnlab(
            "sweep", "binary", "--over", "model.hidden=2;4;8;16", "--confirm", "2", *TINY, "--session", "c", "--json"
        )
    )
    search = [each for each in found["runs"] if not each["confirms"]]
    confirming = [each for each in found["runs"] if each["confirms"]]
    assert len(search) == 4
    assert all("test" not in each["final"] and "validation" in each["final"] for each in search)
    best = sorted(search, key=lambda each: each["best"]["mae"])[:3]
    assert {(tuple(each["values"]["model.hidden"]), each["seed"]) for each in confirming} == {
        (tuple(each["values"]["model.hidden"]), seed) for each in best for seed in (1, 2)
    }
    assert all("test" in each["final"] for each in confirming)
    compared = " ".join(rnnlab("compare", "c").stdout.split())  # a sentence may be broken anywhere
    assert "on the test part" in compared
    assert "only they were tested" in compared
    assert "--confirm" not in compared, "it has been done"
    assert "train.test as a table" not in compared


@pytest.mark.slow
def test_a_search_that_was_stopped_is_finished_before_its_best_are_confirmed(rnnlab: Rnnlab, folder: Path) -> None:
    command = ["sweep", "binary", "--over", "model.hidden=2;4;8;12;16", "--confirm", "1", "--epochs", "200"]
    assert rnnlab(*command, "--session", "c", "--detach").returncode == 0
    until(
        lambda: any(
            each["status"] == "completed" for each in result(rnnlab("sweep", "c", "--status", "--json"))["runs"]
        ),
        "a run is completed",
    )
    rnnlab("sweep", "c", "--stop")
    assert rnnlab("wait", "c", "--timeout", "60").returncode == 0
    stopped = result(rnnlab("sweep", "c", "--status", "--json"))["runs"]
    assert any(each["status"] == "stopped" for each in stopped)
    assert not any(each["confirms"] for each in stopped), "who is best is not known yet"
    found = result(rnnlab("sweep", "c", "--json"))["runs"]
    search = [each for each in found if not each["confirms"]]
    best = sorted(search, key=lambda each: each["best"]["mae"])[:3]
    confirmed = {each["run"]: tuple(each["values"]["model.hidden"]) for each in found if each["confirms"]}
    assert sorted(confirmed.values()) == sorted(tuple(each["values"]["model.hidden"]) for each in best)
    assert len(starts(folder)) == len(found) == 8, "no run beside those that the sweep is of"


def test_where_no_configuration_is_allowed_no_session_is_made(rnnlab: Rnnlab, folder: Path) -> None:
    done = rnnlab("sweep", "binary", "--over", "model.hidden=4,8;8,4", "--layers", "3", "--detach")
    assert done.returncode == 2
    assert "none of the configurations is allowed: model.hidden = 4,8: model.layers = 3" in done.stderr
    assert not list(folder.glob("**/sweep.toml"))


@pytest.mark.slow
def test_halving_pauses_at_rungs_and_the_rest_is_dropped(rnnlab: Rnnlab, folder: Path) -> None:
    command = [
        "sweep",
        "binary",
        "--over",
        "model.hidden=2;3;4;8;16;32",
        "--halving",
        "--epochs",
        "9",
        "--session",
        "h",
    ]
    found = result(rnnlab(*command, "--json"))
    assert sorted(each["paused_after"] for each in found["runs"]) == [0, 1, 1, 1, 1, 3]
    assert [each["status"] for each in found["runs"]].count("completed") == 1
    status = rnnlab("sweep", "h", "--status").stdout
    assert "1 of 6 runs done, 5 dropped at a rung" in status
    dropped = next(each["run"] for each in found["runs"] if each["paused_after"] == 1)
    for listing in (rnnlab("sessions"), rnnlab("show", dropped), rnnlab("compare", "h")):
        assert "paused @ 1" in listing.stdout
        assert "stopped" not in listing.stdout
    assert "by its sweep" in rnnlab("show", dropped).stdout
    # One that was dropped can be trained to its end by hand, and is then as if it had never been paused.
    assert rnnlab("resume", dropped).returncode == 0
    assert rnnlab("replay", dropped, "--verify", "--instant").returncode == 0


def test_a_run_that_fails_stops_no_other_and_is_tried_again_when_asked(rnnlab: Rnnlab, folder: Path) -> None:
    wild = ["optim.name=sgd", "optim.clip_norm=none", "model.name=elman", "model.activation=relu", "model.layers=3"]
    command = ["sweep", "binary", *wild, "--over", "optim.lr=0.001;100", "--epochs", "30", "--session", "w"]
    done = rnnlab(*command, "--json")
    found = result(done, code=1)
    assert [each["status"] for each in found["runs"]] == ["completed", "diverged"]
    assert rnnlab("wait", "w").returncode == 1
    shown = rnnlab(*command)
    assert shown.returncode == 1
    assert "rnnlab sweep w --retry failed" in shown.stderr
    assert "002-" in shown.stderr
    assert "diverged" in shown.stderr


def test_ctrl_c_stops_the_sweep_and_the_same_command_resumes_it(rnnlab: Rnnlab, folder: Path) -> None:
    command = ["sweep", "binary", "--over", "model.hidden=4;8;12", "--epochs", "100000", "--session", "long", "--json"]
    process = started(folder, *command)
    try:
        until(lambda: bool(starts(folder)), "a run has begun")
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=60)
    finally:
        process.kill()
    assert process.returncode == 130, err
    found = json.loads(out)
    assert {each["status"] for each in found["runs"]} <= {"stopped", "new"}
    assert any(each["status"] == "stopped" for each in found["runs"])
    assert "nobody carries it out now" not in err
    assert "resume it with: rnnlab sweep long" in rnnlab("sweep", "long", "--status").stdout
    before = starts(folder)
    detached = rnnlab(*command[:-1], "--detach")
    assert detached.returncode == 0
    assert detached.stdout.strip().endswith("sessions/long")
    until(lambda: sum(starts(folder).values()) > sum(before.values()), "a run is resumed")
    asked = rnnlab("sweep", "long", "--stop")
    assert "runs are stopped; the sweep is resumed with: rnnlab sweep long" in asked.stdout
    assert rnnlab("wait", "long", "--timeout", "60").returncode == 0


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["binary"], ["what is to be tried?", "--over"]),
        (["binary", "--over", "model.hidden=4,8"], ["'4;8' for 2", "'4,8;' for one"]),
        (["binary", "--over", "model.hiden=4;8"], ["did you mean model.hidden?"]),
        (["binary", "--over", "optim.lr=1e-1..1e-3"], ["1e-1 is not below 1e-3"]),
        (["binary", "--over", "optim.lr=1e-3..1e-1"], ["a grid needs to know how many", "--sobol"]),
        (
            ["binary", "--over", "train.epochs=1..1000:1000", "--over", "optim.lr=1e-3..1:1000"],
            ["1,000,000 configurations"],
        ),
        (["binary", "--over", "model.hidden=4;8", "model.hidden=4"], ["given a value and swept over"]),
        (["binary", "--over", "model.hidden=4;8", "--grid", "--sobol", "3"], ["--grid and --sobol"]),
        (
            ["binary", "--over", "model.hidden=4;8", "--match-parameters", "100"],
            ["--match-parameters chooses model.hidden"],
        ),
        (["binary", "--over", "train.seed=1;2"], ["--seeds makes repeats"]),
        (["binarry", "--over", "model.hidden=4;8"], ["leave out --over"]),
        (["binarry"], ["neither a task", "did you mean binary?"]),
        (["binary", "--status"], ["no session 'binary'", "SESSION --status"]),
        (["none.toml"], ["none.toml", "No such file"]),
        (["binary", "foo", "--over", "model.hidden=4;8"], ["'foo' is not KEY=VALUE"]),
    ],
)
def test_what_cannot_be_done_is_one_sentence_and_nothing_is_queued(
    rnnlab: Rnnlab, folder: Path, arguments: list[str], words: list[str]
) -> None:
    done = rnnlab("sweep", *arguments)
    assert done.returncode == 2
    assert done.stdout == ""
    assert done.stderr.count("\n") == 1, done.stderr
    for word in words:
        assert word in done.stderr
    assert list(folder.glob("sessions/*/runs/*")) == []


def test_more_than_a_thousand_runs_are_asked_about(rnnlab: Rnnlab, folder: Path) -> None:
    done = rnnlab("sweep", "binary", "--over", "model.hidden=1..2000:1000", "--over", "model.dropout=0;.1")
    assert done.returncode == 2
    assert "2,000 runs" in done.stderr
    assert "--yes" in done.stderr
    assert list(folder.glob("sessions/*/runs/*")) == []


def test_settings_follow_a_task_by_their_keys(rnnlab: Rnnlab) -> None:
    done = result(rnnlab("train", "binary", "model.hidden=6", "train.epochs=1", "--json"))
    shown = json.loads(rnnlab("show", done["run"], "--json").stdout)
    assert shown["config"]["model"]["hidden"] in (6, [6])
    several = rnnlab("train", "binary", "model.hidden=6;7")
    assert "rnnlab sweep TASK --over 'model.hidden=6;7'" in several.stderr


def test_two_ctrl_c_leave_the_sweep_training(rnnlab: Rnnlab, folder: Path) -> None:
    command = ["sweep", "binary", "--over", "model.hidden=4;8", "--epochs", "100000", "--session", "left"]
    process = started(folder, *command)
    try:
        until(lambda: bool(starts(folder)), "a run has begun")
        process.send_signal(signal.SIGINT)
        time.sleep(0.2)
        process.send_signal(signal.SIGINT)
        _, err = process.communicate(timeout=60)
    finally:
        process.kill()
    assert process.returncode == 130
    assert "left training; watch it with: rnnlab sweep left --attach" in err
    commands = [path.read_text(encoding="utf-8") for path in folder.glob("sessions/left/runs/*/commands.jsonl")]
    assert not any("stop" in text for text in commands)


def test_cross_validation_is_a_sweep_whose_repeats_are_folds(rnnlab: Rnnlab) -> None:
    found = result(
        rnnlab(
            "sweep",
            "surnames",
            "--over",
            "model.hidden=2;4",
            "--folds",
            "2",
            "--epochs",
            "1",
            "--session",
            "f",
            "--json",
        )
    )
    assert len(found["runs"]) == 4
    assert "× 2" in rnnlab("compare", "f").stdout


def test_points_by_tpe_go_on_from_the_runs_that_are_there(rnnlab: Rnnlab, folder: Path) -> None:
    over = ["--over", "optim.lr=1e-4..1e-1:log", "--over", "model.dropout=0..0.5"]
    command = ["sweep", "binary", *over, *TINY, "--session", "t", "--json"]
    if importlib.util.find_spec("optuna") is None:
        refused = rnnlab(*command, "--tpe", "5")
        assert refused.returncode == 2
        assert "pip install 'optuna>=4'" in refused.stderr
        assert not (folder / "sessions").exists()
        return
    five = result(rnnlab(*command, "--tpe", "5"))
    assert len(five["runs"]) == 5
    twelve = result(rnnlab(*command, "--tpe", "12"))
    assert len({json.dumps(each["values"]) for each in twelve["runs"]}) == 12
    assert [each["run"] for each in twelve["runs"][:5]] == [each["run"] for each in five["runs"]]
    assert max(starts(folder).values()) == 1
