"""Which conclusions are drawn from each comparison of a session."""

from __future__ import annotations

from collections.abc import Sequence

from rnnlab.runs.comparison import Comparison
from rnnlab.runs.folders import Session
from rnnlab.sweeps.conclude.conclusions import is_confirmed
from rnnlab.sweeps.conclude.run_scores import conclusions_of
from rnnlab.sweeps.results import Conclusions, Statistics


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
        tested = wanted == "test" or (wanted == "auto" and is_confirmed(comparison))
        found.append(conclusions_of(comparison, session, "test" if tested else "validation", reference))
    return found
