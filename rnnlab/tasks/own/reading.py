"""Reading of a user's own file, the same for the loader and the check, so that they never disagree."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Literal

import numpy as np

from rnnlab.catalog.task_card import TaskCard
from rnnlab.catalog.tasks.own import KIND_TITLES
from rnnlab.config import RunConfig
from rnnlab.config.suggested import few_validated_text
from rnnlab.tasks.encoding.words import LONGEST_WORDS
from rnnlab.tasks.own.arff_table import is_arff, label_of, open_arff, read_relational_arff, refuse_words
from rnnlab.tasks.own.arrays import read_arrays
from rnnlab.tasks.own.cross_section import ask_label, ask_order, refuse_months
from rnnlab.tasks.own.detect import OwnKind, file_of, kind_of, own_path
from rnnlab.tasks.own.findings import Findings, Refusal, Report
from rnnlab.tasks.own.limits import check_padded, check_tokens, cut_after
from rnnlab.tasks.own.number_titles import with_number_titles
from rnnlab.tasks.own.numbers import Missing
from rnnlab.tasks.own.one_pass import read_once
from rnnlab.tasks.own.paired_table import PairedTable, paired_table
from rnnlab.tasks.own.pairs import ending, partner
from rnnlab.tasks.own.profile import ColumnProfile
from rnnlab.tasks.own.recordings import read_recordings
from rnnlab.tasks.own.roles import Roles, assign_roles, kind_of_table
from rnnlab.tasks.own.row_table import read_rows
from rnnlab.tasks.own.rows import sequence_dataset, text_dataset, with_given_test, with_texts, with_training_alphabet
from rnnlab.tasks.own.sequences import Sequences
from rnnlab.tasks.own.series import SeriesTable, check_windows, read_series
from rnnlab.tasks.own.source import quiet
from rnnlab.tasks.own.steps_table import read_steps
from rnnlab.tasks.own.table import Table, open_table
from rnnlab.tasks.own.table_layout import Layout
from rnnlab.tasks.own.text import Texts, read_texts
from rnnlab.tasks.own.text_roles import refuse_numbers
from rnnlab.tasks.own.text_tokens import TokenKind, token_kind
from rnnlab.tasks.own.ts import read_ts
from rnnlab.tasks.own.ucr import is_ucr, read_ucr
from rnnlab.tasks.own.wide import refuse_wide, transposed, wide_columns
from rnnlab.tasks.own.windowing import CutSequences, Windowing, WindowSettings
from rnnlab.tasks.own.word_rows import with_training_vocabulary, word_dataset
from rnnlab.tasks.splitting.split import split_dataset
from rnnlab.tasks.splitting.types import TEST, TRAIN, VALIDATION, Split
from rnnlab.tasks.splitting.windows import forecasting_split

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


@dataclass
class Reading:
    """Result of reading a file. `make` builds the split; `kind` is known even where the rest is not."""

    given: frozenset[str] = frozenset()
    """Keys of the settings that a person has set, as far as they are known."""
    kind: OwnKind | None = None
    problem: str = ""
    """`classification`, `regression` or `forecasting`, once the targets are read."""
    rows: int = 0
    tested: int = 0
    """Rows of the test set that comes with the file."""
    validated: int = 0
    """Rows of the validation set that comes with it."""
    classes: Counter[str] = field(default_factory=Counter)
    only_tested: tuple[str, ...] = ()
    """Classes of those sets that the training rows lack."""
    channels: int = 0
    """Numbers at each step of sequences of measurements."""
    shortest: int = 0
    longest: int = 0
    mean: float = 0.0
    window: Windowing | None = None
    """Windows that were cut from longer recordings."""
    suiting_tokens: TokenKind | Literal[""] = ""
    """What would be chosen for texts, whatever `data.tokens` says."""
    tokens: TokenKind | Literal[""] = ""
    """What a net reads of texts; empty for all else."""
    sequences: Sequences | None = None
    """The sequences that were read, where they are kept."""
    make: Callable[[RunConfig], Split] | None = None


def read_own(config: RunConfig, reading: Reading, findings: Findings, *, keep: bool, report: Report = quiet) -> None:
    """Reads the file that `data.path` names into `reading`, and its problems into `findings`.

    Without `keep` the rows are checked and dropped, so that a file of any size is read in bounded memory. Raises `Refusal`
    where the file is not of its kind; problems that are known only at its end are in `findings`.
    """
    findings.missing = Missing.from_setting(config.data.missing)
    path = own_path(config)
    reading.kind = kind_of(path, config, findings)
    file = path if reading.kind == "recordings" else file_of(path)
    data = config.data
    classes = data.problem == "classes"
    windows = WindowSettings.of(data, reading.given)
    match reading.kind:
        case "arrays":
            _take_sequences(reading, read_arrays(file, findings, data, keep=keep, report=report), findings, keep)
        case "recordings":
            _take_cut(
                reading,
                read_recordings(file, config.data, windows, findings, keep=keep, report=report),
                findings,
                keep,
            )
        case "ts":
            _take_sequences(reading, read_ts(file, findings, classes=classes, keep=keep, report=report), findings, keep)
        case None | "rows" if is_ucr(file):
            reading.kind = "rows"
            _take_sequences(reading, read_ucr(file, findings, keep=keep, report=report), findings, keep)
        case None | "rows" if is_arff(file) and (
            cases := read_relational_arff(file, findings, keep=keep, report=report)
        ):
            reading.kind = "rows"
            _take_sequences(reading, cases, findings, keep)
        case _:
            _take_table(reading, file, config, findings, keep, report)
    if reading.kind is not None and config.data.split not in SPLITS[reading.kind]:
        suiting = ", ".join(SPLITS[reading.kind])
        message = f"data.split = {config.data.split} does not suit {KIND_TITLES[reading.kind]}; choose one of {suiting}"
        findings.stop("split", message)


def _upright(table: Table, kind: OwnKind | None, findings: Findings, report: Report) -> Table:
    """The table, transposed where it is a series whose dates stand in the titles. Raises `Refusal` where that is not sure."""
    wide = wide_columns(table) if kind in (None, "series") else None
    if wide is None:
        return table
    if kind is None and wide.labelled:
        refuse_wide(table, wide, findings)
    return transposed(table, wide, findings, report)


def _open(path: Path, findings: Findings, report: Report) -> Table:
    """The table in a file of any format. Raises `Refusal`."""
    if ending(path) == ".tsf":
        raise Refusal(
            "format",
            f"{findings.name} is a .tsf file of the Monash archive, which holds many series; save the one to forecast as a CSV "
            "with a column of dates and a column of values",
        )
    if is_arff(path):
        return open_arff(path, findings, report)
    table = with_number_titles(open_table(path, findings, report))
    findings.facts["header"] = table.titled
    return table


def _take_table(
    reading: Reading,
    file: Path,
    config: RunConfig,
    findings: Findings,
    keep: bool,
    report: Report,
    *,
    alone: bool = False,
) -> None:
    """Reads a table by the roles of its columns, which follow from what is in them throughout the file.

    Its test set is the file beside it, unless it is to be read `alone`.
    """
    train, beside = (file, None) if alone else partner(file)
    table = _upright(_open(train, findings, report), reading.kind, findings, report)
    if not config.data.target_column and (label := label_of(table, findings)) is not None:
        config = RunConfig.from_settings(config.flat() | {"data.target_column": label})
    missing = findings.missing
    chosen = config

    def roles_of(profiles: tuple[ColumnProfile, ...], noted: Findings) -> Roles | None:
        kind = kind_of_table(table, profiles, chosen, noted)
        roles = assign_roles(table, profiles, kind, chosen, noted, missing)
        return roles if roles.layout is None and (beside is None or roles.kind == "series") else None

    def rows_of(table: Table, roles: Roles, noted: Findings) -> SeriesTable | Texts:
        read = read_series if roles.kind == "series" else read_texts
        return read(table, roles, noted, keep=keep)

    once = read_once(table, findings, roles_of, rows_of, report)
    profiles = once.profiles
    if not profiles or not profiles[0].rows:
        rows = sum(len(block) for block in table.blocks(findings, report))
        findings.judge(rows)
        findings.raise_stop()
    kind = kind_of_table(table, profiles, config, findings)
    reading.kind = kind.kind
    roles = assign_roles(table, profiles, kind, config, findings, missing)
    if roles.layout is not None:
        needed = (roles.layout.label, *(index for channel in roles.layout.grid for index in channel))
        test = paired_table(table, beside, needed, _open, findings) if beside is not None else None
        _take_layout(reading, table, test, roles, roles.layout, config, findings, keep, report)
    elif roles.kind == "series":
        if config.data.kind == "auto":
            refuse_months(table, findings)
            ask_order(table, profiles, roles, findings)
        if train != file:  # a series is split by time: the file that is named is the one to read
            findings.facts.clear()
            _take_table(reading, file, config, findings, keep, report, alone=True)
            return
        if beside is not None:
            findings.warn("test file", f"{beside.name} beside it is not used: a series is split by time")
        series = once.result(roles, findings) or read_series(table, roles, findings, keep=keep, report=report)
        assert isinstance(series, SeriesTable)
        _take_series(reading, series, config, findings, keep)
    else:
        assert roles.text is not None
        assert roles.label is not None
        refuse_words(table, findings)
        if config.data.kind == "auto" and config.data.target_column is None:
            ask_label(table, profiles, roles, findings)
        refuse_numbers(profiles[roles.label], findings.name)
        test = paired_table(table, beside, (roles.text, roles.label), _open, findings) if beside is not None else None
        texts = once.result(roles, findings) if test is None else None
        texts = texts or read_texts(table, roles, findings, keep=keep, report=report, test=test)
        assert isinstance(texts, Texts)
        _take_texts(reading, texts, config, findings, keep)


def _take_layout(
    reading: Reading,
    table: Table,
    test: PairedTable | None,
    roles: Roles,
    layout: Layout,
    config: RunConfig,
    findings: Findings,
    keep: bool,
    report: Report,
) -> None:
    """Reads a table of many sequences; its columns are in the facts."""
    titles = table.header
    findings.facts["target_column"] = titles[layout.label]
    findings.facts["group_column"] = titles[layout.person] if layout.person is not None else None
    findings.facts["date_column"] = titles[layout.time] if layout.time is not None else None
    findings.facts["input_columns"] = [titles[index] for channel in layout.grid for index in channel]
    if layout.kind == "rows":
        sequences = read_rows(table, roles, config.data, findings, keep=keep, report=report, test=test)
        group = titles[layout.person] if layout.person is not None else ""
        _take_sequences(reading, sequences, findings, keep, group)
        return
    windows = WindowSettings.of(config.data, reading.given)
    _take_cut(
        reading,
        read_steps(
            table,
            roles,
            config.data,
            windows,
            findings,
            keep=keep,
            report=report,
            test=test,
        ),
        findings,
        keep,
    )


def _take_cut(reading: Reading, cut: CutSequences, findings: Findings, keep: bool) -> None:
    """Takes whole recordings, or windows of them."""
    reading.window = cut.windows
    _take_sequences(reading, cut.sequences, findings, keep, cut.group)


def _take_texts(reading: Reading, texts: Texts, config: RunConfig, findings: Findings, keep: bool) -> None:
    reading.tested = texts.tested
    reading.only_tested = texts.only_tested
    reading.problem = "classification"
    reading.rows, reading.classes = texts.rows, texts.counts
    rows = max(1, texts.rows)
    reading.tokens = tokens = token_kind(config.data.tokens, texts.rows, texts.sentences)
    reading.suiting_tokens = token_kind("auto", texts.rows, texts.sentences)
    words = texts.words / rows
    findings.facts["tokens"] = {"kind": tokens, "words": round(words, 2), "chosen": config.data.tokens == "auto"}
    if tokens == "words":
        longest = min(texts.most_words, cut_after(rows, texts.words, LONGEST_WORDS))
        reading.shortest, reading.longest, reading.mean = texts.fewest_words, longest, words
        check_tokens(findings, rows, longest, texts.words)
    else:
        reading.shortest, reading.longest, reading.mean = texts.shortest, texts.longest, texts.characters / rows
        check_padded(findings, rows, texts.longest, texts.characters, 1, texts.longest_at, "characters")
    if keep:
        reading.make = lambda config: _text_split(texts, tokens, findings, config)


def _take_series(reading: Reading, series: SeriesTable, config: RunConfig, findings: Findings, keep: bool) -> None:
    data = config.data
    reading.problem = "forecasting"
    if data.problem == "classes":
        findings.stop(
            "target",
            f"data.problem = classes does not suit {findings.name}, a series whose next values are forecast; set it to auto",
        )
    if data.folds is not None:
        findings.stop(
            "split",
            f"data.folds = {data.folds} does not suit {findings.name}, a series whose next values are forecast and which is "
            "split by time; set it to none",
        )
    reading.rows = reading.shortest = reading.longest = series.steps
    reading.mean = float(series.steps)
    check_windows(findings, series.steps, series.channels, data)
    if keep:
        reading.make = lambda config: _series_split(series, findings, config)


def _take_sequences(reading: Reading, sequences: Sequences, findings: Findings, keep: bool, group: str = "") -> None:
    """Takes sequences with their targets; `group` is what their groups are."""
    reading.problem = "classification" if sequences.classifies else "regression"
    reading.rows, reading.classes = sequences.rows, sequences.labels.counts()
    reading.tested, reading.validated = sequences.count(TEST), sequences.count(VALIDATION)
    held_out = reading.tested + reading.validated
    if sequences.classifies and 0 < held_out < sequences.rows:
        reading.only_tested = sequences.labels.only_among(np.frombuffer(sequences.given, dtype=np.int8) != TRAIN)
    reading.channels = sequences.channels
    reading.shortest, reading.longest = sequences.shortest, sequences.longest
    reading.mean = sequences.steps / sequences.rows if sequences.rows else 0.0
    if keep:
        reading.sequences = sequences
        reading.make = lambda config: _sequence_split(sequences, findings, config, group, reading.kind or "arrays")


def _text_split(texts: Texts, tokens: TokenKind | Literal[""], findings: Findings, config: RunConfig) -> Split:
    notes = findings.notes(KIND_TITLES["text"])
    rows = word_dataset(texts.texts, texts.labels, notes) if tokens == "words" else text_dataset(texts, notes)
    rows = with_given_test(rows, texts.tested)
    texts.texts, texts.labels = [], []
    card = _card("classification", "tokens", len(rows))
    if texts.tested and config.data.split == "distinct":
        config = RunConfig.from_settings(config.flat() | {"data.split": "published"})
    split = replace(_with_few_validated(split_dataset(card, rows, config), config), split_kind=config.data.split)
    known = (
        with_training_vocabulary(split, config.data.vocabulary) if rows.vocabulary else with_training_alphabet(split)
    )
    return with_texts(known, rows.keys)


def _sequence_split(
    sequences: Sequences, findings: Findings, config: RunConfig, group: str, own_kind: OwnKind
) -> Split:
    notes = findings.notes(KIND_TITLES[own_kind])
    held = [name for name, subset in (("validation", VALIDATION), ("test", TEST)) if sequences.count(subset)]
    given = bool(held)
    if given and config.data.split not in ("distinct", "published"):
        sets = " and the ".join(f"{name} set" for name in held)
        mixed = "were" if len(held) > 1 else "was"
        notes += (f"the {sets} of the file {mixed} mixed with the rest, as data.split = {config.data.split} says",)
    elif held == ["validation"]:
        notes += (
            "the file has a validation part and no test part: data.test is the share of its training rows that is one",
        )
    rows = sequence_dataset(sequences, notes, group)
    sequences.values = []
    card = _card("classification" if rows.classes else "regression", "values", len(rows))
    kind = config.data.split
    if kind == "distinct":
        # Unless another split is asked for, a test set that comes with the data stays the test set, and nobody's recordings
        # are in two subsets.
        kind = "published" if given else "person" if rows.groups is not None else kind
    split = split_dataset(card, rows, RunConfig.from_settings(config.flat() | {"data.split": kind}))
    return replace(_with_few_validated(split, config), split_kind=kind)


def _with_few_validated(split: Split, config: RunConfig) -> Split:
    """The split, with a note where its validation set is too small to choose settings by."""
    few = few_validated_text(len(split.validation)) if config.data.folds is None else ""
    return replace(split, notes=(*split.notes, few)) if few else split


def _series_split(series: SeriesTable, findings: Findings, config: RunConfig) -> Split:
    card = _card("forecasting", "values", series.steps)
    split = forecasting_split(card, config, series.values, series.labels, notes=findings.notes(KIND_TITLES["series"]))
    return replace(split, split_kind="time")


def _card(problem: str, inputs: str, rows: int) -> TaskCard:
    from rnnlab.catalog.tasks.own import CARD

    return replace(CARD, problem=problem, inputs=inputs, training_rows=rows)  # type: ignore[arg-type]
