"""Small real trainings for the tests: a second each, in this process."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TypeVar

from rnnlab.config import FIELDS, RunConfig
from rnnlab.runs.commands import Command
from rnnlab.runs.events import Event
from rnnlab.tasks.load import load
from rnnlab.tasks.splitting.types import Split, Subset
from rnnlab.training.commands import CommandSource
from rnnlab.training.range_test import loop_for

Kind = TypeVar("Kind", bound=Event)


def small_config(task: str = "binary", **settings: object) -> RunConfig:
    """A net of 8 units, two epochs; `optim__lr=1` sets `optim.lr`. The task's own defaults do not count here."""
    fixed = {key: field.default for key, field in FIELDS.items()}
    fixed |= {"task.name": task, "model.hidden": 8, "train.epochs": 2, "runtime.device": "cpu"}
    return RunConfig.from_settings(fixed | {key.replace("__", "."): value for key, value in settings.items()})


def first_rows(part: Subset, rows: int) -> Subset:
    return Subset(part.inputs[:rows], part.lengths[:rows], part.targets[:rows])


def small_split(config: RunConfig, rows: int = 300) -> Split:
    """The task's own split, at most so many rows of each part."""
    split = load(config)
    return replace(
        split,
        train=first_rows(split.train, rows),
        validation=first_rows(split.validation, rows),
        test=first_rows(split.test, rows),
    )


class Script:
    """Commands given after certain updates."""

    def __init__(self, commands: dict[int, Sequence[Command]]) -> None:
        self.commands = dict(commands)

    def read(self, step: int) -> Sequence[Command]:
        return self.commands.pop(step, ())


def order(verb: str, key: str = "", value: float | None = None) -> Command:
    return Command(f"{verb}-{value}", 0.0, verb, key, value)  # type: ignore[arg-type]


def trained(config: RunConfig, commands: CommandSource | None = None, rows: int = 300) -> list[Event]:
    """Every event of a training."""
    return list(loop_for(config)(config, small_split(config, rows), run="test", commands=commands).events())


def of_kind(events: Sequence[Event], kind: type[Kind]) -> list[Kind]:
    return [event for event in events if isinstance(event, kind)]
