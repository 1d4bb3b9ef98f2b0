"""The configuration of a run: one frozen tree, every field declared once.

Six groups (`task`, `data`, `model`, `optim`, `train`, `runtime`) whose fields are typed and carry a `Setting`; the four
large ones have a module each. `FIELDS` holds all fields by key; `RunConfig.from_settings` makes a checked tree of values by
key.
"""

import difflib
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from types import MappingProxyType, UnionType
from typing import Annotated, Any, Self, Union, get_args, get_origin, get_type_hints

import msgspec

from rnnlab.catalog.models.catalog import MODELS
from rnnlab.catalog.tasks.catalog import TASKS
from rnnlab.config.data import Data
from rnnlab.config.model import Model
from rnnlab.config.net import check_model
from rnnlab.config.objectives import losses_of, selections_of
from rnnlab.config.optim import Optim
from rnnlab.config.optimisers import OPTIMISERS
from rnnlab.config.setting import Field, Kind, Setting
from rnnlab.config.train import Train
from rnnlab.errors import ConfigError, UnknownKey, UsageError

GRAPHED = ("adam", "adamw", "sgd")
"""Optimisers whose update reads learning rate and step count from the device, bit-equal to values passed by the host."""


class Task(msgspec.Struct, frozen=True, kw_only=True):
    """The task to learn."""

    name: Annotated[str, Setting("The sequence task to learn.", choices=tuple(TASKS))] = "surnames"


class Runtime(msgspec.Struct, frozen=True, kw_only=True):
    """Device, threads, precision, and what stays on disk."""

    device: Annotated[
        str,
        Setting(
            "Device to train on; auto: CUDA, else MPS, else the CPU.",
            choices=("auto", "cpu", "cuda", "mps"),
            flag="--device",
        ),
    ] = "auto"
    threads: Annotated[
        int | None,
        Setting(
            "CPU threads of the run; one is fastest for small nets. auto: measured for a second, and remembered.",
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
            "Precision of matrix products on a CUDA device. float32: full. tf32: a mantissa of 10 bits, "
            "several times faster. bf16: autocast to bfloat16, a mantissa of 7 bits; weights, loss and "
            "optimiser stay in float32.",
            choices=("float32", "tf32", "bf16"),
            flag="--precision",
            applies=(("runtime.device", ("auto", "cuda")),),
        ),
    ] = "float32"
    deterministic: Annotated[
        bool,
        Setting(
            "Deterministic algorithms on a CUDA device: the same seed gives the same bits. On a CPU it always does.",
            applies=(("runtime.device", ("auto", "cuda")),),
        ),
    ] = True
    graphs: Annotated[
        str,
        Setting(
            "CUDA graphs. auto: updates are captured, one graph for each shape of batch, and replayed "
            "where that is faster, as it is for small nets; the results are the same. Not with gradient "
            "accumulation.",
            choices=("off", "auto"),
            flag="--graphs",
            applies=(("runtime.device", ("auto", "cuda")), ("optim.name", GRAPHED)),
        ),
    ] = "off"
    keep: Annotated[
        str,
        Setting(
            "What stays on disk of a run that came to its end. all: best and last weights, and the state to resume it "
            "from with more epochs. best: the best weights. none: no weights. Log and predictions always stay.",
            choices=("all", "best", "none"),
            flag="--keep",
        ),
    ] = "all"


def _fields(group: str, struct: type[msgspec.Struct]) -> Iterator[Field]:
    # Declared in modules without postponed annotations: to evaluate those takes 12 ms of the app's start, these .3.
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
    def from_settings(cls, settings: Mapping[str, object]) -> Self:
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
                "data.test", self.data.test, "small enough that at least a fifth of the sequences is left to train on"
            )
        self._check_folds()
        card = TASKS[self.task.name]
        if self.data.split not in card.splits:
            raise ConfigError(
                "data.split", self.data.split, f"one of {', '.join(card.splits)} for the task {card.name}"
            )
        self._check_baseline()
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
        figures = selections_of(card.classifies)
        if self.train.select not in figures and card.name != "own":
            raise ConfigError(
                "train.select",
                self.train.select,
                f"one of {', '.join(figures)}, as the task {card.name} is {card.problem}",
            )

    def _check_baseline(self) -> None:
        """Raises `ConfigError` for a baseline on inputs of another kind than the task's."""
        card = TASKS[self.task.name]
        others, inputs = {
            "tokens": (("values",), "texts"),
            "values": (("ngrams", "words", "texts"), "measurements"),
        }[card.inputs]
        asked = self.data.baseline
        if asked in others and self.applies("data.baseline") and card.name != "own":
            fitting = ", ".join(each for each in FIELDS["data.baseline"].setting.choices if each not in others)
            raise ConfigError(
                "data.baseline", asked, f"one of {fitting} for the task {card.name}, whose inputs are {inputs}"
            )

    def _check_folds(self) -> None:
        """Raises `ConfigError` where the data cannot be parted into folds, or there is no such fold."""
        folds, fold = self.data.folds, self.data.fold
        if folds is None:
            return
        if not self.applies("data.folds"):
            raise ConfigError("data.folds", folds, f"none for the task {self.task.name}, whose split is fixed")
        if fold > folds:
            raise ConfigError("data.fold", fold, f"at most data.folds, which is {folds}")

    @property
    def split_seed(self) -> int:
        """Seed of the split: `data.seed`, or `train.seed` where that is none."""
        return self.train.seed if self.data.seed is None else self.data.seed

    def get(self, key: str) -> Any:
        """The value at `group.name`."""
        group, _, name = key.partition(".")
        return getattr(getattr(self, group), name)

    def flat(self) -> dict[str, Any]:
        """Every value by its key."""
        return {key: self.get(key) for key in FIELDS}

    def applies(self, key: str) -> bool:
        """Whether the field is read, given the other values."""
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
"""Keys that a task sets for its own optimiser only; its learning rate may suit others of the same family."""


@cache
def defaults_of(task: str, optimiser: str | None = None, model: str | None = None) -> Mapping[str, Any]:
    """Default values, by key, of a task, an optimiser and an architecture (None: the task's own).

    The fields' defaults, replaced by those of the optimiser, then by those of the task, then by those of the architecture.
    Of what the task chose for its own optimiser another one gets only the learning rate, and that where it has none of its
    own.
    """
    fields, chosen = {key: field.default for key, field in FIELDS.items()}, TASKS[task].defaults
    own = str(chosen.get("optim.name", fields["optim.name"]))
    suits = MODELS[model or str(chosen.get("model.name", fields["model.name"]))].defaults
    if optimiser is None or optimiser == own:
        return MappingProxyType(fields | dict(OPTIMISERS[own].defaults) | dict(chosen) | dict(suits))
    kept = {key: value for key, value in chosen.items() if key not in _OF_AN_OPTIMISER}
    return MappingProxyType(fields | kept | dict(OPTIMISERS[optimiser].defaults) | dict(suits) | {"optim.name": own})


def where(key: str) -> str:
    """When the field applies, as text: `optim.name is sgd or rmsprop`."""
    parts = []
    for other, values in FIELDS[key].setting.applies:
        rest = [choice for choice in FIELDS[other].setting.choices if choice not in values]
        few = rest if 0 < len(rest) < len(values) else values
        parts.append(f"{other} is {'not ' if few is rest else ''}{' or '.join(map(FIELDS[other].text, few))}")
    for other, values in FIELDS[key].setting.unless:
        parts.append(f"{other} is not {' or '.join(FIELDS[other].text(value) for value in values)}")
    return " and ".join(parts)


def check_effect(config: RunConfig, given: Iterable[str]) -> None:
    """Raise `UsageError` for the first of the keys `given` whose value is not read, and is not the default either."""
    for key in given:
        if not config.applies(key) and config.get(key) != FIELDS[key].default:
            raise UsageError(
                f"{key} = {FIELDS[key].text(config.get(key))} has no effect here: it applies where {where(key)}"
            )


def field_of(key: str, value: object = None) -> Field:
    """The field at `key`. Raises `UnknownKey`, naming the nearest one."""
    try:
        return FIELDS[key]
    except KeyError:
        near = difflib.get_close_matches(key, FIELDS, n=1)
        raise UnknownKey(key, value, ", ".join(FIELDS), near[0] if near else None) from None
