"""Inputs as they are typed, for a net that learned from a file of one's own."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from rnnlab.config import RunConfig, UsageError
from rnnlab.runs.data_summary import DataSummary
from rnnlab.tasks.describe.summary import summarise_split
from rnnlab.tasks.encoding.encode import encode_inputs
from rnnlab.tasks.load import load
from rnnlab.tasks.splitting.types import Split


def learned(path: Path, **settings: object) -> tuple[Split, DataSummary]:
    config = RunConfig.from_settings({"task.name": "own", "data.path": str(path)} | settings)
    split = load(config)
    return split, summarise_split(split, config)


def test_a_text_is_the_tokens_it_was_trained_as(tmp_path: Path) -> None:
    path = tmp_path / "own.csv"
    path.write_text("text,label\n" + "\n".join(f"abc{n:04},{'xy'[n % 2]}" for n in range(100)))
    split, summary = learned(path)
    inputs, lengths = encode_inputs(summary, [split.show_input(split.train, 0), " abc "])
    assert inputs[0].tolist() == split.train.inputs[0].tolist()
    assert lengths.tolist() == [7, 3]
    with pytest.raises(UsageError, match="no character of those"):
        encode_inputs(summary, ["日本"])


def test_values_are_typed_in_the_units_of_the_file(tmp_path: Path) -> None:
    path = tmp_path / "own.npz"
    values = np.random.default_rng(1).normal(50, 9, (40, 6, 2)).round(2)
    np.savez(path, X_train=values, y_train=np.arange(40) % 2)
    split, summary = learned(path)
    typed = split.show_input(split.test, 0).replace("(", "").replace(")", "")
    inputs, lengths = encode_inputs(summary, [typed, "50, 50; 51, 49"])
    np.testing.assert_allclose(inputs[0], split.test.inputs[0], atol=1e-3)
    assert lengths.tolist() == [6, 2]
    for text, words in [
        ("1, 2, 3", "a step has 2 channels: type as many for each"),
        ("1, x", "number 2, 'x'"),
        ("", "the text is empty"),
        ("nan, 1", "number 1, 'nan'"),
    ]:
        with pytest.raises(UsageError, match=words):
            encode_inputs(summary, [text])


def test_the_past_of_a_series_is_typed_in_its_own_unit(tmp_path: Path) -> None:
    path = tmp_path / "own.csv"
    path.write_text("value\n" + "\n".join(str(100 + n % 9) for n in range(200)))
    split, summary = learned(path, **{"data.window": 9})
    assert split.series is not None
    assert split.train.spans is not None
    first = int(split.train.spans[0, 0])
    inputs, _ = encode_inputs(summary, [", ".join(str(value) for value in split.series.truth[first : first + 9])])
    np.testing.assert_allclose(inputs[0], split.train.inputs[0], atol=1e-4)
