"""The frame of the promises: a stopped one goes on where it was, and the page says what the result files hold."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest

from benchmarks.reliability import promise as frame
from benchmarks.reliability.all import promises
from benchmarks.reliability.page import PAGE, page
from benchmarks.reliability.promise import (
    Part,
    PartResult,
    Plan,
    Promise,
    Result,
    Skipped,
    Trial,
    is_complete,
    keep,
    read_result,
    try_part,
)


def every_third(plan: Plan) -> Iterator[Trial]:
    for number in plan.numbers:
        yield Trial("" if number % 3 else f"number {number} breaks", figure=float(number))


def refused(plan: Plan) -> Iterator[Trial]:
    for _ in plan.numbers:
        raise Skipped("no such disk here")
    yield Trial()


def breaks_at_two(plan: Plan) -> Iterator[Trial]:
    for number in plan.numbers:
        if number == 2:
            raise FileNotFoundError("best.safetensors")
        yield Trial()


def carried_out(part: Part, found: PartResult, deadline: float = float("inf")) -> list[Trial]:
    return list(try_part(part, found, quick=False, hours=False, deadline=deadline))


def test_a_part_that_was_stopped_goes_on_with_the_next_trial(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(frame, "RESULTS", tmp_path)
    part = Part("thirds", every_third, asked=9)
    kept = Promise(1, "thirds", "No third trial breaks.", (part,))
    found = PartResult(0)
    for _ in zip(range(4), try_part(part, found, quick=False, hours=False, deadline=float("inf")), strict=False):
        pass
    result = read_result(kept)
    result.parts["thirds"] = found
    keep(kept, result, [part.name])
    again = read_result(kept).parts["thirds"]
    done = again.done
    assert 4 <= done < 9
    assert [each.figure for each in carried_out(part, again)] == [*map(float, range(done, 9))]
    assert (again.done, again.failed, again.figure) == (9, 3, 8.0)
    assert again.problems == [f"number {number} breaks" for number in (0, 3, 6)]
    assert not carried_out(part, again), "it is done"


def test_two_processes_that_try_parts_of_one_promise_keep_what_the_other_found(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(frame, "RESULTS", tmp_path)
    parts = tuple(Part(name, every_third, asked=9) for name in ("first", "second"))
    kept = Promise(1, "thirds", "No third trial breaks.", parts)
    keep(kept, Result({"first": PartResult(9, done=1), "second": PartResult(9, done=1)}), ["first", "second"])
    keep(kept, Result({"first": PartResult(9, done=5), "second": PartResult(9, done=1)}), ["first"])
    keep(kept, Result({"first": PartResult(9, done=1), "second": PartResult(9, done=7)}), ["second"])
    assert {name: part.done for name, part in read_result(kept).parts.items()} == {"first": 5, "second": 7}


def test_a_call_that_makes_no_trial_leaves_the_machine_and_the_commits_of_those_before(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(frame, "RESULTS", tmp_path)
    part = Part("thirds", every_third, asked=9)
    kept = Promise(1, "thirds", "No third trial breaks.", (part,))
    result = Result({"thirds": PartResult(9, done=9)})
    monkeypatch.setattr(frame, "machine", lambda: "the one it was made on")
    keep(kept, result, ["thirds"])
    monkeypatch.setattr(frame, "machine", lambda: "another")
    monkeypatch.setattr(frame, "revision", lambda: "another")
    keep(kept, result, ["thirds"])
    assert (read_result(kept).machine, "another" in read_result(kept).revisions) == ("the one it was made on", False)
    result.parts["thirds"].add(Trial())
    keep(kept, result, ["thirds"])
    assert (read_result(kept).machine, read_result(kept).revisions[-1]) == ("another", "another")


def test_trials_that_were_made_together_are_all_kept_when_the_time_is_over(monkeypatch: pytest.MonkeyPatch) -> None:
    now = [0.0]
    monkeypatch.setattr(frame, "time", SimpleNamespace(monotonic=lambda: now[0]))

    def in_threes(plan: Plan) -> Iterator[Trial]:
        for number in plan.numbers:
            yield Trial(more=number % 3 != 2)

    part, found = Part("threes", in_threes, asked=9), PartResult(0)
    trials = try_part(part, found, quick=False, hours=False, deadline=1.0)
    next(trials)
    now[0] = 2.0
    assert len(list(trials)) == 2
    assert found.done == 3


def test_a_part_that_cannot_be_tried_says_why() -> None:
    part, found = Part("disk", refused, asked=5), PartResult(0)
    assert carried_out(part, found) == []
    assert (found.done, found.skipped) == (0, "no such disk here")


def test_a_trial_that_breaks_has_failed_and_the_next_call_goes_on_behind_it() -> None:
    part, found = Part("weights", breaks_at_two, asked=5), PartResult(0)
    assert [each.problem for each in carried_out(part, found)] == ["", "", "FileNotFoundError: best.safetensors"]
    assert [each.problem for each in carried_out(part, found)] == ["", ""]
    assert (found.done, found.failed) == (5, 1)


def test_a_part_by_time_ends_with_it_and_none_begins_behind_the_deadline() -> None:
    part, found = Part("minutes", every_third, seconds=0.05), PartResult(0)
    assert carried_out(part, found, deadline=time.monotonic() - 1) == []
    assert carried_out(part, found)
    assert found.seconds >= 0.05


def test_a_script_that_is_terminated_keeps_what_it_found(tmp_path: Path) -> None:
    code = (
        "import sys; from pathlib import Path; from benchmarks.reliability import cut_log, promise\n"
        "promise.RESULTS = Path(sys.argv.pop()); sys.exit(promise.main(cut_log.PROMISE))"
    )
    command = [sys.executable, "-c", code, str(tmp_path)]
    environment = os.environ | {"PYTHONPATH": str(frame.ROOT)}
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True) as process:
        while not list(tmp_path.glob("02-*.json")):
            assert process.poll() is None
            time.sleep(0.05)
        process.send_signal(signal.SIGTERM)
        output, _ = process.communicate(timeout=60)
    assert "goes on from here" in output
    text = next(tmp_path.glob("02-*.json")).read_text()
    assert '"failed": 0' in text
    assert '"done": 0' not in text


def test_hours_are_shared_by_the_parts_and_again_forgets_the_parts_that_are_named(tmp_path: Path) -> None:
    code = (
        "import sys, time; from pathlib import Path; from benchmarks.reliability import promise as frame\n"
        "frame.RESULTS = Path(sys.argv.pop(1))\n"
        "def slow(plan):\n"
        "    for number in plan.numbers:\n"
        "        time.sleep(0.01); yield frame.Trial()\n"
        "parts = tuple(frame.Part(name, slow, asked=1000) for name in ('first', 'second'))\n"
        "sys.exit(frame.main(frame.Promise(1, 'slow', 'It is slow.', parts)))"
    )
    environment = os.environ | {"PYTHONPATH": str(frame.ROOT)}

    def done(*options: str) -> dict[str, int]:
        command = [sys.executable, "-c", code, str(tmp_path), *options]
        subprocess.run(command, env=environment, check=True, capture_output=True)
        result = json.loads(next(tmp_path.glob("*.json")).read_text())
        return {name: part["done"] for name, part in result["parts"].items()}

    before = done("--hours", str(1 / 3600))
    assert min(before.values()) > 0
    assert done("--hours", "1e-12", "--again", "--part", "first") == before | {"first": 0}


def test_a_part_that_is_complete_takes_no_share_of_the_hours() -> None:
    part = Part("thirds", every_third, asked=9)
    unfinished = Result({"thirds": PartResult(9, done=8)})
    assert not is_complete(part, Result({}), hours=True)
    assert not is_complete(part, unfinished, hours=True)
    assert is_complete(part, Result({"thirds": PartResult(9, done=9)}), hours=True)
    minutes = Part("minutes", every_third, seconds=60, hours_seconds=120)
    measured = Result({"minutes": PartResult(60, seconds=60)})
    assert is_complete(minutes, measured, hours=False)
    assert not is_complete(minutes, measured, hours=True), "hours ask for its longer form"


def test_promises_are_numbered_and_named_once() -> None:
    known = [promise for _, promise in promises()]
    assert len({each.number for each in known}) == len({each.name for each in known}) == len(known)
    assert all(module.endswith(f".{promise.name}") for module, promise in promises())


def test_the_page_is_what_the_result_files_hold() -> None:
    assert PAGE.read_text(encoding="utf-8") == page([promise for _, promise in promises()]), (
        "write it anew: python -m benchmarks.reliability.all --page"
    )
