"""Card of the task `pixels`."""

from rnnlab.catalog.task_card import TaskCard

CARD = TaskCard(
    name="pixels",
    title="Pixel by pixel → digit",
    group="memory",
    problem="classification",
    inputs="values",
    input_size=1,
    outputs=10,
    summary="The written digits of the task digits, one pixel a step, row by row from the top: 64 steps, most of them white. "
    "What sequential MNIST (Le, Jaitly and Hinton 2015) asks with 784 steps: to remember strokes for rows. Ready after "
    "installation, nothing to download.",
    source="scikit-learn's load_digits: the test set of UCI's Optical Recognition of Handwritten Digits (Alpaydin, Kaynak "
    "1998)",
    terms="CC BY 4.0, E. Alpaydin and C. Kaynak",
    example="..5d91.. ..dfaf5. .3f2.b8. .4c..88. .58..98. .4b.1c7. .2e5ac.. ..6da...",
    module="published.pixels",
    training_rows=1_260,
    longest=64,
    splits=("distinct",),
    options=("data.validation", "data.test", "data.classes"),
    # Measured (seed 0): test accuracy .933; an Elman net of this size stays near chance.
    defaults={
        "data.split": "distinct",
        "data.validation": 0.15,
        "data.test": 0.15,
        "model.name": "gru",
        "model.hidden": (64,),
        "optim.lr": 0.01,
        "optim.schedule": "cosine",
        "train.batch_size": 32,
        "train.epochs": 40,
    },
)
