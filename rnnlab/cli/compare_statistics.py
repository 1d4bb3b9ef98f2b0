"""Statistics of a comparison as texts: columns beside a table, sentences below it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from rnnlab.runs.comparison import Comparison
from rnnlab.runs.folders import Session
from rnnlab.sweeps.conclude.run_scores import conclusions_of
from rnnlab.sweeps.conclude.sentences import interval_text, signed
from rnnlab.sweeps.results import Conclusions

Statistics = Literal["auto", "validation", "test", "off"]
"""On which part of the data; `auto`: on validation, where a configuration was trained from several seeds."""


@dataclass(frozen=True)
class RowTexts:
    """What a statistical comparison says of a row."""

    interval: str = ""
    difference: str = ""
    verdict: str = ""


def statistics_for(
    comparisons: Sequence[Comparison], session: Session, wanted: Statistics, against: str = ""
) -> list[Conclusions | None]:
    """The conclusions of each comparison; `against` is the name of a run of the reference row."""
    found: list[Conclusions | None] = []
    for comparison in comparisons:
        repeated = any(row.counted > 1 for row in comparison.rows)
        if wanted == "off" or (wanted == "auto" and not repeated):
            found.append(None)
            continue
        reference = next((at for at, row in enumerate(comparison.rows) if against in row.runs), None)
        found.append(conclusions_of(comparison, session, "test" if wanted == "test" else "validation", reference))
    return found


def row_texts(conclusions: Conclusions) -> Mapping[int, RowTexts]:
    """The texts by the index of the row: interval of the mean over seeds, difference to the reference, verdict."""
    texts = {}
    for index, row in enumerate(conclusions.rows):
        figure, difference = conclusions.figure, row.difference
        moved = "" if difference is None else signed(difference.value, figure)
        if difference is not None and difference.interval is not None:
            low, high = difference.interval.low, difference.interval.high
            moved += f" ({signed(low, figure)} to {signed(high, figure)})"
        interval = "" if row.seeds_interval is None else interval_text(row.seeds_interval, figure)
        texts[index] = RowTexts(interval, moved, row.verdict if row.verdict != "not compared" else "")
    return texts
