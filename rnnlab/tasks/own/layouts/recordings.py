"""A folder of recordings: a file of numbers each, in a folder that is named for its label.

`FOLDER/label/file.csv`; folders above the label's say whom it is from (`FOLDER/person/label/file.txt`), and those named train
and test, right below FOLDER, part the training from the test recordings.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from rnnlab.config.data import Data
from rnnlab.tasks.own.common.findings import Choice, Findings, Refusal, Report
from rnnlab.tasks.own.common.labels import LONGEST_LABEL
from rnnlab.tasks.own.common.limits import FEWEST_GROUPS, LARGEST
from rnnlab.tasks.own.common.sequences import Sequences
from rnnlab.tasks.own.common.source import quiet
from rnnlab.tasks.own.layouts.file_labels import is_person, labels_of_names
from rnnlab.tasks.own.layouts.recording import Recording
from rnnlab.tasks.own.layouts.recording_columns import RecordingColumns, label_runs, recording_columns
from rnnlab.tasks.own.layouts.recording_file import RecordingFile, read_file
from rnnlab.tasks.own.layouts.windowing import SHORTEST_WINDOW, CutSequences, Segment, WindowSettings, cut_windows
from rnnlab.tasks.own.values.numbers import is_missing, values_of

ENDINGS = (".csv", ".txt", ".tsv", ".dat")
_DEEPEST = 6
MOST_FILES = 200_000
_PARTS = {"train": False, "training": False, "test": True, "testing": True}


def recordings_of(folder: Path, findings: Findings) -> list[Recording]:
    """The recordings in the folder, in the order of their names. Raises `Refusal` where there is none."""
    found: list[Recording] = []
    loose: list[Recording] = []
    skipped = 0
    parted = any((folder / name).is_dir() for name, test in _PARTS.items() if test)
    for path in _files(folder, findings):
        parts = path.relative_to(folder).parts
        if path.suffix.lower() not in ENDINGS:
            skipped += 1
            continue
        test = False
        above = parts[:-1]
        if parted and above and above[0].lower() in _PARTS:
            test = _PARTS[above[0].lower()]
            above = above[1:]
        where = "/".join(parts).encode("utf-8", "replace").decode()
        if len(found) + len(loose) >= MOST_FILES:
            raise Refusal("large", f"{findings.name} holds more than {MOST_FILES:,} recordings; take a sample")
        if not above:
            loose.append(Recording(path, where, "", "", test))
            continue
        label, group = (part.encode("utf-8", "replace").decode() for part in (above[-1], "/".join(above[:-1])))
        found.append(Recording(path, where, label[:LONGEST_LABEL], group, test))
    if skipped:
        findings.warn(
            "other files",
            f"{skipped:,} other {'file' if skipped == 1 else 'files'}, not {', '.join(ENDINGS)}, passed over",
            count=skipped,
        )
    if len({recording.label for recording in found}) == 1 and not any(recording.group for recording in found):
        # One folder of all files names no label.
        alone = [replace(recording, label="") for recording in found]
        if loose or labels_of_names([recording.path.stem for recording in alone]) is None:
            alone = found if loose else alone
        found = alone
    if not found:
        found, loose = loose, []
    for recording in loose:
        findings.note_at(
            "no label", recording.where, "the file lies in no folder that names its label; it was passed over"
        )
    if not found:
        raise Refusal(
            "empty",
            f"{findings.name} is a folder without recordings: there is no file LABEL/NAME.csv or .txt in it",
        )
    return found


def _files(folder: Path, findings: Findings) -> Iterator[Path]:
    """The files below a folder, sorted; hidden ones and links to folders are passed over."""

    def refuse(error: OSError) -> None:
        raise Refusal("missing", f"{findings.name} cannot be read: {(error.strerror or str(error)).lower()}")

    for parent, folders, names in os.walk(folder, onerror=refuse):
        below = Path(parent)
        folders[:] = sorted(name for name in folders if not name.startswith((".", "__MACOSX")))
        if len(below.relative_to(folder).parts) >= _DEEPEST:
            folders.clear()
        yield from (below / name for name in sorted(names) if not name.startswith("."))


@dataclass
class _Pieces:
    """Pieces of recordings that were read: to `sequences` at once, or kept as `segments` of which windows are cut."""

    sequences: Sequences
    windows: bool
    segments: list[Segment] = field(default_factory=list)
    held: int = 0
    parted: int = 0
    """Files that blank lines part."""
    parts: int = 0
    changes: int = 0
    """Files in which the label changes."""

    def add(self, values: NDArray[np.float64], label: str, where: str, recording: Recording) -> None:
        """Takes one piece (steps, channels). Raises `Refusal` where those that are kept are too large."""
        if not self.windows:
            self.sequences.add(values, label, where, test=recording.test, group=recording.group)
            return
        self.held += values.nbytes
        if self.held > LARGEST:
            name = self.sequences.findings.name
            raise Refusal("large", f"{name} would take more than {LARGEST // 2**30} GiB in memory; take a sample")
        self.segments.append(Segment(values, label, where, recording.group, recording.where, recording.test))


def read_recordings(
    folder: Path, data: Data, settings: WindowSettings, findings: Findings, *, keep: bool, report: Report = quiet
) -> CutSequences:
    """All recordings of the folder, whole, or as windows where each label has few and long ones, or a window is set.

    Of the columns those that `data.input_column` names, by titles or by numbers from 1, or all of numbers. Raises `Refusal`
    where there is none, or where nothing says the labels.
    """
    found = _by_person(recordings_of(folder, findings), findings)
    columns = recording_columns(found, data, findings)
    if not found[0].label and columns.label is None:
        found = _named_by_files(found, columns, findings)
    sequences = Sequences(findings, classifies=True, keep=keep)
    counts = Counter(recording.label for recording in found)
    few = max(counts.values()) < FEWEST_GROUPS or columns.label is not None
    pieces = _Pieces(sequences, windows=settings.given or few)
    for index, recording in enumerate(found, start=1):
        file = read_file(recording.path, recording.where, findings)
        if file is not None:
            _take_file(file, recording, columns, pieces, findings)
        if index % 100 == 0 or index == len(found):
            report(index, len(found))
    columns.say(findings, len(found))
    if pieces.parted:
        findings.warn(
            "blank lines",
            f"blank lines part {pieces.parts:,} recordings in {pieces.parted:,} "
            + ("file" if pieces.parted == 1 else "files"),
            count=pieces.parts,
        )
    if pieces.changes:
        findings.warn(
            "label changes",
            f"the label changes within {pieces.changes:,} {'file' if pieces.changes == 1 else 'files'}: each stretch of one "
            "label is taken by itself",
            count=pieces.changes,
        )
    cut = _cut(pieces, settings) if pieces.windows else CutSequences(sequences, None, "folder")
    sequences.finish("windows" if cut.windows else "recordings")
    _warn_of_clocks(sequences, columns, findings)
    return cut


def _cut(pieces: _Pieces, settings: WindowSettings) -> CutSequences:
    """Windows of the pieces that were kept; or these whole, where each label has enough, or they are too short."""
    segments = pieces.segments
    held = Counter(segment.target for segment in segments)
    usual = float(np.median([len(segment.values) for segment in segments])) if segments else 0.0
    enough = bool(held) and min(held.values()) >= FEWEST_GROUPS and not pieces.changes
    if not settings.given and (enough or usual < 2 * SHORTEST_WINDOW):
        for segment in segments:
            pieces.sequences.add(segment.values, segment.target, segment.where, test=segment.test, group=segment.group)
        return CutSequences(pieces.sequences, None, "folder")
    return cut_windows(pieces.sequences, segments, settings)


def _by_person(found: list[Recording], findings: Findings) -> list[Recording]:
    """The recordings, those in folders of persons (`P1/walk.csv`) with the labels that the names of the files say."""
    folders = {recording.label for recording in found}
    if len(folders) < 2 or not all(is_person(folder) for folder in folders):
        return found
    names = labels_of_names([recording.path.stem for recording in found])
    if names is None:
        return found
    places: dict[str, set[str]] = {}
    for named, recording in zip(names, found, strict=True):
        places.setdefault(named.label, set()).add(recording.label)
    if min(map(len, places.values())) < 2:
        return found
    findings.warn(
        "file names",
        f"the folders are {len(folders):,} persons, and the labels are taken from the names of the files: "
        f"{', '.join(sorted(places)[:8])}{', …' if len(places) > 8 else ''}",
        count=len(found),
    )
    return [
        replace(
            recording,
            label=named.label[:LONGEST_LABEL],
            group="/".join(filter(None, (recording.group, recording.label))),
        )
        for recording, named in zip(found, names, strict=True)
    ]


def _named_by_files(found: list[Recording], columns: RecordingColumns, findings: Findings) -> list[Recording]:
    """Recordings that lie in no folder of a label, with the labels that their names say. Raises `Refusal`."""
    names = labels_of_names([recording.path.stem for recording in found])
    if names is None:
        codes = columns.codes
        raise Refusal(
            "no label",
            f"{findings.name} holds {len(found):,} files, and nothing says their labels: put them into folders named for their "
            "labels (LABEL/NAME.csv), begin their names with them (LABEL_01.csv), or name their column in data.target_column",
            choices=tuple(
                Choice(f"column {index + 1}, of a few whole numbers in long runs", f"data.target_column={index + 1}")
                for index in codes
            ),
        )
    counts = Counter(named.label for named in names)
    some = ", ".join(f"{label} {count:,}" for label, count in counts.most_common(8)) + (
        ", …" if len(counts) > 8 else ""
    )
    people = {named.person for named in names}
    who = f"; {len(people):,} persons are named" if len(people) > 1 else ""
    findings.warn("file names", f"the labels are taken from the names of the files: {some}{who}", count=len(found))
    return [
        replace(recording, label=named.label[:LONGEST_LABEL], group=named.person or recording.group)
        for recording, named in zip(found, names, strict=True)
    ]


def _take_file(
    file: RecordingFile, recording: Recording, columns: RecordingColumns, pieces: _Pieces, findings: Findings
) -> None:
    """Takes the recordings of one file; what cannot be read is noted."""
    chosen = columns.in_file(file, recording.where, findings)
    if chosen is None:
        return
    if len(file.parts) > 1:
        pieces.parted += 1
        pieces.parts += len(file.parts)
    changes = False
    for first, rows, numbers in file.parts:
        where = recording.where if len(file.parts) == 1 else f"{recording.where} line {first}"
        fields = list(zip(*rows, strict=True))
        values = np.empty((len(rows), len(chosen.channels)))
        bad = False
        for place, index in enumerate(chosen.channels):
            values[:, place], wrong = values_of(fields[index], file.style)
            if wrong:
                message = f"line {numbers[wrong[0]]}: {fields[index][wrong[0]][:20]!r} is not a number"
                findings.row("not a number", where, message)
                bad = True
                break
        if bad:
            continue
        if chosen.label is None:
            pieces.add(values, recording.label, where, recording)
            continue
        runs = label_runs(fields[chosen.label])
        changes = changes or len(runs) > 1
        for begin, end, label in runs:
            if is_missing(label):
                findings.note_at(
                    "unlabelled", f"{recording.where} line {numbers[begin]}", "steps without a label are left out"
                )
            else:
                pieces.add(
                    values[begin:end], label[:LONGEST_LABEL], f"{recording.where} line {numbers[begin]}", recording
                )
    pieces.changes += changes


def _warn_of_clocks(sequences: Sequences, columns: RecordingColumns, findings: Findings) -> None:
    """Warns of channels that always rise, which tell one recording from another without any skill."""
    if sequences.rising is None or not sequences.rising.any() or sequences.rows < 2:
        return
    numbers = [columns.numbers[index] for index in range(sequences.channels)]
    clocks = [number for number, rises in zip(numbers, sequences.rising.tolist(), strict=False) if rises]
    others = [number for number in numbers if number not in clocks]
    names = ("column " if len(clocks) == 1 else "columns ") + ", ".join(map(str, clocks))
    rises = "always rises, as a clock does: it" if len(clocks) == 1 else "always rise, as a clock does: they"
    hint = (
        f"; keep to the others with data.input_column={','.join(map(str, others))}"
        if others and not columns.named
        else ""
    )
    findings.warn(
        "clock",
        f"{names} {rises} can tell one recording from another without any skill{hint}",
        count=len(clocks),
    )
