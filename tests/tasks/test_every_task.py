"""Each task is complete: card, loader and example; what is missing is named."""

from __future__ import annotations

import importlib
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

import rnnlab.catalog.tasks
import rnnlab.tasks
from rnnlab.catalog.task_card import TaskCard
from rnnlab.catalog.tasks import catalog
from rnnlab.catalog.tasks.catalog import TASKS
from rnnlab.config import FIELDS, RunConfig, UsageError
from rnnlab.tasks.describe.summary import summarise_split
from rnnlab.tasks.download.manifest import read_manifest
from rnnlab.tasks.encoding.encode import encode_inputs
from rnnlab.tasks.load import load
from tests.tasks.datafiles import write_data

CARDS = Path(rnnlab.catalog.tasks.__path__[0])
LOADERS = Path(rnnlab.tasks.__path__[0])


def faults(card: TaskCard) -> Iterator[str]:
    """What a card, or its loader, lacks; a sentence each."""
    for text in ("title", "summary", "source", "terms", "example"):
        if not getattr(card, text).strip():
            yield f"the card has no {text}"
    if not card.training_rows > 0:
        yield "the card has no training_rows"
    for key in (*card.options, *card.defaults):
        if key not in FIELDS:
            yield f"the card names {key}, which is no setting"
    for kind in set(card.splits) - set(FIELDS["data.split"].setting.choices):
        yield f"the card names the split {kind}, which data.split does not know"
    if card.found_by and card.name not in read_manifest():
        yield "rnnlab/tasks/manifest.toml does not say where its data are downloaded from"
    name = f"rnnlab.tasks.{card.module}"
    try:
        module = importlib.import_module(name)
    except ModuleNotFoundError:
        yield f"there is no module {name}"
        return
    if not (hasattr(module, "read") or hasattr(module, "load")):
        yield f"{name} has neither a function read nor load"
    if not hasattr(module, "encode"):
        yield f"{name} has no function encode"


def loading_faults(card: TaskCard, root: Path) -> Iterator[str]:
    """What fails where the task is loaded with its defaults and its example is encoded."""
    try:
        config = RunConfig.from_settings({"task.name": card.name, "data.path": str(root)})
        split = load(config)
        encode_inputs(summarise_split(split, config), [card.example])
    except UsageError as error:
        yield str(error)
        return
    for size in ("input_size", "outputs"):
        if getattr(split, size) != getattr(card, size):
            yield f"the card has {size} {getattr(card, size)}, the data {getattr(split, size)}"


@pytest.mark.parametrize("name", TASKS)
def test_a_task_is_complete(name: str, tmp_path: Path) -> None:
    card = TASKS[name]
    assert list(faults(card)) == []
    if name != "own":
        assert list(loading_faults(card, write_data(tmp_path))) == []


def test_a_card_has_the_name_of_its_file() -> None:
    assert {path.stem for path in CARDS.glob("*.py")} - {"__init__", "catalog"} == set(TASKS)
    assert [card.name for card in TASKS.values()] == list(TASKS)
    assert set(catalog._ORDER) < set(TASKS)
    assert list(TASKS)[-1] == "own"


def test_every_loader_has_a_card() -> None:
    loaders = {
        f"{path.parent.name}.{path.stem}"
        for folder in ("synthetic", "published")
        for path in (LOADERS / folder).glob("*.py")
        if "\ndef encode(" in path.read_text(encoding="utf-8")
    }
    assert loaders == {card.module for card in TASKS.values()} - {"own"}


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        ({"example": ""}, "the card has no example"),
        ({"source": " "}, "the card has no source"),
        ({"module": "synthetic.nowhere"}, "there is no module rnnlab.tasks.synthetic.nowhere"),
        ({"module": "synthetic.generate"}, "rnnlab.tasks.synthetic.generate has no function encode"),
        ({"options": ("data.speed",)}, "the card names data.speed, which is no setting"),
        ({"splits": ("halves",)}, "the card names the split halves, which data.split does not know"),
        ({"found_by": ("parity/*.csv",)}, "rnnlab/tasks/manifest.toml does not say where its data are downloaded from"),
    ],
)
def test_a_fault_is_named(change: dict[str, object], fault: str) -> None:
    assert fault in faults(msgspec.structs.replace(TASKS["parity"], **change))


@pytest.mark.parametrize(
    ("change", "fault"),
    [({"example": "eight"}, "not made of bits"), ({"outputs": 3}, "outputs 3")],
)
def test_a_fault_of_loading_is_named(change: dict[str, object], fault: str, tmp_path: Path) -> None:
    (found,) = loading_faults(msgspec.structs.replace(TASKS["binary"], **change), tmp_path)
    assert fault in found


def test_a_card_needs_its_module() -> None:
    card = TASKS["parity"]
    given = msgspec.structs.asdict(card)
    del given["module"]
    with pytest.raises(TypeError, match="module"):
        TaskCard(**given)
