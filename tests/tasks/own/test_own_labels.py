"""Labels that a person takes for one, and words that may be a class or a missing value."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.tasks.own.tables import check, settings_of, table, text_of

N = 120


def labelled(labels: list[str]) -> str:
    return table([(text_of(row), labels[row % len(labels)]) for row in range(N)], "text,label")


@pytest.mark.parametrize(
    ("labels", "classes", "told"),
    [
        (["0", "1.0", "0.0", "1"], {"0": 60, "1": 60}, "written 0.0 as well"),
        (["bar", "caf\u00e9", "bar", "cafe\u0301"], {"bar": 60, "caf\u00e9": 60}, "with separate accents"),
        (["yes", "no", "yes\u200b", "no"], {"yes": 60, "no": 60}, "with invisible characters"),
        (["new york", "rome", "new\u00a0york", "rome"], {"new york": 60, "rome": 60}, "with a no-break blank"),
    ],
)
def test_labels_that_are_one_to_a_person_are_one_class_and_that_is_said(
    tmp_path: Path, labels: list[str], classes: dict[str, int], told: str
) -> None:
    report = check(tmp_path, labelled(labels))
    assert report.classes == classes
    joined = next(problem for problem in report.problems if problem.kind == "joined")
    assert told in joined.places[0][1]
    assert "they are one class" in joined.places[0][1]


@pytest.mark.parametrize(
    ("labels", "told"),
    [(["Spam", "spam", "ham"], "only in how it is written"), (["07", "7", "9"], "only in zeros before it")],
)
def test_labels_that_may_be_one_are_several_classes_with_a_warning(
    tmp_path: Path, labels: list[str], told: str
) -> None:
    report = check(tmp_path, labelled(labels))
    assert len(report.classes) == 3
    spelling = next(problem for problem in report.problems if problem.kind == "spelling")
    assert told in spelling.places[0][1]


def test_versions_are_no_numbers_that_are_equal(tmp_path: Path) -> None:
    assert set(check(tmp_path, labelled(["1.1", "1.10", "2.0"])).classes) == {"1.1", "1.10", "2.0"}


@pytest.mark.parametrize("word", ["None", "NA", "null", "-"])
def test_a_frequent_word_is_a_class_even_if_it_often_means_missing(tmp_path: Path, word: str) -> None:
    report = check(tmp_path, labelled([word, "left", "right"]))
    assert report.classes == {word: 40, "left": 40, "right": 40}
    assert settings_of(report, "class name") == [f"data.missing={word}"]
    missing = check(tmp_path, labelled([word, "left", "right", "left", "right", "left"]), missing=word)
    assert word not in missing.classes


def test_a_rare_word_beside_empty_fields_is_a_missing_label_and_can_be_kept(tmp_path: Path) -> None:
    labels = ["a", "b"] * 60
    labels[5] = labels[50] = "NA"
    labels[7] = labels[9] = ""
    content = table([(text_of(row), labels[row]) for row in range(N)], "text,label")
    report = check(tmp_path, content)
    assert set(report.classes) == {"a", "b"}
    assert settings_of(report, "missing label") == ["data.missing=empty"]
    assert "NA" in check(tmp_path, content, missing="empty").classes


def test_a_label_that_a_program_wrote_for_missing_is_never_a_class(tmp_path: Path) -> None:
    report = check(tmp_path, labelled(["nan", *["x", "y"] * 6]))
    assert set(report.classes) == {"x", "y"}
