"""The confusion matrix: it fits where it must, crops with a word, and says what was counted."""

from __future__ import annotations

import random
import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rnnlab.plots.confusion.cells import Mode, cell_text, number_text
from rnnlab.plots.confusion.epoch_bar import epoch_bar, matrix_at
from rnnlab.plots.confusion.order import class_order, most_confused
from rnnlab.plots.confusion.pairs import pair_lines
from rnnlab.plots.run.confusion import confusion, short_names, window
from rnnlab.text.lines import to_text, width_of
from rnnlab.text.palette import DARK, LIGHT, MONO
from tests.recorded import LANGUAGES


def diagonal(size: int, right: int = 9, wrong: int = 1) -> list[list[int]]:
    return [[right if i == j else wrong if j == (i + 1) % size else 0 for j in range(size)] for i in range(size)]


NAMES = list(LANGUAGES)


def test_two_classes_and_their_recalls() -> None:
    lines = to_text(confusion([[120, 8], [3, 77]], ["no", "yes"], width=40, height=4, palette=DARK)).splitlines()
    assert lines[0].split() == ["no", "yes", "recall"]
    assert lines[1].split() == ["no", "94", "6", ".94"]
    assert lines[2].split() == ["yes", "4", "96", ".96"]


def test_counts_stand_as_they_are_and_zeros_are_dots() -> None:
    lines = to_text(
        confusion([[120, 0], [3, 77]], ["no", "yes"], width=40, height=4, palette=DARK, mode="counts")
    ).splitlines()
    assert lines[1].split() == ["no", "120", "·", "1.0"]
    assert lines[2].split() == ["yes", "3", "77", ".96"]


def test_a_little_is_not_nothing_and_almost_all_is_not_all() -> None:
    text = to_text(confusion([[9_999, 1], [0, 5]], ["a", "b"], width=40, height=4, palette=DARK))
    assert "<1" in text
    assert ">99" in text
    assert "100" in text


def test_eighteen_classes_fit_at_home() -> None:
    lines = confusion(diagonal(18), NAMES, width=92, height=20, palette=DARK)
    text = to_text(lines)
    assert "more" not in text
    assert all(name in text for name in NAMES)
    assert "Ara Chi Cze Dut" in text


def test_what_does_not_fit_is_counted_and_reached_by_scrolling() -> None:
    first = to_text(confusion(diagonal(100), [f"class {i}" for i in range(100)], width=60, height=12, palette=DARK))
    assert "rows 1–10 of 100, +90 more" in first
    assert "class 0" in first
    last = to_text(
        confusion(
            diagonal(100), [f"class {i}" for i in range(100)], width=60, height=12, palette=DARK, row=999, column=999
        )
    )
    assert "class 99" in last
    assert "of 100" in last


def test_short_names_drop_what_all_share_and_stay_apart() -> None:
    assert short_names([f"class {i}" for i in range(12)], 3)[:3] == ["0", "1", "2"]
    assert short_names(["Portuguese", "Polish", "Portland"], 3) == ["Por", "Pol", "Pot"]
    assert short_names(["Polish", "Pole"], 6) == ["Polish", "Pole"]


def test_the_diagonal_is_shaded_otherwise_than_mistakes() -> None:
    for palette in (DARK, LIGHT, MONO):
        lines = confusion([[5, 5], [0, 10]], ["a", "b"], width=30, height=3, palette=palette)
        cells = [style for _, style, _ in lines[1][2:4]]
        assert cells[0] != cells[1]


@pytest.mark.parametrize("counts", [[], [[1]], [[1], [2, 3]], [[0, 0], [0, 0]]])
def test_odd_matrices_are_drawn_or_explained(counts: list[list[int]]) -> None:
    for size in ((40, 6), (8, 2), (3, 1)):
        lines = confusion(counts, ["a", "b"], width=size[0], height=size[1], palette=DARK)
        assert [width_of(line) for line in lines] == [size[0]] * size[1]


@settings(max_examples=120, deadline=None)
@given(st.data())
def test_every_line_has_the_width_asked(data: st.DataObject) -> None:
    size = data.draw(st.sampled_from([1, 2, 3, 6, 18, 40]))
    width, height = data.draw(st.integers(1, 130)), data.draw(st.integers(1, 40))
    drawn = data.draw(st.lists(st.text(max_size=12), min_size=1, max_size=6))
    labels = [drawn[i % len(drawn)] for i in range(size)]
    # A matrix drawn number by number would take hypothesis minutes.
    chance, most = random.Random(data.draw(st.integers(0, 999))), 10 ** data.draw(st.integers(0, 7))
    counts = [[chance.randint(0, most) * chance.randint(0, 1) for _ in range(size)] for _ in range(size)]
    mode: Mode = data.draw(st.sampled_from(["counts", "rows", "columns"]))
    offset = data.draw(st.integers(-3, 50))
    lines = confusion(counts, labels, width=width, height=height, palette=DARK, mode=mode, row=offset, column=offset)
    assert [width_of(line) for line in lines] == [width] * height
    assert not any(unicodedata.category(c) in ("Cc", "Cf", "Cs") for c in to_text(lines) if c != "\n")


def test_the_window_says_how_far_one_can_scroll() -> None:
    view = window(diagonal(18), NAMES, width=60, height=12)
    assert view.rows < 18
    assert view.columns < 18
    assert window(diagonal(18), NAMES, width=140, height=30).columns == 18


def test_shares_of_columns_are_of_what_was_predicted() -> None:
    lines = to_text(
        confusion([[6, 2], [2, 8]], ["no", "yes"], width=40, height=3, palette=DARK, mode="columns")
    ).splitlines()
    assert lines[1].split()[:3] == ["no", "75", "20"]
    assert lines[2].split()[:3] == ["yes", "25", "80"]


def test_eighteen_classes_fit_half_of_a_screen_of_140_columns() -> None:
    text = to_text(confusion(diagonal(18), NAMES, width=67, height=19, palette=DARK))
    assert "more" not in text
    assert "Ar Ch Cz Du" in text
    assert "Po Pr" in text  # Polish and Portuguese


@pytest.mark.parametrize("count", [1, 934, 1_000, 12_345, 99_499, 99_500, 499_999, 994_999, 12_345_678, 10**12])
def test_a_count_fits_a_narrow_cell(count: int) -> None:
    assert 1 <= len(number_text(count, count, "counts", narrow=True)) <= 3


def test_half_a_percent_is_not_nothing() -> None:
    assert [number_text(n, 1000, "rows") for n in (0, 1, 4, 5, 15, 994, 996, 1000)] == [
        "·", "<1", "<1", "1", "2", "99", ">99", "100",
    ]  # fmt: skip


CONFUSED = [[90, 0, 10, 0], [0, 50, 0, 50], [5, 0, 95, 0], [0, 3, 0, 1]]


def test_orders_put_the_worst_first_or_the_confused_side_by_side() -> None:
    assert class_order(CONFUSED, "classes") == [0, 1, 2, 3]
    assert class_order(CONFUSED, "errors") == [1, 3, 0, 2]
    assert class_order(CONFUSED, "recall") == [3, 1, 0, 2]
    assert class_order(CONFUSED, "similar") == [1, 3, 0, 2]
    assert most_confused(CONFUSED) == (1, 3)


def test_short_names_are_the_same_in_every_order() -> None:
    order = class_order(diagonal(18), "errors")[::-1]
    text = to_text(confusion(diagonal(18), NAMES, width=67, height=19, palette=DARK, order=order))
    heads = text.splitlines()[0].split()
    assert sorted(heads) == sorted(short_names(NAMES, 2))
    assert heads[0] == short_names(NAMES, 2)[order[0]]


def test_a_cell_is_put_in_words() -> None:
    assert cell_text(CONFUSED, "abcd", 0, 2) == "10 of 100 a predicted c · 10 % of the row · 9.5 % of the column"
    assert cell_text(CONFUSED, "abcd", 0, 1) == "0 of 100 a predicted b"
    assert cell_text(CONFUSED, "abcd", 3, 3).startswith("1 of 4 d right")


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_each_matrix_is_found_under_its_mark_on_the_bar(data: st.DataObject) -> None:
    count, width = data.draw(st.integers(1, 30)), data.draw(st.integers(70, 200))
    epochs, test = list(range(1, count + 1)), data.draw(st.booleans())
    shown = data.draw(st.integers(0, count - (not test)))
    line = epoch_bar(epochs, shown, best=None, test=test, width=width, palette=DARK)
    assert width_of(line) == width
    text = "".join(segment.text for segment in line)
    assert matrix_at(text.index("●"), epochs, test=test, width=width) == shown


def test_names_cut_short_stay_apart() -> None:
    names = ["WALKING", "WALKING_UPSTAIRS", "WALKING_DOWNSTAIRS", "SITTING", "STANDING", "LAYING"]
    lines = to_text(confusion(diagonal(6), names, width=37, height=7, palette=DARK)).splitlines()
    labels = [line.split()[0] for line in lines[1:]]
    assert len(set(labels)) == 6


def test_the_most_frequent_confusions_are_listed_first() -> None:
    lines = pair_lines(CONFUSED, "abcd", width=60, height=6, palette=DARK)
    assert [width_of(line) for line in lines] == [60] * 6
    text = to_text(lines).splitlines()
    assert text[2].split() == ["b", "→", "d", "50", "50.0", "%"]
    assert text[3].split()[:4] == ["a", "→", "c", "10"]
    assert "none" in to_text(pair_lines([[1, 0], [0, 1]], "ab", width=60, height=6, palette=DARK))
