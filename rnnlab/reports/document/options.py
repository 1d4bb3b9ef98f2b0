"""Options of each kind of block: the one declaration from which they are read, checked and documented."""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, get_args

from rnnlab.errors import UsageError
from rnnlab.sweeps.results import Statistics

Kind = Literal["text", "names", "number", "switch"]
"""`names` is a text or a list of texts and whole numbers; `number` a whole number from 0 on; `switch` true or false."""
_ALLOWED: dict[Kind, str] = {
    "text": "a text in quotes",
    "names": 'a text such as "best", or a list such as ["1", "4"]',
    "number": "a whole number",
    "switch": "true or false",
}
_MOST = 10_000


@dataclass(frozen=True)
class Option:
    """An option of a block: what it may be, what it is where it is not given, and what it does."""

    kind: Kind
    default: Any
    help: str
    choices: tuple[str, ...] = ()


@dataclass(frozen=True)
class BlockCard:
    """A kind of block: what it shows, and its options by name."""

    summary: str
    options: Mapping[str, Option]


def _runs(default: str) -> Option:
    return Option(
        "names",
        default,
        'Which rows of the table: "best", "all", "top 3"; or runs by name or number, as ["1", "4"].',
    )


_BY = Option("names", "", 'A setting, or two: the best row of each of its values, as "model.name". In place of `runs`.')
_PART = Option(
    "text",
    "",
    "Part of the data; without it test, or validation where a run was not tested.",
    ("validation", "test"),
)
_FIGURE = Option("text", "", 'A figure such as "loss" or "macro_f1"; without it the one that the table is ranked by.')
_STATISTICS = Option(
    "text",
    "auto",
    "Part of the data of intervals and verdicts, as of rnnlab compare --statistics.",
    get_args(Statistics),
)

BLOCK_OPTIONS: dict[str, BlockCard] = {
    "overview": BlockCard(
        "What was asked: the task, what was varied, how many runs and seeds, and what of them is done.", {}
    ),
    "notes": BlockCard("Notes and tags of the session and of its runs, as rnnlab note and the app keep them.", {}),
    "data": BlockCard("The data: parts, classes and their imbalance, leaks, baselines, notes of the loader.", {}),
    "table": BlockCard(
        "The runs in a table, as rnnlab compare shows them.",
        {
            "by": Option("names", "", "A setting, or two: the best configuration of each value."),
            "grid": Option("switch", False, "Two settings as a table, one down, the other across."),
            "columns": Option("names", "", 'Further columns, as "best_epoch"; "-status" leaves one out.'),
            "show": Option("names", "", 'Figures to show beside the metric, as "macro_f1".'),
            "against": Option("text", "", "A run: how far the others are from its row."),
            "statistics": _STATISTICS,
        },
    ),
    "published": BlockCard("Figures that were published, beside those of a session that repeats a recipe.", {}),
    "statistics": BlockCard(
        "What follows from the table: intervals, differences and conclusions, in sentences.",
        {"statistics": _STATISTICS},
    ),
    "over": BlockCard(
        "A figure over settings: points with their deviation over a number, boxes over anything else, a heat map over two.",
        {
            "by": Option(
                "names", "", "The settings; without them those in which the runs differ, where they are one or two."
            ),
            "figure": _FIGURE,
        },
    ),
    "curves": BlockCard(
        "A figure over the epochs: the mean of each row's seeds with a band of one standard deviation.",
        {
            "figure": _FIGURE,
            "part": Option(
                "text",
                "validation",
                "validation: the mean of each row. both: training and validation of each row's best run.",
                ("validation", "both"),
            ),
            "runs": _runs("top 6"),
            "by": _BY,
        },
    ),
    "confusion": BlockCard(
        "Confusion matrices of the best weights, summed over a row's seeds; of two rows also their difference.",
        {"runs": _runs("best"), "by": _BY, "part": _PART},
    ),
    "classes": BlockCard(
        "Precision, recall and F1 of each class, of the same counts.",
        {"runs": _runs("best"), "by": _BY, "part": _PART},
    ),
    "forecast": BlockCard(
        "The forecast over the truth, beside the best naive one, and how far each is off.",
        {"runs": _runs("best"), "by": _BY},
    ),
    "further": BlockCard(
        "Further tests: the test metric over the length of the sequences, and after their first steps alone.", {}
    ),
    "gradients": BlockCard(
        "How much of the gradient is left at each step before the last, over the epochs.",
        {"runs": _runs("best"), "by": _BY},
    ),
    "errors": BlockCard(
        "The most frequent confusions and the worst rows with their inputs, and how far probabilities can be believed.",
        {
            "runs": _runs("best"),
            "part": _PART,
            "worst": Option("number", 10, "Rows to show, the worst first."),
            "true": Option("text", "", "Only errors on rows of this class."),
            "predicted": Option("text", "", "Only errors where this class was predicted."),
        },
    ),
    "warnings": BlockCard(
        "What the lab noticed in the course of training and at its end, with what to do about it.",
        {"runs": _runs("all")},
    ),
    "questions": BlockCard(
        "Questions that a course asks, answered by what the runs show; those alone of which they show something.",
        {"only": Option("names", "", "Some of the questions, by name.")},
    ),
    "config": BlockCard(
        "The exact configuration, as run.toml has it.",
        {
            "runs": _runs("best"),
            "changed": Option("switch", False, "Only what differs from the lab's own defaults."),
        },
    ),
    "repeat": BlockCard("How to repeat the runs: commands, versions, machine, and whether replay --verify holds.", {}),
}
"""The kinds of blocks, in the order in which a written specification has them."""


def checked(kind: str, given: Mapping[str, Any], where: str) -> dict[str, Any]:
    """The options of a block of this kind, those that are not given at their defaults. Raises `UsageError` naming `where`."""
    options = BLOCK_OPTIONS[kind].options
    for name in given:
        if name not in options:
            near = difflib.get_close_matches(name, options, n=1)
            hint = f" (did you mean {near[0]}?)" if near else ""
            known = f"it has {', '.join(options)}" if options else "it has none"
            raise UsageError(f"{where}: the block {kind} has no option {name!r}{hint}; {known}")
    if "runs" in given and "by" in given:
        raise UsageError(
            f"{where}: the block {kind} takes runs or by, as each says which rows to show; leave one of them out"
        )
    return {name: _value(name, option, given, f"{where}, block {kind}") for name, option in options.items()}


def _value(name: str, option: Option, given: Mapping[str, Any], where: str) -> Any:
    if name not in given:
        return option.default
    value = given[name]
    if option.kind == "names" and isinstance(value, list):
        fits = bool(value) and all(isinstance(each, str | int) and not isinstance(each, bool) for each in value)
        value = [str(each) for each in value] if fits else value
    elif option.kind == "switch":
        fits = isinstance(value, bool)
    elif option.kind == "number":
        fits = isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= _MOST
    else:
        fits = isinstance(value, str)
    if fits and option.choices and value not in option.choices:
        raise UsageError(f"{where}: {name} = {value!r} is not allowed; it must be one of {', '.join(option.choices)}")
    if not fits:
        raise UsageError(f"{where}: {name} = {value!r} is not allowed; it must be {_ALLOWED[option.kind]}")
    return value


def names_of(value: str | list[str]) -> tuple[str, ...]:
    """The names in an option: a list's, or those between the commas of a text."""
    parts = value if isinstance(value, list) else value.split(",")
    return tuple(part.strip() for part in parts if part.strip())
