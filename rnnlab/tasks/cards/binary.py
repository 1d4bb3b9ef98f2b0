"""The card of the task `binary`."""

from rnnlab.tasks.card import TaskCard

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
    "remembers. Made here, nothing to download; afterwards, ask the net about longer words than it was taught.",
    source="made here: all 256 bytes",
    terms="none; it is arithmetic",
    offline=True,
    example="11111111",
    module="binary",
    training_rows=204,
    # Measured (seeds 0 to 3): test MAE .18 to .30, and 254.1 to 255.0 for eight ones.
    defaults={
        "model.hidden": (64,),
        "optim.lr": 0.01,
        "optim.schedule": "cosine",
        "train.batch_size": 32,
        "train.epochs": 300,
    },
)
