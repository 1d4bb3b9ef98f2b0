"""The data sets that can be fetched, as `manifest.toml` beside this file describes them."""

from __future__ import annotations

import importlib.resources
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from rnnlab.config import UsageError


@dataclass(frozen=True)
class PublishedFiles:
    """One data set to fetch. Which files it is made of: `files`, or where they are many `pattern`.

    `files` maps each file's path to its sha256; `contents` is one digest over all that match `pattern`, as
    `rnnlab.tasks.download.sources.contents_digest` makes it. `extras` are files taken along where the source has them.
    """

    name: str
    title: str
    address: str
    sha256: str
    about: str
    """The download's size in words."""
    largest_bytes: int
    terms: str
    files: Mapping[str, str] = field(default_factory=dict)
    extras: tuple[str, ...] = ()
    pattern: str = ""
    count: int = 0
    contents: str = ""
    keep: str = ""
    """The archive that lands, under this name; where empty, the files themselves land."""
    folder: str = ""
    """The folder within that archive."""
    inner: str = ""
    """The archive within the archive that is published."""
    inner_sha256: str = ""
    aliases: Mapping[str, str] = field(default_factory=dict)
    """Other names of a file → its name here."""
    begins: str = ""
    """How each of the files begins."""

    @property
    def total(self) -> int:
        """How many files are published."""
        return len(self.files) or self.count

    @property
    def pinned(self) -> frozenset[str]:
        """The sha256 of what was published, in each form that may be met."""
        return frozenset(digest for digest in (self.sha256, self.inner_sha256) if digest)


def read_manifest(text: str | None = None) -> dict[str, PublishedFiles]:
    """The data sets by name; of `text` in the manifest's form, or of the one that ships with rnnlab."""
    if text is None:
        text = importlib.resources.files("rnnlab.tasks").joinpath("manifest.toml").read_text(encoding="utf-8")
    entries: dict[str, dict[str, Any]] = tomllib.loads(text)
    return {
        name: PublishedFiles(name=name, **(entry | {"extras": tuple(entry.get("extras", ()))}))
        for name, entry in entries.items()
    }


def published_files(name: str, manifest: Mapping[str, PublishedFiles]) -> PublishedFiles:
    """The data set called `name`. Raises `UsageError` naming those there are."""
    try:
        return manifest[name]
    except KeyError:
        raise UsageError(
            f"there is nothing to fetch for {name!r}; what can be fetched: {', '.join(manifest)}"
        ) from None
