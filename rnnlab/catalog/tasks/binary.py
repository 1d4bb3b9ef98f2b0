"""Card of the task `binary`."""

from rnnlab.catalog.task_card import TaskCard

CARD = TaskCard(
    name="binary",
    title="Bits → number",
    group="numbers",
    problem="regression",
    inputs="values",
    input_size=1,
    outputs=1,
    summary="Eight bits, one a step, the most significant first; the target is the number they stand for, 0 to 255. There "
    "are only 256 such inputs, so a fifth of them is held out to see whether the net generalises or memorises. "
    "Generated, nothing to download. After training the net is tested on longer inputs than it was trained on "
    "(data.test_steps), which shows the rule that it learned.",
    source="generated: all 256 bytes",
    terms="none; it is arithmetic",
    example="11111111",
    module="synthetic.binary",
    training_rows=204,
    longest=8,
    options=("data.test_steps", "data.validation", "data.test"),
    # Measured (seeds 0 to 3): test MAE .18 to .30, and 254.1 to 255.0 for eight ones.
    defaults={
        "data.test_steps": (12,),
        "model.hidden": (64,),
        "optim.lr": 0.01,
        "optim.schedule": "cosine",
        "train.batch_size": 32,
        "train.epochs": 300,
    },
)
