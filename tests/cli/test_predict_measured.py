"""`rnnlab predict` of runs on measurements: rows as `rnnlab data show --json` tells them, typed back."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from rnnlab.cli.main import run as rnnlab
from rnnlab.runs.folders import RunFolder, create_session
from rnnlab.runs.log import LogWriter
from rnnlab.runs.log_reader import read_state
from rnnlab.tasks.load import load
from rnnlab.training.loop import Training
from rnnlab.training.persist.checkpoints import CheckpointStore
from rnnlab.training.verify import verify
from tests.tasks.activityfiles import write_activities
from tests.tasks.gesturefiles import write_gestures
from tests.training.small import small_config

TASKS = ("har", "gestures", "digits")


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> dict[str, RunFolder]:
    root = write_gestures(write_activities(tmp_path_factory.mktemp("data")))
    session = create_session("lab", root=root / "sessions")
    found = {}
    for task in TASKS:
        split = {"har": "published", "gestures": "person", "digits": "distinct"}[task]
        run = session.create_run(small_config(task=task, data__path=str(root), data__split=split, train__epochs=2))
        with LogWriter(run.events_path) as log:
            for event in Training(
                run.config(), load(run.config()), run=run.name, checkpoints=CheckpointStore(run)
            ).events():
                log.append(event)
        found[task] = run
    return found


def data_folder(runs: dict[str, RunFolder]) -> Path:
    return runs["har"].path.parents[3]


@pytest.mark.parametrize("task", TASKS)
def test_a_row_of_the_data_card_is_predicted_on(
    task: str, runs: dict[str, RunFolder], capsys: pytest.CaptureFixture[str]
) -> None:
    folder = [] if task == "digits" else ["--set", f"data.path={data_folder(runs)}"]
    assert rnnlab(["data", "show", task, "--json", *folder]) == 0
    samples = json.loads(capsys.readouterr().out)["samples"]
    texts = [sample.get("typed", sample["input"]) for sample in samples]
    assert rnnlab(["predict", str(runs[task].path), *texts, "--json"]) == 0
    told = json.loads(capsys.readouterr().out)["predictions"]
    assert len(told) == len(texts)
    assert [answer["input"] for answer in told] == texts


def test_a_number_below_zero_is_an_input_and_no_option(
    runs: dict[str, RunFolder], capsys: pytest.CaptureFixture[str]
) -> None:
    assert rnnlab(["predict", str(runs["gestures"].path), "-1.5,.2,9; -.3,1,9.8", "-.5,0,9.6", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)["predictions"]
    assert [answer["input"] for answer in told] == ["-1.5,.2,9; -.3,1,9.8", "-.5,0,9.6"]
    assert rnnlab(["predict", str(runs["gestures"].path), "1,2,3", "--jsno"]) == 2
    assert "--jsno" in capsys.readouterr().err


@pytest.mark.parametrize("task", TASKS)
def test_a_run_comes_out_the_same_again(task: str, runs: dict[str, RunFolder]) -> None:
    assert verify(runs[task]).ok


def test_the_log_tells_the_split_and_shows_rows_in_a_line(runs: dict[str, RunFolder]) -> None:
    for task in TASKS:
        state, _ = read_state(runs[task].events_path)
        assert state.started is not None
        data = state.started.data
        assert data.split == {"har": "published", "gestures": "person", "digits": "distinct"}[task]
        assert data.leaks == {}
        assert state.samples
        assert all("\n" not in sample.input and len(sample.input) < 200 for sample in state.samples)
