"""Reading of a user's own file, the same for the loader and the check, so that they never disagree."""

from __future__ import annotations

from rnnlab.catalog.tasks.own import KIND_TITLES
from rnnlab.config import RunConfig
from rnnlab.tasks.own.archives.arff_table import is_arff, read_relational_arff
from rnnlab.tasks.own.archives.labels_beside import is_inputs
from rnnlab.tasks.own.archives.ts import read_ts
from rnnlab.tasks.own.archives.ucr import is_ucr, read_ucr
from rnnlab.tasks.own.arrays.arrays import read_arrays
from rnnlab.tasks.own.common.findings import Findings, Refusal, Report
from rnnlab.tasks.own.common.kinds import OwnKind
from rnnlab.tasks.own.common.source import quiet
from rnnlab.tasks.own.detect import file_of, kind_of, own_path
from rnnlab.tasks.own.layouts.recordings import read_recordings
from rnnlab.tasks.own.layouts.windowing import WindowSettings
from rnnlab.tasks.own.result import Reading
from rnnlab.tasks.own.table_reading import TableReader
from rnnlab.tasks.own.unused import warn_unused
from rnnlab.tasks.own.values.numbers import Missing

SPLITS: dict[OwnKind, tuple[str, ...]] = {
    "text": ("distinct", "grouped", "published", "random"),
    "series": ("distinct", "time"),
    "steps": ("distinct", "grouped", "published", "person", "recording", "random"),
    "rows": ("distinct", "grouped", "published", "person", "random"),
    "arrays": ("distinct", "grouped", "published", "person", "random"),
    "recordings": ("distinct", "grouped", "published", "person", "recording", "random"),
    "ts": ("distinct", "grouped", "published", "random"),
}
"""Values of `data.split` for each kind of file. `distinct` is the default of each kind: a series is split by time, a test set
that comes with the file is kept, no person is in two subsets."""


def read_own(config: RunConfig, reading: Reading, findings: Findings, *, keep: bool, report: Report = quiet) -> None:
    """Reads the file that `data.path` names into `reading`, and its problems into `findings`.

    Without `keep` the rows are checked and dropped, so that a file of any size is read in bounded memory. Raises `Refusal`
    where the file is not of its kind, with the first problem found; problems that are known only at its end are in `findings`.
    """
    try:
        _read(config, reading, findings, keep, report)
    except Refusal:
        # What was found before it comes first: the check and training refuse a file with the same sentence.
        findings.raise_stop()
        raise


def _read(config: RunConfig, reading: Reading, findings: Findings, keep: bool, report: Report) -> None:
    findings.missing = Missing.from_setting(config.data.missing)
    path = own_path(config)
    reading.kind = kind_of(path, config, findings)
    file = path if reading.kind == "recordings" else file_of(path)
    data = config.data
    classes = data.problem == "classes"
    windows = WindowSettings.of(data, reading.given)
    table = False
    match reading.kind:
        case "arrays":
            reading.take_sequences(read_arrays(file, findings, data, keep=keep, report=report), findings, keep)
        case "recordings":
            reading.take_cut(
                read_recordings(file, config.data, windows, findings, keep=keep, report=report),
                findings,
                keep,
            )
        case "ts":
            reading.take_sequences(read_ts(file, findings, classes=classes, keep=keep, report=report), findings, keep)
        case None | "rows" if is_ucr(file) and not is_inputs(file):
            reading.kind = "rows"
            reading.take_sequences(read_ucr(file, findings, keep=keep, report=report), findings, keep)
        case None | "rows" if is_arff(file) and (
            cases := read_relational_arff(file, findings, keep=keep, report=report)
        ):
            reading.kind = "rows"
            reading.take_sequences(cases, findings, keep)
        case _:
            table = True
            TableReader(reading, config, findings, keep, report).read(file)
    if reading.kind is not None:
        warn_unused(reading.kind, config, findings, table=table)
    if reading.kind is not None and config.data.split not in SPLITS[reading.kind]:
        suiting = ", ".join(SPLITS[reading.kind])
        message = f"data.split = {config.data.split} does not suit {KIND_TITLES[reading.kind]}; choose one of {suiting}"
        findings.stop("split", message)
