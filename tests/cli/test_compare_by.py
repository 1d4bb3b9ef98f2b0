"""`rnnlab compare --by`, `--grid` and `--against`: the best of each value, two settings as a table, differences to a run."""

from __future__ import annotations

import csv
import io
import itertools
import os
from dataclasses import dataclass
from pathlib import Path

import pytest

from rnnlab.plots.comparison.table import comparison_table
from rnnlab.plots.run.figures import is_share
from rnnlab.runs.comparison import compare
from rnnlab.runs.folders import Session
from rnnlab.runs.grouping import best_by
from rnnlab.runs.summaries import Summaries
from rnnlab.text.table import Cell
from tests.command_line import printed, refused
from tests.latex_reader import read_latex
from tests.recorded import record
from tests.recorded_repeats import record_repeats
from tests.recorded_variants import variant

GOLDENS = Path(__file__).parent.parent / "goldens"
RATES, SIZES = (0.001, 0.01), (32, 64, 256)
ACCURACY = {
    (0.001, 32): 0.61,
    (0.001, 64): 0.72,
    (0.001, 256): 0.69,
    (0.01, 32): 0.64,
    (0.01, 64): 0.58,
    (0.01, 256): 0.83,
}


@pytest.fixture
def grid(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Session:
    """Six runs: two learning rates by three hidden sizes."""
    monkeypatch.setenv("RNNLAB_SESSIONS", str(tmp_path))
    source = record(tmp_path, "finished")
    for number, (rate, size) in enumerate(itertools.product(RATES, SIZES)):
        settings = {"optim.lr": rate, "model.hidden": size, "data.seed": 0}
        variant(source, f"{40 + number:03}-lstm-{size}", settings, figures={"accuracy": ACCURACY[rate, size]})
    session = Session(source.parent.parent)
    source.rename(tmp_path / "source")
    return session


def rows_of(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text)))


def test_the_best_configuration_of_each_value_says_of_how_many(
    grid: Session, capsys: pytest.CaptureFixture[str]
) -> None:
    rows = rows_of(printed(capsys, "compare", "--by", "optim.lr", "--to", "csv"))
    assert [(row["optim.lr"], row["validation.accuracy"], row["best_of"]) for row in rows] == [
        ("0.01", "0.83", "3"),
        ("0.001", "0.72", "3"),
    ]
    text = printed(capsys, "compare", "--by", "optim.lr").splitlines()
    assert text[0] == "names · best configuration of each lr, by validation accuracy, of 6 tried"
    assert text[2].split()[:3] == ["★", "0.01", "045-lstm-256"]


def test_what_did_not_get_to_its_end_is_named_and_not_counted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("RNNLAB_SESSIONS", str(tmp_path))
    session = Session(record_repeats(tmp_path))
    source = session.runs()[0].path
    variant(source, "050-lstm-64", {"model.hidden": 64, "optim.lr": 0.1}, figures={"accuracy": 0.99}, training_loss=1e3)
    rows = rows_of(printed(capsys, "compare", "--by", "model.hidden", "--to", "csv"))
    counts = {row["model.hidden"]: (row["run"], row["best_of"]) for row in rows}
    assert counts == {"128": ("020-lstm-128", "2"), "64": ("030-lstm-64", "1")}, "one that diverged is no candidate"
    text = printed(capsys, "compare", "--by", "model.hidden")
    assert "not counted, as without a result, diverged or leaking: 050-lstm-64" in text


def test_two_settings_are_a_table_as_courses_print_it(grid: Session, capsys: pytest.CaptureFixture[str]) -> None:
    (read,) = read_latex(printed(capsys, "compare", "--grid", "--by", "optim.lr,model.hidden", "--to", "latex"))
    assert read.head == ["lr ↓ hidden →", "32", "64", "256"]
    assert read.rows == [["0.001", ".610", ".720", ".690"], ["0.01", ".640", ".580", "★ .830"]]
    assert "validation accuracy" in read.caption
    rows = rows_of(printed(capsys, "compare", "--grid", "--by", "model.hidden,optim.lr", "--to", "csv"))
    for row in rows:
        for rate in RATES:
            assert float(row[f"optim.lr={rate:g}"]) == ACCURACY[rate, int(row["model.hidden"])]


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("compare.txt", ()),
        ("compare-by.txt", ("--by", "model.hidden", "--against", "43", "--columns", "best_epoch")),
        ("compare-grid.md", ("--grid", "--to", "md")),
        ("compare.csv", ("--to", "csv")),
        ("compare-grid.tex", ("--grid", "--columns", "test.accuracy", "--to", "latex")),
        ("compare.tex", ("--against", "43", "--to", "latex")),
    ],
)
def test_each_table_is_its_golden_file(
    name: str,
    words: tuple[str, ...],
    grid: Session,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """To accept a change: RNNLAB_GOLDENS=write pytest tests/cli/test_compare_by.py, and read the difference."""
    monkeypatch.setenv("COLUMNS", "100")
    source = grid.runs()[0].path
    for seed, accuracy in ((1, 0.62), (2, 0.63)):
        same = {"optim.lr": 0.001, "model.hidden": 32, "train.seed": seed}
        variant(source, f"06{seed}-lstm-32", same, figures={"accuracy": accuracy})
    text = printed(capsys, "compare", *words)
    if os.environ.get("RNNLAB_GOLDENS") == "write":
        (GOLDENS / name).write_text(text, encoding="utf-8")
    assert text == (GOLDENS / name).read_text(encoding="utf-8")


def test_a_table_of_two_settings_is_offered_where_two_differ(grid: Session, capsys: pytest.CaptureFixture[str]) -> None:
    assert printed(capsys, "compare").splitlines()[-1] == "hidden × lr as a table: rnnlab compare latest --grid"
    assert "| 256 | .690 | ★ .830 |" in printed(capsys, "compare", "--grid", "--to", "md")
    variant(grid.runs()[0].path, "060-lstm-32", {"optim.name": "sgd"})
    assert "--grid" not in printed(capsys, "compare")


def test_the_grid_of_another_figure_and_of_more_settings(grid: Session, capsys: pytest.CaptureFixture[str]) -> None:
    better = {"accuracy": 0.9, "loss": 0.1}
    variant(grid.runs()[0].path, "060-lstm-32", {"optim.name": "sgd"}, figures=better)
    words = ("compare", "--grid", "--by", "optim.lr,model.hidden")
    rows = rows_of(printed(capsys, *words, "--columns", "test.loss", "--to", "csv"))
    assert rows[0]["figure"] == "test.loss"
    assert rows[0]["model.hidden=32"] == "0.1", "of two configurations of a pair the better one on validation"
    assert "a cell is the best on validation of up to 2 configurations" in printed(capsys, *words)


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("--by", "optim.name"), "settings in which the runs of one table differ: model.hidden, optim.lr"),
        (("--by", "nothing"), "--by = 'nothing' is not allowed"),
        (("--by", "train.seed"), "differ: model.hidden, optim.lr"),
        (("--grid", "--by", "optim.lr"), "--grid needs two settings, and --by names 1"),
        (("--grid", "--against", "40"), "leave one of them out"),
        (("--grid", "--columns", "test.loss,test.accuracy"), "--grid shows one figure"),
        (("--grid", "--columns", "-status"), "--grid shows one figure"),
        (("--against", "99"), "no run of a row"),
        (("--against", "latest"), "no run of a row"),
    ],
)
def test_what_cannot_be_is_one_sentence(
    words: tuple[str, ...], sentence: str, grid: Session, capsys: pytest.CaptureFixture[str]
) -> None:
    error = refused(capsys, "compare", *words)
    assert sentence in error
    assert error.count("\n") == 1


def test_a_grid_of_one_differing_setting_is_a_sentence(
    grid: Session, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for each in grid.runs()[3:]:
        each.path.rename(tmp_path / each.name)
    assert "those in which the runs differ are model.hidden" in refused(capsys, "compare", grid.name, "--grid")


@pytest.mark.parametrize("named", ["44", "044-lstm-64", "{}/runs/044-lstm-64"])
def test_differences_are_those_of_the_means(named: str, grid: Session, capsys: pytest.CaptureFixture[str]) -> None:
    rows = rows_of(printed(capsys, "compare", "--against", named.format(grid.path), "--to", "csv"))
    for row in rows:
        if row["run"] == "044-lstm-64":
            assert row["test.accuracy_difference"] == ""
        else:
            assert float(row["test.accuracy_difference"]) == pytest.approx(float(row["test.accuracy"]) - 0.58)
    text = printed(capsys, "compare", "--against", "44")
    assert "+.250" in text
    assert "Δ: difference of means to 044-lstm-64" in text


def test_a_run_of_other_data_is_compared_with_nothing(grid: Session, capsys: pytest.CaptureFixture[str]) -> None:
    variant(grid.runs()[0].path, "060-gru-32", {"data.seed": 3}, fingerprint="77aa5511" * 8)
    text = printed(capsys, "compare", "--against", "60")
    assert "no Δ: 060-gru-32 was evaluated on other data" in text
    assert "Δ: difference of means to 060-gru-32" in text


def test_a_run_that_has_not_begun_is_no_reference(grid: Session, capsys: pytest.CaptureFixture[str]) -> None:
    made = grid.create_run(grid.runs()[0].config())
    assert "no figures of its end yet" in refused(capsys, "compare", "--against", made.name)


def test_rows_may_be_repeats_of_seeds(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("RNNLAB_SESSIONS", str(tmp_path))
    record_repeats(tmp_path)
    text = printed(capsys, "compare", "--against", "22")
    assert "Δ: difference of means to 020-lstm-128 × 5" in text
    assert "-.021" in text


_NOTHING = Cell()


@dataclass(frozen=True)
class Said:
    verdict: Cell = _NOTHING
    difference: Cell = _NOTHING
    interval: Cell = _NOTHING


def test_statistics_of_a_row_are_columns_where_they_say_something(grid: Session) -> None:
    (comparison,) = compare(Summaries(grid).read(), is_share)
    statistics = {
        0: Said(interval=Cell("[.81, .85]")),
        1: Said(interval=Cell("[.70, .74]"), verdict=Cell("worse than the best")),
    }
    table = comparison_table(comparison, statistics=statistics)
    assert [column.title for column in table.columns[-2:]] == ["verdict", "interval"]
    assert [row[-2].text for row in table.rows[:3]] == ["", "worse than the best", ""]
    assert "interval" not in {column.key for column in comparison_table(comparison, statistics={}).columns}


def test_the_rows_of_a_group_keep_the_order_of_the_rank(grid: Session) -> None:
    (comparison,) = compare(Summaries(grid).read(), is_share)
    grouped, tried = best_by(comparison, ("model.hidden",))
    scores = [row.score("accuracy") for row in grouped.rows]
    assert scores == sorted(scores, key=lambda score: -(score or 0.0)) == [0.83, 0.72, 0.64]
    assert list(tried.counts.values()) == [2, 2, 2]
