"""docs/adding-a-recipe.md, done to the letter: one file, and the recipe is listed, carried out and compared."""

from __future__ import annotations

import json

import pytest

from tests.pages import Scratch, read_page, scratch_copy


@pytest.fixture(scope="module")
def scratch(tmp_path_factory: pytest.TempPathFactory) -> Scratch:
    page, copy = read_page("adding-a-recipe"), scratch_copy(tmp_path_factory.mktemp("copy"))
    assert not page.edits
    for path, text in page.files.items():
        copy.write(path, text)
    return copy


@pytest.mark.slow
def test_the_page_does_what_it_says(scratch: Scratch) -> None:
    shown, estimated, trained = read_page("adding-a-recipe").commands
    assert "digits-sizes-sizes-quick" in scratch.run(shown)
    assert "4 configurations, 4 runs; 0 of them done" in scratch.run(estimated)
    assert "hidden 64" in scratch.run(trained)
    figures = json.loads(scratch.run(f"{shown} --json"))["figures"]
    (row,) = [each for each in figures if each["what"] == "hidden 64"]
    assert (row["published_low"], row["published_high"]) == (0.95, 0.97)
    assert 0 < row["measured_low"] < row["measured"] < row["measured_high"] < 1
    assert row["ours_runs"] == 1
    compared = json.loads(scratch.run("rnnlab compare digits-sizes-sizes-quick --json"))
    assert compared["published"]["figures"] == figures
    assert "digits-sizes" in scratch.run("rnnlab recipes")
