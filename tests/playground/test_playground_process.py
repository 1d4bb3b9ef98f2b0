"""The process behind the Playground: one answer a line for each request, whatever the request is."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pytest
import torch

from rnnlab.engines.cells import choose_files
from rnnlab.errors import UsageError
from rnnlab.playground.net import PlaygroundNet, ToBeAllowed
from rnnlab.playground.sequences import edited
from rnnlab.runs.folders import RunFolder
from rnnlab.runs.step_prediction import Answer, Request
from rnnlab.tasks.load import load
from rnnlab.training.evaluation.predict import load_best
from tests.foreign import make_foreign
from tests.own_cells import TWO_STATES, catalogue_restored
from tests.training.recorded_runs import recorded


class Asked:
    """The process, asked line by line."""

    def __init__(self, run: Path) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-P", "-m", "rnnlab.playground", str(run)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        self.first = self.read()

    def read(self) -> Answer:
        assert self.process.stdout is not None
        return msgspec.json.decode(self.process.stdout.readline(), type=Answer)

    def __call__(self, line: bytes | None = None, **request: Any) -> Answer:
        assert self.process.stdin is not None
        self.process.stdin.write((line or json.dumps({"number": 1, "kind": "predict"} | request).encode()) + b"\n")
        self.process.stdin.flush()
        return self.read()


@pytest.fixture(scope="module")
def parity(tmp_path_factory: pytest.TempPathFactory) -> RunFolder:
    return recorded(tmp_path_factory.mktemp("parity"), task="parity", model__name="gru", train__epochs=1)


@pytest.fixture(scope="module")
def digits(tmp_path_factory: pytest.TempPathFactory) -> RunFolder:
    return recorded(tmp_path_factory.mktemp("digits"), task="digits", model__name="gru", train__epochs=1)


@pytest.fixture
def asked(parity: RunFolder) -> Iterator[Asked]:
    opened = Asked(parity.path)
    yield opened
    opened.process.communicate()
    assert opened.process.returncode == 0, "it ends when its input does"


def test_it_answers_as_predict_does_and_survives_what_it_cannot_read(asked: Asked, parity: RunFolder) -> None:
    assert asked.first.opened is not None
    assert (asked.first.opened.task, asked.first.opened.reads_tokens) == ("parity", True)
    first = asked(text="1011")
    assert first.predicted is not None
    assert first.predicted.prediction == load_best(parity).predict(["1011"])[0]
    assert "zeros and ones" in asked(text="10x1").error
    assert "malformed" in asked(b"garbage").error
    assert "too long" in asked(b"x" * (2 << 20)).error
    assert "no request" in asked(kind="fly").error
    again = asked(number=7, text="1011")
    assert again.number == 7
    assert again.predicted == first.predicted


def test_data_of_a_run_from_elsewhere_are_loaded_once_a_person_agrees(parity: RunFolder, tmp_path: Path) -> None:
    copy = tmp_path / "elsewhere" / "runs" / parity.name
    shutil.copytree(parity.path, copy)
    net = PlaygroundNet(make_foreign(RunFolder(copy)))
    assert net.answer(Request(number=1, kind="predict", text="101")).predicted is not None
    with pytest.raises(ToBeAllowed, match="before you agree"):
        net.answer(Request(number=1, kind="predict", index=3))
    assert net.answer(Request(number=1, kind="predict", index=3, allowed=True)).sequence is not None


def test_sequences_of_the_data_are_taken_by_number_or_by_row(asked: Asked, parity: RunFolder) -> None:
    answer = asked(index=3)
    test = load(parity.config()).test
    assert answer.sequence is not None
    assert answer.predicted is not None
    assert (answer.sequence.index, answer.sequence.rows, answer.sequence.typed) == (3, len(test), True)
    assert answer.sequence.row == int(test.row_indices[3])
    assert answer.predicted.correct == (answer.predicted.prediction.ranked[0][0] == answer.sequence.target)
    # The same sequence by its row in the data, and the last one by counting back from the first.
    by_row = asked(row=answer.sequence.row)
    assert by_row.sequence == answer.sequence
    last = asked(index=-1).sequence
    assert last is not None
    assert last.index == len(test) - 1


def test_a_cell_is_found_where_it_is_most_strongly_on(asked: Asked) -> None:
    answer = asked(kind="find", strip="gru 1 · hidden state", cell=2)
    found = answer.activations
    assert found is not None
    values = [each.value for each in found.found]
    assert values == sorted(values, reverse=True)
    best = found.found[0]
    there = asked(index=best.index).predicted
    assert there is not None
    assert there.strips[0].row(2)[best.step] == pytest.approx(best.value, abs=1e-4)
    assert there.labels[best.step] == best.at
    lowest = asked(kind="find", strip="gru 1 · hidden state", cell=2, sign=-1).activations
    assert lowest is not None
    assert lowest.found[0].value <= best.value
    assert "no lstm" in asked(kind="find", strip="lstm 9 · hidden state").error


def test_a_net_whose_values_are_not_finite_is_answered_in_words(parity: RunFolder) -> None:
    net = PlaygroundNet(parity)
    with torch.no_grad():
        for parameter in net.trained.net.parameters():
            parameter.fill_(torch.nan)
    with pytest.raises(UsageError, match="not a finite number"):
        net.answer(Request(number=1, kind="predict", text="1011"))
    found = net.answer(Request(number=2, kind="find", strip="gru 1 · hidden state", cell=1))
    assert found.activations is not None
    assert found.activations.found == ()
    assert msgspec.json.decode(msgspec.json.encode(found), type=Answer) == found


def test_values_are_edited_one_by_one_and_nothing_else_changes(digits: RunFolder) -> None:
    net = PlaygroundNet(digits)
    trained = load_best(digits)
    test = load(digits.config()).test
    plain = net.answer(Request(number=1, kind="predict", index=4)).predicted
    assert plain is not None
    assert plain.prediction.ranked == trained.predict_rows([""], [test.inputs[4]])[0].ranked
    row = edited(test.inputs[4], [(2, 5, 16.0)], trained.data)
    assert np.argwhere(row != test.inputs[4]).tolist() in ([[2, 5]], [])
    changed = net.answer(Request(number=2, kind="predict", index=4, edits=((2, 5, 16.0), (3, 3, 0.0)))).predicted
    assert changed is not None
    assert changed.values[5][2] == pytest.approx(16.0)
    assert changed.values[0] == plain.values[0]


def test_an_own_cell_that_fails_is_named_with_its_line_and_the_next_input_is_answered(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = (
        TWO_STATES
        + """
    def gate_values(self, inputs, before, after):
        if len(inputs) == 3:
            raise AttributeError("no gate of three steps")
        return [("mix", torch.sigmoid(after[1]))]
"""
    )
    (tmp_path / "mycell.py").write_text(source)
    with catalogue_restored():
        choose_files([tmp_path / "mycell.py"])
        run = recorded(tmp_path, task="parity", model__name="two-states", train__epochs=1, train__inspect="off")
        asked = Asked(run.path)
        try:
            line = source[: source.index("raise")].count("\n") + 1
            refused = asked(text="101")
            assert refused.error == f"{tmp_path / 'mycell.py'}:{line}: AttributeError: no gate of three steps"
            answer = asked(text="1011")
            assert answer.predicted is not None
            names = [strip.name for strip in answer.predicted.strips]
            assert names == ["hidden state", "cell state", "mix gate"]
        finally:
            asked.process.kill()
            asked.process.communicate()


@pytest.mark.parametrize("fault", ["no weights", "gone", "damaged"])
def test_a_run_that_cannot_be_opened_is_refused_in_one_sentence(fault: str, parity: RunFolder, tmp_path: Path) -> None:
    copy = tmp_path / "sessions" / "lab" / "runs" / "001-gru"
    if fault != "gone":
        shutil.copytree(parity.path, copy)
    if fault == "no weights":
        lines = (copy / "events.jsonl").read_bytes().splitlines(keepends=True)
        (copy / "events.jsonl").write_bytes(b"".join(lines[:1]))
    elif fault == "damaged":
        with (copy / "best.safetensors").open("r+b") as file:
            file.seek(-4, os.SEEK_END)
            file.write(b"oops")
    opened = Asked(copy)
    _, errors = opened.process.communicate()
    assert opened.first.opened is None
    assert opened.first.error
    assert "\n" not in opened.first.error
    assert b"Traceback" not in errors
    assert opened.process.returncode == 1
