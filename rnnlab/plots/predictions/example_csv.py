"""Examples of an error report as CSV."""

from __future__ import annotations

import csv
import io

from rnnlab.runs.error_report import ErrorReport
from rnnlab.text.spreadsheet import safe_text


def examples_csv(report: ErrorReport) -> str:
    """A line each in the order of the report, the names of the columns first."""
    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="\n")
    group = [report.group] if report.group else []
    writer.writerow(["row", *group, "target", "prediction", "probability", "score", "input"])
    for row in report.worst:
        texts = [safe_text(text) for text in (row.target, row.prediction)]
        held = [safe_text(row.group)] if group else []
        chance = "" if row.probability is None else f"{row.probability:.4g}"
        writer.writerow([row.row, *held, *texts, chance, f"{row.score:.6g}", safe_text(row.input)])
    return stream.getvalue()
