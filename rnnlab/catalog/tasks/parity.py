"""Card of the task `parity`."""

from rnnlab.catalog.task_card import TaskCard

CARD = TaskCard(
    name="parity",
    title="Even or odd",
    group="memory",
    problem="classification",
    inputs="tokens",
    input_size=3,
    outputs=2,
    summary="Bits, one a step; the class is whether the number of ones is even or odd. One bit of memory is enough, but "
    "every one must turn it, and no part of the sequence gives a hint: the accuracy stays at chance for a long "
    "time and then rises at once. Trained on sequences of all lengths up to data.steps; data.test_steps tests "
    "longer ones.",
    source="generated, after Minsky and Papert 1969 and Bengio, Simard and Frasconi 1994",
    terms="none; it is generated",
    example="1011001",
    module="synthetic.parity",
    training_rows=840,
    longest=10,
    shorter_too=True,
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
