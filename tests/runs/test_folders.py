"""Sessions and runs are folders that anyone can look into; what is wrong with one is said."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from rnnlab.config import RunConfig, UsageError
from rnnlab.runs.commands import CommandCursor
from rnnlab.runs.data_summary import DataSummary
from rnnlab.runs.event_numbers import ConfigValue
from rnnlab.runs.events import Evaluated, Progress, RunFailed, RunFinished, RunStarted
from rnnlab.runs.find import find_run, find_session, list_sessions
from rnnlab.runs.folders import SessionInfo, create_session, slug
from rnnlab.runs.log import LogWriter
from rnnlab.runs.summary import summarise
from rnnlab.sweeps.find import session_name
from rnnlab.sweeps.specification import Specification

CONFIG = RunConfig.from_settings({"task.name": "surnames"})
DATA = DataSummary(
    task="surnames", title="Surnames", problem="classification", metric="accuracy", higher_is_better=True
)


def test_a_run_is_queued_with_its_whole_configuration(tmp_path: Path) -> None:
    config = RunConfig.from_settings({"model.name": "gru", "model.hidden": "32,64", "optim.clip_norm": None})
    run = create_session("lab", root=tmp_path).create_run(config)
    assert run.name == "001-gru-32-64"
    assert run.config() == config
    assert summarise(run).status == "queued"
    assert sorted(path.name for path in run.path.iterdir()) == ["queued.json", "run.toml"]


def test_runs_made_at_once_each_get_a_number_of_their_own(tmp_path: Path) -> None:
    session = create_session("lab", root=tmp_path)
    with ThreadPoolExecutor(8) as pool:
        runs = list(pool.map(session.create_run, [CONFIG] * 24))
    assert sorted(run.name for run in runs) == [f"{n:03}-{slug(CONFIG)}" for n in range(1, 25)]
    assert [run.name for run in session.runs()] == sorted(run.name for run in runs)


@pytest.mark.parametrize("name", ["../out", "a/b", "", " ", ".hidden", "a\x1bb", "x" * 100, "[/red]"])
def test_a_session_name_that_cannot_be_a_folder_is_refused(tmp_path: Path, name: str) -> None:
    if not name:
        assert create_session(name, root=tmp_path).name.endswith("-lab")
        return
    with pytest.raises(UsageError, match="session name"):
        create_session(name, root=tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_a_name_of_which_no_file_name_can_be_made_is_refused(tmp_path: Path) -> None:
    create_session("網" * 66, root=tmp_path)
    with pytest.raises(UsageError, match="takes 240 bytes"):
        create_session("網" * 80, root=tmp_path)
    assert len(list(tmp_path.iterdir())) == 1


def test_a_sweep_in_a_file_with_a_long_name_gets_a_session_of_it(tmp_path: Path) -> None:
    name = session_name(Specification(), None, f"{'網' * 79}.toml")
    assert create_session(name, root=tmp_path).path.is_dir()


def test_notes_are_kept(tmp_path: Path) -> None:
    session = create_session("lab", root=tmp_path)
    session.write_info(SessionInfo("lab", "the one with\nthe GRU", 2, 3))
    assert session.info() == SessionInfo("lab", "the one with\nthe GRU", 2, 3)


def test_a_session_file_that_is_broken_or_newer_is_a_sentence(tmp_path: Path) -> None:
    session = create_session("lab", root=tmp_path)
    session.info_path.write_text("name = ")
    with pytest.raises(UsageError, match=r"session\.toml is not a TOML file"):
        session.info()
    session.info_path.write_text("format = 7")
    with pytest.raises(UsageError, match="newer rnnlab"):
        session.info()


def test_a_place_that_cannot_be_written_is_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(UsageError, match=r"cannot be written.*RNNLAB_SESSIONS"):
        create_session("lab", root=tmp_path / "file")


@pytest.mark.skipif(os.geteuid() == 0 and not Path("/proc/self/mountinfo").exists(), reason="needs a read-only folder")
def test_a_read_only_folder_is_a_sentence(tmp_path: Path) -> None:
    """Even root may not write below /proc, which is as read-only as a folder gets."""
    with pytest.raises(UsageError, match="cannot be written"):
        create_session("lab", root=Path("/proc/self/task") if os.geteuid() == 0 else _locked(tmp_path))


def _locked(path: Path) -> Path:
    path.chmod(0o555)
    return path


def test_a_run_is_found_by_path_name_number_and_latest(tmp_path: Path) -> None:
    one = create_session("one", root=tmp_path)
    first, second = one.create_run(CONFIG), one.create_run(CONFIG)
    os.utime(second.config_path, (time.time() + 5, time.time() + 5))
    assert find_run(str(first.path), tmp_path).path == first.path.resolve()
    assert find_run(f"one/{first.name}", tmp_path).path == first.path
    assert find_run("one/2", tmp_path).path == second.path
    assert find_run("001", tmp_path).path == first.path
    assert find_run("latest", tmp_path).path == second.path
    assert find_run("one/latest", tmp_path).path == second.path


def test_a_run_that_is_not_there_or_not_one_is_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no run in"):
        find_run("latest", tmp_path)
    for name in ("one", "two"):
        create_session(name, root=tmp_path).create_run(CONFIG)
    with pytest.raises(UsageError, match="no run '9'"):
        find_run("9", tmp_path)
    with pytest.raises(UsageError, match=r"names 2 runs.*give SESSION/RUN"):
        find_run("001-lstm-64", tmp_path) if slug(CONFIG) == "lstm-64" else find_run(f"001-{slug(CONFIG)}", tmp_path)


def test_the_session_last_worked_in_comes_first(tmp_path: Path) -> None:
    for index, name in enumerate(["a", "b", "c"]):
        session = create_session(name, root=tmp_path)
        os.utime(session.runs_path, (1000 + index, 1000 + index))
    os.utime(tmp_path / "a" / "runs", (5000, 5000))
    assert [session.name for session in list_sessions(tmp_path)] == ["a", "c", "b"]


def test_a_row_tells_what_the_log_came_to(tmp_path: Path) -> None:
    session = create_session("lab", root=tmp_path)
    run = session.create_run(CONFIG)
    start = RunStarted(run=run.name, config={}, data=DATA, model="LSTM 64", epochs=9, parameters=1234)
    with LogWriter(run.events_path) as log:
        log.append(start)
        log.append(Progress(epoch=2, step=5, seconds=1.5))
        assert summarise(run).status == "training"
        log.append(Progress(phase="paused", epoch=2, step=5, seconds=1.5))
        assert summarise(run).status == "paused"
        log.append(Evaluated(split="validation", epoch=2, step=5, metrics={"accuracy": 0.5}))
        assert summarise(run).best == {"loss": 0.0, "accuracy": 0.5}
        log.append(RunFinished(outcome="stopped", epoch=3, best_epoch=2, best={"accuracy": 0.75}, seconds=2.0))
    row = summarise(run)
    assert (row.status, row.model, row.epochs, row.epoch, row.best_epoch) == ("stopped", "LSTM 64", 9, 3, 2)
    assert row.best["accuracy"] == 0.75
    failed = session.create_run(CONFIG)
    with LogWriter(failed.events_path) as log:
        log.append(RunFailed(kind="killed", message="gone"))
    assert (summarise(failed).status, summarise(failed).message) == ("failed", "gone")


def test_a_row_of_an_unreadable_run_says_why(tmp_path: Path) -> None:
    session = create_session("lab", root=tmp_path)
    run = session.create_run(CONFIG)
    run.events_path.write_bytes(b"\x00\xff not a log\n" * 5)
    assert "damaged" in summarise(run).problem
    run.events_path.unlink()
    run.config_path.write_text("[optim]\nlr = -1\n")
    assert "optim.lr" in summarise(run).problem


def test_two_thousand_runs_are_listed_within_a_second(tmp_path: Path) -> None:
    """Measured as processor time, in a process of its own: the machine may be shared."""
    session = create_session("lab", root=tmp_path)
    start = RunStarted(run="x", config=CONFIG_AS_DICT, data=DATA, model="LSTM 64", epochs=9)
    for number in range(2000):
        folder = session.runs_path / f"{number:04}-lstm-64"
        folder.mkdir(parents=True)
        with LogWriter(folder / "events.jsonl") as log:
            log.append(start)
            log.append(RunFinished(outcome="completed", best={"accuracy": 0.75}))
    code = (
        "import sys, time; from pathlib import Path; from rnnlab.runs.find import list_sessions;"
        "from rnnlab.runs.summary import summarise; t = time.process_time();"
        "rows = [summarise(run) for s in list_sessions(Path(sys.argv[1])) for run in s.runs()];"
        "assert len(rows) == 2000 and all(row.status == 'completed' for row in rows); print(time.process_time() - t)"
    )
    output = subprocess.run(
        [sys.executable, "-c", code, str(tmp_path)], capture_output=True, text=True, check=True
    ).stdout
    assert float(output) < 1.0


CONFIG_AS_DICT: dict[str, dict[str, ConfigValue]] = {"model": {"name": "lstm", "hidden": (64,)}, "optim": {"lr": 0.003}}


def test_a_command_is_seen_where_a_mount_still_shows_the_old_size(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """NFS keeps the sizes of files for up to a minute; opening one asks the server."""
    run = create_session("lab", root=tmp_path).create_run(RunConfig())
    monkeypatch.setenv("RNNLAB_SHARED", "1")
    run.send("pause")
    old = run.commands_path.stat()
    cursor = CommandCursor(run.commands_path)
    assert [each.command for each in cursor.read()] == ["pause"]
    run.send("stop")
    monkeypatch.setattr(Path, "stat", lambda path, **_: old)
    assert [each.command for each in cursor.read()] == ["stop"]


def test_commands_arrive_in_order_and_a_torn_one_spoils_no_other(tmp_path: Path) -> None:
    run = create_session("lab", root=tmp_path).create_run(CONFIG)
    cursor = CommandCursor(run.commands_path)
    assert cursor.read() == []
    run.send("pause")
    with run.commands_path.open("ab") as file:
        file.write(b'{"id":"torn","wall":1.0,"comm')
    assert [command.command for command in cursor.read()] == ["pause"]
    run.send("set", "optim.lr", 0.5)
    arrived = cursor.read()
    assert [(command.command, command.key, command.value) for command in arrived] == [("set", "optim.lr", 0.5)]
    assert cursor.damaged == 1


def test_the_best_epoch_of_a_run_that_failed_is_not_its_last(tmp_path: Path) -> None:
    run = create_session("lab", root=tmp_path).create_run(CONFIG)
    with LogWriter(run.events_path) as log:
        log.append(RunStarted(run=run.name, config={}, data=DATA, model="LSTM 64", epochs=9))
        log.append(Evaluated(split="validation", epoch=1, step=5, metrics={"accuracy": 0.9}, best=True))
        for step in range(300):
            log.append(Progress(epoch=2, step=step))
        log.append(Evaluated(split="validation", epoch=2, step=300, metrics={"accuracy": 0.5}))
        log.append(RunFailed(kind="killed", message="gone"))
    row = summarise(run)
    assert (row.best["accuracy"], row.best_epoch, row.status) == (0.9, 1, "failed")


def test_a_run_that_still_loads_is_listed_as_that(tmp_path: Path) -> None:
    run = create_session("lab", root=tmp_path).create_run(CONFIG)
    with LogWriter(run.events_path) as log:
        log.append(Progress(phase="loading"))
    row = summarise(run)
    assert (row.status, row.task, row.problem) == ("loading", CONFIG.task.name, "")


@pytest.mark.parametrize("target", ["loop", "x" * 300, "nowhere"])
def test_a_link_that_leads_nowhere_hides_no_session_and_no_run(tmp_path: Path, target: str) -> None:
    session = create_session("lab", root=tmp_path)
    run = session.create_run(CONFIG)
    for place in (tmp_path, session.runs_path):
        (place / "loop").symlink_to(target)
    assert [each.name for each in list_sessions(tmp_path)] == ["lab"]
    assert session.runs() == [run]
    assert find_run("1", tmp_path) == run
    assert session.create_run(CONFIG).name == f"002-{slug(CONFIG)}"


def test_a_new_run_takes_a_number_that_nothing_has(tmp_path: Path) -> None:
    session = create_session("lab", root=tmp_path)
    session.runs_path.mkdir(exist_ok=True)
    (session.runs_path / f"001-{slug(CONFIG)}").write_text("a file")
    (session.runs_path / f"002-{slug(CONFIG)}").symlink_to("nowhere")
    (session.runs_path / ("9" * 200)).mkdir()
    assert session.create_run(CONFIG).name == f"003-{slug(CONFIG)}"


def test_a_session_that_may_not_be_entered_is_a_row_that_says_so() -> None:
    with tempfile.TemporaryDirectory() as folder, contextlib.ExitStack() as after:
        root = Path(folder)
        root.chmod(0o755)
        run = create_session("open", root=root).create_run(CONFIG)
        run.path.chmod(0o755)
        closed = create_session("closed", root=root)
        closed.path.chmod(0)
        after.callback(closed.path.chmod, 0o700)
        if os.geteuid() == 0:  # whom no mode keeps out
            os.seteuid(65534)
            after.callback(os.seteuid, 0)
        assert sorted(each.name for each in list_sessions(root)) == ["closed", "open"]
        assert find_session("closed", root).runs() == []
        with pytest.raises(UsageError, match="closed/runs cannot be read: Permission denied"):
            closed.info()
        assert find_run("1", root).name == run.name


@pytest.mark.parametrize("name", ["x" * 300, "a\0b", "open/" + "x" * 300])
def test_a_name_that_no_file_can_have_is_no_run(tmp_path: Path, name: str) -> None:
    create_session("open", root=tmp_path)
    with pytest.raises(UsageError, match="there is no run"):
        find_run(name, tmp_path)
    with pytest.raises(UsageError, match="there is no session"):
        find_session(name, tmp_path)
