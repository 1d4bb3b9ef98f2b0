"""Examples of an error report as CSV, and as a table for a page."""

from __future__ import annotations

import csv
import io

from rnnlab.runs.error_report import ErrorReport
from rnnlab.text.sanitise import plain
from rnnlab.text.spreadsheet import safe_text
from rnnlab.text.table import Cell, Column, Table


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


def examples_table(report: ErrorReport) -> Table:
    """A row each in the order of the report."""
    group = [report.group] if report.group else []
    texts = ("target", "prediction", "input")
    columns = (Column("row", "row"), *(Column(each, each, left=True) for each in (*group, *texts)))
    sure = any(row.probability is not None for row in report.worst)
    rows = tuple(
        (
            Cell(str(row.row)),
            *([Cell(plain(row.group))] if group else []),
            *(Cell(plain(text)) for text in (row.target, row.prediction, row.input)),
            *([Cell("" if row.probability is None else f"{row.probability:.4g}")] if sure else []),
        )
        for row in report.worst
    )
    return Table("", (*columns, *([Column("probability", "probability")] if sure else [])), rows)
