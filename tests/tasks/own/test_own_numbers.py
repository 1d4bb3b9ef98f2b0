"""Numbers as people write them: each style reads back what was written in it, and what could be two numbers is two styles."""

from __future__ import annotations

import math
import time

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rnnlab.tasks.own.values.numbers import Missing, NumberStyle, number_styles, settled, values_of


def written(cents: int, places: int, decimal: str, thousands: str, *, minus: str = "-", plus: str = "") -> str:
    """The number of so many last places, as people write it with these signs."""
    whole, part = divmod(abs(cents), 10**places)
    digits = f"{whole:,}".replace(",", thousands)
    text = f"{digits}{decimal}{part:0{places}d}" if places else digits
    return (minus if cents < 0 else plus) + text


@given(
    cents=st.lists(st.integers(-(10**11), 10**11), min_size=1, max_size=30),
    places=st.integers(0, 5),
    signs=st.sampled_from((".", ".,", ". ", ".'", ",", ",.", ", ", ",'", ".’", ",\u202f", ",\u00a0", ".\u2009")),
    minus=st.sampled_from(("-", "−", "\u2013")),
    plus=st.sampled_from(("", "+")),
    around=st.sampled_from(
        (
            ("", ""),
            ("$", ""),
            ("€ ", ""),
            ("", " €"),
            ("", "%"),
            ("", " %"),
            ("CHF ", ""),
            ("", " kg"),
            ("", "\u00a0°C"),
            (" ", " "),
        )
    ),
)
def test_a_number_written_in_any_style_reads_back(
    cents: list[int], places: int, signs: str, minus: str, plus: str, around: tuple[str, str]
) -> None:
    words = [f"{around[0]}{written(c, places, signs[0], signs[1:], minus=minus, plus=plus)}{around[1]}" for c in cents]
    expected = [c / 10**places for c in cents]
    readings = [[style.value(word) for word in words] for style in number_styles(words)]
    assert any(reading == pytest.approx(expected) for reading in readings), (words, readings)
    assert len(readings) <= 2
    values, wrong = values_of(words, number_styles(words)[0])
    assert not wrong
    assert values.tolist() == readings[0]


@given(st.lists(st.text(max_size=60), max_size=20))
def test_hostile_words_are_no_more_than_no_numbers(words: list[str]) -> None:
    for style in number_styles(words):
        values, wrong = values_of(words, style)
        assert len(values) == len(words)
        assert np.isnan(values[wrong]).all()
        assert not np.isinf(values).any()


def test_long_and_tangled_words_take_no_time() -> None:
    words = [
        "1" * 5000,
        "1,1" * 13,
        "(" * 40,
        "1." * 20,
        "- " * 20,
        "1 000 000 000 000 000 000 000 000 000 0000",
        "$" * 40,
    ] * 30
    words += ["1,000" * 8 + "x", "9" * 39 + "e", "K" * 40, "1'" * 20]
    began = time.process_time()
    assert number_styles(words) == ()
    assert time.process_time() - began < 0.001 * len(words) + 0.05


@pytest.mark.parametrize(
    ("words", "values"),
    [
        (("(1,234.50)", "12.00"), (-1234.5, 12)),
        (("1.234,50-", "3,20"), (-1234.5, 3.2)),
        (("100.43K", "1.2M", "950", "2B"), (100_430, 1_200_000, 950, 2e9)),
        (("$1.2M", "$950K"), (1_200_000, 950_000)),
        (("12,34,567", "1,00,000"), (1_234_567, 100_000)),
        (("57.8%", "-3.1%", "0"), (57.8, -3.1, 0)),
        (("1e-3", "1.5E+03"), (0.001, 1500)),
        (("１２", "３．５"), (12, 3.5)),
        (("-$5.00", "$1,000.00"), (-5, 1000)),
        (("$-5.00", "$3"), (-5, 3)),
        (("$(5.00)", "$3.00"), (-5, 3)),
        (("R$ 1.200,00", "R$ 3,50"), (1200, 3.5)),
        (("12 USD", "1,500 USD", "7.5 USD"), (12, 1500, 7.5)),
        ((".5", "5."), (0.5, 5)),
        (("£3.7m", "£0.5bn"), (3.7e6, 5e8)),
        (("300 K", "305.5 K"), (300, 305.5)),
        (("300K", "1.5K"), (300_000, 1500)),
        (("$1,200.00", "$-", "$3.50"), (1200, 0, 3.5)),
        (("2,610E+03", "1,5E+02"), (2610, 150)),
        (("1.5D+02", "2.25D-01"), (150, 0.225)),
        (('="5.5"', '="6"'), (5.5, 6)),
        (("'5.25", "'6.50"), (5.25, 6.5)),
        (("3,66 kr", "2 449,31 kr"), (3.66, 2449.31)),
        (("23.4 °C", "-1.5 °C"), (23.4, -1.5)),
    ],
)
def test_amounts_as_bookkeepers_write_them(words: tuple[str, ...], values: tuple[float, ...]) -> None:
    (style,) = number_styles(words)
    assert [style.value(word) for word in words] == pytest.approx(list(values))


def test_a_dot_for_thousands_among_whole_numbers_is_two_styles_until_something_decides() -> None:
    styles = number_styles(("1.150", "12.300", "850"))
    assert [style.value("1.150") for style in styles] == [1150.0, 1.15]
    assert settled(styles) is None
    comma, point = NumberStyle(","), NumberStyle(".", ",")
    german, english = settled(styles, [comma]), settled(styles, [point])
    assert german is not None
    assert german.value("1.150") == 1150
    assert english is not None
    assert english.value("1.150") == 1.15
    # One word decides as well.
    assert [style.value("1.150") for style in number_styles(("1.150", "12.30", "850"))] == [1.15]
    assert [style.value("1.150") for style in number_styles(("1.150", "0.300", "850"))] == [1.15]
    assert [style.value("1.150") for style in number_styles(("1.150", "1.200.300", "850"))] == [1150]


def test_measurements_printed_to_three_places_are_measurements() -> None:
    styles = number_styles(("9.812", "9.776", "10.104"))
    style = settled(styles, delimiter=",")
    assert style is not None
    assert style.value("9.812") == 9.812
    assert settled(styles, delimiter=";") is None
    quoted = settled(number_styles(("1,150", "12,300", "850")), delimiter=",")
    assert quoted is not None
    assert quoted.value("1,150") == 1150


def test_words_for_a_missing_value_are_those_of_the_setting() -> None:
    auto, empty, given = (Missing.from_setting(text) for text in ("auto", "empty", "-999, NA"))
    assert auto.is_missing(" n/a ")
    assert auto.is_missing("None")
    assert auto.is_missing("")
    assert not auto.is_missing("-999")
    assert empty.is_missing("  ")
    assert not empty.is_missing("None")
    assert given.is_missing("-999.0")
    assert given.is_missing("na")
    assert given.is_missing("")
    assert not given.is_missing("None")
    values, wrong = values_of(["1", "-999", "NA", "null", "", "x"], NumberStyle(), given)
    assert wrong == [5]
    assert np.isnan(values).tolist() == [False, True, True, True, True, True]
    # A class called None stays one, and in a column of numbers it is a number that is missing.
    assert math.isnan(values_of(["None"], NumberStyle(), empty)[0][0])


@pytest.mark.parametrize(
    "words",
    [
        ("1st", "2nd"),
        ("Q1", "Q2"),
        ("3T", "4T"),
        ("1-01", "1-02"),
        ("10:30", "11:00"),
        ("a1", "b2"),
        ("5pm", "6pm"),
        ("1_000", "2_000"),
        ("192.168.0.1", "10.0.0.1"),
    ],
)
def test_what_only_holds_digits_is_no_number(words: tuple[str, ...]) -> None:
    assert number_styles(words) == ()
