"""The data sets that can be fetched, as `manifest.toml` beside this file describes them."""

from __future__ import annotations

import importlib.resources
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from rnnlab.config import UsageError


@dataclass(frozen=True)
class DataSet:
    """One data set to fetch.

    `files` maps each file's name to its sha256; together they make the folder called `name`. `extras` are files taken
    along where the source has them.
    """

    name: str
    title: str
    address: str
    sha256: str
    about: str
    """The download's size in words."""
    largest_bytes: int
    terms: str
    files: Mapping[str, str]
    extras: tuple[str, ...] = ()


def read_manifest(text: str | None = None) -> dict[str, DataSet]:
    """The data sets by name; of `text` in the manifest's form, or of the one that ships with rnnlab."""
    if text is None:
        text = importlib.resources.files("rnnlab.tasks").joinpath("manifest.toml").read_text(encoding="utf-8")
    entries: dict[str, dict[str, Any]] = tomllib.loads(text)
    return {
        name: DataSet(name=name, **(entry | {"extras": tuple(entry.get("extras", ()))}))
        for name, entry in entries.items()
    }


def data_set(name: str, manifest: Mapping[str, DataSet]) -> DataSet:
    """The data set called `name`. Raises `UsageError` naming those there are."""
    try:
        return manifest[name]
    except KeyError:
        raise UsageError(
            f"there is nothing to fetch for {name!r}; what can be fetched: {', '.join(manifest)}"
        ) from None
