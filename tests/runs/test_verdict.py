"""What a run came to that was trained to its end: judged from its log, alike by all who read it."""

from __future__ import annotations

import json
import math
from pathlib import Path

import msgspec
import numpy as np
import pytest
from click.testing import CliRunner

from rnnlab.cli.main import cli
from rnnlab.cli.progress import ProgressLine
from rnnlab.config import RunConfig
from rnnlab.plots.run.status import status_mark, status_sentence
from rnnlab.runs.data_summary import DataSummary
from rnnlab.runs.event_numbers import Number
from rnnlab.runs.folders import RunFolder
from rnnlab.runs.log_reader import read_state
from rnnlab.runs.summary import summarise
from rnnlab.runs.verdict import DIVERGED, FEW_UPDATES, Verdict, best_baseline, few_updates_text, verdict, verdict_of
from rnnlab.tasks.describe.summary import summarise_split
from rnnlab.tasks.load import load
from rnnlab.training.evaluation.metrics import balanced_accuracy, macro_f1
from tests.recorded import KINDS, record
from tests.recorded_outcomes import recorded_below, recorded_blown_up
from tests.recorded_variants import variant

CLASSES = DataSummary(
    task="t", title="t", problem="classification", metric="accuracy", higher_is_better=True, classes=("a", "b", "c"),
    outputs=3, baseline={"train": 0.5, "validation": 0.47}, baseline_name="majority class",
)  # fmt: skip
NUMBERS = DataSummary(
    task="t", title="t", problem="regression", metric="mae", higher_is_better=False, outputs=1,
    baseline={"train": 2.0, "validation": 2.2}, baseline_name="always 3, the training median",
    baselines={
        "always 3, the training median": {"train": 2.0, "validation": 2.2},
        "always 4, the training mean": {"train": 2.1, "validation": 2.3},
    },
)  # fmt: skip


@pytest.mark.parametrize(("accuracy", "word"), [(0.46, "below baseline"), (0.47, "below baseline"), (0.48, "")])
def test_equal_to_the_baseline_is_no_better(accuracy: float, word: str) -> None:
    found = verdict(CLASSES, "completed", {"accuracy": accuracy, "loss": 1.0}, {"loss": 1.0})
    assert found.label == word
    assert ("never better than its baseline (majority class: .47)" in found.text) == bool(word)


def test_where_nothing_is_wrong_as_good_as_the_baseline_is_good_enough() -> None:
    perfect = msgspec.structs.replace(
        CLASSES, baselines={"logistic regression on words": {"validation": 1.0, "train": 1.0}}
    )
    assert not verdict(perfect, "completed", {"accuracy": 1.0, "loss": 0.1}, {"loss": 0.1})
    assert verdict(perfect, "completed", {"accuracy": 0.99, "loss": 0.1}, {"loss": 0.1}).label == "below baseline"


def test_the_best_baseline_that_is_known_counts() -> None:
    better = msgspec.structs.replace(CLASSES, baselines={"logistic regression": {"validation": 0.6, "train": 0.9}})
    found = verdict(better, "completed", {"accuracy": 0.55}, None)
    assert found.text == "never better than its baseline (logistic regression: .6)"
    assert not verdict(msgspec.structs.replace(CLASSES, baseline={}), "completed", {"accuracy": 0.1}, None)


@pytest.mark.parametrize("loss", [DIVERGED * math.log(3) * 1.01, 1e9, "nan", "inf"])
def test_a_training_loss_beyond_chance_is_that_of_a_run_that_diverged(loss: Number) -> None:
    found = verdict(CLASSES, "completed", {"accuracy": 0.9}, {"loss": loss, "accuracy": 0.3})
    assert found.label == "diverged"
    assert "where a net that knows nothing has 1.1" in found.text
    assert not verdict(CLASSES, "completed", {"accuracy": 0.9}, {"loss": DIVERGED * math.log(3) * 0.99})
    both = verdict(CLASSES, "early-stopped", {"accuracy": 0.4}, {"loss": loss})
    assert both.label == "diverged"
    assert "never better than its baseline" in both.text


def test_numbers_are_judged_by_their_metric_whatever_they_are_scaled_by() -> None:
    assert verdict(NUMBERS, "completed", {"mae": 1.0}, {"mae": 3.1, "loss": 0.1}).label == "diverged"
    assert not verdict(NUMBERS, "completed", {"mae": 1.0}, {"mae": 2.9, "loss": 1e6})
    assert verdict(NUMBERS, "completed", {"mae": 2.2}, {"mae": 2.0}).label == "below baseline"


RARE = msgspec.structs.replace(
    CLASSES, classes=("0", "1"), outputs=2, baseline={"validation": 0.95}, baseline_name="always 0",
    class_counts={"train": (190, 10), "validation": (19, 1)},
)  # fmt: skip


def test_a_run_is_judged_by_the_figure_that_chose_its_epoch() -> None:
    constant = np.array([[19, 0], [1, 0]])
    chance = {"balanced_accuracy": balanced_accuracy(constant), "macro_f1": macro_f1(constant)}
    for figure, score in chance.items():
        better: dict[str, Number] = {"accuracy": 0.9, "loss": 0.5, figure: score + 0.01}
        assert verdict(RARE, "completed", better, None).label == "below baseline", "by accuracy it is"
        assert not verdict(RARE, "completed", better, None, figure)
        assert verdict(RARE, "completed", better | {figure: score}, None, figure).label == "below baseline"
        found = best_baseline(RARE, "validation", figure)
        assert found is not None
        assert found[0] == "always 0"
        assert found[1] == pytest.approx(score)
    assert not verdict(RARE, "completed", {"accuracy": 0.1, "loss": 0.5}, None, "loss"), "no baseline has a loss"
    unknown = msgspec.structs.replace(RARE, class_counts={})
    assert not verdict(unknown, "completed", {"balanced_accuracy": 0.1}, None, "balanced_accuracy")


def test_the_figure_that_chose_the_epoch_is_read_from_the_log(tmp_path: Path) -> None:
    source = record(tmp_path, "finished")
    figures = {"accuracy": 0.5, "balanced_accuracy": 0.8}
    for name, select, word in (("040-lstm", "metric", "below baseline"), ("041-lstm", "balanced_accuracy", "")):
        run = RunFolder(variant(source, name, {"train.select": select}, figures=figures))
        assert summarise(run).verdict.label == word
        assert verdict_of(read_state(run.events_path)[0]).label == word


def test_a_forecast_is_held_against_a_constant_and_not_against_a_naive_forecast() -> None:
    naive = {"train": 0.5, "validation": 0.5}
    series = msgspec.structs.replace(
        NUMBERS, baseline=naive, baseline_name="7 steps ago", baselines=NUMBERS.baselines | {"7 steps ago": naive}
    )
    assert verdict(series, "completed", {"mae": 0.4}, {"mae": 2.9}) == Verdict()
    assert verdict(series, "completed", {"mae": 0.4}, {"mae": 3.1}).label == "diverged"
    unknown = msgspec.structs.replace(series, baselines={"7 steps ago": naive})
    for figure in (3.1, "nan"):
        assert not verdict(unknown, "completed", {"mae": 0.4}, {"mae": figure}), (
            "the log has no constant to hold it against"
        )


def test_a_net_that_answers_the_mean_of_a_series_has_not_diverged(tmp_path: Path) -> None:
    file = tmp_path / "steps.csv"
    file.write_text("x\n" + "\n".join(str(100 * (day // 50 % 2)) for day in range(400)), encoding="utf-8")
    config = RunConfig.from_settings({"task.name": "own", "data.path": str(file), "data.kind": "series"})
    split = load(config)
    data = summarise_split(split, config)
    targets = split.train.targets
    ignorant = float(abs(targets - targets.mean()).mean())
    assert ignorant > 5 * data.baseline["train"], "a naive forecast is far better"
    assert not verdict(data, "completed", {"mae": 0.0}, {"mae": ignorant})
    assert verdict(data, "completed", {"mae": 0.0}, {"mae": 2 * ignorant}).label == "diverged"


@pytest.mark.parametrize("status", ["stopped", "diverged", "failed", "training", "queued", None])
def test_only_what_was_trained_to_its_end_is_judged(status: str | None) -> None:
    assert verdict(CLASSES, status, {"accuracy": 0.1}, {"loss": 99.0}) == Verdict()


def test_a_list_and_a_reader_of_the_whole_log_judge_alike(tmp_path: Path) -> None:
    runs = [RunFolder(record(tmp_path / "all", kind)) for kind in KINDS]
    runs += [recorded_below(tmp_path / "below"), recorded_blown_up(tmp_path / "blown")]
    found = {run.path.parent.parent.parent.name: summarise(run).verdict.label for run in runs}
    for run in runs:
        assert summarise(run).verdict == verdict_of(read_state(run.events_path)[0]), run
    assert found == {"all": "", "below": "below baseline", "blown": "diverged"}


def test_it_is_a_warning_and_not_green() -> None:
    assert status_mark("completed") == ("✓", "completed", "good")
    found = Verdict("below baseline", "never better than its baseline (majority class: .47)")
    assert status_mark("completed", found) == ("⚠", "below baseline", "warning")
    glyph, sentence, role = status_sentence("completed", found)
    assert f"{glyph} {sentence}" == "⚠ completed, never better than its baseline (majority class: .47)"
    assert role == "warning"


def test_show_sessions_replay_and_the_last_words_of_train_say_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    import sys

    monkeypatch.setenv("RNNLAB_SESSIONS", str(tmp_path))
    run = recorded_below(tmp_path)
    words = "completed, never better than its baseline (majority class: .518)"
    for arguments in (["show", str(run.path)], ["sessions"], ["replay", str(run.path)]):
        text = " ".join(CliRunner().invoke(cli, arguments).output.split())
        assert words in text, arguments
        assert "below baseline" in text, arguments
    document = json.loads(CliRunner().invoke(cli, ["show", str(run.path), "--json"]).output)
    assert document["verdict"]["word"] == "below baseline"
    assert document["status"] == "completed"
    ProgressLine(sys.stderr, quiet=False).conclude(run, read_state(run.events_path)[0])
    assert f"⚠ {words}" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("updates", "told"), [(1, "only 1 update was made"), (199, "only 199 updates were"), (FEW_UPDATES, "")]
)
def test_a_run_of_few_updates_is_told_to_be_one(tmp_path: Path, updates: int, told: str) -> None:
    state, _ = read_state(record(tmp_path, "finished") / "events.jsonl")
    state = msgspec.structs.replace(state, step=updates)
    assert few_updates_text(state).startswith(told)
    assert bool(few_updates_text(state)) == bool(told)
    assert not few_updates_text(msgspec.structs.replace(state, status="stopped")), "who stopped it knows"


@pytest.mark.parametrize(("limit", "remedy"), [(60, "train.updates"), (61, "train.epochs"), (None, "train.epochs")])
def test_what_ended_the_run_is_what_is_to_be_raised(tmp_path: Path, limit: int | None, remedy: str) -> None:
    state, _ = read_state(record(tmp_path, "finished") / "events.jsonl")
    assert state.started is not None
    config = state.started.config | {"train": state.started.config["train"] | {"updates": limit}}
    state = msgspec.structs.replace(state, step=60, started=msgspec.structs.replace(state.started, config=config))
    assert f"raise {remedy}" in few_updates_text(state)
