"""Examples asked of `rnnlab errors`: the app loads neither NumPy nor any data."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, Literal

import msgspec

from rnnlab.errors import UsageError
from rnnlab.runs.error_report import ErrorReport
from rnnlab.runs.events import SubsetName
from rnnlab.runs.folders import RunFolder
from rnnlab.ui.queries.subprocess_query import Query

MOST = 400
"""Examples that are listed; what else there is, is counted."""

Sorting = Literal["worst", "best", "row"]


@dataclass(frozen=True)
class ExamplesAsked:
    """Which examples: the rows of `true` that were predicted as `predicted`; an empty name is any class."""

    run: RunFolder
    subset: SubsetName
    true: str = ""
    predicted: str = ""


async def read_examples(asked: ExamplesAsked, query: Query, *, foreign: bool = False) -> ErrorReport:
    """The report with the examples. Raises `UsageError` with the sentence that says why there is none.

    `foreign`: the data that a run from elsewhere names are loaded too.
    """
    arguments = ["errors", str(asked.run.path), "--split", asked.subset, "--worst", str(MOST), "--json"]
    arguments += [f"--true={asked.true}"] if asked.true else []
    arguments += [f"--predicted={asked.predicted}"] if asked.predicted else []
    arguments += ["--yes"] if foreign else []
    result = await query(*arguments)
    if not isinstance(result.document, dict):
        raise UsageError(result.problem or f"rnnlab errors ended with code {result.code}")
    return report_of(result.document)


def report_of(document: dict[str, Any]) -> ErrorReport:
    """The report that `rnnlab errors --json` printed. Raises `UsageError` where it is none."""
    rows = [row | {"score": float(row["score"])} for row in document.get("worst", ())]
    try:
        return msgspec.convert(
            {**document, "score": float(document["score"]), "worst": rows}, ErrorReport, strict=False
        )
    except (msgspec.ValidationError, KeyError, TypeError, ValueError) as error:
        raise UsageError(f"what rnnlab errors printed is no report: {error}") from None


def sorted_report(report: ErrorReport, sorting: Sorting) -> ErrorReport:
    """The report with its examples in another order; `worst` is that of the process."""
    if sorting == "row":
        return replace(report, worst=tuple(sorted(report.worst, key=lambda row: row.row)))
    return report if sorting == "worst" else replace(report, worst=report.worst[::-1])
