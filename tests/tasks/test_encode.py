"""What a person types, as the arrays the net was trained on: from the run's summary alone."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rnnlab.catalog.tasks.catalog import TASKS
from rnnlab.config import RunConfig, UsageError
from rnnlab.runs.data_summary import DataSummary
from rnnlab.tasks.describe.summary import summarise_split
from rnnlab.tasks.encoding.encode import encode_inputs
from rnnlab.tasks.load import load
from tests.tasks.datafiles import LOADED, write_data


@pytest.fixture(scope="module")
def summaries(tmp_path_factory: pytest.TempPathFactory) -> dict[str, DataSummary]:
    root = write_data(tmp_path_factory.mktemp("data"))
    configs = {name: RunConfig.from_settings({"task.name": name, "data.path": str(root)}) for name in LOADED}
    return {name: summarise_split(load(config), config) for name, config in configs.items()}


@pytest.mark.parametrize("name", sorted(set(LOADED) - {"har", "gestures", "adding", "sales"}))  # shown otherwise
def test_a_row_shown_and_typed_again_is_the_same_row(
    name: str, summaries: dict[str, DataSummary], tmp_path: Path
) -> None:
    split = load(RunConfig.from_settings({"task.name": name, "data.path": str(write_data(tmp_path))}))
    texts = [split.show_input(split.test, row) for row in range(8)]
    inputs, lengths = encode_inputs(summaries[name], texts)
    assert inputs.dtype == split.test.inputs.dtype
    assert lengths.tolist() == split.test.lengths[:8].tolist()
    # Values are shown to two digits.
    np.testing.assert_allclose(inputs, split.test.inputs[:8, : inputs.shape[1]], atol=0.006)


@pytest.mark.parametrize("name", LOADED)
def test_the_example_of_a_card_can_be_predicted_on(name: str, summaries: dict[str, DataSummary]) -> None:
    inputs, lengths = encode_inputs(summaries[name], [TASKS[name].example])
    assert len(inputs) == len(lengths) == 1


@pytest.mark.parametrize(
    ("name", "text", "words"),
    [
        ("surnames", "", "empty"),
        ("surnames", "   ", "empty"),
        ("surnames", "日本", "has no character"),
        ("surnames", "\x00\x1b", "has no character"),
        ("surnames", "a" * 20_000, "20,000 characters"),
        ("names", "", "empty"),
        ("names", "---", "has no letter"),
        ("names", "Иванов", "has no letter"),
        ("binary", "", "empty"),
        ("binary", "0102", "not made of bits"),
        ("binary", "eight", "not made of bits"),
        ("binary", "1" * 20_000, "20,000 bits"),
        ("sinusoids", "", "empty"),
        ("sinusoids", " , ,", "empty"),
        ("sinusoids", "0.1, x, 0.3", "number 2, 'x'"),
        ("sinusoids", "0.1, nan", "number 2, 'nan'"),
        ("sinusoids", "1e999", "number 1"),
    ],
)
def test_nonsense_is_answered_in_a_sentence(
    summaries: dict[str, DataSummary], name: str, text: str, words: str
) -> None:
    with pytest.raises(UsageError, match=words) as raised:
        encode_inputs(summaries[name], [text])
    assert str(raised.value).isprintable()
    assert len(str(raised.value)) < 300


def test_no_input_and_an_unknown_task(summaries: dict[str, DataSummary]) -> None:
    with pytest.raises(UsageError, match="nothing to predict on"):
        encode_inputs(summaries["names"], [])
    unknown = DataSummary(task="later", title="", problem="", metric="", higher_is_better=True)
    with pytest.raises(UsageError, match="'later'"):
        encode_inputs(unknown, ["x"])


def test_words_of_any_length_are_padded_together(summaries: dict[str, DataSummary]) -> None:
    inputs, lengths = encode_inputs(summaries["binary"], ["1", "1111 0000 1111", "0b10"])
    assert lengths.tolist() == [1, 12, 2]
    assert inputs[:, :, 0].sum(axis=1).tolist() == [1, 8, 1]


def test_accents_are_folded_for_names_and_kept_for_surnames(summaries: dict[str, DataSummary]) -> None:
    folded, _ = encode_inputs(summaries["names"], ["Ślusàrski", "Slusarski"])
    assert (folded[0] == folded[1]).all()
    kept, _ = encode_inputs(summaries["surnames"], ["Šimić", "S\u030cimic\u0301", "Simic"])
    assert (kept[0] == kept[1]).all()
    assert (kept[0] != kept[2]).any()


@given(text=st.text(max_size=60), name=st.sampled_from(sorted(LOADED)))
def test_no_text_does_worse_than_an_error_in_words(summaries: dict[str, DataSummary], text: str, name: str) -> None:
    try:
        inputs, lengths = encode_inputs(summaries[name], [text])
    except UsageError:
        return
    assert inputs.shape[:2] == (1, lengths[0])
    assert np.isfinite(inputs).all()
    if inputs.dtype == np.int32:
        assert 0 <= inputs.min() <= inputs.max() < summaries[name].input_size
