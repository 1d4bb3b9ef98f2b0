"""The card of the task `binary`."""

from rnnlab.catalog.task_card import TaskCard

CARD = TaskCard(
    name="binary",
    title="Bits → number",
    problem="regression",
    inputs="values",
    input_size=1,
    outputs=1,
    metric="mae",
    summary="Eight bits are read one by one, the most significant first; the answer is the number they stand for, 0 to "
    "255. There are only 256 such inputs, so a fifth of them is held out to see whether the net counts or "
    "remembers. Made here, nothing to download. In the end the net is asked about longer words than it was taught "
    "(data.test_steps): there it is seen which rule it learned.",
    source="made here: all 256 bytes",
    terms="none; it is arithmetic",
    offline=True,
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
