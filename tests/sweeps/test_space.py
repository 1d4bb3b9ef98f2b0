"""The values that a sweep tries of a setting, as a person writes them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rnnlab.config import ConfigError, UnknownKey, UsageError
from rnnlab.sweeps.space import Choices, Range, dimension_text, parse_dimension, parse_over


@pytest.mark.parametrize(
    ("key", "text", "values"),
    [
        ("model.hidden", "64;128;256", ((64,), (128,), (256,))),
        ("model.hidden", "64;128;32,64", ((64,), (128,), (32, 64))),
        ("model.hidden", "32,64;", ((32, 64),)),
        ("optim.lr", "1e-3, 1e-2", (0.001, 0.01)),
        ("model.name", "lstm,gru", ("lstm", "gru")),
        ("model.bidirectional", "yes;no", (True, False)),
        ("train.patience", "none;3", (None, 3)),
        ("optim.lr", "0.001..0.1:log:3", (0.001, 0.01, 0.1)),
        ("optim.lr", ".1...3:3", (0.1, 0.2, 0.3)),
        ("model.hidden", "16..256:log:5", (16, 32, 64, 128, 256)),
        ("model.layers", "1..3:9", (1, 2, 3)),
        ("optim.lr", "0.01", (0.01,)),
    ],
)
def test_values_are_read_as_they_are_written(key: str, text: str, values: tuple[object, ...]) -> None:
    dimension = parse_dimension(key, text)
    assert dimension.listed == values
    assert parse_dimension(key, dimension_text(key, dimension)) == dimension


@pytest.mark.parametrize(
    ("key", "text", "words"),
    [
        ("model.hidden", "64,128", ["'64;128' for 2", "'64,128;' for one"]),
        ("optim.lr", "1..0.1", ["1 is not below 0.1"]),
        ("optim.lr", "0..1", ["above 0"]),
        ("model.dropout", "0..0.5:log", ["above 0 where the range is logarithmic"]),
        ("optim.lr", "1e-3..1e-1:lin", ["number of values"]),
        ("optim.lr", "1e-3..1e-1:log:0", ["number of values"]),
        ("optim.lr", "0.1;0.1", ["0.1 is there twice"]),
        ("optim.lr", "0.1;;0.2", ["a number"]),
        ("model.hidden", "0;3", ["at least 1"]),
        ("model.name", "lstm;gruu", ["did you mean gru?"]),
        ("optim.lr", "..", ["a range such as"]),
    ],
)
def test_what_is_wrong_or_could_mean_two_things_is_said(key: str, text: str, words: list[str]) -> None:
    with pytest.raises(ConfigError) as error:
        parse_dimension(key, text)
    for word in words:
        assert word in str(error.value)


def test_a_key_is_known_and_given_once() -> None:
    with pytest.raises(UnknownKey, match=r"did you mean model\.hidden"):
        parse_over(("model.hiden=3;4",))
    with pytest.raises(UsageError, match="twice"):
        parse_over(("optim.lr=1;2", "optim.lr=3"))
    with pytest.raises(UsageError, match="KEY=VALUES"):
        parse_over(("optim.lr",))
    with pytest.raises(UsageError, match="KEY=VALUES"):
        parse_over(("optim.lr=",))


@given(low=st.floats(1e-6, 1e3), ratio=st.floats(1.01, 1e6), log=st.booleans(), share=st.floats(0, 1, exclude_max=True))
def test_a_range_is_never_left(low: float, ratio: float, log: bool, share: float) -> None:
    assert low <= Range(low, low * ratio, log).at(share) <= low * ratio


@given(low=st.integers(1, 500), width=st.integers(1, 500), log=st.booleans())
def test_whole_numbers_come_evenly_and_both_ends_are_reached(low: int, width: int, log: bool) -> None:
    dimension = Range(low, low + width, log, whole=True)
    drawn = [dimension.at(index / 4000) for index in range(4000)]
    assert all(isinstance(each, int) for each in drawn)
    assert (min(drawn), max(drawn)) == (low, low + width)
    if not log:
        counts = [drawn.count(value) for value in range(low, low + width + 1)]
        assert max(counts) - min(counts) <= 2


def test_every_listed_value_has_an_equal_part() -> None:
    choices = Choices(("a", "b", "c"))
    assert [choices.at(index / 9) for index in range(9)] == ["a"] * 3 + ["b"] * 3 + ["c"] * 3
