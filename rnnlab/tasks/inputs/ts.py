"""Cases of a `.ts` file without labels."""

from __future__ import annotations

import numpy as np

from rnnlab.tasks.inputs.rows import CollectedFindings, InputFile
from rnnlab.tasks.own.common.findings import Refusal
from rnnlab.tasks.own.common.sequences import Sequences
from rnnlab.tasks.own.common.source import lines, scan
from rnnlab.tasks.own.values.numbers import values_of


def unlabelled_cases(file: InputFile, findings: CollectedFindings) -> Sequences:
    """Cases below `@data`, a line each: dimensions with colons between, and nothing after them. Raises `Refusal`."""
    sequences = Sequences(findings, classifies=True, keep=True)
    findings.lost.clear()
    inside = False
    for number, line in lines(scan(file.path, findings), findings):
        line = line.strip()
        if line.startswith("@"):
            inside = inside or line.lower().startswith("@data")
            continue
        if not inside or not line or line.startswith(("#", "%")):
            continue
        dimensions = [values_of(part.split(",")) for part in line.split(":")]
        wrong = next(
            (part.split(",")[bad[0]] for part, (_, bad) in zip(line.split(":"), dimensions, strict=True) if bad), None
        )
        if wrong is not None:
            findings.row("not a number", f"line {number}", f"{wrong.strip()[:20]!r} is not a number")
            continue
        values = np.full((max(len(values) for values, _ in dimensions), len(dimensions)), np.nan)
        for channel, (column, _) in enumerate(dimensions):
            values[: len(column), channel] = column
        sequences.add(values, "", f"line {number}")
    if not inside:
        raise Refusal("format", f"{findings.name} is not a .ts file: it has no line @data")
    return sequences
