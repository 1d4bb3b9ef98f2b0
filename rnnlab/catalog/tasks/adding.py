"""Card of the task `adding`."""

from rnnlab.catalog.task_card import TaskCard

CARD = TaskCard(
    name="adding",
    title="Adding two of many",
    group="memory",
    problem="regression",
    inputs="values",
    input_size=2,
    outputs=1,
    summary="A sequence of a hundred random numbers between 0 and 1, two of which are marked; the target is the sum of "
    "these two. The classic test of long-term memory (Hochreiter and Schmidhuber 1997, in the form of Le et al. "
    "2015): a net that always predicts 1 has a mean squared error of 1/6 (RMSE .41), and nets that forget stay "
    "there. Train at one length, test at others with data.test_steps.",
    source="generated, after Hochreiter and Schmidhuber 1997, experiment 4, and Le, Jaitly and Hinton 2015",
    terms="none; it is generated",
    example="0.2 0.71* 0.5 0.13 0.9* 0.4",
    module="synthetic.adding",
    training_rows=16000,
    longest=100,
    splits=("distinct",),
    options=("data.steps", "data.test_steps", "data.rows", "data.validation", "data.test"),
    # Measured (GRU 32, seed 0, 52 s of processor time): test RMSE .011 at 100 steps, .111 at 200, .264 at 400; the mean has .41.
    defaults={
        "data.steps": 100,
        "data.test_steps": (200, 400),
        "data.rows": 20_000,
        "model.name": "gru",
        "model.hidden": (32,),
        "optim.lr": 0.01,
        "optim.schedule": "cosine",
        "train.batch_size": 32,
        "train.epochs": 5,
    },
)
