"""The line that `rnnlab train` keeps, where a run cannot go on."""

from __future__ import annotations

import io
from pathlib import Path

from rnnlab.cli.progress import ProgressLine
from rnnlab.plots.run.progress import progress_text, waits_for
from rnnlab.runs.events import Progress, Record, RunFailed
from rnnlab.runs.folders import RunFolder
from rnnlab.runs.log_reader import read_state
from rnnlab.runs.reduce import reduce
from tests.recorded import record

REASON = "the disk is full (events.jsonl)"


def test_a_full_disk_is_named_and_named_once_where_the_output_is_no_terminal(tmp_path: Path) -> None:
    run = RunFolder(record(tmp_path, "running"))
    state, _ = read_state(run.events_path)
    stream = io.StringIO()
    line = ProgressLine(stream, quiet=False)
    line.show(run, state)
    paused = Progress(phase="paused", epoch=state.epoch, step=state.step, reason=REASON)
    for _ in range(3):
        reduce(state, Record(state.last_seq + 1, 0.0, 0.0, paused))
        line.show(run, state)
    assert stream.getvalue().count(f"paused: {REASON}; it resumes when there is room") == 1
    assert state.status == "paused"


def test_what_was_waited_for_is_over_when_the_run_goes_on_or_ends(tmp_path: Path) -> None:
    run = RunFolder(record(tmp_path, "running"))
    for event in (Progress(epoch=10, step=2300), RunFailed(kind="killed", message="killed")):
        state, _ = read_state(run.events_path)
        reduce(state, Record(state.last_seq + 1, 0.0, 0.0, Progress(phase="paused", reason=REASON)))
        reduce(state, Record(state.last_seq + 1, 0.0, 0.0, event))
        assert waits_for(run, state) == ""
        assert "paused" not in progress_text(state, reason=waits_for(run, state))
