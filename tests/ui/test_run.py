"""The Run screen over recorded logs: what it shows, what its keys do, and that data stays text."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from rnnlab.config import RunConfig
from rnnlab.runs.current import waiting_text
from rnnlab.runs.events import Progress, RunFailed
from rnnlab.runs.folders import RunFolder, create_session
from rnnlab.runs.log import LogWriter
from rnnlab.ui.common.key_bar import KeyBar
from rnnlab.ui.run.panels.confusion_panel import ConfusionPanel
from rnnlab.ui.run.screen import RunScreen
from tests.recorded import Kind, record
from tests.recorded_outcomes import recorded_below
from tests.ui.opened import app_on, assert_harmless, on_run, open_run, said, settled, shown, text_of, until

Compare = Callable[..., bool]

WIDE, SMALL = (140, 45), (80, 24)


@pytest.mark.parametrize(
    "kind",
    ["running", "finished", "failed", "torn", "hostile", "regression", "loading", "forecast", "per-step", "leaky"],
)
@pytest.mark.parametrize("size", [WIDE, SMALL], ids=["wide", "small"])
def test_run(snap_compare: Compare, tmp_path: Path, kind: Kind, size: tuple[int, int]) -> None:
    assert snap_compare(app_on(), terminal_size=size, run_before=on_run(record(tmp_path, kind)))


def test_classes_zoomed(snap_compare: Compare, tmp_path: Path) -> None:
    run = record(tmp_path, "hostile")
    assert snap_compare(app_on(), terminal_size=SMALL, run_before=on_run(run, "3", "m", "m", "m", "down"))


async def test_before_the_first_look_into_the_net_that_is_said(tmp_path: Path) -> None:
    async with shown(size=SMALL) as pilot:
        await open_run(pilot, record(tmp_path, "loading"))
        await pilot.press("5")
        await settled(pilot)
        assert "train.inspect" in text_of(pilot.app)


async def test_the_matrix_key_shows_the_matrix_where_it_is_not_in_sight(tmp_path: Path) -> None:
    async with shown(size=SMALL) as pilot:
        screen = await open_run(pilot, record(tmp_path, "finished"))
        for before in ((), ("3", "2")):
            await pilot.press(*before, "m")
            await settled(pilot)
            assert screen.zoomed == 3
            assert "row %" in text_of(pilot.app)  # as it was: only what is seen is changed


async def test_the_matrix_key_goes_from_shares_to_counts_to_classes(tmp_path: Path) -> None:
    async with shown(size=SMALL) as pilot:
        screen = await open_run(pilot, record(tmp_path, "finished"))
        await pilot.press("3")
        seen = []
        for _ in range(4):
            await settled(pilot)
            seen.append(text_of(pilot.app))
            await pilot.press("m")
        assert "row %" in seen[0]
        assert "column %" in seen[1]
        assert "counts" in seen[2]
        assert "precision" in seen[3]
        await pilot.press("m", "m", "m", *["up"] * 17)
        await settled(pilot)
        assert "Vietnamese" not in text_of(pilot.app)
        await pilot.press(*["down"] * 17)
        await settled(pilot)
        assert "Vietnamese" in text_of(pilot.app)
        assert screen.query_one(ConfusionPanel).view.mode == "classes"


async def test_a_forecast_is_moved_through_by_weeks(tmp_path: Path) -> None:
    async with shown() as pilot:
        await open_run(pilot, record(tmp_path, "forecast"))
        assert "2016-07-03" in text_of(pilot.app)
        assert "7 steps ago" in text_of(pilot.app)
        await pilot.press("full_stop", "full_stop", "m", "m")
        await settled(pilot)
        assert "2016-07-17" in text_of(pilot.app)
        assert "┄ 7 steps ago" not in text_of(pilot.app)
        await pilot.press(*["full_stop"] * 40, *["comma"] * 40)
        await settled(pilot)
        assert "2016-07-03" in text_of(pilot.app)


@pytest.mark.parametrize("size", [WIDE, SMALL], ids=["wide", "small"])
async def test_a_leaking_split_is_told_wherever_there_are_figures(tmp_path: Path, size: tuple[int, int]) -> None:
    async with shown(size=size) as pilot:
        screen = await open_run(pilot, record(tmp_path, "leaky"))
        assert "⚠ leaking split" in text_of(pilot.app).splitlines()[1]
        assert "│ ⚠ leaking  " in text_of(pilot.app)
        for panel in ("#metric", "#confusion"):
            assert "⚠ leaking split" in str(screen.query_one(panel).border_title)


async def test_accuracy_of_each_kind_of_step_and_of_other_lengths_is_shown(tmp_path: Path) -> None:
    async with shown() as pilot:
        await open_run(pilot, record(tmp_path, "per-step"))
        text = text_of(pilot.app)
        for words in ("clean", "replaced", "balanced", "64 letters"):
            assert words in text


async def test_what_is_added_is_shown(tmp_path: Path) -> None:
    run = RunFolder(record(tmp_path, "running"))
    with LogWriter(run.events_path) as log:
        async with shown(clock=None) as pilot:
            await open_run(pilot, run.path)
            log.append(Progress(epoch=10, step=2300, steps=1, loss=0.25, loss_low=0.2, loss_high=0.3, lr=0.0015))
            await until(lambda: "2,300 / 4,520" in text_of(pilot.app))
            log.append(RunFailed(kind="killed", message="the training process was killed (SIGKILL)", hint="use less"))
            await until(lambda: "✗ failed" in text_of(pilot.app))
            assert "was killed (SIGKILL)" in text_of(pilot.app)
            assert "use less" in text_of(pilot.app)


@pytest.mark.parametrize("size", [WIDE, SMALL], ids=["wide", "small"])
async def test_a_full_disk_is_called_one(tmp_path: Path, size: tuple[int, int]) -> None:
    run = RunFolder(record(tmp_path, "running"))
    reason = "the disk is full (resume.safetensors)"
    with LogWriter(run.events_path) as log:
        async with shown(size, clock=None) as pilot:
            await open_run(pilot, run.path)
            log.append(Progress(phase="paused", epoch=10, step=2300, reason=reason))
            await until(lambda: f"‖ paused: {reason}" in text_of(pilot.app))
            log.append(Progress(epoch=10, step=2300))
            await until(lambda: "● training" in text_of(pilot.app))
            assert "full" not in text_of(pilot.app)


@pytest.mark.parametrize("key", ["p", "s", "left_square_bracket", "r"])
async def test_an_ended_run_says_so(tmp_path: Path, key: str) -> None:
    run = RunFolder(record(tmp_path, "finished"))
    async with shown() as pilot:
        await open_run(pilot, run.path)
        await pilot.press(key)
        await settled(pilot)
        assert "has ended (completed)" in said(pilot.app)
        assert not run.commands_path.exists()


async def test_a_queued_run_says_what_it_waits_for(tmp_path: Path) -> None:
    run = create_session("lab", root=tmp_path).create_run(RunConfig.from_settings({"model.hidden": "32"}))
    async with shown() as pilot:
        await open_run(pilot, run.path)
        text = text_of(pilot.app)
        assert f"○ {waiting_text('queued')}" in text
        assert "LSTM 32" in text


@pytest.mark.parametrize("size", [WIDE, SMALL], ids=["wide", "small"])
async def test_a_run_that_loads_is_called_so_everywhere_and_queued_nowhere(
    tmp_path: Path, size: tuple[int, int]
) -> None:
    """Its trainer has the log, and has yet to write to it."""
    run = create_session("lab", root=tmp_path).create_run(RunConfig.from_settings({}))
    with LogWriter(run.events_path):
        async with shown(size) as pilot:
            await open_run(pilot, run.path)
            text = text_of(pilot.app)
            assert f"◌ {waiting_text('loading')}" in text
            assert text.casefold().count("loading the data") >= 3, "status line, loss, now"
            assert "queued" not in text.casefold()
            assert "slot" not in text
            await pilot.press("p")
            await settled(pilot)
            assert "slot" not in said(pilot.app)


def footer_keys(screen: RunScreen) -> list[str]:
    return [f"{key} {binding.description}" for _, key, binding in screen.query_one(KeyBar)._keys()]


@pytest.mark.parametrize("size", [WIDE, SMALL], ids=["wide", "small"])
@pytest.mark.parametrize(
    "kind", ["finished", "failed", "diverged", "regression", "forecast", "running", "paused", "loading"]
)
async def test_the_footer_holds_the_keys_that_do_something(tmp_path: Path, kind: Kind, size: tuple[int, int]) -> None:
    async with shown(size) as pilot:
        screen = await open_run(pilot, record(tmp_path, kind))
        keys = footer_keys(screen)
        text = " ".join(keys)
        steers = kind in ("running", "paused")
        assert ("rate" in text) == steers
        assert any(key.startswith("p ") for key in keys) == steers
        assert any(key.startswith("s ") for key in keys) == (steers or kind == "loading")
        first = {"running": "p pause", "paused": "p resume", "loading": "s stop", "diverged": "enter samples"}
        assert keys[0].replace("⏎", "enter") == first.get(kind, "g resume")
        assert "esc back" in keys
        if size == SMALL:
            return  # what a key does is the same at either size
        # Each key of the screen's own does something or asks something: nothing answers that the run has ended.
        for key in keys[: keys.index("esc back")]:
            name = {"[": "left_square_bracket", "]": "right_square_bracket", "⏎": "enter", "1–5": "1"}
            await pilot.press(name.get(key.split()[0], key.split()[0]))
            await settled(pilot)
            assert "nothing" not in said(pilot.app), key
            await pilot.press("escape")
            await settled(pilot)
            if pilot.app.screen is not screen:
                pilot.app.push_screen(screen)
                await settled(pilot)


async def test_a_run_that_waits_for_leave_shows_the_key_that_gives_it(tmp_path: Path) -> None:
    run = create_session("lab", root=tmp_path).create_run(RunConfig.from_settings({}))
    (run.path / "queued.json").unlink()
    async with shown() as pilot:
        screen = await open_run(pilot, run.path)
        await until(lambda: screen.follower.foreign)
        await settled(pilot)
        assert footer_keys(screen)[0] == "y train it here"


@pytest.mark.parametrize("size", [WIDE, SMALL], ids=["wide", "small"])
async def test_a_run_no_better_than_its_baseline_is_not_called_completed_in_green(
    tmp_path: Path, size: tuple[int, int]
) -> None:
    async with shown(size) as pilot:
        await open_run(pilot, recorded_below(tmp_path).path)
        text = text_of(pilot.app)
        assert "⚠ below baseline" in text
        panel = " ".join(" ".join(line.rpartition("││")[2].strip("│ ") for line in text.splitlines()).split())
        assert "never better than its baseline (majority class: .518)" in panel
        assert "✓ completed" not in text


@pytest.mark.parametrize("size", [WIDE, SMALL], ids=["wide", "small"])
async def test_labels_are_text_everywhere(tmp_path: Path, size: tuple[int, int]) -> None:
    async with shown(size=size) as pilot:
        await open_run(pilot, record(tmp_path, "hostile"))
        for key in ("f5", "1", "2", "3", "m", "4", "escape", "left", "enter"):
            await pilot.press(key)
            await settled(pilot)
            assert_harmless(pilot.app)
        assert "[@click=app.quit]" in text_of(pilot.app)
        assert pilot.app.is_running


async def test_a_log_of_a_newer_version_is_refused_in_words(tmp_path: Path) -> None:
    import msgspec

    from rnnlab.runs.codec import decode, encode

    run = RunFolder(record(tmp_path, "finished"))
    first, *rest = run.events_path.read_bytes().splitlines(keepends=True)
    start = decode(first)
    newer = msgspec.structs.replace(start, data=msgspec.structs.replace(start.data, log_format=99))
    run.events_path.write_bytes(encode(newer) + b"".join(rest))
    async with shown() as pilot:
        await open_run(pilot, run.path)
        assert "✗ unreadable" in text_of(pilot.app)
        assert "newer" in text_of(pilot.app)
        await pilot.press("p")
        await settled(pilot)
        assert not run.commands_path.exists()


async def test_leaving_the_screen_stops_no_reading(tmp_path: Path) -> None:
    run = RunFolder(record(tmp_path, "running"))
    async with shown(clock=None) as pilot:
        screen = await open_run(pilot, run.path)
        follower = screen.follower
        await pilot.press("escape")
        with LogWriter(run.events_path) as log:
            log.append(Progress(epoch=10, step=2300))
            await until(lambda: follower.state.step == 2300)


async def test_a_log_that_makes_no_sense_is_still_shown(tmp_path: Path) -> None:
    """Sound lines whose figures contradict one another: a session from a stranger."""
    from rnnlab.runs.data_summary import DataSummary
    from rnnlab.runs.event_numbers import LARGEST
    from rnnlab.runs.events import Diagnosed, Evaluated, RunFinished, RunStarted, Sample

    run = RunFolder(tmp_path / "s" / "runs" / "x")
    run.path.mkdir(parents=True)
    data = DataSummary(
        task="", title="", problem="?", metric="m" * 300, higher_is_better=True, classes=("a", "b"),
        baseline={"validation": LARGEST},
    )  # fmt: skip
    nothing = Sample(input="", target="", prediction="", correct=True, probability=LARGEST)
    with LogWriter(run.events_path) as log:
        log.append(RunStarted(run="", config={"optim": {}, "x": {"y": None}}, data=data, model="", epochs=2**53))
        for step, large in ((5, LARGEST), (2**53, LARGEST), (0, 1e308), (-7, 1.0)):
            log.append(
                Progress(epoch=0, step=step, steps=3, loss=-large, loss_low="nan", loss_high=large, lr=-1e-320, grad_norm="inf",
                         examples_per_second=-1.0, eta=1e11, seconds=-5.0)
            )  # fmt: skip
            log.append(
                Evaluated(split="validation", epoch=9, step=step, loss="inf", metrics={"m" * 300: "nan"}, best=True,
                          confusion=((1,), (2, 3)) if step else ((2**53, 0), (0, 0)), samples=(nothing,) * 50)
            )  # fmt: skip
        log.append(Diagnosed(kind="", epoch=0, step=0, message="x" * 5000, remedy="\x1b[2J"))
        async with shown(clock=None) as pilot:
            screen = await open_run(pilot, run.path)
            for key in (
                "1",
                "2",
                "3",
                "m",
                "comma",
                "down",
                "4",
                "escape",
                "left",
                "x",
                "left",
                "x",
                "l",
                "e",
                "enter",
                "escape",
                "]",
            ):
                await pilot.press(key)
                await settled(pilot)
            assert_harmless(pilot.app)
            log.append(
                RunFinished(outcome="completed", final={"test": {}, "?": {"loss": "nan"}, "train": {"m": LARGEST}})
            )
            await until(lambda: screen.follower.state.ended)
            await settled(pilot)
            assert pilot.app.is_running
