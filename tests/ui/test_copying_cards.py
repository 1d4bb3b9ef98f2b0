"""A data set's card on the clipboard: its tables, its picture, and nothing that a terminal or a spreadsheet would obey."""

from __future__ import annotations

from xml.etree import ElementTree

import pytest

from rnnlab.plots.dataset.tables import card_tables
from rnnlab.text.spreadsheet import to_csv
from rnnlab.ui.app import RnnlabApp
from rnnlab.ui.data.screen import DataScreen
from tests.recorded_cards import CardKind, card
from tests.ui.asked import RecordedCard, open_data, open_data_of
from tests.ui.clipboard import copied, rows_of
from tests.ui.opened import said, settled, shown, text_of, until

WIDE, SMALL = (140, 45), (80, 24)


def of_table(text: str, name: str) -> list[dict[str, str]]:
    return [row for row in rows_of(text) if row["table"] == name]


async def test_the_classes_of_a_card_are_copied_as_numbers() -> None:
    async with shown(SMALL) as pilot:
        await open_data_of(pilot, "text")
        await pilot.press("Y")
        await settled(pilot)
        for words in ("t text", "c CSV", "m Markdown", "s SVG"):
            assert words in text_of(pilot.app)
        await pilot.press("escape")
        text = await copied(pilot, "Y", "c")
        assert "as CSV" in said(pilot.app)
        classes = {row["name"]: row for row in of_table(text, "classes")}
        assert list(classes) == list(card("text")["classes"])
        assert (classes["Arabic"]["rows"], classes["Arabic"]["distinct"]) == ("2000", "108")
        assert sum(int(row["test"]) for row in classes.values()) == int(of_table(text, "parts")[2]["rows"])
        assert of_table(text, "baselines")[1]["test"] == "0.608"
        assert sum(int(row["sequences"]) for row in of_table(text, "lengths")) > 20_000
        assert "| Russian | 9,342 | 9,342 | 7,474 | 934 | 934 |" in await copied(pilot, "Y", "m")
        assert "✓ Nothing leaks" in await copied(pilot, "Y", "Y")


@pytest.mark.parametrize(("kind", "size"), [("text", WIDE), ("signals", SMALL), ("series", WIDE), ("hostile", SMALL)])
async def test_the_picture_of_a_card_has_all_that_is_shown_and_is_the_same_each_time(
    kind: CardKind, size: tuple[int, int]
) -> None:
    async with shown(size) as pilot:
        await open_data_of(pilot, kind)
        text = await copied(pilot, "Y", "t")
        picture = await copied(pilot, "Y", "s")
        root = ElementTree.fromstring(picture)
        assert root.tag.endswith("svg")
        drawn = "".join("".join(each.itertext()) for each in root).replace(" ", "").replace("\n", "")
        lines = text.partition("\n\n")[2]
        assert lines.replace(" ", "").replace("\n", "") in drawn.replace("\n", "")
        assert await copied(pilot, "Y", "s") == picture


async def test_a_series_is_copied_with_its_curve_and_people_are_counted() -> None:
    async with shown(SMALL) as pilot:
        await open_data_of(pilot, "series")
        curve = of_table(await copied(pilot, "Y", "c"), "series")
        assert float(curve[-1]["step"]) == 1825
        assert [float(row["value"]) for row in curve] == card("series")["series"]["curve"]
        await pilot.press("escape")
    async with shown(SMALL) as pilot:
        await open_data_of(pilot, "signals")
        parts = of_table(await copied(pilot, "Y", "c"), "parts")
        assert [row["people"] for row in parts] == ["21", "3", "6"]


@pytest.mark.parametrize("key", "tcms")
async def test_names_of_classes_are_no_commands_of_a_terminal(key: str) -> None:
    async with shown(SMALL) as pilot:
        await open_data_of(pilot, "hostile")
        text = await copied(pilot, "Y", key)
        assert not any((ord(c) < 0x20 and c != "\n") or 0x7F <= ord(c) < 0xA0 or c in "\u202e\u2066" for c in text)
        if key == "s":
            assert {each.tag.rpartition("}")[2] for each in ElementTree.fromstring(text).iter()} == {
                "svg", "title", "rect", "g", "text",
            }  # fmt: skip


def test_a_class_that_is_a_formula_is_text_in_a_spreadsheet() -> None:
    document = {"classes": {"=1+1": 3, "</text><script>": 2}}
    assert "'=1+1" in to_csv(card_tables(document))


async def test_a_generated_task_is_copied_from_a_process_of_its_own() -> None:
    app = RnnlabApp()
    async with app.run_test(size=WIDE) as pilot:
        await pilot.press("ctrl+e")
        await until(lambda: isinstance(app.screen, DataScreen))
        screen = app.screen
        assert isinstance(screen, DataScreen)
        screen.visit("overfit", {})
        await until(lambda: not screen.reading)
        await settled(pilot)
        parts = of_table(await copied(pilot, "Y", "c"), "parts")
        assert parts[0]["name"] == "train"
        assert "Learning by heart" in await copied(pilot, "Y", "s")


async def test_what_stands_there_without_a_card_is_copied_as_text_at_once() -> None:
    async with shown(SMALL) as pilot:
        await open_data(pilot, RecordedCard("text", problem="data.classes = Klingon is not allowed"))
        assert "Klingon is not allowed" in await copied(pilot, "Y")
