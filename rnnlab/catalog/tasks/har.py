"""Card of the task `har`."""

from rnnlab.catalog.task_card import TaskCard

CARD = TaskCard(
    name="har",
    title="Movement → activity",
    group="signals",
    problem="classification",
    inputs="values",
    input_size=9,
    outputs=6,
    summary="A smartphone at the waist measured how 30 people walked, climbed stairs, went down again, sat, stood and "
    "lay; the class is one of these six activities. A sequence is a window of 2.56 seconds: 128 steps of nine raw "
    "signals (acceleration with and without gravity, and angular velocity, along three axes). Windows overlap by "
    "half and people differ, so the published test set of nine people is kept, and validation is by person too: a "
    "random split would overestimate the accuracy. Downloaded once (61 MB).",
    source="https://archive.ics.uci.edu/dataset/240: UCI HAR, the raw inertial signals",
    terms="no commercial use; cite Anguita, Ghio, Oneto, Parra, Reyes-Ortiz: A Public Domain Dataset for Human Activity "
    "Recognition Using Smartphones, ESANN 2013",
    example="0,0,0,0,0,0,1,-.2,.1; 0,.01,0,.02,0,0,1,-.2,.1; .01,0,0,.03,0,0,1,-.2,.1",
    module="published.har",
    found_by=(
        "har/UCI HAR Dataset.zip",
        "har/*.zip",
        "har/UCI HAR Dataset/t[er]*",
        "har/t[er]*",
        "UCI HAR Dataset.zip",
        "UCI_HAR*.zip",
        "human+activity*.zip",
        "UCI HAR Dataset/t[er]*",
        "activity_labels.txt",
    ),
    training_rows=5_900,
    longest=128,
    splits=("published", "person", "random"),
    options=("data.validation", "data.test", "data.classes", "data.normalise", "data.compand"),
    # Measured (five seeds, docs/accuracy.md): test .883 ± .012; logistic regression on simple features .82. Ten epochs,
    # seeds 0, 1, 2: test .88, .88, .90; the same with the maximum of the steps .91, .89, .90, worse on validation.
    defaults={
        "data.split": "published",
        "data.validation": 0.2,
        "data.test": 0.25,
        "model.hidden": (64,),
        "model.dropout": 0.5,
        "optim.schedule": "cosine",
        "train.epochs": 12,
    },
)
