"""Card of the task `temporal_order`."""

from rnnlab.catalog.task_card import TaskCard

CARD = TaskCard(
    name="temporal_order",
    title="Which came first",
    group="memory",
    problem="classification",
    inputs="tokens",
    input_size=9,
    outputs=4,
    summary="Fifty random letters, among them two signals, each an X or a Y: one early, one about half way. The class is "
    "which came first and which second, one of four. All other letters are distractors (Hochreiter and "
    "Schmidhuber 1997). Train at one length, test at others with data.test_steps.",
    source="generated, after Hochreiter and Schmidhuber 1997, task 6a",
    terms="none; it is generated",
    example="EacXbdaYcbdB",
    module="synthetic.temporal_order",
    training_rows=4000,
    longest=55,
    mean_steps=52.5,
    splits=("distinct",),
    options=("data.steps", "data.test_steps", "data.rows", "data.validation", "data.test"),
    # Measured (GRU 32, seed 0): test accuracy 1; at 100 steps 1, at 200 .62. The paper's length is data.steps = 100, at which
    # 500 updates show nothing yet.
    defaults={
        "data.steps": 50,
        "data.test_steps": (100, 200),
        "data.rows": 5000,
        "model.name": "gru",
        "model.hidden": (32,),
        "optim.lr": 0.01,
        "optim.schedule": "cosine",
        "train.batch_size": 32,
        "train.epochs": 8,
    },
)
