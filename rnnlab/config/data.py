"""Where the rows come from, how they are split and what is done to them: the fields of `data`."""

from __future__ import annotations

from typing import Annotated

import msgspec

from rnnlab.catalog.tasks.catalog import TASKS, tasks_with
from rnnlab.config.setting import Setting

TOKEN_TASKS = tuple(name for name, card in TASKS.items() if card.inputs == "tokens" or card.name == "own")
"""Tasks whose inputs are symbols, or may be."""
_VALUE_TASKS = tuple(name for name, card in TASKS.items() if card.inputs == "values" or card.name == "own")
_FILE_TASKS = tuple(name for name, card in TASKS.items() if card.found_by or card.name == "own")
_CLASS_TASKS = tuple(name for name, card in TASKS.items() if card.problem == "classification")

_WITH_TEST_PART = tuple(name for name, card in TASKS.items() if "published" in card.splits)
"""Tasks whose data come with a test part, or may."""


def _for(option: str) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """The circumstances of an option of `data`: the tasks whose cards name it."""
    return (("task.name", tasks_with(option)),)


class Data(msgspec.Struct, frozen=True, kw_only=True):
    """Where the rows come from and how they are split."""

    path: Annotated[
        str | None,
        Setting(
            "The folder that holds the data sets (none: RNNLAB_DATA, else data/); for own, your file or folder.",
            optional=True,
            flag="--data",
            describes="place",
            applies=(("task.name", _FILE_TASKS),),
        ),
    ] = None
    split: Annotated[
        str,
        Setting(
            "distinct: each (input, class) once, stratified. grouped: no input in two splits. published: the split that "
            "comes with the data. person: nobody in two splits. recording: by file. time: the last are tested. "
            "random: by row, repeats and all.",
            choices=("distinct", "grouped", "published", "person", "recording", "time", "random"),
            flag="--split",
        ),
    ] = "distinct"
    validation: Annotated[
        float,
        Setting(
            "Share of the sequences kept for validation; of the training file, where the data come with a test part.",
            gt=0,
            lt=0.5,
            applies=_for("data.validation"),
        ),
    ] = 0.1
    test: Annotated[
        float, Setting("Share of the sequences kept for the one final test.", gt=0, lt=0.5, applies=_for("data.test"))
    ] = 0.1
    split_rule: Annotated[
        int,
        Setting(
            "How validation is cut from data that come with a test part. 2: a share of the training file. 1: as rnnlab 0.1 did, "
            "a share of all sequences, and one more of each class.",
            ge=1,
            le=2,
            earlier=(1,),
            applies=(("task.name", _WITH_TEST_PART),),
        ),
    ] = 2
    leaks: Annotated[
        str,
        Setting(
            "What to do when a split leaks: refuse to train, or allow it and mark every figure of the run.",
            choices=("refuse", "allow"),
            flag="--leaks",
        ),
    ] = "refuse"
    balance: Annotated[
        str,
        Setting(
            "weights: the loss weighs each class by the inverse of its share. oversample: rows of small classes are "
            "repeated. batches: each batch draws every class alike. Training rows only.",
            choices=("none", "weights", "oversample", "batches"),
            flag="--balance",
            applies=(("task.name", _CLASS_TASKS),),
        ),
    ] = "none"
    bucketing: Annotated[
        str,
        Setting(
            "Batches of near-equal lengths, so that little is padded. full: a hundred batches are sorted by length together. "
            "off: plain shuffling. auto: full for symbols, off for measurements, whose length goes with the class.",
            choices=("auto", "full", "off"),
            earlier=("full",),
            flag="--bucketing",
        ),
    ] = "auto"
    class_weights: Annotated[
        str | None,
        Setting(
            "Weights of your own for the loss, such as Arabic=2,Czech=0.5; the others weigh 1.",
            optional=True,
            describes="task",
            applies=(("task.name", _CLASS_TASKS), ("data.balance", ("none",))),
        ),
    ] = None
    baseline: Annotated[
        str,
        Setting(
            "A learned baseline drawn beside the simplest one: nearest class centroid or logistic regression, on simple "
            "features of the training rows.",
            choices=("none", "centroid", "logistic"),
            flag="--baseline",
            applies=(("task.name", _CLASS_TASKS),),
        ),
    ] = "none"
    encoding: Annotated[
        str,
        Setting(
            "How a symbol becomes numbers: one position of its own, or a learned vector.",
            choices=("one-hot", "embedding"),
            flag="--encoding",
            applies=(("task.name", TOKEN_TASKS),),
        ),
    ] = "one-hot"
    hide: Annotated[
        float,
        Setting(
            "Share of the symbols hidden from a training input, others each epoch; against overfitting.",
            ge=0,
            lt=1,
            applies=(("task.name", TOKEN_TASKS),),
        ),
    ] = 0.0
    normalise: Annotated[
        str,
        Setting(
            "channel: each channel is shifted and divided by its mean and standard deviation over the training part. "
            "sequence: by those of the sequence itself. none: values go in as they are.",
            choices=("channel", "sequence", "none"),
            applies=_for("data.normalise"),
        ),
    ] = "channel"
    compand: Annotated[
        float,
        Setting(
            "Beside each channel goes a copy in which small movements are large: asinh of this many times what the channel, at "
            "unit size, is away from its mean over the row. 100 shows a hundredth of what is usual; 0: no copies.",
            ge=0,
            le=1e6,
            applies=_for("data.compand"),
        ),
    ] = 0.0
    noise: Annotated[
        float,
        Setting(
            "Noise added to each value of a training input, other each epoch: its standard deviation, 1 being the channel's "
            "own where channels are brought to unit size.",
            ge=0,
            le=10,
            applies=(("task.name", _VALUE_TASKS),),
        ),
    ] = 0.0
    shift: Annotated[
        float,
        Setting(
            "An offset of a training input's channels, one a row and channel, as of a sensor worn otherwise: its standard "
            "deviation.",
            ge=0,
            le=10,
            applies=(("task.name", _VALUE_TASKS),),
        ),
    ] = 0.0
    classes: Annotated[
        str,
        Setting(
            "all, or the classes to keep, such as English,French,Italian,German,Spanish.",
            flag="--classes",
            describes="task",
            applies=_for("data.classes"),
        ),
    ] = "all"
    alphabet: Annotated[
        str,
        Setting(
            "ascii: accents are taken off. unicode: letters stay as they are.",
            choices=("ascii", "unicode"),
            applies=_for("data.alphabet"),
        ),
    ] = "ascii"
    window: Annotated[
        int,
        Setting(
            "Steps of the past that go in.",
            ge=1,
            le=100_000,
            flag="--window",
            describes="task",
            applies=_for("data.window"),
        ),
    ] = 32
    horizon: Annotated[
        int,
        Setting(
            "Steps ahead that come out.",
            ge=1,
            le=1000,
            flag="--horizon",
            describes="task",
            applies=_for("data.horizon"),
        ),
    ] = 1
    stride: Annotated[
        int,
        Setting(
            "Steps from one training window to the next.",
            ge=1,
            le=100_000,
            describes="task",
            applies=_for("data.stride"),
        ),
    ] = 1
    season: Annotated[
        int,
        Setting(
            "Steps of a season, for the naive forecast that repeats the last one.",
            ge=1,
            le=100_000,
            describes="task",
            applies=_for("data.season"),
        ),
    ] = 7
    series: Annotated[
        str,
        Setting(
            "mean: the daily mean of all; or one store and item, such as 1:15.",
            describes="task",
            applies=_for("data.series"),
        ),
    ] = "mean"
    steps: Annotated[
        int,
        Setting(
            "Length of the sequences that are made.",
            ge=1,
            le=100_000,
            flag="--steps",
            describes="task",
            applies=_for("data.steps"),
        ),
    ] = 100
    test_steps: Annotated[
        tuple[int, ...] | None,
        Setting(
            "Other lengths to test at in the end, such as 200,400; none: only the length trained at.",
            ge=1,
            le=100_000,
            optional=True,
            describes="task",
            applies=_for("data.test_steps"),
        ),
    ] = None
    rows: Annotated[
        int,
        Setting(
            "Sequences that are made.",
            ge=30,
            le=10_000_000,
            flag="--rows",
            describes="task",
            applies=_for("data.rows"),
        ),
    ] = 10_000
    kind: Annotated[
        str,
        Setting(
            "What your file holds; auto: found out from it.",
            choices=("auto", "text", "series", "arrays", "recordings", "ts"),
            describes="task",
            applies=_for("data.kind"),
        ),
    ] = "auto"
    problem: Annotated[
        str,
        Setting(
            "What your labels are. auto: floats are numbers to predict, all others are classes. classes: floats such as 1.0 and "
            "2.0 name classes, too.",
            choices=("auto", "classes"),
            applies=_for("data.problem"),
        ),
    ] = "auto"
    input_column: Annotated[
        str | None,
        Setting(
            "The column that goes in (text), or of values (series); none: found out.",
            optional=True,
            describes="task",
            applies=_for("data.input_column"),
        ),
    ] = None
    target_column: Annotated[
        str | None,
        Setting(
            "The column of labels, or of the value to forecast; none: found out.",
            optional=True,
            describes="task",
            applies=_for("data.target_column"),
        ),
    ] = None
    seed: Annotated[
        int | None,
        Setting(
            "Seed of the split alone; none: train.seed draws the split too.",
            ge=0,
            le=2**31 - 1,
            optional=True,
            flag="--split-seed",
        ),
    ] = None
