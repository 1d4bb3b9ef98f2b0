"""What tasks there are: descriptions, shapes and defaults; nothing heavy is imported here, so the app may.

The arrays come from `rnnlab.tasks.load`, in the training process or a data command.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

Problem = Literal["classification", "regression"]
Inputs = Literal["tokens", "values"]
"""`tokens`: whole numbers that stand for symbols, (rows, steps); `values`: measurements, (rows, steps, channels)."""


@dataclass(frozen=True, slots=True)
class TaskCard:
    """One task as it is offered to a person.

    `input_size` is the number of symbols (tokens) or channels (values), `outputs` the number of classes or numbers to
    predict: enough to count a model's parameters before any data is loaded. `defaults` replace the defaults of the
    configuration, key by key. `metric` is the figure by which the best epoch is chosen.
    """

    name: str
    title: str
    problem: Problem
    inputs: Inputs
    input_size: int
    outputs: int
    metric: Literal["accuracy", "mae"]
    summary: str
    source: str
    terms: str
    offline: bool
    example: str
    """An input as `rnnlab predict` takes it."""
    module: str
    """The module of `rnnlab.tasks` that loads it."""
    training_rows: int
    """About how many rows the training split holds: enough for an estimate of time."""
    defaults: Mapping[str, object] = field(default_factory=dict)
    found_by: tuple[str, ...] = ()
    """Patterns below the folder of data sets; a match of any says that the data set is here. Empty: nothing is needed."""

    @property
    def higher_is_better(self) -> bool:
        return self.metric == "accuracy"


_CARDS = (
    TaskCard(
        name="surnames",
        title="Surnames → country",
        problem="classification",
        inputs="tokens",
        input_size=112,
        outputs=17,
        metric="accuracy",
        summary="A surname is read letter by letter; the answer is which of 17 countries it is from. The surnames are the "
        "lists by country that the Faker library makes up false people from, in Latin script with their accents: what its "
        "contributors chose, not a census, so a country's share of the rows says nothing of the country. A surname that "
        "several of the countries list is dropped. Here right after install, with nothing to download.",
        source="the person providers of the Python library Faker, as installed",
        terms="MIT licence, Daniele Faraglia and other contributors to Faker",
        offline=True,
        example="Kowalska",
        module="surnames",
        training_rows=13_000,
        # Measured (LSTM 128, 15 epochs): test accuracy .75, the majority .23.
        defaults={"model.dropout": 0.3, "optim.lr": 0.005, "optim.schedule": "cosine"},
    ),
    TaskCard(
        name="names",
        title="Names → language",
        problem="classification",
        inputs="tokens",
        input_size=58,
        outputs=18,
        metric="accuracy",
        summary="A name is read letter by letter; the answer is which of 18 languages it is from. The data of PyTorch's "
        "tutorial on recurrent nets: 20,074 names, nearly half of them Russian, accents taken off. Arabic is 108 names "
        "repeated to 2,000 rows, and hundreds of names stand under several languages, so each (name, language) is "
        "kept once and no net can reach 100 %. To be downloaded once (3 MB).",
        source="https://download.pytorch.org/tutorial/data.zip, from the repository spro/practical-pytorch",
        terms="MIT licence, 2017 Sean Robertson",
        offline=False,
        example="Navratil",
        module="names",
        found_by=("names/[A-Z]*.txt", "data/names/[A-Z]*.txt", "Arabic.txt"),
        training_rows=14_400,
        # Measured (LSTM 128, 15 epochs, seeds 0, 1, 2): test accuracy .817, .802, .808; without decay .812, .802, .800;
        # with none of these .803 (seed 0).
        defaults={
            "model.dropout": 0.3,
            "optim.name": "adamw",
            "optim.lr": 0.005,
            "optim.weight_decay": 0.1,
            "optim.schedule": "cosine",
        },
    ),
    TaskCard(
        name="binary",
        title="Bits → number",
        problem="regression",
        inputs="values",
        input_size=1,
        outputs=1,
        metric="mae",
        summary="Eight bits are read one by one, the most significant first; the answer is the number they stand for, 0 to "
        "255. There are only 256 such inputs, so a fifth of them is held out to see whether the net counts or "
        "remembers. Made here, nothing to download; afterwards, ask the net about longer words than it was taught.",
        source="made here: all 256 bytes",
        terms="none; it is arithmetic",
        offline=True,
        example="11111111",
        module="binary",
        training_rows=204,
        # Measured (seeds 0 to 3): test MAE .18 to .30, and 254.1 to 255.0 for eight ones.
        defaults={
            "model.hidden": (64,),
            "optim.lr": 0.01,
            "optim.schedule": "cosine",
            "train.batch_size": 32,
            "train.epochs": 300,
        },
    ),
    TaskCard(
        name="sinusoids",
        title="Waves → frequency",
        problem="classification",
        inputs="values",
        input_size=1,
        outputs=6,
        metric="accuracy",
        summary="Forty samples of a sine wave with a little noise; the answer is how many cycles they hold, one of six "
        "classes. Amplitude and phase differ from row to row, and three classes are less than one cycle long, so a "
        "single sample tells nothing: the net has to keep time. 300 rows, made here, nothing to download.",
        source="made here, from a fixed seed",
        terms="none; it is made by the program",
        offline=True,
        example="0,.08,.15,.23,.29,.35,.4,.45,.48,.49,.5,.49,.48,.45,.4,.35,.29,.23,.15,.08,"
        "0,-.08,-.15,-.23,-.29,-.35,-.4,-.45,-.48,-.49,-.5,-.49,-.48,-.45,-.4,-.35,-.29,-.23,-.15,-.08",
        module="sinusoids",
        training_rows=180,
        # Measured (seeds 0, 1, 2): test accuracy .86, .98, .89.
        defaults={
            "data.test": 0.3,
            "model.hidden": (64,),
            "optim.lr": 0.01,
            "optim.schedule": "cosine",
            "train.batch_size": 16,
            "train.epochs": 100,
        },
    ),
)

TASKS: dict[str, TaskCard] = {card.name: card for card in _CARDS}
