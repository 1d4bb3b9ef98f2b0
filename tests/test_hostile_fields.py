"""Every text of an event or a file of a session is found by its type, so that one that is added is tried with hostile strings."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Iterator
from pathlib import Path
from typing import get_args

import msgspec
import pytest
from msgspec import inspect

from benchmarks.reliability.hostile_strings import strange
from rnnlab.catalog.models.own_cells import OwnCell
from rnnlab.runs.codec import decode, encode
from rnnlab.runs.commands import Command
from rnnlab.runs.events import AnyEvent, Record, RunStarted
from rnnlab.runs.log_reader import read_records
from rnnlab.runs.pruning import Pruned
from rnnlab.runs.queue_entry import QueueEntry
from tests.hostile_fields import filled, string_fields, texts_in
from tests.hostile_lab import every_event, write_lab
from tests.hostile_strings import HOSTILE
from tests.own_cells import catalogue_restored

TEXT = "\x1b[2J[red]"
FORBIDDEN = {(RunStarted, "cell")} | {(OwnCell, field.name) for field in msgspec.structs.fields(OwnCell)}
"""Fields whose type allows no text that cannot be printed: the log is damaged that has one."""
WRITTEN = (*get_args(AnyEvent), QueueEntry, Pruned, Command)
"""What a lab of `tests.hostile_lab` is written of."""
OTHERS = {
    "rnnlab.runs.commands", "rnnlab.runs.comparison", "rnnlab.runs.grouping", "rnnlab.runs.state", "rnnlab.runs.summary",
    "rnnlab.runs.verdict", "rnnlab.runs.repeats", "rnnlab.runs.thinned", "rnnlab.runs.thread_cache", "rnnlab.runs.trash",
    "rnnlab.runs.step_prediction",
}  # fmt: skip
"""Structs in memory, made of those that are written; the person's own cache and trash; answers of the person's own net, which
`tests/ui/test_hostile_screens.py` draws."""


@pytest.fixture(autouse=True)
def _restored() -> Iterator[None]:
    with catalogue_restored():
        yield


def structs_of(module: str) -> set[type]:
    found = set()
    package = importlib.import_module(module)
    for each in pkgutil.iter_modules(package.__path__, f"{module}."):
        for value in vars(importlib.import_module(each.name)).values():
            if isinstance(value, type) and issubclass(value, msgspec.Struct) and value.__module__ == each.name:
                found.add(value)
    return found


@pytest.mark.parametrize("kind", WRITTEN, ids=lambda kind: kind.__name__)
def test_each_text_of_a_written_struct_is_hostile(kind: type) -> None:
    value = filled(None, inspect.type_info(kind), TEXT)
    fields = {(cls, name) for cls, name in string_fields(inspect.type_info(kind))} - FORBIDDEN
    found: set[tuple[type, str]] = set()

    def walk(each: object) -> None:
        if isinstance(each, msgspec.Struct):
            for field in msgspec.structs.fields(type(each)):
                inside = getattr(each, field.name)
                if any(TEXT in text for text in texts_in(inside)):
                    found.add((type(each), field.name))
                walk(inside)
        elif isinstance(each, tuple | list):
            for one in each:
                walk(one)
        elif isinstance(each, dict):
            for one in each.values():
                walk(one)

    walk(value)
    assert not fields - found


def test_no_struct_of_the_files_of_a_run_is_forgotten() -> None:
    reached = {cls for kind in WRITTEN for cls, _ in string_fields(inspect.type_info(kind))}
    holding = {each for each in structs_of("rnnlab.runs") if any(True for _ in string_fields(inspect.type_info(each)))}
    forgotten = {each for each in holding - reached - {Record} if each.__module__ not in OTHERS}
    assert not forgotten, "put it into the lab of tests/hostile_lab.py"


@pytest.mark.parametrize("text", [each for each in HOSTILE if not any("\ud800" <= c <= "\udfff" for c in each)])
def test_every_event_may_hold_it(text: str) -> None:
    for event in every_event(text):
        assert decode(encode(Record(0, 1.0, 1.0, event))).data == event


@pytest.mark.parametrize("number", range(6))
def test_the_lab_is_one_that_is_read(number: int, tmp_path: Path) -> None:
    lab = write_lab(tmp_path, HOSTILE[27], number)
    for run in lab.runs:
        records, damaged = read_records(run / "events.jsonl")
        assert records
        assert not damaged
    assert any(HOSTILE[27] in text for each in records for text in texts_in(each.data))


def test_what_a_terminal_obeys_is_seen() -> None:
    assert strange("a\x1bb")
    assert strange("a\u202eb")
    assert strange("a\x9bb")
    assert strange("a\tb")
    assert not strange("plain\nlines, 日本 [red]")
