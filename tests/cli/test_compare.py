"""`rnnlab compare`, `show SESSION` and `sessions` on recorded repeats."""

from __future__ import annotations

import json
import shutil
import statistics
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from rnnlab.cli.main import run
from rnnlab.plots.comparison.table import comparison_table
from rnnlab.plots.run.figures import is_share
from rnnlab.runs.comparison import Comparison, compare
from rnnlab.runs.event_numbers import real
from rnnlab.runs.events import Evaluated
from rnnlab.runs.folders import Session
from rnnlab.runs.log_reader import read_records
from rnnlab.runs.summary import summarise
from rnnlab.text.lines import to_text
from rnnlab.text.palette import MONO
from rnnlab.text.table_lines import table_lines
from rnnlab.training.evaluation.metrics import balanced_accuracy
from tests.command_line import printed, refused
from tests.recorded import record
from tests.recorded_repeats import SHIFTS, record_repeats
from tests.recorded_variants import variant


@pytest.fixture
def session(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Session:
    monkeypatch.setenv("RNNLAB_SESSIONS", str(tmp_path))
    return Session(record_repeats(tmp_path))


def test_repeats_are_one_row_and_the_best_is_chosen_on_validation(
    session: Session, capsys: pytest.CaptureFixture[str]
) -> None:
    lines = printed(capsys, "compare").splitlines()
    assert lines[0] == "names"
    rows = [line.split() for line in lines[2:5]]
    assert [row[0] for row in rows].count("★") == 1
    assert lines[2].startswith("★  020-lstm-128 × 5  LSTM 128"), "a mean of .833 before the single .832"
    assert lines[3].split()[0] == "002-lstm-128"
    assert "1/3 done" in lines[4]
    assert any("n - 1" in line for line in lines)
    assert any("mean over all seeds on these validation rows" in line for line in lines)


def test_the_json_holds_every_figure_with_its_deviation(session: Session, capsys: pytest.CaptureFixture[str]) -> None:
    document = json.loads(printed(capsys, "compare", session.name, "--json"))
    assert document["session"] == str(session.path)
    (told,) = document["tasks"]
    assert told["differing"] == ["model.hidden"], "the single run's split is that of seed 0, as theirs"
    best = told["rows"][0]
    assert best["seeds"] == [0, 1, 2, 3, 4]
    assert best["best"] is True
    base = real(summarise(session.runs()[0]).final["test"]["accuracy"])
    assert best["test"]["accuracy"] == {
        "mean": pytest.approx(base + statistics.fmean(SHIFTS)),
        "std": pytest.approx(statistics.stdev(SHIFTS)),
        "n": 5,
    }


def test_what_is_set_otherwise_is_a_column(
    session: Session, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    record(tmp_path, "leaky")
    record(tmp_path, "regression")
    lines = printed(capsys, "compare").splitlines()
    assert lines[0] == "binary"
    assert "validation MAE" in lines[1]
    second = lines.index("names")
    assert "leaks" in lines[second + 1].split()
    marked = next(line for line in lines if "012-lstm-128" in line)
    assert "allow" in marked.split()
    assert "⚠ .832" in marked
    assert "★" not in marked
    assert any("not to be trusted" in line for line in lines)


def test_a_session_is_shown_with_the_mean_of_its_repeats(session: Session, capsys: pytest.CaptureFixture[str]) -> None:
    for words in (("show", session.name), ("show", str(session.path)), ("sessions",)):
        text = printed(capsys, *words)
        assert "020-lstm-128 × 5  seeds 0,1,2,3,4  accuracy: validation .833 ± .006" in text
        assert "1 of 3 done" in text
    (told,) = json.loads(printed(capsys, "sessions", "--json"))
    assert [len(repeats["seeds"]) for repeats in told["repeats"]] == [5, 3]
    assert json.loads(printed(capsys, "show", session.name, "--json"))["name"] == "names"


def test_a_session_that_is_not_there_is_a_sentence(session: Session, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["compare", "nowhere"]) == 2
    assert "there is no session 'nowhere'" in capsys.readouterr().err
    assert run(["show", "nowhere"]) == 2
    assert "there is no run 'nowhere'" in capsys.readouterr().err


def test_the_runs_of_a_task_are_drawn_on_the_same_axes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("RNNLAB_SESSIONS", str(tmp_path))
    for kind in ("finished", "diverged"):
        record(tmp_path, kind)
    _, plots = printed(capsys, "compare", "--plot").split("★ best on the validation part")
    legends = [line for line in plots.splitlines() if "002-lstm-128" in line]
    assert [line.split()[0] for line in legends] == ["loss", "accuracy"]
    assert all("004-lstm-128" in line for line in legends)
    assert any("\u2800" < sign < "\u28ff" for sign in plots), "braille"
    assert "002-lstm-128" not in printed(capsys, "compare").split("★ best on the validation part")[1]


OTHER = "77aa5511" * 8
"""The fingerprint of other data."""


@pytest.fixture
def finished(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("RNNLAB_SESSIONS", str(tmp_path))
    return record(tmp_path, "finished")


def test_other_data_have_a_table_and_a_star_of_their_own(finished: Path, capsys: pytest.CaptureFixture[str]) -> None:
    variant(finished, "040-lstm-128", {"data.seed": 1}, fingerprint=OTHER)
    variant(finished, "041-gru-128", {"data.seed": 1, "model.name": "gru"}, fingerprint=OTHER)
    lines = printed(capsys, "compare").splitlines()
    at = [place for place, line in enumerate(lines) if line.startswith("names")]
    assert [lines[place] for place in at] == ["names · split seed 0", "names · split seed 1"]
    assert [sum("★  " in line for line in part) for part in (lines[: at[1]], lines[at[1] :])] == [1, 1]
    assert "002-lstm-128" in lines[2]
    assert all(number in "".join(lines[at[1] :]) for number in ("040", "041"))
    tasks = json.loads(printed(capsys, "compare", "--json"))["tasks"]
    assert [[row["best"] for row in task["rows"]] for task in tasks] == [[True], [True, False]]


def test_data_that_were_changed_are_told_apart_though_no_setting_was(
    finished: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    variant(finished, "040-gru-128", {"model.name": "gru"}, fingerprint=OTHER)
    heads = [line for line in printed(capsys, "compare").splitlines() if line.startswith("names")]
    assert len(heads) == 2
    assert heads[1] == "names · data 77aa5511"


def test_figures_that_an_old_log_lacks_come_out_of_its_confusion_matrices(
    finished: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    records, _ = read_records(finished / "events.jsonl")
    finals = {e.split: e for r in records if isinstance(e := r.data, Evaluated) and e.final and not e.extra_test}
    assert all("balanced_accuracy" not in event.metrics for event in finals.values())
    (told,) = json.loads(printed(capsys, "compare", "--show", "balanced_accuracy,macro_f1,loss", "--json"))["tasks"]
    for part, event in finals.items():
        expected = balanced_accuracy(np.array(event.confusion))
        assert told["rows"][0][part]["balanced_accuracy"]["mean"] == pytest.approx(expected)
    lines = printed(capsys, "compare", "--show", "balanced_accuracy,macro_f1,loss").splitlines()
    for title in (
        "validation balanced",
        "test balanced",
        "test macro F1",
        "train loss",
        "validation loss",
        "test loss",
    ):
        assert title in lines[1]
    assert f"{balanced_accuracy(np.array(finals['test'].confusion)):.3f}".lstrip("0") in lines[2]
    assert "balanced" not in "".join(printed(capsys, "compare").splitlines())


def test_a_weighted_loss_is_not_compared_with_a_plain_one(finished: Path, capsys: pytest.CaptureFixture[str]) -> None:
    variant(finished, "040-lstm-128", {"data.balance": "weights"}, figures={"plain_loss": 0.4321})
    variant(finished, "041-lstm-128", {"data.class_weights": "Arabic=2"})
    lines = printed(capsys, "compare", "--show", "loss").splitlines()
    assert "test plain loss" in lines[1]
    rows = {line.split("-")[0].split()[-1]: line for line in lines[2:5]}
    assert ".432" in rows["040"]
    assert "*" not in rows["040"] + rows["002"]
    assert rows["041"].count(" *") == 3
    assert "plain loss: cross-entropy without class weights" in lines[-1]
    assert "*: the weighted" in lines[-1]


def test_numbers_have_no_figures_of_classes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("RNNLAB_SESSIONS", str(tmp_path))
    record(tmp_path, "regression")
    title = printed(capsys, "compare", "--show", "macro_f1,loss").splitlines()[1]
    assert "macro" not in title
    assert "train loss" in title


def test_a_figure_that_is_none_is_an_error(session: Session, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["compare", "--show", "macro_f1,speed"]) == 2
    assert "one or more of metric, loss, macro_f1, balanced_accuracy" in capsys.readouterr().err


def lines_of(told: Comparison, figures: Sequence[str] = (), width: int | None = None) -> list[str]:
    return to_text(table_lines(comparison_table(told, figures), MONO, width)).split("\n")


def test_a_narrow_terminal_has_all_columns_below_one_another(session: Session) -> None:
    (told,) = compare([summarise(each) for each in session.runs()], is_share)
    figures = ("macro_f1", "loss")
    whole, narrow = lines_of(told, figures), lines_of(told, figures, 80)
    assert len(whole) == 2 + len(told.rows) + 1
    assert max(map(len, narrow)) <= 80
    table = narrow[1:-1]
    assert narrow[-1] == whole[-1]
    assert len(table) % (2 + len(told.rows)) == 0
    names = [line.lstrip("★ ").split()[0] for line in table if "run" in line or "lstm" in line]
    assert names == ["run", *(row.runs[0] for row in told.rows)] * (len(table) // (2 + len(told.rows)))
    for word in whole[1].split() + whole[2].split():
        assert any(word in line for line in table)
    assert lines_of(told, (), 200) == lines_of(told)


@pytest.fixture
def rare(finished: Path) -> Path:
    """A run that answers the commonest class for everything, and one with class weights that finds the rare one."""
    same = {"accuracy": 0.95, "balanced_accuracy": 0.5, "loss": 0.2}
    found = {"accuracy": 0.90, "balanced_accuracy": 0.84, "loss": 0.4}
    variant(finished, "040-lstm-128", {"model.name": "gru"}, figures=same)
    settings = {"data.balance": "weights", "train.select": "balanced_accuracy"}
    variant(finished, "041-lstm-128", settings, figures=found | {"plain_loss": 0.4})
    shutil.rmtree(finished)
    return finished


def starred(text: str) -> list[str]:
    return [line.split()[1] for line in text.splitlines() if line.startswith("★") and "best" not in line]


def test_where_runs_were_after_different_things_the_star_says_by_which_figure(
    rare: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    text = printed(capsys, "compare")
    assert starred(text) == ["040-lstm-128"]
    assert "★ best on the validation part, by accuracy" in text
    assert "--show balanced_accuracy" in text
    text = printed(capsys, "compare", "--show", "balanced_accuracy,loss")
    assert starred(text) == ["041-lstm-128"]
    assert "★ best on the validation part, by balanced accuracy" in text
    assert starred(printed(capsys, "compare", "--show", "metric,balanced_accuracy")) == ["040-lstm-128"]


def test_runs_that_were_after_the_same_say_no_figure(finished: Path, capsys: pytest.CaptureFixture[str]) -> None:
    variant(finished, "040-gru-128", {"model.name": "gru"})
    assert printed(capsys, "compare").splitlines()[-1] == "★ best on the validation part"


def test_the_status_is_the_verdict_and_a_run_that_diverged_is_never_the_best(
    finished: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    variant(finished, "040-gru-128", {"model.name": "gru"}, figures={"accuracy": 0.99}, training_loss=1e3)
    variant(finished, "041-gru-64", {"model.hidden": 64}, figures={"accuracy": 0.1})
    text = printed(capsys, "compare")
    rows = {line.lstrip("★ ").split()[0]: line for line in text.splitlines() if "-128 " in line or "-64 " in line}
    assert " diverged " in rows["040-gru-128"]
    assert " below baseline " in rows["041-gru-64"]
    assert " completed " in rows["002-lstm-128"]
    assert starred(text) == ["002-lstm-128"]
    told = json.loads(printed(capsys, "compare", "--json"))["tasks"][0]["rows"]
    assert {row["runs"][0]: (row["status"], row["verdict"]) for row in told}["040-gru-128"] == ("completed", "diverged")


def test_repeats_say_how_many_of_them_diverged(finished: Path, capsys: pytest.CaptureFixture[str]) -> None:
    held = {"data.seed": 7}
    variant(finished, "040-lstm-128", held | {"train.seed": 0}, figures={"accuracy": 0.99}, training_loss=1e3)
    variant(finished, "041-lstm-128", held | {"train.seed": 1}, figures={"accuracy": 0.99})
    variant(finished, "042-lstm-128", held | {"train.seed": 2}, figures={"accuracy": 0.1})
    variant(finished, "043-gru-64", held | {"model.hidden": 64}, figures={"accuracy": 0.6})
    text = printed(capsys, "compare")
    group = next(line for line in text.splitlines() if "040-lstm-128 × 3" in line)
    assert " 3 done, 1 diverged, 1 below baseline " in group
    assert "040-lstm-128" not in starred(text)
    for words in (("sessions",), ("show", finished.parent.parent.name)):
        assert "(mean ± std; 3 of 3 done; 1 diverged, 1 below baseline; " in printed(capsys, *words)


def test_of_equal_accuracies_the_lower_loss_is_the_best(finished: Path, capsys: pytest.CaptureFixture[str]) -> None:
    variant(finished, "040-gru-128", {"model.name": "gru"}, figures={"accuracy": 0.9, "loss": 0.5})
    variant(finished, "041-gru-128", {"model.name": "elman"}, figures={"accuracy": 0.9, "loss": 0.3})
    variant(finished, "042-gru-128", {"model.name": "gru", "model.layers": 2}, figures={"accuracy": 0.9, "loss": "nan"})
    assert starred(printed(capsys, "compare")) == ["041-gru-128"]
    weighted = {"accuracy": 0.9, "loss": 0.1, "plain_loss": 0.8}
    variant(finished, "043-gru-128", {"data.balance": "weights"}, figures=weighted)
    assert starred(printed(capsys, "compare")) == ["041-gru-128"], (
        "a weighted loss does not compare, the plain one does"
    )


def test_the_columns_of_sessions_hold_whatever_figure_chose_the_epoch(
    finished: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for place, select in enumerate(("balanced_accuracy", "macro_f1", "loss")):
        figures = {"balanced_accuracy": 0.721, "macro_f1": 0.654}
        variant(finished, f"04{place}-a-net-with-a-long-name", {"train.select": select}, figures=figures)
    rows = [line for line in printed(capsys, "sessions").splitlines() if " @ " in line]
    assert len(rows) == 4
    assert len({line.index(" 20/20 ") for line in rows}) == 1, rows
    assert any("balanced .721 @ 11" in line for line in rows)


def test_where_compares_what_is_left_and_says_so(session: Session, capsys: pytest.CaptureFixture[str]) -> None:
    text = printed(capsys, "compare", "--where", "hidden=128")
    assert "030-lstm-64" not in text
    assert "where hidden = 128: 2 of 3 rows" in text
    document = json.loads(printed(capsys, "compare", "--where", "acc<.82", "--json"))
    assert document["where"].startswith("validation accuracy < 0.82: 1 of 3 rows")
    (left,) = document["tasks"]
    assert left["differing"] == [], "what differed is the same in the rows that are left"
    assert "did you mean hidden?" in refused(capsys, "compare", "--where", "hiden=128")
    assert "no row of" in refused(capsys, "compare", "--where", "hidden=3")
