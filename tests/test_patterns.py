"""Regular expressions take no longer than a text is long: one that parts it in every way would hang on a single field."""

from __future__ import annotations

import importlib
import itertools
import pkgutil
import re
import signal
from collections.abc import Iterator
from types import FrameType

import pytest

import rnnlab

CHARACTERS = ("9", "a", " ", "-", ".", ",", ":", "'", "_", "{", "\\", "[")
LENGTH = 40


def patterns() -> Iterator[tuple[str, re.Pattern[str]]]:
    """Every compiled pattern that a module of rnnlab keeps, but for modules that need what is not installed."""
    for module in pkgutil.walk_packages(rnnlab.__path__, "rnnlab."):
        if module.name.rpartition(".")[2] == "__main__":
            continue
        try:
            names = vars(importlib.import_module(module.name))
        except ImportError:
            continue
        for name, value in names.items():
            if isinstance(value, re.Pattern) and isinstance(value.pattern, str):
                yield f"{module.name}.{name}", value


def test_no_pattern_takes_long_over_a_field_of_forty_characters() -> None:
    texts = [
        *(first * LENGTH + "!" for first in CHARACTERS),
        *((first + second) * (LENGTH // 2) + "!" for first, second in itertools.permutations(CHARACTERS, 2)),
        *(first * (LENGTH // 2) + second * (LENGTH // 2) + "!" for first, second in itertools.permutations("9a ", 2)),
    ]

    tried = ["", ""]

    def late(_number: int, _frame: FrameType | None) -> None:
        pytest.fail(f"{tried[0]} takes more than two seconds over {tried[1]!r}")

    before = signal.signal(signal.SIGPROF, late)
    try:
        for name, pattern in list(patterns()):
            for text in texts:
                tried[:] = name, text
                signal.setitimer(signal.ITIMER_PROF, 2.0)
                pattern.search(text)
                pattern.fullmatch(text)
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, before)
