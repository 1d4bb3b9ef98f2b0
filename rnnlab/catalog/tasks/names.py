"""Card of the task `names`."""

from rnnlab.catalog.task_card import TaskCard

CARD = TaskCard(
    name="names",
    title="Names → language",
    group="text",
    problem="classification",
    inputs="tokens",
    input_size=58,
    outputs=18,
    summary="A name, letter by letter; the class is one of 18 languages. The data of PyTorch's tutorial on recurrent "
    "nets: 20,074 names, nearly half of them Russian, accents removed. Arabic is 108 names repeated to 2,000, and "
    "hundreds of names stand under several languages, so each (name, language) is kept once and no net can reach "
    "100 %. Logistic regression on runs of letters (--baseline ngrams) names .83 of them right, more than most nets. "
    "Downloaded once (3 MB).",
    source="https://download.pytorch.org/tutorial/data.zip, from the repository spro/practical-pytorch",
    terms="MIT licence, 2017 Sean Robertson",
    example="Navratil",
    module="published.names",
    found_by=("names/[A-Z]*.txt", "data/names/[A-Z]*.txt", "Arabic.txt"),
    training_rows=14_400,
    longest=19,
    mean_steps=7.3,
    splits=("distinct", "grouped", "random"),
    options=("data.validation", "data.test", "data.classes", "data.alphabet"),
    # Measured (LSTM 128, 15 epochs, seeds 0, 1, 2): test accuracy .817, .802, .808; without decay .812, .802, .800;
    # with none of these .803 (seed 0).
    defaults={
        "model.dropout": 0.3,
        "optim.name": "adamw",
        "optim.lr": 0.005,
        "optim.weight_decay": 0.1,
        "optim.schedule": "cosine",
    },
)
