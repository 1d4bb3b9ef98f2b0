"""The card of the task `sinusoids`."""

from rnnlab.catalog.task_card import TaskCard

CARD = TaskCard(
    name="sinusoids",
    title="Waves → frequency",
    problem="classification",
    inputs="values",
    input_size=1,
    outputs=6,
    metric="accuracy",
    summary="Forty samples of a sine wave with a little noise; the answer is how many cycles they hold, one of six "
    "classes. Amplitude and phase differ from row to row, and three classes are less than one cycle long, so a "
    "single sample tells nothing: the net has to keep time. 300 rows, made here, nothing to download.",
    source="made here, from a fixed seed",
    terms="none; it is made by the program",
    offline=True,
    example="0,.08,.15,.23,.29,.35,.4,.45,.48,.49,.5,.49,.48,.45,.4,.35,.29,.23,.15,.08,"
    "0,-.08,-.15,-.23,-.29,-.35,-.4,-.45,-.48,-.49,-.5,-.49,-.48,-.45,-.4,-.35,-.29,-.23,-.15,-.08",
    module="synthetic.sinusoids",
    training_rows=180,
    longest=40,
    # Measured (seeds 0, 1, 2): test accuracy .86, .98, .89.
    defaults={
        "data.test": 0.3,
        "model.hidden": (64,),
        "optim.lr": 0.01,
        "optim.schedule": "cosine",
        "train.batch_size": 16,
        "train.epochs": 100,
    },
)
