"""Splits of a user's own data: what was read as a dataset, split, with what a person should know of it."""

from __future__ import annotations

from dataclasses import replace
from typing import Literal

import msgspec

from rnnlab.catalog.task_card import TaskCard
from rnnlab.catalog.tasks.own import KIND_TITLES
from rnnlab.config import RunConfig
from rnnlab.config.suggested import few_validated_text
from rnnlab.tasks.own.common.findings import Findings
from rnnlab.tasks.own.common.kinds import OwnKind
from rnnlab.tasks.own.common.sequences import Sequences
from rnnlab.tasks.own.rows import sequence_dataset, text_dataset, with_given_test, with_texts, with_training_alphabet
from rnnlab.tasks.own.series import SeriesTable
from rnnlab.tasks.own.text import Texts
from rnnlab.tasks.own.text_tokens import TokenKind
from rnnlab.tasks.own.word_rows import with_training_vocabulary, word_dataset
from rnnlab.tasks.splitting.split import split_dataset
from rnnlab.tasks.splitting.types import SUBSET_NAMES, TEST, VALIDATION, Split
from rnnlab.tasks.splitting.windows import forecasting_split
from rnnlab.text.leaks import unused_text


def text_split(texts: Texts, tokens: TokenKind | Literal[""], findings: Findings, config: RunConfig) -> Split:
    """Split of texts, read by `tokens`. The texts are not kept."""
    if tokens == "words":
        rows = word_dataset(texts.texts, texts.labels, findings)
    else:
        rows = text_dataset(texts, findings.notes(KIND_TITLES["text"]))
    rows = with_given_test(rows, texts.tested)
    texts.texts, texts.labels = [], []
    card = _card("classification", "tokens", len(rows))
    if texts.tested and config.data.split == "distinct":
        config = RunConfig.from_settings(config.flat() | {"data.split": "published"})
    split = _with_unused(split_dataset(card, rows, config), texts.rows, findings)
    split = replace(_with_few_validated(split, config), split_kind=config.data.split)
    known = (
        with_training_vocabulary(split, config.data.vocabulary) if rows.vocabulary else with_training_alphabet(split)
    )
    return with_texts(known, rows.keys)


def sequence_split(sequences: Sequences, findings: Findings, config: RunConfig, group: str, own_kind: OwnKind) -> Split:
    """Split of sequences with their targets; `group` is what their groups are. The sequences are not kept."""
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
    split = _with_unused(split, len(rows), findings)
    return replace(_with_few_validated(split, config), split_kind=kind)


def series_split(series: SeriesTable, findings: Findings, config: RunConfig) -> Split:
    """Split of a series by time, in windows. Raises `UsageError` where it is too short."""
    card = _card("forecasting", "values", series.steps)
    split = forecasting_split(card, config, series.values, series.labels, notes=findings.notes(KIND_TITLES["series"]))
    return replace(split, split_kind="time")


def _with_unused(split: Split, rows: int, findings: Findings) -> Split:
    """The split, with a note on the rows that no part of it has; the check of the file says the same."""
    used = sum(len(split.subset(name)) for name in SUBSET_NAMES)
    unused = unused_text(rows, used)
    if not unused:
        return split
    findings.warn("unused rows", unused, count=rows - used)
    return replace(split, notes=(*split.notes, unused))


def _with_few_validated(split: Split, config: RunConfig) -> Split:
    """The split, with a note where its validation set is too small to choose settings by."""
    few = few_validated_text(len(split.validation)) if config.data.folds is None else ""
    return replace(split, notes=(*split.notes, few)) if few else split


def _card(problem: str, inputs: str, rows: int) -> TaskCard:
    from rnnlab.catalog.tasks.own import CARD

    return msgspec.structs.replace(CARD, problem=problem, inputs=inputs, training_rows=rows)
