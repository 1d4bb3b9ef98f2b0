"""Data: where the sequences come from, how they are split, encoded and augmented: the first fields of `data`."""

from typing import Annotated

import msgspec

from rnnlab.catalog.tasks.catalog import TASKS, tasks_with
from rnnlab.config.setting import Setting

TOKEN_TASKS = tuple(name for name, card in TASKS.items() if card.inputs == "tokens" or card.name == "own")
"""Tasks whose inputs are symbols, or may be."""
_VALUE_TASKS = tuple(name for name, card in TASKS.items() if card.inputs == "values" or card.name == "own")
_FILE_TASKS = tuple(name for name, card in TASKS.items() if card.found_by or card.name == "own")
CLASS_TASKS = tuple(name for name, card in TASKS.items() if card.problem == "classification")

_FOLD_TASKS = tuple(name for name in tasks_with("data.validation") if TASKS[name].problem != "forecasting")
"""Tasks whose sequences can be parted into folds: a series that is forecast is split by time."""
_WITH_TEST_PART = tuple(name for name, card in TASKS.items() if "published" in card.splits)
"""Tasks whose data come with a test set, or may."""


def applies_for(option: str) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """The tasks whose cards name the option, as a value of `Setting.applies`."""
    return (("task.name", tasks_with(option)),)


class SplitData(msgspec.Struct, frozen=True, kw_only=True):
    """Where the sequences come from, how they are split, encoded and augmented."""

    path: Annotated[
        str | None,
        Setting(
            "Folder of the data sets (none: RNNLAB_DATA, else data/); for the task own, your file or folder.",
            optional=True,
            flag="--data",
            describes="path",
            applies=(("task.name", _FILE_TASKS),),
            basic=True,
        ),
    ] = None
    split: Annotated[
        str,
        Setting(
            "How the sequences are split. distinct: each (input, class) once, stratified. grouped: no "
            "input in two subsets. published: the split that comes with the data. person: nobody in two "
            "subsets. recording: by file. time: the last steps are the test set. random: by sequence, "
            "duplicates included.",
            choices=("distinct", "grouped", "published", "person", "recording", "time", "random"),
            flag="--split",
            why="The one that is like the use: new people, later days, new texts.",
        ),
    ] = "distinct"
    validation: Annotated[
        float,
        Setting(
            "Share of the sequences in the validation set; of the training sequences, where the data come "
            "with a test set.",
            gt=0,
            lt=0.5,
            applies=(*applies_for("data.validation"), ("data.folds", (None,))),
            usual="0.1 to 0.2",
            why="More where the validation metric is noisy; it is taken from what trains.",
        ),
    ] = 0.1
    test: Annotated[
        float,
        Setting(
            "Share of the sequences in the test set, which is evaluated once, at the end.",
            gt=0,
            lt=0.5,
            applies=applies_for("data.test"),
            usual="0.1 to 0.2",
            why="More makes the last figure surer; it is taken from what trains.",
        ),
    ] = 0.1
    folds: Annotated[
        int | None,
        Setting(
            "Cross-validation: number of folds that the sequences outside the test set are parted into, stratified "
            "by class; one is the validation set, the others train. `rnnlab train --folds` trains once a fold.",
            ge=2,
            le=20,
            optional=True,
            applies=(("task.name", _FOLD_TASKS),),
            usual="5 to 10",
            why="Where there are few sequences, so that one validation set is luck.",
        ),
    ] = None
    fold: Annotated[
        int,
        Setting(
            "Fold that is the validation set, from 1 to data.folds.",
            ge=1,
            le=20,
            applies=(("task.name", _FOLD_TASKS),),
            unless=(("data.folds", (None,)),),
        ),
    ] = 1
    split_rule: Annotated[
        int,
        Setting(
            "How the validation set is taken from data that come with a test set. 2: a share of the "
            "training sequences. 1: as rnnlab 0.1 did, a share of all sequences, and one more of each "
            "class.",
            ge=1,
            le=2,
            earlier=(1,),
            applies=(("task.name", _WITH_TEST_PART),),
        ),
    ] = 2
    leaks: Annotated[
        str,
        Setting(
            "What to do when subsets share data. refuse: do not train. allow: train, and mark every figure of the run.",
            choices=("refuse", "allow"),
            flag="--leaks",
            same_evaluation=True,
        ),
    ] = "refuse"
    balance: Annotated[
        str,
        Setting(
            "Class balancing of the training set. weights: the loss weighs each class by the inverse of "
            "its share. oversample: sequences of small classes are repeated. batches: each batch draws "
            "every class equally often.",
            choices=("none", "weights", "oversample", "batches"),
            flag="--balance",
            applies=(("task.name", CLASS_TASKS),),
            same_evaluation=True,
            why="Where small classes are never predicted; accuracy may fall while their recall rises.",
        ),
    ] = "none"
    bucketing: Annotated[
        str,
        Setting(
            "Length bucketing: batches of similar lengths, for less padding. full: the sequences of a "
            "hundred batches are sorted by length. off: plain shuffling. auto: full for tokens, off for "
            "measurements, whose length depends on the class.",
            choices=("auto", "full", "off"),
            earlier=("full",),
            flag="--bucketing",
            same_evaluation=True,
            why="Saves time where the lengths differ much.",
        ),
    ] = "auto"
    class_weights: Annotated[
        str | None,
        Setting(
            "Class weights of the loss, such as Arabic=2,Czech=0.5; all other classes weigh 1.",
            optional=True,
            describes="task",
            applies=(("task.name", CLASS_TASKS), ("data.balance", ("none",))),
            same_evaluation=True,
        ),
    ] = None
    baseline: Annotated[
        str,
        Setting(
            "Learned baseline, shown beside the simplest one: nearest class centroid or logistic "
            "regression, on simple features of the training sequences. ngrams: logistic regression on runs of "
            "up to four characters, of text. words: on words and pairs of words. texts: both. values: on all values of "
            "a sequence, of measurements.",
            choices=("none", "centroid", "logistic", "ngrams", "words", "texts", "values"),
            flag="--baseline",
            applies=(("task.name", CLASS_TASKS),),
            same_evaluation=True,
            why="To see what the net gains over a simple method.",
        ),
    ] = "none"
    encoding: Annotated[
        str,
        Setting(
            "Encoding of a token. one-hot: a vector with a single one. embedding: a learned vector.",
            choices=("one-hot", "embedding"),
            flag="--encoding",
            applies=(("task.name", TOKEN_TASKS),),
            same_evaluation=True,
            why="embedding for words or many symbols; one-hot for a small alphabet.",
        ),
    ] = "one-hot"
    hide: Annotated[
        float,
        Setting(
            "Augmentation: share of the tokens of a training input that are hidden, drawn anew in each epoch.",
            ge=0,
            lt=1,
            applies=(("task.name", TOKEN_TASKS),),
            same_evaluation=True,
            usual="0.05 to 0.3",
            why="Against overfitting, as dropout of the inputs.",
        ),
    ] = 0.0
    normalise: Annotated[
        str,
        Setting(
            "Normalisation of the inputs. channel: each channel by its mean and standard deviation over "
            "the training set. sequence: by those over the sequence itself. none: values as they are.",
            choices=("channel", "sequence", "none"),
            applies=applies_for("data.normalise"),
            same_evaluation=True,
            why="sequence where level or volume differ from one recording to the next.",
        ),
    ] = "channel"
    compand: Annotated[
        float,
        Setting(
            "Companding: a copy of each channel in which small movements are large, asinh of this many "
            "times the channel's deviation from its mean over the sequence. 100 shows a hundredth of what "
            "is usual; 0: no copies.",
            ge=0,
            le=1e6,
            applies=applies_for("data.compand"),
            same_evaluation=True,
        ),
    ] = 0.0
    noise: Annotated[
        float,
        Setting(
            "Augmentation: standard deviation of the noise added to each value of a training input, drawn "
            "anew in each epoch; 1 is the channel's own where channels are normalised.",
            ge=0,
            le=10,
            applies=(("task.name", _VALUE_TASKS),),
            same_evaluation=True,
            usual="0.01 to 0.3",
            why="Against overfitting on few recordings.",
        ),
    ] = 0.0
    shift: Annotated[
        float,
        Setting(
            "Augmentation: standard deviation of an offset added to each channel of a training input, as "
            "of a sensor worn otherwise.",
            ge=0,
            le=10,
            applies=(("task.name", _VALUE_TASKS),),
            same_evaluation=True,
            usual="0.05 to 0.5",
            why="Where sensors are worn or placed otherwise in use.",
        ),
    ] = 0.0
