"""A cell of one's own from the command line, and the boundary: no file is imported because a run or a session says so."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from rnnlab.runs.folders import RunFolder
from rnnlab.runs.log_reader import read_records
from rnnlab.runs.queue_entry import NAME as QUEUE_ENTRY
from tests.command_line import called, clean_environment
from tests.own_cells import PLAIN, leaves_a_mark

SMALL = ("--hidden", "6", "--epochs", "2", "--set", "data.rows=200")


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the file of a cell that leaves a mark when it is imported, and a session of a run that was made with it."""
    folder = tmp_path_factory.mktemp("own")
    (folder / "mycell.py").write_text(leaves_a_mark(PLAIN, folder / "mark"))
    train = ("train", "parity", "--session", "s", "--model", "plain-cell", "--cells", "mycell.py", *SMALL)
    done = called(folder, *train, "--json")
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["status"] == "completed"
    return folder


@pytest.fixture
def own(trained: Path, tmp_path: Path) -> Path:
    """A copy of it, without the mark: the file at the path where the run was made leaves it there."""
    (trained / "mark").unlink(missing_ok=True)
    shutil.copytree(trained / "sessions", tmp_path / "sessions")
    shutil.copy(trained / "mycell.py", tmp_path)
    return tmp_path


def test_a_run_made_with_it_opens_without_its_file_and_imports_nothing(trained: Path, own: Path) -> None:
    shutil.copy(own / "mycell.py", own / "sessions" / "s")
    shutil.copy(own / "mycell.py", own / "sessions" / "s" / "runs" / "001-plain-cell-6")
    opened = [
        ("sessions",), ("show", "s/001"), ("show", "s"), ("compare", "s"), ("replay", "s/001"), ("errors", "s/001"),
        ("show", "s/001", "--json"), ("replay", "s/001", "--json"),
    ]  # fmt: skip
    for command in opened:
        done = called(own, *command)
        assert done.returncode == 0, (command, done.stderr)
    shown = " ".join(called(own, "show", "s/001").stdout.split())
    assert "h = tanh(W x + b + U h')" in shown
    assert "defined in mycell.py, SHA-256 " in shown
    assert json.loads(called(own, "show", "s/001", "--json").stdout)["parameters"] > 0
    assert not (trained / "mark").exists()


@pytest.mark.parametrize(
    "command", [("predict", "s/001", "101"), ("replay", "s/001", "--verify"), ("resume", "s/001", "--epochs", "3")]
)
def test_what_needs_the_net_says_which_file_is_needed(command: tuple[str, ...], trained: Path, own: Path) -> None:
    before = (own / "sessions/s/runs/001-plain-cell-6/events.jsonl").read_bytes()
    refused = called(own, *command)
    assert refused.returncode == 2
    assert "plain-cell is a cell of a person's own, defined in their file mycell.py (SHA-256 " in refused.stderr
    assert "give the file with --cells FILE" in refused.stderr
    assert not (trained / "mark").exists()
    assert (own / "sessions/s/runs/001-plain-cell-6/events.jsonl").read_bytes() == before
    given = called(own, *command, "--cells", "mycell.py")
    assert given.returncode == 0, given.stderr
    assert (trained / "mark").exists()


def test_another_file_than_the_run_was_made_with_is_named(own: Path) -> None:
    path = own / "mycell.py"
    path.write_text(path.read_text() + "# changed\n")
    said = called(own, "predict", "s/001", "101", "--cells", "mycell.py").stderr
    assert f"warning: {path} is not the file that the run was made with: its SHA-256 is " in said
    called(own, "resume", "s/001", "--epochs", "3", "--cells", "mycell.py")
    records = read_records(own / "sessions/s/runs/001-plain-cell-6/events.jsonl")[0]
    assert [len(record.data.cell_sha256) for record in records if hasattr(record.data, "cell_sha256")] == [64]
    verified = json.loads(called(own, "replay", "s/001", "--verify", "--json", "--cells", "mycell.py").stdout)
    assert verified["verify"]["ok"], "a comment changes no number"
    assert any("was begun with another mycell.py" in note for note in verified["verify"]["notes"])


def test_a_stranger_s_run_is_not_trained_and_its_file_not_imported(trained: Path, own: Path) -> None:
    """Another person's secret signs nothing here, whatever path stands in the entry; a person's consent is not for a file."""
    run = RunFolder(own / "sessions/s/runs/001-plain-cell-6")
    run.events_path.unlink()
    stranger = {"XDG_STATE_HOME": str(own / "state"), "RNNLAB_SESSIONS": str(own / "sessions")}
    trainer = subprocess.run(
        [sys.executable, "-P", "-m", "rnnlab.training", str(run.path)],
        env=clean_environment() | stranger,
        capture_output=True,
        check=False,
    )
    assert trainer.returncode == 3
    assert called(own, "resume", "s/001", **stranger).returncode == 2
    agreed = called(own, "resume", "s/001", "--yes", **stranger)
    assert agreed.returncode == 2
    assert "give the file with --cells FILE" in agreed.stderr
    assert not (trained / "mark").exists()


def test_an_entry_whose_file_was_exchanged_is_not_signed(trained: Path, own: Path) -> None:
    run = RunFolder(own / "sessions/s/runs/001-plain-cell-6")
    run.events_path.unlink()
    entry = json.loads((run.path / QUEUE_ENTRY).read_text())
    entry["cell"]["path"] = str(own / "mycell.py")
    (run.path / QUEUE_ENTRY).write_text(json.dumps(entry))
    trainer = [sys.executable, "-P", "-m", "rnnlab.training", str(run.path)]
    assert subprocess.run(trainer, env=clean_environment(), capture_output=True, check=False).returncode == 3
    assert not (trained / "mark").exists()


@pytest.mark.slow
def test_a_file_that_was_changed_since_the_run_was_queued_is_not_imported(tmp_path: Path) -> None:
    mark, path = tmp_path / "mark", tmp_path / "mycell.py"
    path.write_text(PLAIN)
    (tmp_path / "sessions").mkdir()
    # Queued where no runner comes.
    code = (
        "from rnnlab.engines.cells import choose_files; choose_files(['mycell.py'])\n"
        "from rnnlab.config import RunConfig; from rnnlab.runs.folders import create_session\n"
        "given = {'task.name': 'parity', 'model.name': 'plain-cell', 'data.rows': 200, 'train.epochs': 1, 'model.hidden': 4}\n"
        "config, session = RunConfig.from_settings(given), create_session('s')\n"
        "print(session.create_run(config).path, session.create_run(config).path)"
    )
    made = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, env=clean_environment(), capture_output=True, text=True, check=True
    )
    first, second = (tmp_path / folder for folder in made.stdout.split())

    def code_of_trainer(folder: Path) -> int:
        trainer = [sys.executable, "-P", "-m", "rnnlab.training", str(folder)]
        return subprocess.run(trainer, env=clean_environment(), capture_output=True, check=False).returncode

    assert code_of_trainer(first) == 0, "an interpreter of its own imports the file as it was"
    path.write_text(leaves_a_mark(PLAIN, mark))
    assert code_of_trainer(second) == 1
    assert not mark.exists()
    assert "was changed since the run was queued" in " ".join(called(tmp_path, "show", str(second)).stdout.split())


def test_a_cell_that_is_named_without_its_file_is_told_how_to_be_given(tmp_path: Path) -> None:
    refused = called(tmp_path, "train", "parity", "--model", "plain-cell")
    assert refused.returncode == 2
    assert "model.name = 'plain-cell' is not allowed" in refused.stderr
    assert refused.stderr.endswith(", or a cell of your own with --cells FILE\n")


def test_a_fault_in_a_person_s_cell_is_told_with_its_line(tmp_path: Path) -> None:
    later = "if x.shape[0] not in (2, 1): raise ValueError('too many')\n        return torch.tanh("
    (tmp_path / "mycell.py").write_text(PLAIN.replace("return torch.tanh(", later))
    done = called(tmp_path, "train", "parity", "--model", "plain-cell", "--cells", "mycell.py", *SMALL)
    assert done.returncode == 2
    assert f"failed: {tmp_path}/mycell.py:18: ValueError: too many" in done.stderr
    assert "rnnlab's" not in done.stderr


def test_a_file_of_the_person_s_configuration_needs_no_flag(own: Path) -> None:
    config = own / "config" / "rnnlab" / "config.toml"
    config.parent.mkdir(parents=True)
    config.write_text(f'cells = ["{own}/mycell.py"]\n')
    home = {"XDG_CONFIG_HOME": str(own / "config")}
    assert called(own, "predict", "s/001", "101", **home).returncode == 0
    assert "Plain (plain-cell)" in called(own, "models", "plain-cell", **home).stdout
    (own / "mycell.py").write_text("x = (\n")
    listed = called(own, "sessions", **home)
    assert listed.returncode == 0
    assert f"warning: {own}/mycell.py:1: " in listed.stderr


def test_no_file_of_the_folder_one_is_in_is_imported_because_a_path_is_relative(tmp_path: Path) -> None:
    """A stranger's folder may hold a file of any name: what is written once, for every folder, names whole paths."""
    (tmp_path / "mycell.py").write_text(leaves_a_mark(PLAIN, tmp_path / "mark"))
    config = tmp_path / "config" / "rnnlab" / "config.toml"
    config.parent.mkdir(parents=True)
    config.write_text('cells = ["mycell.py"]\n')
    listed = called(tmp_path, "sessions", XDG_CONFIG_HOME=str(tmp_path / "config"))
    assert listed.returncode == 0
    assert f"warning: {config} names mycell.py, which is another file in each folder" in listed.stderr
    config.write_text(f'cells = ["{tmp_path}/mycell.py"]\n')
    assert called(tmp_path, "sessions", XDG_CONFIG_HOME="config").stderr == ""
    refused = called(tmp_path, "sessions", RNNLAB_CELLS="mycell.py")
    assert refused.returncode == 2
    assert "RNNLAB_CELLS names mycell.py, which is another file in each folder" in refused.stderr
    assert not (tmp_path / "mark").exists()


def test_a_path_that_the_variable_would_part_in_two_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a:b").mkdir()
    (tmp_path / "a:b" / "mycell.py").write_text(PLAIN)
    refused = called(tmp_path, "models", "--cells", "a:b/mycell.py")
    assert refused.returncode == 2
    assert (
        f"the file of cells {tmp_path}/a:b/mycell.py cannot be used: RNNLAB_CELLS parts its files at ':'"
        in refused.stderr
    )


def test_a_sweep_over_architectures_may_try_it(own: Path) -> None:
    over = ("--over", "model.name=plain-cell;gru", "--halving", "auto", "--session", "sw")
    small = ("--hidden", "4", "--epochs", "2", "--set", "data.rows=200")
    done = called(own, "sweep", "parity", "--cells", "mycell.py", *over, *small)
    assert done.returncode == 0, done.stderr
    compared = called(own, "compare", "sw")
    assert compared.returncode == 0
    assert "plain-cell" in compared.stdout


def test_a_sweep_that_is_continued_without_the_file_says_so(trained: Path, own: Path) -> None:
    over = ("--over", "model.hidden=4;5", "--model", "plain-cell", "--halving", "auto", "--session", "sw")
    small = ("--epochs", "2", "--set", "data.rows=200")
    assert called(own, "sweep", "parity", "--cells", "mycell.py", *over, *small).returncode == 0
    shutil.rmtree(own / "sessions" / "sw" / "runs")
    (trained / "mark").unlink(missing_ok=True)
    controller = subprocess.run(
        [sys.executable, "-P", "-m", "rnnlab.sweeps.processes.controller", str(own / "sessions" / "sw")],
        env=clean_environment(),
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert controller.returncode == 1
    assert "give the file with --cells FILE" in controller.stderr
    assert not (trained / "mark").exists()
