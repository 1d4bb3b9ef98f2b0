"""The card of the task `overfit`."""

from rnnlab.tasks.card import TaskCard

CARD = TaskCard(
    name="overfit",
    title="Learning by heart",
    problem="regression",
    inputs="values",
    input_size=1,
    outputs=1,
    metric="mae",
    summary="Three numbers are read, one a step; after the third a number is asked for: a simple rule of the three, "
    "plus noise. There are only twenty such rows to train on, so a large net learns their noise by heart: its "
    "training loss goes on falling while the validation loss turns and rises. Meant for two nets on one plot. No net "
    "can expect a mean absolute error below 0.24 on new rows; below that it remembers.",
    source="made here, from a fixed seed",
    terms="none; it is made by the program",
    offline=True,
    example="0.1,0.25,-0.4",
    module="overfit",
    training_rows=20,
    splits=("distinct",),
    options=("data.validation", "data.test"),
    defaults={"data.validation": 0.3333333333333333, "data.test": 0.3333333333333333},
)
