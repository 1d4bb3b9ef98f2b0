"""Card of the task `surnames`."""

from rnnlab.catalog.task_card import TaskCard

CARD = TaskCard(
    name="surnames",
    title="Surnames → country",
    group="text",
    problem="classification",
    inputs="tokens",
    input_size=112,
    outputs=17,
    summary="A surname, letter by letter; the class is one of 17 countries. The surnames are the lists by country from "
    "which the Faker library makes up people, in Latin script with their accents: what its contributors chose, "
    "not a census, so a country's share of the names says nothing of the country. A surname that several of the "
    "countries list is dropped. Ready after installation, nothing to download.",
    source="the person providers of the Python library Faker, as installed",
    terms="MIT licence, Daniele Faraglia and other contributors to Faker",
    example="Kowalska",
    module="published.surnames",
    training_rows=13_000,
    longest=24,
    mean_steps=6.9,
    options=("data.validation", "data.test", "data.classes"),
    # Measured (LSTM 128, 15 epochs): test accuracy .75, the majority .23.
    defaults={"model.dropout": 0.3, "optim.lr": 0.005, "optim.schedule": "cosine"},
)
