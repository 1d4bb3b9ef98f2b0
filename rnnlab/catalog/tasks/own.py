"""Card of the task `own`."""

from rnnlab.catalog.task_card import TaskCard

CARD = TaskCard(
    name="own",
    title="Your own data",
    group="own",
    problem="classification",
    inputs="values",
    input_size=0,
    outputs=0,
    summary="A file or a folder of yours, named by data.path. A table of texts and labels (CSV) or of a series to "
    "forecast (a date, a value, other columns); an .npz of arrays X_train and y_train, with X_test and y_test "
    "where there are any; a folder of recordings, one file each in a folder named for its label; a .ts file of "
    "the UCR and UEA archives. Format, delimiter, header and columns are detected. `rnnlab data check FILE` first "
    "lists what is wrong with it, line by line.",
    source="a file of yours",
    terms="yours",
    example="0.1, 0.25, 0.4",
    module="own",
    training_rows=1000,
    splits=("distinct", "grouped", "published", "person", "recording", "time", "random"),
    options=(
        "data.validation",
        "data.test",
        "data.normalise",
        "data.compand",
        "data.kind",
        "data.problem",
        "data.input_column",
        "data.target_column",
        "data.date_column",
        "data.date_order",
        "data.group_column",
        "data.series",
        "data.decimal",
        "data.missing",
        "data.tokens",
        "data.vocabulary",
        "data.channels",
        "data.window",
        "data.horizon",
        "data.stride",
        "data.season",
    ),
    defaults={
        "data.series": "auto",
        "model.hidden": (64,),
        "model.dropout": 0.1,
        "optim.lr": 0.005,
        "optim.schedule": "cosine",
        "train.batch_size": 32,
        "train.epochs": 30,
    },
)

KIND_TITLES = {
    "text": "texts with labels",
    "series": "a series to forecast",
    "steps": "a table of steps, many sequences with labels",
    "rows": "a table of rows, a sequence each",
    "arrays": "arrays",
    "recordings": "recordings, a folder a label",
    "ts": "a .ts file of the UCR and UEA archives",
}
"""The kinds of files that are read, by the values of `data.kind`."""
