"""Training: its length, batch size, loss function and model selection: the fields of `train`."""

from typing import Annotated

import msgspec

from rnnlab.catalog.tasks.catalog import TASKS
from rnnlab.config.objectives import LOSSES, SELECTIONS
from rnnlab.config.optimisers import but
from rnnlab.config.setting import Setting

SEED = "train.seed"
"""The field whose values are repeats of one configuration, as --seeds has them."""
_CLASSIFYING_TASKS = tuple(name for name, card in TASKS.items() if card.classifies or card.name == "own")


class Train(msgspec.Struct, frozen=True, kw_only=True):
    """Length of the training, batch size, loss function and model selection."""

    batch_size: Annotated[
        int,
        Setting(
            "Batch size: sequences per update.",
            ge=1,
            le=65536,
            flag="--batch",
            step="double",
            usual="16 to 256",
            why="Larger is quicker a sequence, with fewer updates an epoch; smaller is noisier and often generalises better.",
            basic=True,
        ),
    ] = 64
    epochs: Annotated[
        int,
        Setting(
            "Epochs: passes over the training set.",
            ge=1,
            le=100_000,
            flag="--epochs",
            usual="5 to 100",
            why="More where the validation loss still falls at the end; the best epoch is kept.",
            basic=True,
        ),
    ] = 15
    updates: Annotated[
        int | None,
        Setting("Maximum number of updates; none: until the last epoch.", ge=1, le=1_000_000_000, optional=True),
    ] = None
    evaluate_every: Annotated[
        int | None,
        Setting(
            "Updates between two evaluations; none: evaluate after each epoch.",
            ge=1,
            le=1_000_000_000,
            optional=True,
            usual="100 to 2000",
            why="For long epochs, to see sooner whether it learns.",
        ),
    ] = None
    bptt: Annotated[
        int | None,
        Setting(
            "Truncated backpropagation through time: steps that the gradient goes back; none: through all.",
            ge=1,
            le=1_000_000,
            optional=True,
            step="double",
            applies=(("model.name", ("elman", "lstm", "gru")),),
            usual="20 to 200",
            why="For long sequences: less memory and time, but nothing is learned from further back.",
        ),
    ] = None
    accumulate: Annotated[
        int,
        Setting(
            "Gradient accumulation: batches per update, as one large batch in the memory of a small one.",
            ge=1,
            le=65536,
            step="double",
            applies=(("optim.name", but("lbfgs")),),
            usual="2 to 16",
            why="Where a large batch does not fit into memory.",
        ),
    ] = 1
    patience: Annotated[
        int | None,
        Setting(
            "Early stopping: evaluations in a row without a better one; none: never.",
            ge=1,
            le=100_000,
            optional=True,
            flag="--patience",
            usual="3 to 20",
            why="Ends a run that no longer improves, so that epochs can be many.",
        ),
    ] = None
    min_delta: Annotated[
        float,
        Setting(
            "Minimum improvement of an evaluation that resets the patience; the best weights are kept all the same.",
            ge=0,
            le=1e9,
            step="decade",
            usual="1e-4 to 0.01",
            why="So that tiny improvements do not keep a run alive.",
        ),
    ] = 0.0
    select: Annotated[
        str,
        Setting(
            "Validation metric that selects the best epoch, and that patience follows. metric: the task's "
            "own (accuracy, or mean absolute error). macro_f1 and balanced_accuracy count every class "
            "alike, however few sequences it has.",
            choices=SELECTIONS,
            flag="--select",
            why="macro_f1 or balanced_accuracy where the classes are unequal in size and all matter.",
        ),
    ] = "metric"
    ties: Annotated[
        str,
        Setting(
            "Which of two evaluations with the same metric is the better one. loss: that with the lower validation loss. "
            "earliest: the first.",
            choices=("loss", "earliest"),
            earlier=("earliest",),
        ),
    ] = "loss"
    loss: Annotated[
        str,
        Setting(
            "Loss function. auto: cross-entropy for classes, mean squared error (mse) for numbers. focal: "
            "sequences already classified well count less. mae: absolute errors. huber: squared while "
            "small, absolute beyond.",
            choices=LOSSES,
            why="mae or huber where a few outliers dominate; focal where most sequences are easy.",
        ),
    ] = "auto"
    label_smoothing: Annotated[
        float,
        Setting(
            "Label smoothing: share of each target spread evenly over all classes; every loss shown includes it.",
            ge=0,
            lt=1,
            applies=(("task.name", _CLASSIFYING_TASKS), ("train.loss", ("auto", "cross-entropy"))),
            usual="0.05 to 0.2",
            why="Where the net is too sure of wrong predictions, or labels are noisy.",
        ),
    ] = 0.0
    focal_gamma: Annotated[
        float,
        Setting(
            "Gamma of the focal loss: how much less a well classified sequence counts; 0: cross-entropy.",
            ge=0,
            le=10,
            applies=(("task.name", _CLASSIFYING_TASKS), ("train.loss", ("focal",))),
            usual="0.5 to 5",
            why="Higher weights the hard sequences more.",
        ),
    ] = 2.0
    huber_delta: Annotated[
        float,
        Setting(
            "Delta of the Huber loss: error from which on it is linear, on the scale of the net's outputs.",
            gt=0,
            le=1e6,
            applies=(("train.loss", ("huber",)),),
            usual="0.5 to 2",
        ),
    ] = 1.0
    test: Annotated[
        bool,
        Setting(
            "Test the best weights at the end, on the test part and on further test sets. false: neither is evaluated, as in a "
            "search, which compares many runs by their validation figures.",
        ),
    ] = True
    inspect: Annotated[
        str,
        Setting(
            "Inspection of gradients (by layer and by step) and gates at an evaluation. auto: as often as "
            "takes a few thousandths of the time; each: at every one.",
            choices=("auto", "each", "off"),
            earlier=("off",),
            flag="--inspect",
        ),
    ] = "auto"
    seed: Annotated[
        int,
        Setting(
            "Random seed of weights, order and dropout, and of the split unless data.seed is set.",
            ge=0,
            le=2**31 - 1,
            flag="--seed",
            why="Several seeds (0,1,2 or ^s in the app, --seeds 3) show how much of a difference is luck.",
            basic=True,
        ),
    ] = 0
