"""Every key of every screen and widget leads to an action that exists, has one meaning there, and is named or a movement."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Iterator

import pytest
from textual.actions import parse
from textual.binding import Binding
from textual.dom import DOMNode

import rnnlab.ui
from rnnlab.ui.app import RnnlabApp
from rnnlab.ui.setup.screen import SetupScreen


def classes() -> Iterator[type[DOMNode]]:
    """The classes of the app that have keys of their own."""
    seen = set()
    for module in pkgutil.walk_packages(rnnlab.ui.__path__, "rnnlab.ui."):
        for each in vars(importlib.import_module(module.name)).values():
            ours = isinstance(each, type) and issubclass(each, DOMNode) and each.__module__.startswith("rnnlab.ui")
            if ours and each not in seen and "BINDINGS" in vars(each):
                seen.add(each)
                yield each


WITH_KEYS = sorted(classes(), key=lambda each: each.__name__)


def bindings(of: type[DOMNode]) -> list[Binding]:
    """One for each key, those that stand together parted."""
    return [each for binding in of.BINDINGS for each in Binding.make_bindings([binding])]


def test_the_screens_are_found() -> None:
    assert {"RnnlabApp", "SetupScreen", "RunScreen", "SessionsScreen", "DataScreen"} <= {
        each.__name__ for each in WITH_KEYS
    }


@pytest.mark.parametrize("of", WITH_KEYS, ids=lambda each: each.__name__)
def test_each_key_leads_to_an_action_and_has_one_meaning(of: type[DOMNode]) -> None:
    for binding in bindings(of):
        namespace, action, _ = parse(binding.action)
        owner: type = RnnlabApp if namespace == "app" else SetupScreen if namespace == "screen" else of
        found = any(hasattr(owner, f"{prefix}{action}") for prefix in ("action_", "_action_"))
        # What an abstract class leaves to its screens is found on those.
        found = found or any(hasattr(each, f"action_{action}") for each in of.__subclasses__())
        assert found, f"{binding.key} of {of.__name__}: there is no action {binding.action}"
        assert binding.description or not binding.show, f"{binding.key} of {of.__name__} is shown without a name"
    keys = [binding.key for binding in bindings(of)]
    assert len(keys) == len(set(keys)), f"{of.__name__} has a key twice: {sorted(keys)}"
