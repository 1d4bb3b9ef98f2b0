"""Figures as text: the forms people read, and no float that breaks them."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rnnlab.text import numbers


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0, "0"), (947, "947"), (999.6, "1k"), (14_200, "14.2k"), (99_960, "100k"), (1_250_000, "1.25M"), (-5_300, "-5.3k"),
        (0.5, "0.5"),
    ],
)  # fmt: skip
def test_counts_have_three_digits_and_a_suffix(value: float, text: str) -> None:
    assert numbers.count(value) == text


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0, "0:00"), (59.6, "1:00"), (112, "1:52"), (3_723, "1:02:03"), (190_000, "2d 04:46"), (None, "–"), (math.inf, "∞")],
)  # fmt: skip
def test_durations_read_like_a_clock(seconds: float | None, text: str) -> None:
    assert numbers.duration(seconds) == text


@pytest.mark.parametrize(
    ("value", "digits", "text"),
    [(0.914, 2, ".91"), (1.0, 2, "1.0"), (0.999, 2, "1.0"), (0.8234, 3, ".823"), (0.0, 3, ".000"), (1, 3, "1.00")],
)  # fmt: skip
def test_shares_lose_their_leading_zero_but_not_their_width(value: float, digits: int, text: str) -> None:
    assert numbers.probability(value, digits) == text
    assert len(text) == digits + 1


@pytest.mark.parametrize(
    ("value", "text"),
    [(0.003, "3e-3"), (0.0015, "1.5e-3"), (0.1, "0.1"), (1, "1"), (0, "0"), (1e-10, "1e-10"), (0.000123, "1.23e-4")],
)
def test_learning_rates_are_short(value: float, text: str) -> None:
    assert numbers.rate(value) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.4124, ".412"), (1.849, "1.85"), (63.94, "63.9"), (640.4, "640"), (2.6e-5, "2.6e-5"), (0.9999, "1.000"),
        (1.5e14, "1.5e14"), (-0.25, "-.250"),
    ],
)  # fmt: skip
def test_measured_numbers_keep_three_digits(value: float, text: str) -> None:
    assert numbers.figure(value) == text


def test_a_turned_knob_is_a_factor_where_it_is_a_plain_one() -> None:
    assert numbers.factor(0.003, 0.006) == "×2"
    assert numbers.factor(0.006, 0.0015) == "÷4"
    assert numbers.factor(0.003, 0.0035) == "3.5e-3"
    assert numbers.factor(None, 0.01) == "1e-2"
    assert numbers.factor(0.0, 0.01) == "1e-2"


@given(st.floats(allow_nan=True, allow_infinity=True))
def test_any_float_becomes_a_short_word(value: float) -> None:
    for write in (
        numbers.count,
        numbers.whole,
        numbers.duration,
        numbers.probability,
        numbers.figure,
        numbers.rate,
        numbers.percent,
    ):
        text = write(value)
        assert 0 < len(text) <= 24
        assert text.isprintable()
