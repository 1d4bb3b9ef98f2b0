"""The configuration of a run: one frozen tree, every field declared once.

Six groups (`task`, `data`, `model`, `optim`, `train`, `runtime`) whose fields are typed and carry a `Setting`. `FIELDS`
lists them flat by key; `RunConfig.from_settings` makes a checked tree out of loose values.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Mapping
from functools import cache
from types import MappingProxyType, UnionType
from typing import Annotated, Any, Union, get_args, get_origin, get_type_hints

import msgspec

from rnnlab.config.errors import ConfigError, UnknownKey
from rnnlab.config.losses import LOSSES, losses_of
from rnnlab.config.optim import Optim
from rnnlab.config.optimisers import OPTIMISERS, but
from rnnlab.config.setting import Field, Kind, Setting
from rnnlab.models.catalog import FORGETTING, MODELS, RECURRENT, of_family
from rnnlab.tasks.catalog import TASKS, tasks_with

_TOKEN_TASKS = tuple(name for name, card in TASKS.items() if card.inputs == "tokens" or card.name == "own")
_VALUE_TASKS = tuple(name for name, card in TASKS.items() if card.inputs == "values" or card.name == "own")
_CLASS_TASKS = tuple(name for name, card in TASKS.items() if card.problem == "classification")
_CLASSIFYING_TASKS = tuple(name for name, card in TASKS.items() if card.classifies or card.name == "own")
_STACKED = tuple(name for name in MODELS if name not in of_family("linear"))
_ADDED = tuple(name for name in _STACKED if name not in of_family("causal convolution"))
_CONVOLVED = of_family("convolution", "causal convolution")
_READ_OUT = tuple(name for name, card in MODELS.items() if not card.flattens)
_WHOLE_TASKS = tuple(name for name, card in TASKS.items() if card.problem != "per-step classification")


def _for(option: str) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """The circumstances of an option of `data`: the tasks whose cards name it."""
    return (("task.name", tasks_with(option)),)


GRAPHED = ("adam", "adamw", "sgd")
"""Optimisers whose update is one kernel that reads rate and count from the device, the same bits as if the host told them."""
_NO_FRONT = (("model.conv", (None,)),)


class Task(msgspec.Struct, frozen=True, kw_only=True):
    """What is learned."""

    name: Annotated[str, Setting("The sequence task to learn.", choices=tuple(TASKS))] = "surnames"


class Data(msgspec.Struct, frozen=True, kw_only=True):
    """Where the rows come from and how they are split."""

    path: Annotated[
        str | None,
        Setting(
            "The folder that holds the data sets (none: RNNLAB_DATA, else data/); for own, your file or folder.",
            optional=True,
            flag="--data",
        ),
    ] = None
    split: Annotated[
        str,
        Setting(
            "distinct: each (input, class) once, stratified. grouped: no input in two splits. published: the split that "
            "comes with the data. person: nobody in two splits. recording: by file. time: the last are tested. "
            "random: by row, repeats and all.",
            choices=("distinct", "grouped", "published", "person", "recording", "time", "random"),
            flag="--split",
        ),
    ] = "distinct"
    validation: Annotated[
        float, Setting("Share of the rows kept for validation.", gt=0, lt=0.5, applies=_for("data.validation"))
    ] = 0.1
    test: Annotated[
        float, Setting("Share of the rows kept for the one final test.", gt=0, lt=0.5, applies=_for("data.test"))
    ] = 0.1
    leaks: Annotated[
        str,
        Setting(
            "What to do when a split leaks: refuse to train, or allow it and mark every figure of the run.",
            choices=("refuse", "allow"),
            flag="--leaks",
        ),
    ] = "refuse"
    balance: Annotated[
        str,
        Setting(
            "weights: the loss weighs each class by the inverse of its share. oversample: rows of small classes are "
            "repeated. batches: each batch draws every class alike. Training rows only.",
            choices=("none", "weights", "oversample", "batches"),
            flag="--balance",
            applies=(("task.name", _CLASS_TASKS),),
        ),
    ] = "none"
    class_weights: Annotated[
        str | None,
        Setting(
            "Weights of your own for the loss, such as Arabic=2,Czech=0.5; the others weigh 1.",
            optional=True,
            applies=(("task.name", _CLASS_TASKS), ("data.balance", ("none",))),
        ),
    ] = None
    baseline: Annotated[
        str,
        Setting(
            "A learned baseline drawn beside the simplest one: nearest class centroid or logistic regression, on simple "
            "features of the training rows.",
            choices=("none", "centroid", "logistic"),
            flag="--baseline",
            applies=(("task.name", _CLASS_TASKS),),
        ),
    ] = "none"
    encoding: Annotated[
        str,
        Setting(
            "How a symbol becomes numbers: one position of its own, or a learned vector.",
            choices=("one-hot", "embedding"),
            flag="--encoding",
            applies=(("task.name", _TOKEN_TASKS),),
        ),
    ] = "one-hot"
    hide: Annotated[
        float,
        Setting(
            "Share of the symbols hidden from a training input, others each epoch; against overfitting.",
            ge=0,
            lt=1,
            applies=(("task.name", _TOKEN_TASKS),),
        ),
    ] = 0.0
    noise: Annotated[
        float,
        Setting(
            "Noise added to each value of a training input, other each epoch: its standard deviation, 1 being the channel's "
            "own where channels are brought to unit size.",
            ge=0,
            le=10,
            applies=(("task.name", _VALUE_TASKS),),
        ),
    ] = 0.0
    shift: Annotated[
        float,
        Setting(
            "An offset of a training input's channels, one a row and channel, as of a sensor worn otherwise: its standard "
            "deviation.",
            ge=0,
            le=10,
            applies=(("task.name", _VALUE_TASKS),),
        ),
    ] = 0.0
    classes: Annotated[
        str,
        Setting(
            "all, or the classes to keep, such as English,French,Italian,German,Spanish.",
            flag="--classes",
            applies=_for("data.classes"),
        ),
    ] = "all"
    alphabet: Annotated[
        str,
        Setting(
            "ascii: accents are taken off. unicode: letters stay as they are.",
            choices=("ascii", "unicode"),
            applies=_for("data.alphabet"),
        ),
    ] = "ascii"
    window: Annotated[
        int, Setting("Steps of the past that go in.", ge=1, le=100_000, flag="--window", applies=_for("data.window"))
    ] = 32
    horizon: Annotated[
        int, Setting("Steps ahead that come out.", ge=1, le=1000, flag="--horizon", applies=_for("data.horizon"))
    ] = 1
    stride: Annotated[
        int, Setting("Steps from one training window to the next.", ge=1, le=100_000, applies=_for("data.stride"))
    ] = 1
    season: Annotated[
        int,
        Setting(
            "Steps of a season, for the naive forecast that repeats the last one.",
            ge=1,
            le=100_000,
            applies=_for("data.season"),
        ),
    ] = 7
    series: Annotated[
        str,
        Setting("mean: the daily mean of all; or one store and item, such as 1:15.", applies=_for("data.series")),
    ] = "mean"
    steps: Annotated[
        int,
        Setting("Length of the sequences that are made.", ge=1, le=100_000, flag="--steps", applies=_for("data.steps")),
    ] = 100
    test_steps: Annotated[
        tuple[int, ...] | None,
        Setting(
            "Other lengths to test at in the end, such as 200,400; none: only the length trained at.",
            ge=1,
            le=100_000,
            optional=True,
            applies=_for("data.test_steps"),
        ),
    ] = None
    rows: Annotated[
        int, Setting("Sequences that are made.", ge=30, le=10_000_000, flag="--rows", applies=_for("data.rows"))
    ] = 10_000
    kind: Annotated[
        str,
        Setting(
            "What your file holds; auto: found out from it.",
            choices=("auto", "text", "series", "arrays", "recordings", "ts"),
            applies=_for("data.kind"),
        ),
    ] = "auto"
    input_column: Annotated[
        str | None,
        Setting(
            "The column that goes in (text), or of values (series); none: found out.",
            optional=True,
            applies=_for("data.input_column"),
        ),
    ] = None
    target_column: Annotated[
        str | None,
        Setting(
            "The column of labels, or of the value to forecast; none: found out.",
            optional=True,
            applies=_for("data.target_column"),
        ),
    ] = None
    seed: Annotated[
        int | None,
        Setting(
            "Seed of the split alone; none: train.seed draws the split too.",
            ge=0,
            le=2**31 - 1,
            optional=True,
            flag="--split-seed",
        ),
    ] = None


class Model(msgspec.Struct, frozen=True, kw_only=True):
    """The net: layers, a readout that makes one vector of a sequence, a linear head."""

    name: Annotated[
        str, Setting("The architecture; `rnnlab models` says what each is.", choices=tuple(MODELS), flag="--model")
    ] = "lstm"
    hidden: Annotated[
        tuple[int, ...],
        Setting(
            "Units a layer; one number for all layers, or one a layer: 32,64.",
            ge=1,
            le=8192,
            flag="--hidden",
            step="double",
            applies=(("model.name", _STACKED),),
        ),
    ] = (128,)
    layers: Annotated[
        int,
        Setting("Layers, one on the other.", ge=1, le=32, flag="--layers", applies=(("model.name", _STACKED),)),
    ] = 1
    bidirectional: Annotated[
        bool,
        Setting("Read each sequence from both ends.", flag="--bidirectional", applies=(("model.name", RECURRENT),)),
    ] = False
    dropout: Annotated[
        float,
        Setting("Share of activations dropped between layers and before the head.", ge=0, lt=1, flag="--dropout"),
    ] = 0.0
    bias: Annotated[
        bool,
        Setting(
            "Bias vectors in the layers; the head always has one.", flag="--bias", applies=(("model.name", _STACKED),)
        ),
    ] = True
    activation: Annotated[
        str,
        Setting(
            "What bends the Elman cell's sum.",
            choices=("tanh", "relu"),
            applies=(("model.name", ("elman",)),),
            flag="--activation",
        ),
    ] = "tanh"
    readout: Annotated[
        str,
        Setting(
            "How the steps become one vector: the last true step, the mean or maximum of the true steps, or a mean whose "
            "weights are learned.",
            choices=("last", "mean", "max", "attention"),
            flag="--readout",
            applies=(("task.name", _WHOLE_TASKS), ("model.name", _READ_OUT)),
        ),
    ] = "last"
    embedding: Annotated[
        int,
        Setting(
            "Width of the learned vector of a symbol.",
            ge=1,
            le=4096,
            step="double",
            applies=(("data.encoding", ("embedding",)), ("task.name", _TOKEN_TASKS)),
        ),
    ] = 32
    layer_norm: Annotated[
        bool,
        Setting(
            "Normalise what each layer says at each step, before it is passed on.",
            flag="--layer-norm",
            applies=(("model.name", _STACKED),),
        ),
    ] = False
    residual: Annotated[
        bool,
        Setting(
            "Add to what a layer says what it read, where both are equally wide.",
            flag="--residual",
            applies=(("model.name", _ADDED),),
        ),
    ] = False
    learned_state: Annotated[
        bool,
        Setting(
            "Learn the state before the first step, which is zero otherwise.",
            applies=(("model.name", RECURRENT),),
            flag="--learned-state",
        ),
    ] = False
    kernel: Annotated[
        int,
        Setting(
            "Steps that a convolution of the layers sees at once.",
            ge=1,
            le=1024,
            flag="--kernel",
            applies=(("model.name", _CONVOLVED),),
        ),
    ] = 5
    init: Annotated[
        str,
        Setting(
            "The first recurrent weights: as PyTorch draws them, orthogonal, or the identity (IRNN: input weights near zero, "
            "no bias; with relu).",
            choices=("pytorch", "orthogonal", "identity"),
            flag="--init",
            applies=(("model.name", RECURRENT),),
        ),
    ] = "pytorch"
    forget_bias: Annotated[
        float | None,
        Setting(
            "What a forget gate's bias begins at; 1 keeps more at first, none leaves it as drawn.",
            ge=-100,
            le=100,
            optional=True,
            flag="--forget-bias",
            applies=(("model.name", FORGETTING),),
        ),
    ] = None
    conv: Annotated[
        tuple[int, ...] | None,
        Setting(
            "Channels of convolutions before the layers, such as 32 or 32,64; none: no front.",
            ge=1,
            le=4096,
            optional=True,
            flag="--conv",
            step="double",
        ),
    ] = None
    conv_kernel: Annotated[
        int, Setting("Steps that a convolution of the front sees at once.", ge=1, le=1024, unless=_NO_FRONT)
    ] = 5
    conv_stride: Annotated[
        int, Setting("Steps from one place of the front's convolution to the next.", ge=1, le=1024, unless=_NO_FRONT)
    ] = 1
    conv_pool: Annotated[
        int, Setting("Of so many steps the front passes on the largest.", ge=1, le=1024, unless=_NO_FRONT)
    ] = 1
    head_activation: Annotated[
        str,
        Setting(
            "What bends the head's answers. softmax is the classic mistake: cross-entropy already contains one; it is here "
            "to be made and found.",
            choices=("none", "relu", "softmax"),
        ),
    ] = "none"


class Train(msgspec.Struct, frozen=True, kw_only=True):
    """How long, in what portions, and what for."""

    batch_size: Annotated[int, Setting("Rows an update.", ge=1, le=65536, flag="--batch", step="double")] = 64
    epochs: Annotated[int, Setting("Passes over the training rows.", ge=1, le=100_000, flag="--epochs")] = 15
    updates: Annotated[
        int | None,
        Setting(
            "Stop after so many updates, if that comes before the last epoch.", ge=1, le=1_000_000_000, optional=True
        ),
    ] = None
    evaluate_every: Annotated[
        int | None,
        Setting("Evaluate every so many updates; none: after each epoch.", ge=1, le=1_000_000_000, optional=True),
    ] = None
    bptt: Annotated[
        int | None,
        Setting(
            "Truncated backpropagation through time: the gradient goes back at most so many steps; none: through all.",
            ge=1,
            le=1_000_000,
            optional=True,
            step="double",
            applies=(("model.name", ("elman", "lstm", "gru")),),
        ),
    ] = None
    accumulate: Annotated[
        int,
        Setting(
            "Batches whose gradients make one update: as one large batch, in the memory of a small one.",
            ge=1,
            le=65536,
            step="double",
            applies=(("optim.name", but("lbfgs")),),
        ),
    ] = 1
    patience: Annotated[
        int | None,
        Setting(
            "Stop when so many evaluations in a row brought nothing better; none: never.",
            ge=1,
            le=100_000,
            optional=True,
            flag="--patience",
        ),
    ] = None
    min_delta: Annotated[
        float,
        Setting(
            "How much better an evaluation has to be for patience to begin anew; the best weights are kept all the same.",
            ge=0,
            le=1e9,
            step="decade",
        ),
    ] = 0.0
    loss: Annotated[
        str,
        Setting(
            "auto: cross-entropy for classes, mean squared error (mse) for numbers. focal: answers that are right already "
            "count less. mae: absolute errors. huber: squared while small, absolute beyond.",
            choices=LOSSES,
        ),
    ] = "auto"
    label_smoothing: Annotated[
        float,
        Setting(
            "Share of each target spread evenly over all classes; every loss shown has it.",
            ge=0,
            lt=1,
            applies=(("task.name", _CLASSIFYING_TASKS), ("train.loss", ("auto", "cross-entropy"))),
        ),
    ] = 0.0
    focal_gamma: Annotated[
        float,
        Setting(
            "How much less an answer counts that is right already; 0: cross-entropy.",
            ge=0,
            le=10,
            applies=(("task.name", _CLASSIFYING_TASKS), ("train.loss", ("focal",))),
        ),
    ] = 2.0
    huber_delta: Annotated[
        float,
        Setting(
            "The error from which on it counts absolutely, on the scale the net answers in.",
            gt=0,
            le=1e6,
            applies=(("train.loss", ("huber",)),),
        ),
    ] = 1.0
    inspect: Annotated[
        str,
        Setting(
            "How often to look into the net (gradients by layer and by step, gates), at an evaluation. auto: as often as takes "
            "about a hundredth of the time; each: at every one.",
            choices=("auto", "each", "off"),
            flag="--inspect",
        ),
    ] = "auto"
    seed: Annotated[
        int,
        Setting(
            "Seed of the weights, the order and the dropout, and of the split unless data.seed is set.",
            ge=0,
            le=2**31 - 1,
            flag="--seed",
        ),
    ] = 0


class Runtime(msgspec.Struct, frozen=True, kw_only=True):
    """Where it runs."""

    device: Annotated[
        str, Setting("auto: CUDA, else MPS, else the CPU.", choices=("auto", "cpu", "cuda", "mps"), flag="--device")
    ] = "auto"
    threads: Annotated[
        int | None,
        Setting(
            "Threads of a CPU run; one is quickest for small nets. auto: measured for a second, and remembered.",
            ge=1,
            le=1024,
            optional=True,
            none="auto",
            flag="--threads",
        ),
    ] = 1
    precision: Annotated[
        str,
        Setting(
            "What a CUDA device multiplies in. float32: in full. tf32: with ten bits of each number, several times as quick. "
            "bf16: half as wide, with seven bits; weights, loss and optimiser stay in float32.",
            choices=("float32", "tf32", "bf16"),
            flag="--precision",
            applies=(("runtime.device", ("auto", "cuda")),),
        ),
    ] = "float32"
    deterministic: Annotated[
        bool,
        Setting(
            "On a CUDA device: add in the same order each time, so that a run comes out again to the bit. A CPU does.",
            applies=(("runtime.device", ("auto", "cuda")),),
        ),
    ] = True
    graphs: Annotated[
        str,
        Setting(
            "auto: on a CUDA device, updates of each shape of batch are captured as a graph and launched as one where that is "
            "quicker, as small nets' are; the numbers are the same. Not with accumulated batches.",
            choices=("off", "auto"),
            flag="--graphs",
            applies=(("runtime.device", ("auto", "cuda")), ("optim.name", GRAPHED)),
        ),
    ] = "off"


def _fields(group: str, struct: type[msgspec.Struct]) -> Iterator[Field]:
    hints = get_type_hints(struct, include_extras=True)
    defaults = dict(
        zip(struct.__struct_fields__[-len(struct.__struct_defaults__) :], struct.__struct_defaults__, strict=True)
    )
    kinds: dict[Any, Kind] = {int: "int", float: "float", bool: "bool", str: "str"}
    for name, hint in hints.items():
        annotated, setting = get_args(hint)[:2]
        # `X | None` is an X that may be none.
        parts = get_args(annotated) if get_origin(annotated) in (Union, UnionType) else (annotated,)
        held = next(part for part in parts if part is not type(None))
        kind: Kind = "ints" if get_origin(held) is tuple else kinds[held]
        yield Field(f"{group}.{name}", kind, defaults[name], setting)


class RunConfig(msgspec.Struct, frozen=True, kw_only=True):
    """Everything a person may set of one run."""

    task: Task = Task()
    data: Data = Data()
    model: Model = Model()
    optim: Optim = Optim()
    train: Train = Train()
    runtime: Runtime = Runtime()

    @classmethod
    def from_settings(cls, settings: Mapping[str, object]) -> RunConfig:
        """A checked configuration: the defaults of the task, the optimiser and the architecture, `settings` over them.

        Raises `ConfigError` for the first value that is not allowed and `UnknownKey` for a key that does not exist.
        """
        checked = {key: field_of(key, value).check(value) for key, value in settings.items()}
        task = TASKS[checked.get("task.name", FIELDS["task.name"].default)]
        values = {
            **defaults_of(task.name, checked.get("optim.name"), checked.get("model.name")),
            **checked,
            "task.name": task.name,
        }
        grouped: dict[str, dict[str, object]] = {}
        for key, value in values.items():
            group, _, name = key.partition(".")
            grouped.setdefault(group, {})[name] = value
        groups: dict[str, Any] = {group: GROUPS[group](**members) for group, members in grouped.items()}
        config = cls(**groups)
        config.check_together()
        return config

    def check_together(self) -> None:
        """Raises `ConfigError` where values are each allowed but not with one another."""
        from rnnlab.models.plan import check_model  # which needs to know what a ConfigError is

        check_model(self.model, per_step=TASKS[self.task.name].problem == "per-step classification")
        sizes = len(self.model.hidden)
        if sizes > 1 and self.model.layers not in (1, sizes):
            raise ConfigError(
                "model.layers",
                self.model.layers,
                f"{sizes}, as model.hidden names {sizes} sizes (or 1, to let it count them)",
            )
        if self.data.validation + self.data.test > 0.8:
            raise ConfigError(
                "data.test", self.data.test, "small enough that at least a fifth of the rows is left to train on"
            )
        card = TASKS[self.task.name]
        if self.data.split not in card.splits:
            raise ConfigError(
                "data.split", self.data.split, f"one of {', '.join(card.splits)} for the task {card.name}"
            )
        optim = self.optim
        if optim.name == "sgd" and optim.nesterov and not (optim.momentum > 0 and optim.dampening == 0):
            raise ConfigError("optim.nesterov", True, "false where optim.momentum is 0 or optim.dampening is not 0")
        if self.applies("optim.lr_min") and optim.lr_min > optim.lr:
            raise ConfigError("optim.lr_min", optim.lr_min, f"at most optim.lr, which is {optim.lr:g}")
        if self.applies("optim.lr_to") and optim.lr_to <= optim.lr_from:
            raise ConfigError("optim.lr_to", optim.lr_to, f"above optim.lr_from, which is {optim.lr_from:g}")
        allowed = losses_of(card.classifies)
        if self.train.loss not in allowed and card.name != "own":
            raise ConfigError(
                "train.loss",
                self.train.loss,
                f"one of {', '.join(allowed)}, as the task {card.name} is {card.problem}",
            )

    @property
    def split_seed(self) -> int:
        """The seed that the split is drawn with."""
        return self.train.seed if self.data.seed is None else self.data.seed

    def get(self, key: str) -> Any:
        """The value at `group.name`."""
        group, _, name = key.partition(".")
        return getattr(getattr(self, group), name)

    def flat(self) -> dict[str, Any]:
        """Every value by its key."""
        return {key: self.get(key) for key in FIELDS}

    def applies(self, key: str) -> bool:
        """Whether the field means anything beside the other values."""
        return FIELDS[key].setting.stands(self.get)


GROUPS: dict[str, type[msgspec.Struct]] = {
    "task": Task,
    "data": Data,
    "model": Model,
    "optim": Optim,
    "train": Train,
    "runtime": Runtime,
}
FIELDS: dict[str, Field] = {field.key: field for group, struct in GROUPS.items() for field in _fields(group, struct)}


_OF_AN_OPTIMISER = {"optim.weight_decay"}.union(*(card.defaults for card in OPTIMISERS.values())) - {"optim.lr"}
"""What a task chose for its optimiser and no other: its learning rate alone may suit others of the same family."""


@cache
def defaults_of(task: str, optimiser: str | None = None, model: str | None = None) -> Mapping[str, Any]:
    """Every value, by key, where nothing is said but the task, the optimiser and the architecture (None: the task's own).

    The fields' defaults, those of the optimiser over them, those of the task over both, those of the architecture over all.
    Of what the task chose for its own optimiser another one gets only the rate, and that where it has none of its own.
    """
    fields, chosen = {key: field.default for key, field in FIELDS.items()}, TASKS[task].defaults
    own = str(chosen.get("optim.name", fields["optim.name"]))
    suits = MODELS[model or str(chosen.get("model.name", fields["model.name"]))].defaults
    if optimiser is None or optimiser == own:
        return MappingProxyType(fields | dict(OPTIMISERS[own].defaults) | dict(chosen) | dict(suits))
    kept = {key: value for key, value in chosen.items() if key not in _OF_AN_OPTIMISER}
    return MappingProxyType(fields | kept | dict(OPTIMISERS[optimiser].defaults) | dict(suits) | {"optim.name": own})


def where(key: str) -> str:
    """The circumstances in which the field means anything, in words: `optim.name is sgd or rmsprop`."""
    parts = []
    for other, values in FIELDS[key].setting.applies:
        rest = [choice for choice in FIELDS[other].setting.choices if choice not in values]
        few = rest if 0 < len(rest) < len(values) else values
        parts.append(f"{other} is {'not ' if few is rest else ''}{' or '.join(map(str, few))}")
    for other, values in FIELDS[key].setting.unless:
        parts.append(f"{other} is not {' or '.join(FIELDS[other].text(value) for value in values)}")
    return " and ".join(parts)


def field_of(key: str, value: object = None) -> Field:
    """The field at `key`. Raises `UnknownKey`, naming the nearest one."""
    try:
        return FIELDS[key]
    except KeyError:
        near = difflib.get_close_matches(key, FIELDS, n=1)
        raise UnknownKey(key, value, ", ".join(FIELDS), near[0] if near else None) from None
