"""A run whose data load, and one that waits: called alike by every command and list."""

from __future__ import annotations

import json
import os
import re
import time
from pathlib import Path

import pytest
from click.testing import CliRunner

from rnnlab.cli.main import cli
from rnnlab.config import RunConfig
from rnnlab.locks import held
from rnnlab.plots.run.progress import as_it_is_now, progress_text, waits_for
from rnnlab.plots.run.report import run_report
from rnnlab.runs.current import RUNNER_STARTS, status_now, waiting_text
from rnnlab.runs.folders import RunFolder, create_session
from rnnlab.runs.log import LogWriter
from rnnlab.runs.state import initial_state
from rnnlab.text.lines import to_text
from rnnlab.text.palette import MONO
from rnnlab.ui.sessions.listing import Listing
from rnnlab.ui.sessions.run_cells import cell


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> RunFolder:
    monkeypatch.setenv("RNNLAB_SESSIONS", str(tmp_path))
    return create_session("lab", root=tmp_path).create_run(RunConfig.from_settings({}))


def output(*arguments: str) -> str:
    return " ".join(CliRunner().invoke(cli, list(arguments)).output.split())


def everywhere(run: RunFolder) -> dict[str, str]:
    """What each place says of the run."""
    state = as_it_is_now(run, initial_state())
    row = Listing().read(run.session).runs[0]
    listed = json.loads(output("sessions", "--json"))[0]["runs"][0]
    return {
        "train": progress_text(state, "", reason=waits_for(run, state)),
        "sessions": output("sessions"),
        "show": output("show", str(run.path)),
        "report": " ".join(to_text(run_report(state, 100, MONO)).split()),
        "list": f"{cell(row, 'status', 0.0)[0]} {row.summary.message}",
        "json": f"{listed['status']} {listed['message']}",
    }


def test_a_run_that_waits_is_queued_in_every_place(run: RunFolder) -> None:
    for place, words in everywhere(run).items():
        assert "queued" in words, place
        assert "loading" not in words, place
        if place != "report":
            assert waiting_text("queued") in words, place


def test_a_queued_run_that_no_runner_carries_out_says_how_to_start_it(run: RunFolder) -> None:
    """As after `--detach`, where the runner was killed in its first moments."""
    sentence = f"no runner carries it out; start it with: rnnlab resume lab/{run.name}"
    long_ago = time.time() - RUNNER_STARTS - 1
    assert sentence not in output("sessions")  # a runner may be on its way
    os.utime(run.path, (long_ago, long_ago))
    places = everywhere(run)
    for place in ("sessions", "show", "list", "json"):
        assert sentence in places[place], place
        assert "as soon as a slot is free" not in places[place], place
    with held(run.session.lock_path):
        places = everywhere(run)
        assert all(sentence not in words for words in places.values())
        assert waiting_text("queued") in places["sessions"]


def test_a_run_whose_data_load_is_loading_in_every_place(run: RunFolder) -> None:
    with LogWriter(run.events_path):
        for place, words in everywhere(run).items():
            assert "loading" in words, place
            # The file `queued.json` of its folder is no state.
            assert not re.search(r"queued(?!\.json)|free slot|waits", words), place
            if place != "report":
                assert waiting_text("loading") in words, place
        assert status_now(run, "queued") == "loading"
        assert status_now(run, "completed") == "completed"
    assert status_now(run, "queued") == "queued"


def test_a_full_disk_is_what_a_run_waits_for() -> None:
    assert waiting_text("queued", "the disk is full") == "the disk is full: it starts when there is room"
    assert waiting_text("training", "the disk is full") == ""
