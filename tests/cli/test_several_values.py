"""Several values for a setting that holds one: the sentence names the command that tries them."""

from __future__ import annotations

import shlex

import pytest

from rnnlab.cli.main import run


@pytest.mark.parametrize(
    ("flag", "values", "over"),
    [
        ("--lr", "0.003,0.01", "optim.lr=0.003,0.01"),
        ("--batch", "16;32", "train.batch_size=16;32"),
        ("--lr", "1e-3..1e-2:log:3", "optim.lr=1e-3..1e-2:log:3"),
        ("--optimiser", "adam,sgd", "optim.name=adam,sgd"),
    ],
)
def test_the_sentence_names_the_sweep_and_the_sweep_accepts_it(
    flag: str, values: str, over: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["train", "surnames", flag, values]) == 2
    sentence = capsys.readouterr().err.strip()
    assert "is not allowed" in sentence
    _, _, command = sentence.partition("several values make a sweep: ")
    assert shlex.split(command) == ["rnnlab", "sweep", "surnames", "--over", over]
    assert run([*shlex.split(command)[1:], "--dry-run"]) == 0


@pytest.mark.parametrize("value", ["x", "0.1,", "0.1;x", ","])
def test_what_names_no_values_is_refused_as_one(value: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["train", "surnames", "--lr", value]) == 2
    assert "sweep" not in capsys.readouterr().err
