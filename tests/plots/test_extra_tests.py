"""Further tests of a run as it is read again from its log: tables, curves, and what a reader must know of them."""

from __future__ import annotations

import shutil
from pathlib import Path

import msgspec
import numpy as np
import pytest
import torch

from rnnlab.cli.main import run as rnnlab
from rnnlab.plots.run.extra_tests import extra_report, length_points, prefix_points, rows_chart
from rnnlab.plots.run.figures import is_share
from rnnlab.plots.run.report import run_report
from rnnlab.reports.figures.offers import run_offers
from rnnlab.runs.comparison import compare
from rnnlab.runs.events import Evaluated, RunFinished, RunStarted
from rnnlab.runs.folders import RunFolder, create_session
from rnnlab.runs.log import LogWriter
from rnnlab.runs.log_reader import read_records, read_state
from rnnlab.runs.summary import summarise
from rnnlab.tasks.load import load
from rnnlab.text.lines import to_text
from rnnlab.text.palette import MONO
from rnnlab.training.verify import verify
from tests.recorded_variants import variant
from tests.training.recorded_runs import recorded


@pytest.fixture(scope="module")
def adder(tmp_path_factory: pytest.TempPathFactory) -> RunFolder:
    return recorded(
        tmp_path_factory.mktemp("bits"), task="binary", data__test_steps="6,8,10,12", train__epochs=20, optim__lr=0.01
    )


@pytest.fixture(scope="module")
def decider(tmp_path_factory: pytest.TempPathFactory) -> RunFolder:
    return recorded(tmp_path_factory.mktemp("early"), task="surnames", data__test_prefixes="1,3,6", train__epochs=8)


def test_the_curve_over_length_has_the_test_set_at_the_length_trained_at(adder: RunFolder) -> None:
    state, _ = read_state(adder.events_path)
    lengths, errors = length_points(state)
    assert lengths == [6, 8, 10, 12]
    assert errors[1] == float(state.final["test"]["mae"])
    assert errors[3] == float(state.extra["12 bits"]["mae"])
    text = to_text(run_report(state, 100, MONO))
    assert "tested further" in text
    assert "trained" in text
    assert "no test of what is new: 8 bits (204 of 256)" in text
    assert "the output must extrapolate: 10 bits (768 of 1,024)" in text


def test_an_early_decision_is_the_prediction_from_the_first_steps_alone(decider: RunFolder) -> None:
    from rnnlab.training.evaluation.predict import load_best

    state, _ = read_state(decider.events_path)
    steps, shares = prefix_points(state)
    assert steps[:3] == [1, 3, 6]
    assert shares[-1] == float(state.final["test"]["accuracy"])
    assert shares[0] < shares[-1], "one letter says less than a name"
    # The recorded share is that of the saved net, shown nothing but the first three letters.
    test, net = load(decider.config()).test, load_best(decider).net
    right = 0
    for length in (1, 2, 3):
        rows = np.flatnonzero(np.minimum(test.lengths, 3) == length)
        if not len(rows):
            continue
        with torch.inference_mode():
            tokens = torch.from_numpy(test.inputs[rows, :length])
            predicted = net(tokens, torch.full((len(rows),), length)).argmax(dim=1).numpy()
        right += int((predicted == test.targets[rows]).sum())
    assert right / len(test) == pytest.approx(shares[1])


def test_the_table_of_early_decisions_says_how_many_sequences_go_on(decider: RunFolder) -> None:
    state, _ = read_state(decider.events_path)
    assert state.started is not None
    test = state.started.data.extra["first 6 steps"]
    text = to_text(extra_report(state, 110, MONO)[0])
    row = next(line for line in text.splitlines() if line.startswith("first 6 steps"))
    assert row.endswith(f"{100 * (1 - test.ended / test.rows):.0f} %")
    assert "read whole" in " ".join(text.split())
    assert "all steps" in text


@pytest.mark.parametrize("width", [20, 41, 80, 160])
def test_no_line_is_wider_than_asked(adder: RunFolder, decider: RunFolder, width: int) -> None:
    for run in (adder, decider):
        state, _ = read_state(run.events_path)
        for block in extra_report(state, width, MONO):
            assert all(len(line) <= width for line in to_text(block).splitlines())


def test_a_second_training_repeats_them_and_a_log_of_before_they_were_described_still_verifies(
    decider: RunFolder, tmp_path: Path
) -> None:
    report = verify(decider)
    assert report.ok, report.summary()
    older = create_session("older", root=tmp_path).create_run(decider.config())
    with LogWriter(older.events_path) as log:
        for record in read_records(decider.events_path)[0]:
            event = record.data
            if isinstance(event, RunStarted):
                event = msgspec.structs.replace(event, data=msgspec.structs.replace(event.data, extra={}))
            log.append(event)
    report = verify(older)
    assert report.ok, report.summary()
    state, _ = read_state(older.events_path)
    assert "first 3 steps" in to_text(run_report(state, 100, MONO)), "in a table, as before"


def test_rows_stand_beside_one_another_over_length_with_their_deviation(adder: RunFolder) -> None:
    state, _ = read_state(adder.events_path)
    run = summarise(adder)
    other = msgspec.structs.replace(
        run,
        path=f"{run.path}-2",
        name="002-lstm-8",
        settings=run.settings | {"train.seed": 1},
        extra={**run.extra, "12 bits": {"mae": float(run.extra["12 bits"]["mae"]) + 100}},
    )
    (comparison,) = compare([run, other], is_share)
    (row,) = comparison.rows
    chart = rows_chart([("LSTM 8", row, state)], "length")
    assert chart is not None
    (curve,) = chart.curves
    assert list(curve.x) == [6, 8, 10, 12]
    assert curve.y[3] == pytest.approx(float(run.extra["12 bits"]["mae"]) + 50)
    assert curve.low is not None
    assert curve.y[3] - curve.low[3] == pytest.approx(100 / 2**0.5), "the deviation of a sample of two"
    assert rows_chart([("LSTM 8", row, state)], "prefix") is None


def test_every_row_of_a_comparison_is_drawn_over_length_however_many_seeds_one_has(
    adder: RunFolder, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    session = tmp_path / "many"
    shutil.copytree(adder.session.path, session)
    source = session / "runs" / adder.name
    for seed in range(1, 9):
        variant(source, f"1{seed:02d}-lstm-8", {"train.seed": seed})
    variant(source, "200-lstm-16", {"model.hidden": 16}, figures={"mae": 1e6})
    assert rnnlab(["compare", str(session), "--plot"]) == 0
    legend = next(line for line in capsys.readouterr().out.splitlines() if "over length" in line)
    assert "hidden 8" in legend
    assert "hidden 16" in legend


def test_the_figures_of_further_tests_are_offered_where_there_are_any(adder: RunFolder, decider: RunFolder) -> None:
    for folder, name, x_name in ((adder, "length", "length"), (decider, "early", "first steps")):
        state, _ = read_state(folder.events_path)
        offers = {offer.name: offer for offer in run_offers(folder.name, state)}
        assert offers.keys() & {"length", "early"} == {name}
        figure = offers[name].make()
        assert figure is not None
        assert figure.numbers.columns[0].title == x_name
        points = length_points(state) if name == "length" else prefix_points(state)
        assert [row[0].values for row in figure.numbers.rows] == [(steps,) for steps in points[0]], "as numbers"


def test_a_further_test_called_like_an_escape_sequence_stays_text(
    adder: RunFolder, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    hostile = "\x1b]52;c;aGk=\x07[red] 9 steps\u202e"
    session = create_session("strange", root=tmp_path)
    run = session.create_run(adder.config())
    with LogWriter(run.events_path) as log:
        for record in read_records(adder.events_path)[0]:
            event = record.data
            if isinstance(event, RunStarted):
                extra = {hostile if name == "12 bits" else name: test for name, test in event.data.extra.items()}
                event = msgspec.structs.replace(event, data=msgspec.structs.replace(event.data, extra=extra))
            elif isinstance(event, Evaluated) and event.extra_test == "12 bits":
                event = msgspec.structs.replace(event, extra_test=hostile)
            elif isinstance(event, RunFinished):
                event = msgspec.structs.replace(event, extra={hostile: event.extra["12 bits"]})
            log.append(event)
    for args in (
        ["show", str(run.path)],
        ["replay", str(run.path)],
        ["compare", str(session.path), "--columns", "extra.mae", "--plot"],
        ["compare", str(session.path), "--columns", "extra.mae", "--to", "md"],
        ["compare", str(session.path), "--columns", "extra.mae", "--to", "latex"],
        ["plot", str(run.path), "length", "--to", "md"],
    ):
        assert rnnlab(args) == 0, args
        printed = capsys.readouterr().out
        assert "9 steps" in printed, args
        assert not any(character in printed for character in "\x1b\x07\u202e"), args
