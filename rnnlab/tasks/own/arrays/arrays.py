"""Arrays of NumPy: X_train and y_train, what stands beside them for validation and test, and what says which steps are true.

Names are understood in many spellings (`array_names`), archives and files read by blocks (`array_files`).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from rnnlab.config.data import Data
from rnnlab.tasks.own.arrays.array_files import (
    DAMAGED,
    WHOLE,
    ArrayFiles,
    ArrayReader,
    Stored,
    array_files,
    header_of,
    joined,
    shape_of,
    shape_text,
)
from rnnlab.tasks.own.arrays.array_layout import Layout, layouts, squeezed
from rnnlab.tasks.own.arrays.array_names import PARTS, Named, PartName, Role, by_place, named_arrays
from rnnlab.tasks.own.arrays.array_steps import TrueSteps, true_steps
from rnnlab.tasks.own.arrays.array_targets import Targets, check_targets, problem_of
from rnnlab.tasks.own.arrays.overlapping import warn_overlapping
from rnnlab.tasks.own.common.findings import Findings, Refusal, Report
from rnnlab.tasks.own.common.limits import LARGEST, MOST_CHANNELS, MOST_ROWS
from rnnlab.tasks.own.common.row_batch import RowBatch
from rnnlab.tasks.own.common.sequences import Sequences
from rnnlab.tasks.own.common.source import quiet

_BLOCK = 8 * 2**20
"""Bytes of an array that are read at once."""
_LISTED = 8
_PAIR: tuple[Role, Role] = ("X", "y")


def read_arrays(path: Path, findings: Findings, data: Data, *, keep: bool, report: Report = quiet) -> Sequences:
    """All rows of the arrays; with `data.problem` of classes, float targets are classes.

    Raises `Refusal` where they are damaged, not there, or do not fit.
    """
    try:
        with array_files(path, findings) as files:
            return _read_all(files, findings, data, keep, report)
    except Refusal:
        raise
    except DAMAGED as error:
        words = str(error).rstrip(".").splitlines()
        reason = f" ({words[0][:120]})" if words and words[0] else ""
        what = "is damaged or not an .npz archive" if path.suffix.lower() != ".npy" else "is damaged"
        raise Refusal("damaged", f"{findings.name} {what}{reason}") from None


def _read_all(files: ArrayFiles, findings: Findings, data: Data, keep: bool, report: Report) -> Sequences:
    chosen, others = _chosen(files, findings)
    arrays = {named: header_of(files, name, findings) for named, name in chosen.items()}
    parts = [part for part in PARTS if Named("X", part) in arrays]
    reader = ArrayReader(files, findings, report, sum(2 * stored.bytes for stored in arrays.values()))
    for part in parts:
        arrays[Named("X", part)] = _apart(part, arrays, reader, findings)
    for named, stored in arrays.items():
        if named.role == "X":
            _check_inputs(stored, findings)
        elif named.role == "y":
            check_targets(stored, findings, arrays[Named("X", named.part)])
    beside = _beside(arrays, others)
    lengths = {named.part: reader.whole(stored) for named, stored in beside.items() if named.role == "lengths"}
    longest = max((int(np.nanmax(each, initial=0)) for each in lengths.values() if each.dtype.kind in "iuf"), default=0)
    axes = layouts(
        {part: arrays[Named("X", part)] for part in parts},
        {name: shape_of(files, name) for name in others[:100]},
        {named.part: stored for named, stored in beside.items() if named.role == "mask"},
        longest,
        data.channels,
        findings,
    )
    for part, layout in axes.items():
        _check_channels(arrays[Named("X", part)], layout, findings)
    targets = {part: Targets(arrays[Named("y", part)], arrays[Named("X", part)].shape[0], reader) for part in parts}
    classifies = problem_of(targets, findings, classes=data.problem == "classes")
    _note_facts(arrays, axes, beside, others, findings)
    sequences = Sequences(findings, classifies, keep)
    for part in parts:
        x = arrays[Named("X", part)]
        steps = true_steps(part, axes[part], x, lengths.get(part), beside.get(Named("mask", part)), reader, findings)
        groups = _groups(beside.get(Named("groups", part)), reader)
        drawn = part == "train" and "test" not in parts and not groups
        _read_part(_Part(part, x, axes[part], targets[part], steps, groups, drawn), reader, sequences)
    _name_groups(sequences, beside, findings)
    sequences.finish()
    x = arrays[Named("X", "train")]
    if x.dtype.kind == "f" and x.dtype.itemsize == 4:
        sequences.note_single(x.name)
    if not sequences.classifies:
        targets["train"].whole.warn(findings, sequences.rows, arrays[Named("y", "train")].name)
    return sequences


def _chosen(files: ArrayFiles, findings: Findings) -> tuple[dict[Named, str], list[str]]:
    """The array of each meaning, inputs and targets in pairs, and the names of all others. Raises `Refusal`."""
    chosen, others = named_arrays(files.sizes)
    if not any(named.role in ("X", "y") for named in chosen) and len(files.sizes) <= 4:
        chosen = (
            by_place({name: shape for name in files.sizes if (shape := shape_of(files, name)) is not None}) or chosen
        )
        others = [name for name in files.sizes if name not in chosen.values()]
    for role in _PAIR:
        if Named(role, "train") not in chosen:
            there = ", ".join(name[:40] for name in list(files.sizes)[:_LISTED]) or "nothing"
            raise Refusal(
                "columns",
                f"{findings.name} has no array {role}_train; it holds {there}; inputs and targets are found by names such as "
                "X_train and y_train, or data and labels",
            )
    for part in PARTS:
        held = [role for role in _PAIR if Named(role, part) in chosen]
        if len(held) == 1:
            alone, other = chosen[Named(held[0], part)], f"{'y' if held[0] == 'X' else 'X'}_{part}"
            raise Refusal("columns", f"{findings.name} has the array {alone}, but no {other}")
    return chosen, others


def _apart(part: PartName, arrays: Mapping[Named, Stored], reader: ArrayReader, findings: Findings) -> Stored:
    """The inputs of a part; where its sequences stand one after the other, as `lengths` says, seen as rows."""
    x, y, said = arrays[Named("X", part)], arrays[Named("y", part)], arrays.get(Named("lengths", part))
    if said is None or len(x.shape) not in (1, 2) or x.dtype.kind not in "fiub" or said.dtype.kind not in "iu":
        return x
    if not said.bytes or said.bytes > WHOLE or y.shape[:1] == x.shape[:1] or y.shape[:1] != said.shape[:1]:
        return x
    if (x.fortran and x.bytes > WHOLE) or x.row_bytes > WHOLE:
        return x
    lengths = reader.whole(said).reshape(-1).astype(np.int64)
    if len(lengths) != said.shape[0] or lengths.min() < 1 or lengths.sum() != x.shape[0]:
        return x
    message = f"{x.name} was read as {len(lengths):,} sequences one after the other, as long as {said.name} says"
    findings.warn(f"joined {part}", message)
    return joined(x, lengths)


def _check_inputs(stored: Stored, findings: Findings) -> None:
    name, axes = stored.name, squeezed(stored.shape)
    shape = shape_text(stored.shape)
    if stored.dtype.kind not in "fiub":
        raise Refusal("not a number", f"{findings.name}: {name} is made of {stored.dtype}, not of numbers")
    if len(axes) not in (2, 3):
        raise Refusal(
            "shape",
            f"{findings.name}: {name} has the shape {shape}; it must be (rows, steps) or (rows, steps, channels)",
        )
    if stored.bytes // stored.dtype.itemsize * 4 > LARGEST:
        raise Refusal(
            "large", f"{findings.name}: {name} would take more than {LARGEST // 2**30} GiB in memory; take a sample"
        )
    if stored.shape[0] > MOST_ROWS:
        raise Refusal(
            "large", f"{findings.name}: {name} has {stored.shape[0]:,} rows; at most {MOST_ROWS:,} can be trained on"
        )
    if not stored.bytes:
        raise Refusal("empty", f"{findings.name}: {name} is empty, its shape is {shape}")
    if stored.row_bytes > WHOLE or (stored.fortran and len(stored.shape) > 1 and stored.bytes > WHOLE):
        raise Refusal(
            "large",
            f"{findings.name}: {name} cannot be read row by row; save it with numpy.ascontiguousarray, or in shorter rows",
        )


def _check_channels(stored: Stored, layout: Layout, findings: Findings) -> None:
    if layout.channels > MOST_CHANNELS:
        raise Refusal(
            "shape",
            f"{findings.name}: {stored.name} has {layout.channels:,} channels; at most {MOST_CHANNELS:,} can be read",
        )


def _beside(arrays: Mapping[Named, Stored], others: list[str]) -> dict[Named, Stored]:
    """Lengths, masks and groups that fit the inputs of their part; the names of those that do not go to `others`."""
    found: dict[Named, Stored] = {}
    for named, stored in arrays.items():
        if named.role in ("X", "y"):
            continue
        x = arrays.get(Named("X", named.part))
        flat = sum(length > 1 for length in stored.shape) <= 1 and bool(stored.shape)
        kinds = {"lengths": "iuf", "mask": "biuf", "groups": "iufUSb"}[named.role]
        fits = (
            x is not None
            and stored.shape[:1] == x.shape[:1]
            and stored.dtype.kind in kinds
            and stored.bytes <= 4 * WHOLE
        )
        if fits and x is not None and named.role == "mask":
            fits = len(stored.shape) in (2, 3) and stored.shape[1] in x.shape[1:]
        elif fits:
            fits = flat
        if fits:
            found[named] = stored
        else:
            others.append(stored.name)
    return found


def _note_facts(
    arrays: Mapping[Named, Stored],
    axes: Mapping[PartName, Layout],
    beside: Mapping[Named, Stored],
    others: list[str],
    findings: Findings,
) -> None:
    """What each array was taken for, and those that are not used, in `facts`."""
    used = {named: stored for named, stored in arrays.items() if named.role in ("X", "y") or named in beside}
    used = dict(sorted(used.items(), key=lambda pair: (PARTS.index(pair[0].part), pair[0].role)))
    findings.facts["arrays"] = {str(named): [*stored.shape] for named, stored in used.items()}
    renamed = {str(named): stored.name for named, stored in used.items() if stored.name != str(named)}
    if renamed:
        findings.facts["array_names"] = renamed
    findings.facts["axes"] = "rows, channels, steps" if axes["train"].first else "rows, steps, channels"
    unfit = {stored.name for stored in arrays.values()}
    findings.facts["left_out"] = [
        {"column": name, "reason": "it does not fit the rows" if name in unfit else "an array that is not used"}
        for name in others[:100]
    ]


@dataclass(frozen=True)
class _Part:
    """Arrays of one part."""

    name: PartName
    x: Stored
    layout: Layout
    targets: Targets
    steps: TrueSteps
    groups: list[str]
    drawn: bool
    """Whether a test part is drawn from its rows."""


def _groups(stored: Stored | None, reader: ArrayReader) -> list[str]:
    """The group of each row as text; empty where there are none."""
    if stored is None:
        return []
    values = reader.whole(stored).reshape(-1)
    if values.dtype.kind == "S":
        return [value.decode("utf-8", "replace") for value in values.tolist()]
    if values.dtype.kind == "f":
        return [f"{value:.12g}" for value in values.tolist()]
    return [str(value) for value in values.tolist()]


def _name_groups(sequences: Sequences, beside: Mapping[Named, Stored], findings: Findings) -> None:
    stored = beside.get(Named("groups", "train"))
    if stored is None:
        return
    sequences.group = "group" if "group" in stored.name.lower() else "person"
    findings.facts["group_column"] = stored.name


def _read_part(part: _Part, reader: ArrayReader, sequences: Sequences) -> None:
    findings, x = sequences.findings, part.x
    block = max(1, min(_BLOCK // max(1, x.row_bytes), _BLOCK // max(1, part.targets.row_bytes)))
    batch = RowBatch(sequences, test=part.name == "test", validation=part.name == "val")
    row = 0
    for (values, masked), targets in zip(
        _blocks(part, reader, block), part.targets.blocks(block, sequences.classifies, findings), strict=True
    ):
        if part.drawn and row == 0:
            warn_overlapping(values, x.name, findings)
        for index, target in enumerate(targets):
            where = f"{x.name}[{row + index}]"
            if target is None:
                batch.row(
                    "label",
                    f"{part.targets.name}[{row + index}]",
                    "the label is missing, too long, or not a finite number",
                )
                continue
            steps = part.steps.row(row + index, values[index], None if masked is None else masked[index])
            if steps is None:
                batch.row("lengths", where, f"its length is not one of 1 to {part.layout.steps:,} steps")
                continue
            batch.add(steps, target, where, part.groups[row + index] if part.groups else "")
        # What is wrong with the targets of the next block is noted as they are read.
        batch.flush()
        row += len(targets)


def _blocks(
    part: _Part, reader: ArrayReader, rows: int
) -> Iterator[tuple[NDArray[np.float64], NDArray[np.bool_] | None]]:
    """Blocks of rows (rows, steps, channels), and which of their values are true, where a mask says so."""
    masks = part.steps.masks(rows)
    for inputs in reader.blocks(part.x, rows):
        with np.errstate(all="ignore"):
            values = inputs.astype(np.float64).reshape(len(inputs), *part.layout.shape[1:])
        values = values.reshape(len(inputs), part.layout.shape[1], -1)
        yield values.transpose(0, 2, 1) if part.layout.first else values, next(masks, None)
