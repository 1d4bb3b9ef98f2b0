"""What the palette's search costs, whatever is typed."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import pytest
from textual.fuzzy import FuzzySearch, Matcher

from rnnlab.ui.palette_commands import MOST_WAYS, LabCommands, ways
from tests.recorded import record
from tests.ui.opened import open_run, shown


class CountedSearch(FuzzySearch):
    """Counts the ways that it tries, by title."""

    def __init__(self) -> None:
        super().__init__()
        self.tried: Counter[str] = Counter()

    def score(self, candidate: str, positions: Sequence[int]) -> float:
        self.tried[candidate] += 1
        return super().score(candidate, positions)


async def test_the_palette_tries_few_ways_whatever_is_typed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What holds on any processor: the fuzzy matcher tries all ways to find a query's letters in what it is given."""
    chance = random.Random(0)
    async with shown() as pilot:
        screen = await open_run(pilot, record(tmp_path, "finished"))
        commands = list(LabCommands(screen)._all())
        texts = {command.title.lower() for command in commands} | {command.help.lower() for command in commands}
        longest = max((command.title.lower() for command in commands), key=len)
        picks = [sorted(chance.sample(range(len(longest)), chance.randint(4, 16))) for _ in range(500)]
        worst = max(
            ("".join(longest[at] for at in places) for places in picks), key=lambda letters: ways(letters, longest)
        )
        assert ways(worst, longest) > MOST_WAYS, "letters that stand in it in many ways"
        for query in (worst, "learning rate", "e" * 40, " " * 9, longest[:-3], longest[:-3] + "x"):
            counted = CountedSearch()

            def match(_: Matcher, text: str, counted: CountedSearch = counted, query: str = query) -> float:
                return counted.match(query, text)[0]

            monkeypatch.setattr(Matcher, "match", match)
            hits = [hit.text async for hit in LabCommands(screen).search(query)]
            assert query not in longest or longest in [(hit or "").lower() for hit in hits]
            assert counted.tried.keys() <= texts
            assert all(count <= MOST_WAYS for count in counted.tried.values()), query


def test_ways_counts_each_beginning_too() -> None:
    assert ways("ab", "aab") == 2 + 2
    assert ways("aa", "aaa") == 3 + 3
    assert ways("ba", "aab") == 0
