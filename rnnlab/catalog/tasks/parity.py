"""The card of the task `parity`."""

from rnnlab.catalog.task_card import TaskCard

CARD = TaskCard(
    name="parity",
    title="Even or odd",
    problem="classification",
    inputs="tokens",
    input_size=3,
    outputs=2,
    metric="accuracy",
    summary="Bits are read one by one; the answer is whether the number of ones among them is even or odd. One bit of "
    "memory is enough, but it has to be turned without fail at every one, and no part of the sequence gives a hint: a "
    "net guesses for a long time and then all at once knows. Sequences of all lengths up to data.steps are trained "
    "on; data.test_steps asks for longer ones.",
    source="made here, after Minsky and Papert 1969 and Bengio, Simard and Frasconi 1994",
    terms="none; it is made by the program",
    offline=True,
    example="1011001",
    module="synthetic.parity",
    training_rows=840,
    longest=10,
    mean_steps=8.4,
    splits=("distinct",),
    options=("data.steps", "data.test_steps", "data.rows", "data.validation", "data.test"),
    # Measured (GRU 64, seeds 0, 1, 2): test accuracy 1, 1, 1; at 40 bits 1, .995, 1; at 100 bits .998, .982, .995. An LSTM or
    # an Elman net of this size guesses throughout.
    defaults={
        "data.steps": 10,
        "data.test_steps": (40, 100),
        "data.rows": 4000,
        "model.name": "gru",
        "model.hidden": (64,),
        "optim.lr": 0.01,
        "train.batch_size": 16,
        "train.epochs": 60,
    },
)
