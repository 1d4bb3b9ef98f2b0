"""Check of a user's own file before anything is trained on it, read as the loader reads it."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from rnnlab.catalog.tasks.own import KIND_TITLES
from rnnlab.config import RunConfig, UsageError
from rnnlab.config.net import check_encoding
from rnnlab.config.suggested import KnownData, with_suggested
from rnnlab.tasks.own.arrays.array_files import DAMAGED, array_files
from rnnlab.tasks.own.common import number_labels
from rnnlab.tasks.own.common.findings import Choice, Findings, Problem, Refusal, Report, question, sentence
from rnnlab.tasks.own.common.source import quiet
from rnnlab.tasks.own.common.unpack import unpacked_size
from rnnlab.tasks.own.detect import file_of, kind_of, own_path
from rnnlab.tasks.own.reading import read_own
from rnnlab.tasks.own.result import Reading
from rnnlab.tasks.splitting.leaks import count_leaks, refuse_leaks
from rnnlab.tasks.splitting.normalise import channels_read
from rnnlab.tasks.splitting.types import SUBSET_NAMES, Split
from rnnlab.text.leaks import contradiction_text
from rnnlab.text.sanitise import plain

LOADED = 8 * 2**20
"""Maximum size, in bytes, of a file that is also split, as training would split it."""
SHOWN_CLASSES = 1000


@dataclass
class CheckReport:
    """Result of a check. `problems` are in the order found; those that prevent training have `stops`.

    `rows` are those that can be read, `classes` their number by class, the largest first; `lengths` the minimum, the maximum
    and the mean length in steps. `facts` hold what was detected: encoding, delimiter, header, columns.
    """

    file: str
    kind: str | None = None
    problem: str = ""
    """Classification, regression or forecasting; empty where it is unknown."""
    rows: int = 0
    classes: dict[str, int] = field(default_factory=dict)
    lengths: dict[str, float] = field(default_factory=dict)
    facts: dict[str, object] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    splits: dict[str, int] = field(default_factory=dict)
    """Rows of each subset, where the file was small enough to be split."""
    known: KnownData | None = None
    """Sizes from which settings are suggested."""
    net: dict[str, object] = field(default_factory=dict)
    """Sizes of a net for it, known then too: `problem`, `inputs`, `input_size`, `outputs`."""

    @property
    def may_be_classes(self) -> bool:
        """Whether its numeric targets may be classes."""
        return any(problem.kind == number_labels.KIND and not problem.stops for problem in self.problems)

    @property
    def trainable(self) -> bool:
        """Whether no problem prevents training."""
        return not any(problem.stops for problem in self.problems)

    @property
    def reason(self) -> str:
        """Sentence with which training would refuse it."""
        return next((question(problem.message, problem.choices) for problem in self.problems if problem.stops), "")

    def as_json(self) -> dict[str, Any]:
        """The report for JSON; all texts are sanitised."""
        return {
            "file": plain(self.file),
            "kind": self.kind,
            "problem": self.problem,
            "rows": self.rows,
            "classes": {plain(name): count for name, count in list(self.classes.items())[:SHOWN_CLASSES]},
            "lengths": self.lengths,
            "facts": {key: _shown(value) for key, value in self.facts.items()},
            "splits": self.splits,
            "net": self.net,
            "known": None if self.known is None else self.known.as_json(),
            "problems": [
                {
                    "kind": problem.kind,
                    "where": problem.where,
                    "message": sentence(problem),
                    "count": problem.count,
                    "stops": problem.stops,
                    "places": [{"where": where, "message": message} for where, message in problem.places],
                    "choices": [
                        {"reading": plain(choice.reading), "setting": plain(choice.setting)}
                        for choice in problem.choices
                    ],
                }
                for problem in self.problems
            ],
            "trainable": self.trainable,
        }


def _shown(value: object) -> object:
    if isinstance(value, str):
        return plain(value)
    if isinstance(value, dict):
        return {key: _shown(part) for key, part in value.items()}
    return [_shown(part) for part in value] if isinstance(value, list) else value


def check_file(path: str | Path, settings: Mapping[str, object] | None = None, report: Report = quiet) -> CheckReport:
    """Report on a file or folder, read as training with `settings` would, in bounded memory whatever its size.

    Raises `ConfigError` for settings that are not allowed; all problems of the file are in the report.
    """
    settings = {**(settings or {}), "task.name": "own", "data.path": str(path)}
    config = RunConfig.from_settings(settings)
    findings = Findings(str(path))
    reading = Reading(given=frozenset(settings))
    try:
        small = _size(config, findings) <= LOADED
        read_own(config, reading, findings, keep=small, report=report)
    except Refusal as refusal:
        findings.refuse(refusal)
    if config.data.split in ("distinct", "published"):
        held = "test" if not reading.validated else "validation" if not reading.tested else "validation or test"
        for name in reading.only_tested:
            findings.note_at(
                "test only", f"class {name[:40]}", f"stands in the {held} part alone, so that no net can learn it"
            )
    checked = CheckReport(
        file=str(path),
        kind=reading.kind,
        problem=reading.problem,
        rows=reading.rows,
        classes=dict(reading.classes.most_common()),
        lengths={"min": reading.shortest, "max": reading.longest, "mean": reading.mean} if reading.rows else {},
        facts=findings.facts,
        known=_known(reading),
    )
    if findings.first_stop() is None and reading.make is not None:
        try:
            if checked.known is not None:
                config = RunConfig.from_settings(with_suggested(settings, checked.known))
            split = reading.make(config)
            if split.card.inputs == "tokens":
                check_encoding(config.data.encoding, split.input_size - 1)
            if split.vocabulary:
                checked.lengths = _lengths(split)
            checked.splits = {name: len(split.subset(name)) for name in ("train", "validation", "test")}
            checked.net = {
                "problem": split.card.problem,
                "inputs": split.card.inputs,
                "input_size": channels_read(split.input_size, split.scale),
                "outputs": split.outputs,
            }
            leaks = count_leaks(split)
            if contradiction := contradiction_text(leaks, split.card.problem):
                parted = (Choice("each input in one part", "data.split=grouped"),)
                drawn = config.data.split == "distinct" and not (reading.tested or reading.validated or split.group)
                findings.warn("contradiction", contradiction, count=leaks["inputs"], choices=parted if drawn else ())
            if config.data.leaks != "allow":
                refuse_leaks(split, config, leaks)
        except UsageError as error:
            findings.stop("split", str(error))
    checked.problems = list(findings.problems.values())
    return checked


def known_data(
    settings: Mapping[str, object],
    report: Report = quiet,
    say: Callable[[str], None] = lambda _: None,
    read_as: Callable[[tuple[str, ...]], None] = lambda _: None,
) -> KnownData | None:
    """Sizes of the file that `settings` name, from which settings are suggested.

    `say` is called with a sentence where floats that may be classes were taken for numbers, `read_as` with all notes on how
    the file was read. Reads the file in bounded memory. Raises `UsageError` where there is none, or with the sentence with
    which training would refuse it.
    """
    config = RunConfig.from_settings(settings)
    findings = Findings(str(config.data.path))
    reading = Reading(given=frozenset(settings))
    read_own(config, reading, findings, keep=False, report=report)
    findings.raise_stop()
    if (unsure := findings.problems.get(number_labels.KIND)) is not None:
        say(sentence(unsure))
    read_as(findings.notes(KIND_TITLES[reading.kind] if reading.kind else ""))
    return _known(reading)


def _known(reading: Reading) -> KnownData | None:
    if not reading.rows:
        return None
    return KnownData(
        sequences=reading.rows,
        tested=reading.tested,
        validated=reading.validated,
        channels=reading.channels,
        mean=reading.mean,
        inputs="tokens" if reading.kind == "text" else "values",
        problem=reading.problem,
        window=reading.window.window if reading.window else 0,
        stride=reading.window.stride if reading.window else 0,
        tokens=reading.suiting_tokens,
    )


def _lengths(split: Split) -> dict[str, float]:
    """Words of the texts of all subsets."""
    lengths = [length for name in SUBSET_NAMES for length in split.subset(name).lengths.tolist()]
    return {"min": min(lengths), "max": max(lengths), "mean": sum(lengths) / len(lengths)}


def _size(config: RunConfig, findings: Findings) -> int:
    """Number of bytes to be read; of an archive, when unpacked."""
    path = own_path(config)
    kind = kind_of(path, config, findings)
    if kind == "recordings":
        return sum(_size_of(Path(place) / name) for place, _, names in os.walk(path) for name in names)
    if kind == "arrays":
        try:
            with array_files(file_of(path), findings) as files:
                return sum(files.sizes.values())
        except DAMAGED:
            return 0
    return unpacked_size(file_of(path))


def _size_of(file: Path) -> int:
    try:
        return file.stat().st_size
    except OSError:  # gone meanwhile, or not ours to look at: reading it will say so
        return 0
