"""Card of the task `anbn`."""

from rnnlab.catalog.task_card import TaskCard

CARD = TaskCard(
    name="anbn",
    title="Counting: aaabbb",
    group="memory",
    problem="per-step classification",
    inputs="tokens",
    input_size=4,
    outputs=3,
    summary="Some a, then as many b; the target of each step is the next symbol. While a are read it cannot be known, so "
    "these steps have no target; from the first b on everything is determined, and the step after the last b, "
    "reported apart as end, shows whether the net counts. Trained on up to data.steps a, validated on half as "
    "many again, tested on more: memorising does not help (Gers and Schmidhuber 2001).",
    source="generated, after Gers and Schmidhuber 2001",
    terms="none; it is generated",
    example="aaaabb",
    module="synthetic.anbn",
    training_rows=30,
    longest=121,
    shorter_too=True,
    mean_steps=32,
    splits=("distinct",),
    options=("data.steps", "data.test_steps"),
    # Measured (LSTM 16, seeds 0, 1, 2): .998, .998, .974 in the test, the end always right; at n = 100 .93, .95, .90.
    defaults={
        "data.steps": 30,
        "data.test_steps": (100, 200),
        "model.hidden": (16,),
        "optim.name": "rmsprop",
        "optim.lr": 0.003,
        "train.batch_size": 4,
        "train.epochs": 400,
        "train.evaluate_every": 40,
    },
)
