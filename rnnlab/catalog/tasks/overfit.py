"""Card of the task `overfit`."""

from rnnlab.catalog.task_card import TaskCard

CARD = TaskCard(
    name="overfit",
    title="Learning by heart",
    group="numbers",
    problem="regression",
    inputs="values",
    input_size=1,
    outputs=1,
    summary="Three numbers, one a step; the target is a simple function of the three, plus noise. There are only twenty "
    "training sequences, so a large net memorises their noise: its training loss keeps falling while the "
    "validation loss turns and rises. Meant for two nets on one plot: rnnlab compare SESSION --plot. The expected "
    "mean absolute error on new sequences cannot be below 0.24; a lower training error is memorised noise.",
    source="generated, from a fixed seed",
    terms="none; it is generated",
    example="0.1,0.25,-0.4",
    module="synthetic.overfit",
    training_rows=20,
    longest=3,
    splits=("distinct",),
    options=("data.validation", "data.test"),
    # Measured (LSTM 64, seeds 0, 1, 2): test MAE of the best epoch .26, .24, .34, where the median has .64.
    defaults={
        "data.validation": 1 / 3,
        "data.test": 1 / 3,
        "model.hidden": (64,),
        "optim.lr": 0.01,
        "train.batch_size": 20,
        "train.epochs": 300,
    },
)
