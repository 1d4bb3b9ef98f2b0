"""Card of the task `sinusoids`."""

from rnnlab.catalog.task_card import TaskCard

CARD = TaskCard(
    name="sinusoids",
    title="Waves → frequency",
    group="signals",
    problem="classification",
    inputs="values",
    input_size=1,
    outputs=6,
    summary="Forty samples of a sine wave with a little noise; the class is the number of cycles, one of six. Amplitude "
    "and phase differ from sequence to sequence, and three classes have less than one cycle, so no single sample "
    "is enough: the net has to keep time. 300 sequences, generated, nothing to download.",
    source="generated, from a fixed seed",
    terms="none; it is generated",
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
