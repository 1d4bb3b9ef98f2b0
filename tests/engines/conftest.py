"""A session for tests of engines."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from rnnlab.engines.local import run_alive, runner_alive
from rnnlab.runs.folders import Session, create_session
from tests.engines.running import until


@pytest.fixture
def session(tmp_path: Path) -> Iterator[Session]:
    """An empty session; when the test ends, its runs are stopped and its processes waited for."""
    session = create_session("lab", root=tmp_path)
    yield session
    for run in session.runs():
        run.send("stop")
    until(lambda: not runner_alive(session) and not any(map(run_alive, session.runs())), "everything has ended")
