"""The pictures in docs/: what the script makes of screens, and that those in the folder are such."""

from __future__ import annotations

from pathlib import Path
from xml.etree import ElementTree

import pytest
from rich.segment import Segment
from rich.style import Style

from scripts.pictures import MOST_BYTES, Frame, animated

DOCS = Path(__file__).parents[1] / "docs"
RED = Style(color="#ff0000")


def test_a_row_is_drawn_once_for_as_long_as_it_stays() -> None:
    title = (Segment("title", Style(bold=True)), Segment("  "), Segment("<&>", Style(bold=True)))
    frames = [Frame((title, (Segment("one", RED),)), 1.0), Frame((title, (Segment("two", RED),)), 3.0)]
    picture = animated(frames, 10, 2)
    ElementTree.fromstring(picture)  # it is XML, whatever stands on the screen
    assert picture.count("title  &lt;&amp;&gt;") == 1, "neighbours that look alike are one text"
    assert picture.count(">one<") == picture.count(">two<") == 1
    assert "0.00%{opacity:1}25.00%{opacity:0}" in picture, "the first for a quarter of the time"
    assert "0.00%{opacity:0}25.00%{opacity:1}" in picture
    assert "4.0s step-end infinite" in picture


@pytest.mark.parametrize("name", ["app", "setup", "session", "tour"])
def test_the_pictures_are_there_and_small(name: str) -> None:
    text = (DOCS / f"{name}.svg").read_text(encoding="utf-8")
    assert len(text.encode()) <= MOST_BYTES
    assert "surnames" in text
    assert "/tmp" not in text, "a folder of the machine that made it"
    assert ElementTree.fromstring(text).tag.endswith("svg")
