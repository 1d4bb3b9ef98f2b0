"""Published figures beside those of real runs."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import pytest

from rnnlab.recipes.outcome import Measured, Outcome, outcome_of, outcome_of_session, verdict
from rnnlab.recipes.recipe import Published, Recipe, parse_recipe
from rnnlab.runs.folders import RunFolder, Session
from rnnlab.runs.log_reader import read_state
from rnnlab.sweeps.results import Interval
from rnnlab.sweeps.specification import keep
from rnnlab.sweeps.sweep import Sweep
from tests.engines.running import until

RECIPE = """
title = "Digits"
[[sweep]]
name = "sizes"
title = "two sizes"
seeds = 2
settings = { "task.name" = "digits", "data.seed" = 0, "train.epochs" = 2, "train.batch_size" = 128 }
point = [{ "model.hidden" = 4 }, { "model.hidden" = 8 }, { "model.hidden" = 8, "optim.name" = "sgd" }]
[sweep.quick]
seeds = 1
point = [{ "model.hidden" = 4 }]
[[sweep.published]]
title = "four"
runs = { "model.hidden" = 4 }
ours = { "model.name" = "lstm" }
low = 0.0
high = 1.0
how = "somehow"
why = "because"
[[sweep.published]]
title = "four, last epoch"
runs = { "model.hidden" = 4 }
subset = "validation"
epoch = "last"
value = 1.5
how = "somehow"
why = "because"
[[sweep.published]]
title = "four, time"
runs = { "model.hidden" = 4 }
figure = "seconds"
value = 7200
[[sweep.published]]
title = "eight"
runs = { "model.hidden" = 8, "optim.name" = "adam" }
words = "not reported"
[[sweep.published]]
title = "both"
runs = { "optim.name" = "adam" }
words = "not reported"
[[sweep]]
name = "ours"
title = "ours"
beside = "sizes"
settings = { "task.name" = "digits", "data.seed" = 0, "train.epochs" = 1, "train.batch_size" = 128, "model.hidden" = 4 }
"""


def carried_out(recipe: Recipe, root: Path, quick: bool) -> dict[str, Session]:
    """The sessions of the recipe's parts, all runs ended."""
    sessions = {}
    for part in recipe.parts:
        session = sessions[part.name] = Session(root / recipe.session_name(part, quick))
        session.runs_path.mkdir(parents=True)
        keep(session, part.specification(quick))
        sweep = Sweep(session, part.specification(quick))
        sweep.advance()
    for part in recipe.parts:
        sweep = Sweep(sessions[part.name], part.specification(quick))
        until(partial(_is_over, sweep), f"the runs of {part.name}")
    return sessions


def _is_over(sweep: Sweep) -> bool:
    return sweep.stand().over


@pytest.fixture(scope="module")
def recipe() -> Recipe:
    return parse_recipe(RECIPE, "digits-mine", "digits-mine.toml")


@pytest.fixture(scope="module")
def sessions(recipe: Recipe, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Session]:
    root = tmp_path_factory.mktemp("sessions")
    carried_out(recipe, root, quick=True)
    return carried_out(recipe, root, quick=False)


@pytest.fixture(scope="module")
def outcome(recipe: Recipe, sessions: dict[str, Session]) -> Outcome:
    return outcome_of(recipe, quick=False, root=sessions["sizes"].path.parent)


def cells(outcome: Outcome, title: str) -> dict[str, object]:
    """What the row's cells hold for a program, by name."""
    (row,) = [row for row in outcome.table.rows if row[0].text == title]
    columns = outcome.table.columns
    return {
        name: value
        for column, cell in zip(columns, row, strict=True)
        for name, value in zip(column.names, cell.values, strict=False)
    }


def accuracies(session: Session, hidden: int, subset: str, *, last: bool = False) -> list[float]:
    """What the logs say of the runs of that size."""
    found = []
    for run in session.runs():
        config = run.config()
        if config.model.hidden == (hidden,) and config.optim.name == "adam":
            state, _ = read_state(RunFolder(run.path).events_path)
            found.append(float(str((state.latest if last else state.final)[subset]["accuracy"])))
    return found


def test_the_figure_is_the_mean_over_the_seeds_of_its_runs(outcome: Outcome, sessions: dict[str, Session]) -> None:
    found = cells(outcome, "four")
    values = accuracies(sessions["sizes"], 4, "test")
    assert len(values) == 2
    assert found["measured"] == pytest.approx(sum(values) / 2)
    assert found["measured_runs"] == 2
    assert found["ours"] == pytest.approx(accuracies(sessions["ours"], 4, "test")[0])
    assert found["verdict"] == "no difference seen"


def test_of_the_last_epoch_where_the_last_was_published(outcome: Outcome, sessions: dict[str, Session]) -> None:
    values = accuracies(sessions["sizes"], 4, "validation", last=True)
    assert cells(outcome, "four, last epoch")["measured"] == pytest.approx(sum(values) / 2)


def test_times_are_compared_too(outcome: Outcome) -> None:
    (row,) = [row for row in outcome.table.rows if row[0].text == "four, time"]
    assert row[1].text == "2:00:00"
    assert cells(outcome, "four, time")["verdict"] == "lower"


def test_one_run_has_the_interval_of_new_rows(recipe: Recipe, sessions: dict[str, Session]) -> None:
    quick = outcome_of(recipe, quick=True, root=sessions["sizes"].path.parent)
    for title in ("four", "four, last epoch"):
        found = cells(quick, title)
        low, mean, high = (float(str(found[name])) for name in ("measured_low", "measured", "measured_high"))
        assert 0 <= low < mean < high <= 1
    (row,) = [row for row in quick.table.rows if row[0].text == "eight"]
    assert row[2].text == "not in this form"


def test_several_configurations_are_a_range(outcome: Outcome, sessions: dict[str, Session]) -> None:
    means = sorted(sum(accuracies(sessions["sizes"], size, "test")) / 2 for size in (4, 8))
    found = cells(outcome, "both")
    assert (found["measured_low"], found["measured_high"]) == (pytest.approx(means[0]), pytest.approx(means[1]))


def test_baselines_stand_beside_them(outcome: Outcome) -> None:
    (row,) = [row for row in outcome.table.rows if row[0].text.startswith("baseline, test accuracy: always ")]
    assert 0 < float(str(row[2].values[0])) < 0.2


def test_reasons_are_numbered_once(outcome: Outcome) -> None:
    assert outcome.reasons == ("Reported: somehow. because",)
    assert [row[-1].text for row in outcome.table.rows[:3]] == ["(1)", "(1)", ""]


def test_what_was_not_carried_out_is_empty(recipe: Recipe, tmp_path: Path) -> None:
    found = outcome_of(recipe, quick=False, root=tmp_path)
    assert [row[2].text for row in found.table.rows] == [""] * 5


def test_runs_that_were_trained_otherwise_are_not_taken_for_the_recipe_s(sessions: dict[str, Session]) -> None:
    longer = parse_recipe(RECIPE.replace('"train.epochs" = 2', '"train.epochs" = 3'), "digits-mine", "digits-mine.toml")
    found = outcome_of(longer, quick=False, root=sessions["sizes"].path.parent)
    assert [row[2].text for row in found.table.rows[:5]] == ["not in this form"] * 5
    assert cells(found, "four")["ours_runs"] == 1


def test_a_session_of_no_recipe_has_nothing_published(sessions: dict[str, Session], tmp_path: Path) -> None:
    assert outcome_of_session(Session(tmp_path)) is None
    assert outcome_of_session(sessions["sizes"]) is None, "this rnnlab ships no such recipe"


def published(low: float, high: float, digits: int = 2) -> Published:
    return Published("", {}, "accuracy", "test", "best", low, high, "", "", "", "", {}, digits=digits)


@pytest.mark.parametrize(
    ("figure", "measured", "said"),
    [
        (published(0.91, 0.91), Measured((0.9,), Interval(0.88, 0.92, 0.95)), "no difference seen"),
        (
            published(0.91, 0.91),
            Measured((0.9,), Interval(0.88, 0.906, 0.95)),
            "no difference seen",
        ),  # .91 is .905 to .915
        (published(0.91, 0.91), Measured((0.9,), Interval(0.88, 0.904, 0.95)), "lower"),
        (published(0.2, 0.2), Measured((0.23,), Interval(0.22, 0.24, 0.95)), "higher"),
        (published(0.2, 0.2, digits=1), Measured((0.23,), Interval(0.22, 0.24, 0.95)), "no difference seen"),
        (published(0.5, 0.55), Measured((0.6,), Interval(0.58, 0.62, 0.95)), "higher"),
        (published(0.5, 0.55), Measured((0.52,)), "no difference seen"),
        (published(0.5, 0.55), Measured((0.6,)), "higher (no interval)"),
        (published(0.63, 0.97), Measured((0.2, 0.8), configurations=2), "overlaps"),
        (published(0.63, 0.97), Measured((0.2, 0.3), configurations=2), "lower"),
        (published(0.5, 0.55), Measured(note="diverged"), ""),
    ],
)
def test_agreement_is_an_overlap(figure: Published, measured: Measured, said: str) -> None:
    assert verdict(figure, measured) == said
