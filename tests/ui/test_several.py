"""Several values in a field of the form: what they mean, what they cost, and the sweep that is trained."""

from __future__ import annotations

import math
import os
import shlex
from pathlib import Path
from typing import Any

import pytest
from textual.pilot import Pilot

from rnnlab.runs.folders import RunFolder, Session
from rnnlab.runs.summary import summarise
from rnnlab.sweeps.space import Choices, Range
from rnnlab.sweeps.specification import Specification, specification_of
from rnnlab.ui.app import RnnlabApp
from rnnlab.ui.common.prompt import Prompt
from rnnlab.ui.session.screen import SessionScreen
from rnnlab.ui.setup.draft.command_line import command_line
from rnnlab.ui.setup.draft.draft import Draft
from rnnlab.ui.setup.net_summary import NetSummary
from rnnlab.ui.setup.screen import SetupScreen
from tests.forked import FORKER
from tests.ui.opened import said, settled, text_of, until


def swept(task: str = "binary", **texts: str) -> Draft:
    """A draft in which these texts were typed; `model__hidden` is `model.hidden`."""
    draft = Draft({"task.name": task})
    for name, text in texts.items():
        draft.set(name.replace("__", "."), text)
    return draft


def refused(command: str) -> str:
    """The sentence with which the command line refuses the command."""
    arguments = [*shlex.split(command)[1:], "--dry-run"]
    ended = FORKER.run("rnnlab", *arguments, folder=Path.cwd(), environment=os.environ, seconds=60)
    assert ended.returncode == 2
    return ended.stderr.strip().removeprefix("rnnlab: ")


async def enter(pilot: Pilot[Any], **texts: str) -> SetupScreen:
    """Go to the fields of the `binary` task and type these texts; gives the screen."""
    await pilot.pause()
    screen = pilot.app.screen
    assert isinstance(screen, SetupScreen)
    screen.enter("binary", {})
    for name, text in texts.items():
        screen.jump(name.replace("__", "."))
        await pilot.pause()
        await pilot.press(*text)
    await settled(pilot)
    return screen


async def estimated(pilot: Pilot[Any]) -> None:
    """The size and the cost of the sweep have come."""
    sweep = pilot.app.screen.query_one(NetSummary).sweep
    await until(lambda: sweep.dry_run is not None or bool(sweep.problem))
    await settled(pilot)


def the_session(folder: Path) -> Session:
    (path,) = (folder / "sessions").glob("*-binary-sweep")
    return Session(path)


async def ended(session: Session, runs: int) -> list[RunFolder]:
    """The runs of the session, once they are so many and have completed."""
    await until(lambda: [summarise(run).status for run in session.runs()] == ["completed"] * runs)
    return session.runs()


def test_semicolons_part_values_and_a_comma_stays_between_layers() -> None:
    draft = swept(model__hidden="64;128;32,64", optim__lr="1e-3..1e-1:log:5")
    assert draft.over == {
        "model.hidden": Choices(((64,), (128,), (32, 64))),
        "optim.lr": Range(0.001, 0.1, log=True, count=5),
    }
    assert not draft.errors
    assert draft.changed("optim.lr")
    assert command_line(draft) == (
        "rnnlab sweep binary --over 'model.hidden=64;128;32,64' --over optim.lr=1e-3..1e-1:log:5"
    )
    draft.set("model.hidden", "32,64")
    draft.reset("optim.lr")
    assert not draft.over
    assert command_line(draft) == "rnnlab train binary --hidden 32,64"


def test_a_default_among_the_values_is_a_change_and_steps_leave_values_alone() -> None:
    draft = swept()
    default = draft.text("train.batch_size")
    draft.set("train.batch_size", f"{default};512")
    assert draft.changed("train.batch_size")
    draft.step("train.batch_size", 1)
    assert draft.text("train.batch_size") == f"{default};512"


@pytest.mark.parametrize(
    ("key", "text"),
    [
        ("optim.lr", "0.1;-1"),
        ("optim.lr", "0.1;0.1"),
        ("optim.lr", "1e-1..1e-3:log:5"),
        ("optim.lr", "1e-3..1e-1:log"),
        ("optim.lr", "1e-3..1e-1:log:0"),
        ("model.hidden", "64;x"),
        ("train.seed", "0,x"),
        ("train.seed", "3..1"),
        ("data.seed", "0;1"),
    ],
)
def test_what_is_wrong_is_said_in_the_words_of_the_command_line(key: str, text: str) -> None:
    draft = swept()
    draft.set(key, text)
    assert [str(error) for error in draft.errors.values()] == [refused(f"rnnlab sweep binary --over '{key}={text}'")]
    assert list(draft.errors) == [key]


def test_a_field_that_some_of_the_values_need_is_in_the_form() -> None:
    draft = swept(model__conv="none;8")
    assert draft.applies("model.conv_kernel")
    draft.set("model.conv", "none")
    assert not draft.applies("model.conv_kernel")


def test_more_than_a_thousand_runs_are_left_to_the_command_line() -> None:
    draft = swept(optim__lr="1e-4..1e-1:log:100", train__batch_size="8..1024:log:11")
    ((key, error),) = draft.errors.items()
    assert key == "train.batch_size"
    assert "1,100 configurations" in str(error)
    assert "rnnlab sweep" in str(error)
    draft.set("train.batch_size", "8..1024:log:10")
    assert not draft.errors


async def test_values_that_go_together_train_as_one_session(tmp_path: Path) -> None:
    async with RnnlabApp().run_test(size=(140, 45)) as pilot:
        screen = await enter(pilot, model__hidden="4;8", train__epochs="1;2")
        await estimated(pilot)
        assert "4 configurations, 4 runs; 0 of them done" in text_of(pilot.app)
        assert "model.hidden (2 values) × train.epochs (2 values)" in text_of(pilot.app)
        assert "rnnlab sweep binary --over 'model.hidden=4;8' --over 'train.epochs=1;2'" in text_of(pilot.app)
        await pilot.press("ctrl+r")
        await until(lambda: isinstance(pilot.app.screen, SessionScreen))
        session = the_session(tmp_path)
        await until(lambda: "4 runs are queued" in said(pilot.app))
        assert specification_of(session) == Specification(
            settings={"task.name": "binary"},
            over={"model.hidden": Choices(((4,), (8,))), "train.epochs": Choices((1, 2))},
        )
        runs = await ended(session, 4)
        assert [(run.config().model.hidden, run.config().train.epochs) for run in runs] == [
            ((4,), 1), ((4,), 2), ((8,), 1), ((8,), 2)
        ]  # fmt: skip
        await pilot.press("escape", "escape")
        await until(lambda: pilot.app.screen is screen)
        await estimated(pilot)
        assert "4 runs; 4 of them done" in text_of(pilot.app)
        await pilot.press("ctrl+r")
        await until(lambda: "0 runs of 4" in said(pilot.app))
        assert len(session.runs()) == 4, "what was trained is not trained again"


async def test_seeds_of_each_configuration(tmp_path: Path) -> None:
    async with RnnlabApp().run_test(size=(100, 30)) as pilot:
        screen = await enter(pilot, model__hidden="4;8", train__epochs="1")
        await pilot.press("ctrl+s")
        await until(lambda: bool(screen.query(Prompt)) and screen.query_one(Prompt).asking)
        assert "Seeds of each of 2 configurations" in text_of(pilot.app)
        await pilot.press(*"3,5", "enter")
        await until(lambda: isinstance(pilot.app.screen, SessionScreen))
        runs = await ended(the_session(tmp_path), 4)
        assert {(run.config().model.hidden, run.config().train.seed) for run in runs} == {
            ((hidden,), seed) for hidden in (4, 8) for seed in (3, 5)
        }
        assert len({run.config().data.seed for run in runs}) == 1


@pytest.mark.parametrize("text", ["0;1;2", "0,1,2", "0..2"])
def test_several_seeds_in_the_field_are_repeats(text: str) -> None:
    draft = swept(train__seed=text)
    assert not draft.errors
    assert (draft.seeds, draft.over, draft.is_sweep) == ((0, 1, 2), {}, True)
    assert command_line(draft) == "rnnlab sweep binary --seeds 0,1,2"
    draft.set("model.hidden", "4;8")
    assert command_line(draft) == "rnnlab sweep binary --over 'model.hidden=4;8' --seeds 0,1,2"
    draft.set("model.hidden", "1..500:500")
    ((key, error),) = draft.errors.items()
    assert (key, "500 configurations from 3 seeds each, 1,500 runs" in str(error)) == ("model.hidden", True)
    draft.set("train.seed", "1")
    assert not draft.seeds


def test_a_million_seeds_are_refused() -> None:
    draft = swept(train__seed="0..1000000")
    assert "at most 1,000 seeds" in str(draft.errors["train.seed"])


async def test_seeds_in_the_field_are_counted_estimated_and_trained(tmp_path: Path) -> None:
    async with RnnlabApp().run_test(size=(140, 45)) as pilot:
        await enter(pilot, train__epochs="1", train__seed="3;5")
        await estimated(pilot)
        assert "1 configuration, 2 runs; 0 of them done" in text_of(pilot.app)
        assert "on disk" in text_of(pilot.app), "what they cost is said"
        assert "one configuration from 2 seeds, with one split" in text_of(pilot.app)
        assert "rnnlab sweep binary --seeds 3,5 --epochs 1" in text_of(pilot.app)
        await pilot.press("ctrl+r")
        await until(lambda: isinstance(pilot.app.screen, SessionScreen))
        runs = await ended(the_session(tmp_path), 2)
        assert [run.config().train.seed for run in runs] == [3, 5]
        assert len({run.config().data.seed for run in runs}) == 1


async def test_too_many_runs_are_refused_whether_by_values_or_by_seeds(tmp_path: Path) -> None:
    async with RnnlabApp().run_test(size=(140, 45)) as pilot:
        screen = await enter(pilot, model__hidden="1..500:500")
        await pilot.press("ctrl+s")
        await until(lambda: bool(screen.query(Prompt)) and screen.query_one(Prompt).asking)
        await pilot.press(*"3", "enter")
        await settled(pilot)
        assert "500 configurations from 3 seeds each, 1,500 runs" in " ".join(text_of(pilot.app).split())
        await pilot.press("escape")
        await enter(pilot, train__epochs="1;2;3")
        assert "1 wrong" in text_of(pilot.app)
        await pilot.press("ctrl+r")
        await settled(pilot)
        assert "1,500 configurations" in said(pilot.app)
        assert not (tmp_path / "sessions").exists()


async def test_what_is_not_allowed_or_means_nothing_is_said_and_the_rest_trains(tmp_path: Path) -> None:
    async with RnnlabApp().run_test(size=(80, 24)) as pilot:
        await enter(pilot, model__hidden="4,8;4", model__layers="2;3", train__epochs="1")
        await estimated(pilot)
        assert "3 configurations, 3 runs" in text_of(pilot.app)
        assert "left out: model.hidden = 4,8, model.layers" in text_of(pilot.app)
        await pilot.press("ctrl+r")
        await until(lambda: "3 runs are queued" in said(pilot.app))
        assert "left out: model.hidden = 4,8, model.layers = 3" in said(pilot.app)
        await ended(the_session(tmp_path), 3)
    async with RnnlabApp().run_test(size=(140, 45)) as pilot:
        await enter(pilot, model__conv="none;4", model__conv_kernel="3;5")
        await estimated(pilot)
        assert "3 configurations, 3 runs" in text_of(pilot.app)
        assert "model.conv_kernel is read only where" in text_of(pilot.app)


async def test_where_nothing_is_allowed_nothing_is_begun(tmp_path: Path) -> None:
    async with RnnlabApp().run_test(size=(140, 45)) as pilot:
        await enter(pilot, model__hidden="4,8;8,4", model__layers="3")
        await estimated(pilot)
        assert "0 configurations" in text_of(pilot.app)
        await pilot.press("ctrl+r")
        await until(lambda: "none of the configurations is allowed" in said(pilot.app))
        assert not list(tmp_path.glob("sessions/*"))


async def test_a_sweep_over_a_files_own_settings_trains(tmp_path: Path) -> None:
    file = tmp_path / "wave.csv"
    file.write_text("level\n" + "".join(f"{math.sin(at / 5):.4f}\n" for at in range(400)))
    async with RnnlabApp().run_test(size=(140, 45)) as pilot:
        screen = await enter(pilot)
        screen.enter("own", {"data.path": str(file)})
        screen.file.check()
        await until(lambda: screen.file.known)
        for key, text in (("data.window", "8;16"), ("model.hidden", "4"), ("train.epochs", "1")):
            screen.jump(key)
            await pilot.pause()
            await pilot.press(*text)
        await estimated(pilot)
        assert "2 configurations, 2 runs" in text_of(pilot.app)
        await pilot.press("ctrl+r")
        await until(lambda: "2 runs are queued" in said(pilot.app))
        (path,) = (tmp_path / "sessions").glob("*-own-sweep")
        assert [run.config().data.window for run in await ended(Session(path), 2)] == [8, 16]


async def test_three_ranges_are_points_that_another_process_draws() -> None:
    async with RnnlabApp().run_test(size=(140, 45)) as pilot:
        await enter(pilot, model__hidden="4..64:log", optim__lr="1e-3..1e-1:log", train__batch_size="16..128")
        await estimated(pilot)
        assert "24 configurations, 24 runs" in text_of(pilot.app)
        assert "Sobol points of model.hidden (a range)" in text_of(pilot.app)


async def test_a_sign_belongs_to_each_value_and_matching_needs_one_net() -> None:
    async with RnnlabApp().run_test(size=(100, 30)) as pilot:
        screen = await enter(pilot, model__forget_bias="-1;-2", optim__lr="1e-3;1e-2")
        assert screen.draft.text("model.forget_bias") == "-1;-2"
        assert screen.draft.text("optim.lr") == "1e-3;1e-2"
        await pilot.press("ctrl+b")
        await settled(pilot)
        assert "--match-parameters" in said(pilot.app)
