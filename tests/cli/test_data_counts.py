"""`rnnlab data show NAME --json` on the real data sets: every count that is known of them."""

from __future__ import annotations

import json
import os
from functools import cache
from typing import Any

import click.testing
import pytest

from rnnlab.cli.main import cli
from rnnlab.tasks.published.har import SIGNALS

pytestmark = [
    pytest.mark.real_data,
    pytest.mark.skipif("RNNLAB_DATA" not in os.environ, reason="needs the published data sets in RNNLAB_DATA"),
]


@cache
def card(name: str, *settings: str) -> dict[str, Any]:
    arguments = [part for setting in settings for part in ("--set", setting)]
    said = click.testing.CliRunner().invoke(cli, ["data", "show", name, "--json", *arguments], catch_exceptions=False)
    assert said.exit_code == 0
    document: dict[str, Any] = json.loads(said.stdout)
    return document


def test_names_in_five_languages_as_a_course_uses_them() -> None:
    five = card("names", "data.classes=English,French,Italian,German,Spanish")
    assert five["rows"] == sum(five["classes"].values()) == 5676
    assert round(five["baseline"]["published"], 3) == 0.646


def test_names_split_at_random_leak_as_measured() -> None:
    fifth = card("names", "data.split=random", "data.test=0.2", "data.validation=0.001")
    assert fifth["leaks"]["test"]["rows"] / fifth["splits"]["test"]["rows"] == pytest.approx(0.117, abs=0.01)
    assert fifth["leaks"]["refused"] == ["rows"]
    assert sum(part["rows"] for part in fifth["splits"].values()) == 20_074
    assert card("names", "data.split=grouped")["leaks"]["inputs"] == 0


def test_har_by_the_published_people() -> None:
    har = card("har")
    parts = har["splits"]
    assert har["rows"] == 7352 + 2947
    assert parts["train"]["rows"] + parts["validation"]["rows"] == 7352
    assert parts["test"]["rows"] == 2947
    assert parts["test"]["people"] == [str(person) for person in (2, 4, 9, 10, 12, 13, 18, 20, 24)]
    others = {1, 3, 5, 6, 7, 8, 11, *range(14, 18), 19, 21, 22, 23, *range(25, 31)}
    assert {int(person) for name in ("train", "validation") for person in parts[name]["people"]} == others
    assert not set(parts["train"]["people"]) & set(parts["validation"]["people"])
    assert har["lengths"]["min"] == har["lengths"]["max"] == 128
    assert har["input_size"] == len(SIGNALS) == 9
    assert parts["test"]["classes"] == {
        "WALKING": 496, "WALKING_UPSTAIRS": 471, "WALKING_DOWNSTAIRS": 420, "SITTING": 491, "STANDING": 532, "LAYING": 537,
    }  # fmt: skip
    # 18.2 %: training's commonest activity. The test's second, standing, would have 18.1 %.
    assert har["baseline"]["test"] == pytest.approx(537 / 2947)
    assert har["leaks"]["refused"] == []
    assert har["duplicates"]["rows"] == 0


def test_har_at_random_leaks_people_and_windows() -> None:
    leaks = card("har", "data.split=random")["leaks"]
    assert leaks["refused"] == ["people", "windows"]
    assert leaks["people"] == 30
    assert leaks["windows"] > 3000


def test_gestures_by_person_without_the_twin() -> None:
    gestures = card("gestures")
    assert gestures["rows"] == sum(gestures["classes"].values()) == 3251
    assert len(gestures["classes"]) == 20
    assert sum(part["rows"] for part in gestures["splits"].values()) == 3250
    people = [person for part in gestures["splits"].values() for person in part["people"]]
    assert sorted(people) == [f"U{person:02}" for person in range(1, 9)]
    lengths, values = gestures["lengths"], gestures["values"]
    assert (lengths["min"], lengths["max"], lengths["median"]) == (10, 51, 19)
    assert (round(values["min"]), round(values["max"])) == (-65, 78)
    assert gestures["duplicates"]["several_classes"] == 1
    assert gestures["leaks"]["refused"] == []
    assert card("gestures", "data.split=recording")["leaks"]["refused"] == ["people"]


def test_sales_and_their_naive_forecasts() -> None:
    sales = card("sales")
    series, baselines = sales["series"], sales["baselines"]
    assert series["points"] == 1826
    assert (round(series["min"], 1), round(series["max"], 1)) == (23.4, 89.9)
    assert (series["first"], series["last"]) == ("2013-01-01", "2017-12-31")
    assert round(baselines["last value"]["test"], 2) == 6.75
    assert round(baselines["same weekday last week"]["test"], 2) == 1.80
    assert round(baselines["364 days ago"]["test"], 2) == 2.32
    assert sales["leaks"]["refused"] == []


def test_what_is_made_here() -> None:
    binary, waves = card("binary"), card("sinusoids")
    assert (binary["rows"], binary["lengths"]["max"]) == (256, 8)
    assert binary["targets"] == {"min": 0, "max": 255}
    assert list(waves["classes"].values()) == [50] * 6
    assert waves["splits"]["test"]["rows"] == 90
    assert waves["splits"]["train"]["rows"] + waves["splits"]["validation"]["rows"] == 210
    assert max(-waves["values"]["min"], waves["values"]["max"]) < 0.75
