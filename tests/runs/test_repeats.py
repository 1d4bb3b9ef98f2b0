"""Repeats: which seeds are meant, which runs belong together, and what their figures come to."""

from __future__ import annotations

import statistics
from pathlib import Path
from typing import Any

import msgspec
import pytest

from rnnlab.config import ConfigError, RunConfig, UsageError, read_config, to_toml
from rnnlab.config.changed import changed_settings
from rnnlab.plots.run.spread import spread_text
from rnnlab.runs.comparison import compare
from rnnlab.runs.data_summary import DataSummary
from rnnlab.runs.events import RunFinished, RunStarted
from rnnlab.runs.folders import RunFolder, Session
from rnnlab.runs.log import LogWriter
from rnnlab.runs.repeats import (
    Spread,
    document,
    fold_of,
    parse_seeds,
    repeat_labels,
    repeated,
    repeats_among,
    seed_of,
    spread,
)
from rnnlab.runs.summary import RunSummary, summarise

BINARY = RunConfig.from_settings({"task.name": "binary", "model.hidden": "8"})


def ended_run(
    session: Session, config: RunConfig, mae: float, outcome: str = "completed", rows: str = "a", fold_set: str = ""
) -> RunFolder:
    """A run on disk that has ended with this figure."""
    run = session.create_run(config)
    data = DataSummary(
        task="binary",
        title="Binary",
        problem="regression",
        metric="mae",
        higher_is_better=False,
        fingerprint=rows,
        evaluated=rows,
        fold_set=fold_set,
    )
    final: dict[str, Any] = {part: {"mae": mae, "loss": mae * 2} for part in ("train", "validation", "test")}
    with LogWriter(run.events_path) as log:
        log.append(RunStarted(run=run.name, config=msgspec.to_builtins(config), data=data, model="LSTM 8", epochs=3))
        log.append(RunFinished(outcome=outcome, seconds=2.0, best=final["validation"], final=final))  # type: ignore[arg-type]
    return run


def listed(session: Session) -> list[RunSummary]:
    return [summarise(run) for run in session.runs()]


@pytest.mark.parametrize(
    ("text", "first", "seeds"),
    [("3", 0, (0, 1, 2)), ("2", 7, (7, 8)), ("0, 5,2", 9, (0, 5, 2)), ("7,", 0, (7,)), ("1", 4, (4,))],
)
def test_seeds_are_a_number_or_a_list(text: str, first: int, seeds: tuple[int, ...]) -> None:
    assert parse_seeds(text, first) == seeds


@pytest.mark.parametrize("text", ["", "0", "-1", "1,1", "a", "1.5", "1,,2", "1001", f"0,{2**31}"])
def test_seeds_that_cannot_be_are_one_sentence_with_what_is_allowed(text: str) -> None:
    with pytest.raises(UsageError, match=r"is not allowed; it must be"):
        parse_seeds(text)


def test_repeats_share_the_split_that_the_run_would_have() -> None:
    base = RunConfig.from_settings({"task.name": "binary", "train.seed": 4})
    runs = repeated(base, (4, 5))
    assert [run.train.seed for run in runs] == [4, 5]
    assert [run.split_seed for run in runs] == [4, 4]
    assert [run.split_seed for run in repeated(base, (4, 5), vary_split=True)] == [4, 5]
    held = RunConfig.from_settings({"task.name": "binary", "data.seed": 9})
    assert {run.split_seed for run in repeated(held, (0, 1))} == {9}
    with pytest.raises(UsageError, match=r"data\.seed = 9"):
        repeated(held, (0, 1), vary_split=True)


def test_the_deviation_is_that_of_a_sample() -> None:
    values = [0.82, 0.83, 0.81, 0.825]
    told = spread(values)
    assert told.mean == pytest.approx(statistics.fmean(values))
    assert told.std == pytest.approx(statistics.stdev(values))
    assert spread([0.5]) == Spread(0.5, None, 1)
    assert spread([float("nan"), 1.0]).mean == "nan"


@pytest.mark.parametrize(
    ("values", "metric", "words"),
    [
        ([0.82, 0.83], "accuracy", ".825 ± .007"),
        ([70.0, 72.0], "mae", "71.0 ± 1.4"),
        ([0.012, 0.014], "loss", ".0130 ± .0014"),
        ([1234567.0, 1234999.0], "mae", "1,234,783 ± 305"),
        ([0.5], "accuracy", ".500"),
        ([2.0, 2.0], "mae", "2.00 ± 0"),
    ],
)
def test_mean_and_deviation_are_written_to_the_digit_that_counts(values: list[float], metric: str, words: str) -> None:
    assert spread_text(spread(values), metric) == words


def test_runs_that_differ_in_their_seed_alone_belong_together(tmp_path: Path) -> None:
    session = Session(tmp_path / "lab")
    for seed, config in enumerate(repeated(BINARY, range(3))):
        ended_run(session, config, 1.0 + seed)
    ended_run(session, RunConfig.from_settings({"task.name": "binary", "model.hidden": "16"}), 9.0)
    session.create_run(repeated(BINARY, [3])[0])  # still waits
    (repeats,) = repeats_among(listed(session))
    assert [seed_of(run) for run in repeats.runs] == [0, 1, 2, 3]
    assert repeats.split_text == "the same split"
    told = document(repeats)
    assert told["counted"] == 3
    assert told["test"]["mae"] == Spread(2.0, 1.0, 3)
    assert told["seconds"] == Spread(2.0, 0.0, 3)


def test_a_seed_counts_once_and_what_did_not_get_to_its_end_does_not(tmp_path: Path) -> None:
    session = Session(tmp_path / "lab")
    ended_run(session, BINARY, 100.0, outcome="stopped")
    ended_run(session, BINARY, 1.0)
    ended_run(session, BINARY, 100.0, outcome="diverged")
    assert repeats_among(listed(session)) == [], "one seed, however often, is no repeat"
    other = RunConfig.from_settings({"task.name": "binary", "model.hidden": "8", "train.seed": 1})
    ended_run(session, other, 50.0, outcome="stopped", rows="b")
    (repeats,) = repeats_among(listed(session))
    assert repeats.of("test")["mae"] == Spread(1.0, None, 1)
    assert repeats.split_text == "a split each"


def test_a_run_that_was_given_more_epochs_is_no_repeat_any_more(tmp_path: Path) -> None:
    session = Session(tmp_path / "lab")
    runs = [ended_run(session, config, 1.0) for config in repeated(BINARY, range(3))]
    (repeats,) = repeats_among(listed(session))
    assert len(repeats.runs) == 3
    with LogWriter(runs[0].events_path) as log:
        last = log.last
        assert last is not None
        log.append(msgspec.structs.replace(last.data, epochs=50, epoch=50))
    (repeats,) = repeats_among(listed(session))
    assert [seed_of(run) for run in repeats.runs] == [1, 2]


def test_folds_are_repeats_on_one_parting_of_the_rows(tmp_path: Path) -> None:
    session = Session(tmp_path / "lab")
    for config in repeated(BINARY, [0], folds=3):
        fold = config.data.fold
        ended_run(session, config, 1.0 + fold, rows=f"rows {fold}", fold_set="set")
    wider = RunConfig.from_settings({"task.name": "binary", "model.hidden": "16"})
    for config in repeated(wider, [0, 1], folds=3):
        fold = config.data.fold
        ended_run(session, config, 9.0 + fold, rows=f"rows {fold}", fold_set="set")
    ended_run(session, BINARY, 0.5, rows="without folds")
    narrow, wide = repeats_among(listed(session))
    assert [(fold_of(run), seed_of(run)) for run in narrow.runs] == [(1, 0), (2, 0), (3, 0)]
    assert (narrow.members_text, narrow.split_text) == ("folds 1, 2, 3", "a fold each")
    assert (wide.members_text, wide.split_text) == ("folds 1, 2, 3 × seeds 0, 1", "a fold each")
    assert document(narrow)["folds"] == [1, 2, 3]
    assert document(narrow)["test"]["mae"] == Spread(3.0, 1.0, 3)
    folded, alone = compare(listed(session), lambda _: False)
    assert [len(row.runs) for row in folded.rows] == [3, 6], "configurations on one parting compare"
    assert folded.rows[0].folds == (1, 2, 3)
    assert folded.differing == ("model.hidden",)
    assert folded.data["data.folds"] == 3
    assert len(alone.rows) == 1, "what was validated on other rows does not"


def test_folds_of_data_that_were_changed_in_between_are_no_repeats(tmp_path: Path) -> None:
    session = Session(tmp_path / "lab")
    for config in repeated(BINARY, [0], folds=2):
        ended_run(session, config, 1.0, rows=f"{config.data.fold}", fold_set="before")
    for config in repeated(BINARY, [0], folds=2):
        ended_run(session, config, 2.0, rows=f"after {config.data.fold}", fold_set="after")
    assert [repeats.of("test")["mae"].mean for repeats in repeats_among(listed(session))] == [1.0, 2.0]


def test_each_fold_is_trained_once_a_seed_on_one_split() -> None:
    base = RunConfig.from_settings({"task.name": "binary", "train.seed": 4})
    runs = repeated(base, (4, 5), folds=2)
    assert [(run.train.seed, run.data.fold) for run in runs] == [(4, 1), (4, 2), (5, 1), (5, 2)]
    assert {(run.data.folds, run.split_seed) for run in runs} == {(2, 4)}
    assert repeat_labels([1, 2, 1, 2], [4, 4, 5, 5])[1] == "fold 2 seed 4"
    assert repeat_labels([1, 2], [4, 4]) == ["fold 1", "fold 2"]
    assert repeat_labels([None, None], [4, 5]) == ["seed 4", "seed 5"]
    with pytest.raises(ConfigError, match=r"data\.folds = 5 .* none for the task sales"):
        repeated(RunConfig.from_settings({"task.name": "sales"}), [0], folds=5)


def test_what_differs_is_read_from_old_and_strange_logs_alike() -> None:
    document = msgspec.to_builtins(RunConfig.from_settings({"task.name": "binary", "model.hidden": "32,64"}))
    del document["data"]["seed"]  # a log of before there was one
    assert changed_settings(document) == changed_settings(
        RunConfig.from_settings({"task.name": "binary", "model.hidden": "32,64"})
    )
    strange = {"model": {"hidden": [[1], {}], "unheard": 1, "name": {"a": 1}}, "train": 3, "x": {}}
    assert changed_settings(strange) == {}


def test_the_split_of_an_old_run_is_what_it_was(tmp_path: Path) -> None:
    """A `run.toml` from before `data.seed` splits by `train.seed`."""
    old = tmp_path / "run.toml"
    old.write_text(to_toml(RunConfig.from_settings({"task.name": "binary", "train.seed": 5})))
    assert read_config(old).data.seed is None
    assert read_config(old).split_seed == 5
