"""Card of the task `copy`."""

from rnnlab.catalog.task_card import TaskCard

CARD = TaskCard(
    name="copy",
    title="Say it again later",
    group="memory",
    problem="per-step classification",
    inputs="tokens",
    input_size=11,
    outputs=9,
    summary="Ten letters, then a long blank, then a signal, at which the ten letters are to be repeated in order. "
    "data.steps is the length of the blank. At most steps the target is a blank, so the accuracy is high from the "
    "start: watch the accuracy of the recall steps, which is an eighth by chance. From Arjovsky, Shah and Bengio "
    "2016, after Hochreiter and Schmidhuber 1997.",
    source="generated, after Arjovsky, Shah and Bengio 2016",
    terms="none; it is generated",
    example="CABHEDFAGB_________>__________",
    module="synthetic.copy",
    training_rows=8000,
    longest=30,
    splits=("distinct",),
    options=("data.steps", "data.test_steps", "data.rows", "data.validation", "data.test"),
    # Measured (GRU 128, seed 0, 88 s of processor time): recall .93 in the test, .91 with a delay of 20. An LSTM of this size
    # got to .48 in half as many updates again (at 0.01).
    defaults={
        "data.steps": 10,
        "data.test_steps": (20,),
        "model.name": "gru",
        "optim.lr": 0.005,
        "optim.schedule": "cosine",
        "train.batch_size": 32,
        "train.epochs": 20,
    },
)
