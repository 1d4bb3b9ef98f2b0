"""A runner that cannot be started is reported before a run is queued, and one that crashes is not started for ever."""

from __future__ import annotations

import fcntl
import os
import socket
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from rnnlab.config import RunConfig, UsageError
from rnnlab.engines.local import ensure_runner, runner_alive
from rnnlab.engines.resume import resume
from rnnlab.engines.startable import check_startable
from rnnlab.runs.folders import RunFolder, Session
from rnnlab.ui.setup.starting.launch import launch
from tests.engines.running import SHORT, state_of, until
from tests.forked import FORKER
from tests.recorded import record


def _socket(path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as one:
        one.bind(str(path))


def _hard_link(path: Path) -> None:
    path.with_name("other.lock").touch()
    path.hardlink_to(path.with_name("other.lock"))


PLANTED: dict[str, Callable[[Path], None]] = {
    "link": lambda path: path.symlink_to("/nowhere"),
    "pipe": os.mkfifo,
    "folder": Path.mkdir,
    "hard link": _hard_link,
    "socket": _socket,
}


def rnnlab(root: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    environment = os.environ | {"RNNLAB_SESSIONS": str(root)}
    return FORKER.run("rnnlab", *arguments, folder=Path.cwd(), environment=environment, seconds=60)


@pytest.mark.parametrize("kind", PLANTED)
def test_an_unusable_lock_is_reported_before_a_run_is_queued(session: Session, kind: str) -> None:
    PLANTED[kind](session.lock_path)
    done = rnnlab(session.path.parent, "train", "binary", "--session", session.name)
    assert done.returncode == 2
    assert f"{session.lock_path} cannot be used as the session's lock" in done.stderr
    assert "delete it" in done.stderr
    assert session.runs() == []


def test_nothing_else_waits_for_a_runner_that_cannot_be_started(
    session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = session.create_run(RunConfig.from_settings(SHORT))
    session.lock_path.mkdir()
    with pytest.raises(UsageError, match="cannot be used as the session's lock"):
        resume(run)
    with pytest.raises(UsageError, match="cannot be used as the session's lock"):
        ensure_runner(session)
    done = rnnlab(session.path.parent, "lr-range", "binary", "--session", session.name)
    assert (done.returncode, "cannot be used as the session's lock" in done.stderr) == (2, True)
    monkeypatch.setenv("RNNLAB_SESSIONS", str(session.path.parent))
    first = launch(RunConfig.from_settings(SHORT))
    until(lambda: state_of(first).ended and not runner_alive(first.session), "the app's run ends")
    first.session.lock_path.unlink()
    first.session.lock_path.mkdir()
    with pytest.raises(UsageError, match="cannot be used as the session's lock"):
        launch(RunConfig.from_settings(SHORT))
    assert first.session.runs() == [first]


def test_a_run_that_has_ended_is_not_queued_again_for_no_runner(tmp_path: Path) -> None:
    run = RunFolder(record(tmp_path, "failed"))
    run.session.lock_path.symlink_to("/nowhere")
    before = run.events_path.read_bytes()
    with pytest.raises(UsageError, match="cannot be used as the session's lock"):
        resume(run)
    assert run.events_path.read_bytes() == before


@pytest.mark.skipif(os.geteuid() != 0, reason="giving a file to another user takes root")
def test_a_lock_that_another_users_process_holds_is_reported(session: Session) -> None:
    session.lock_path.touch(0o600)
    os.chown(session.lock_path, 12345, 12345)
    check_startable(session)  # it is free, and root may take it
    with session.lock_path.open() as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        with pytest.raises(UsageError, match="held by a process of another user"):
            check_startable(session)


def test_a_runner_that_crashes_at_once_twice_is_not_started_a_third_time(
    session: Session, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As `rnnlab train` and the app ask for one, again and again, while a run is not begun."""
    starts = tmp_path / "starts"
    broken = tmp_path / "broken"
    broken.mkdir()
    (broken / "sitecustomize.py").write_text(
        f"open({str(starts)!r}, 'a').write('x')\nimport sys\nsys.exit('no module named torch')\n"
    )
    run = session.create_run(RunConfig.from_settings(SHORT))
    with monkeypatch.context() as patch:
        patch.setenv("PYTHONPATH", str(broken))
        asked: list[str] = []

        def refused() -> bool:
            try:
                ensure_runner(session)
            except UsageError as error:
                asked.append(str(error))
            until(lambda: not any(thread.name.startswith("reap ") for thread in threading.enumerate()), "it has ended")
            return bool(asked)

        until(refused, "it is given up")
        assert "no module named torch" in asked[0]
        assert "rnnlab resume" in asked[0]
        before = starts.read_text()
        assert len(before) >= 2
        with pytest.raises(UsageError, match="as soon as it was started"):
            ensure_runner(session)
        assert starts.read_text() == before
    resume(run)  # a person asks, so it is tried again
    until(lambda: state_of(run).ended, "it is trained")


def test_rnnlab_train_ends_where_its_runner_crashes(session: Session, tmp_path: Path) -> None:
    broken = tmp_path / "broken"
    broken.mkdir()
    (broken / "sitecustomize.py").write_text(
        "import sys\nif 'rnnlab.engines.local' in sys.orig_argv: sys.exit('no module named torch')\n"
    )
    done = subprocess.run(
        [sys.executable, "-m", "rnnlab", "train", "binary", "--session", session.name],
        env=os.environ | {"RNNLAB_SESSIONS": str(session.path.parent), "PYTHONPATH": str(broken)},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 2
    assert "no module named torch" in done.stderr
    # More may be on their way where the machine is slow to see that the second has ended.
    assert session.runner_log_path.read_text().count("Fatal Python error") >= 2
