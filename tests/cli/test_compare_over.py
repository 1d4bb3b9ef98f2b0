"""`rnnlab compare --over`, `rnnlab tune` and `rnnlab data show`: charts of settings and of lengths."""

from __future__ import annotations

from pathlib import Path

import pytest

from rnnlab.cli.main import run
from rnnlab.plots.speed import rate_plot
from rnnlab.text.lines import to_text
from rnnlab.text.palette import MONO
from rnnlab.training.tune_threads import Rate
from tests.command_line import printed
from tests.recorded import SESSION, record
from tests.recorded_repeats import record_repeats
from tests.recorded_variants import variant


@pytest.fixture
def finished(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("RNNLAB_SESSIONS", str(tmp_path))
    return record(tmp_path, "finished")


def test_one_number_that_differs_is_an_axis(finished: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for number, rate in enumerate((0.0001, 0.01)):
        variant(finished, f"04{number}-lstm-128", {"optim.lr": rate}, figures={"accuracy": 0.5 + number / 5})
    table, chart = printed(capsys, "compare", "--over", "optim.lr").split("validation accuracy over optim.lr")
    assert "optim.lr" not in table.splitlines()[0]
    assert chart.count("●") == 3
    values, marks = chart.splitlines()[-1], chart.splitlines()[-2]
    assert values.split() == ["0.0001", "0.003", "0.01"], "the values that were tried"
    low, middle, high = (at for at, character in enumerate(marks) if character == "┬")
    assert (middle - low) / (high - low) > 0.6, "a hundredfold range has a logarithmic axis"
    assert "over optim.lr" in printed(capsys, "compare", "--plot")
    assert "●" not in printed(capsys, "compare")


def test_values_of_another_setting_are_told_apart(finished: Path, capsys: pytest.CaptureFixture[str]) -> None:
    tried = [(16, 0.01), (16, 0.1), (256, 0.01), (256, 0.1)]
    for number, (hidden, rate) in enumerate(tried):
        settings = {"model.hidden": hidden, "optim.lr": rate}
        variant(finished, f"04{number}-lstm", settings, figures={"accuracy": 0.5 + number / 10})
    chart = printed(capsys, "compare", "--over", "model.hidden").rpartition("validation accuracy over model.hidden")[2]
    legend, *drawn = chart.splitlines()
    assert "● lr 0.01" in legend
    assert "▲ lr 0.1" in legend
    assert ["".join(drawn).count(marker) for marker in "◆●▲"] == [1, 2, 2], "the recorded run has a rate of its own"
    rows = printed(capsys, "plot", SESSION, "over:model.hidden", "--to", "csv").splitlines()
    assert rows[0].startswith("optim.lr,model.hidden,mean")
    assert [row.split(",")[:2] for row in rows[2:]] == [
        ["0.01", "16.0"],
        ["0.01", "256.0"],
        ["0.1", "16.0"],
        ["0.1", "256.0"],
    ]


def test_repeats_have_their_standard_deviation(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("RNNLAB_SESSIONS", str(tmp_path))
    record_repeats(tmp_path)
    chart = printed(capsys, "compare", "--over", "model.hidden").rpartition("validation accuracy")[2]
    assert "● mean ± std" in chart
    assert "│" in chart


def test_what_is_no_number_has_boxes_and_two_settings_a_map(finished: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for number, (name, rate) in enumerate((("sgd", 0.01), ("sgd", 0.1), ("adam", 0.01))):
        settings = {"optim.name": name, "optim.lr": rate}
        variant(finished, f"04{number}-lstm-128", settings, figures={"accuracy": 0.5 + number / 10})
    boxes = printed(capsys, "compare", "--over", "optim.name").rpartition("validation accuracy over optim.name")[2]
    assert "█" in boxes
    assert set(boxes.splitlines()[-1].split()) == {"adam", "adamw", "sgd"}
    cells = printed(capsys, "compare", "--over", "optim.name,optim.lr").rpartition("optim.name ↓ × optim.lr →")[2]
    assert all(text in cells for text in (".500", ".600", ".700", "·"))


@pytest.mark.parametrize("keys", ["optim.lr", "nothing", "optim.lr,optim.name,model.name", "optim.lr,optim.lr"])
def test_a_setting_in_which_nothing_differs_is_an_error(
    keys: str, finished: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["compare", "--over", keys]) == 2
    assert "--over" in capsys.readouterr().err


def test_rates_are_drawn_over_the_batch_size_by_threads() -> None:
    rates = [Rate(size, threads, 1000.0 * size**0.5 * threads) for size in (16, 64, 256) for threads in (1, 2)]
    text = to_text(rate_plot(rates, 72, MONO))
    assert "◆ one thread  ● 2 threads" in text
    assert [text.count(marker) for marker in "◆●"] == [4, 4]
    assert text.splitlines()[-1].endswith("batch size")


def test_lengths_are_a_histogram_where_they_differ(capsys: pytest.CaptureFixture[str]) -> None:
    lines = printed(capsys, "data", "show", "surnames").splitlines()
    at = next(number for number, line in enumerate(lines) if "── lengths · 2 to 24 steps" in line)
    assert any(line.endswith("steps") for line in lines[at + 1 :]), "the axis is named"
    assert "█" in "".join(lines[at + 1 : at + 9])
    assert not any(line.endswith("steps") for line in printed(capsys, "data", "show", "adding").splitlines())


def test_over_and_json_are_refused_together(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["compare", "latest", "--json", "--over", "optim.lr"]) == 2
    assert "--over has no effect with it" in capsys.readouterr().err
