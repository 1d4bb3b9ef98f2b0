"""Two machines with a folder that both mount over the network, each with its own processes: `pytest -m shared_folder`."""

from __future__ import annotations

import statistics
from collections.abc import Iterator
from pathlib import Path

import pytest

from benchmarks.other_node import LONG, TwoMachines, watch
from benchmarks.reliability.outcome import outcome
from benchmarks.shared_folder import missing
from benchmarks.watching import open_run
from rnnlab.runs.folders import RunFolder, Session
from rnnlab.runs.log_reader import read_records
from tests.engines.running import starts, state_of, until

pytestmark = [pytest.mark.shared_folder, pytest.mark.skipif(bool(missing()), reason=missing())]
SHORT = ("train", "sinusoids", "--epochs", "60", "--set", "model.hidden=8", "--set", "runtime.threads=1")


@pytest.fixture(params=[False, True], ids=["nothing is cached", "sizes are cached"])
def machines(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[TwoMachines]:
    with TwoMachines(tmp_path / "lab", caching=request.param) as both:
        yield both


def test_the_app_shows_a_run_of_the_other_machine(machines: TwoMachines) -> None:
    shown = watch(machines, machines.train(*LONG), 15)
    assert not shown.problem
    assert len(shown.delays) > 10
    assert statistics.median(shown.delays) < 5, "within 2 s on a quiet machine: benchmarks.other_node"


def test_a_run_of_the_other_machine_is_not_begun_again_and_ends_when_it_is_stopped_from_here(
    machines: TwoMachines,
) -> None:
    run = machines.train(*LONG)
    code, output = machines.rnnlab(machines.n1, "resume", f"lab/{run.path.name}", "--yes")
    assert code
    assert "being trained on n2" in output
    code, output = machines.rnnlab(machines.n1, "tell", f"lab/{run.path.name}", "stop")
    assert code == 0, output
    until(lambda: state_of(run).ended, "it is stopped", 60)
    assert state_of(run).status == "stopped"
    assert [start.host for start in starts(run)] == ["n2"]


def test_a_run_whose_machine_was_lost_is_gone_on_with_here_to_the_same_bits(machines: TwoMachines) -> None:
    code, output = machines.rnnlab(machines.n1, *SHORT, "--session", "whole")
    assert code == 0, output
    whole = outcome(of(machines, "whole"))
    run = machines.train(*SHORT)
    until(lambda: run.resume_path.exists(), "its state was saved")
    machines.n2.lose()
    before = read_records(run.events_path)[0]
    assert not state_of(run).ended
    code, output = machines.rnnlab(machines.n1, "resume", f"lab/{run.path.name}", "--yes")
    assert code, "just after, the other machine may be there still"
    assert "being trained on n2" in output
    until(lambda: machines.rnnlab(machines.n1, "resume", f"lab/{run.path.name}", "--yes")[0] == 0, "resumed", 120)
    assert read_records(run.events_path)[0][: len(before)] == before
    assert [start.host for start in starts(run)] == ["n2", "n1"]
    assert outcome(run) == whole


def test_keys_do_not_wait_for_a_slow_file_server(tmp_path: Path) -> None:
    with TwoMachines(tmp_path / "lab", delay=0.02) as machines:
        run = machines.train(*LONG)
        with machines.app() as app:
            app.see("surnames|Surnames")
            open_run(app, run)
            app.look(3.0)
            app.press("2")
            app.see(r"\A(?![\s\S]*1 loss)", seconds=5)
            app.press("2")
            app.see("1 loss", seconds=5)
            app.kill()


def of(machines: TwoMachines, session: str) -> RunFolder:
    """The first run of a session, as the file server sees it."""
    return Session(machines.served / session).runs()[0]
