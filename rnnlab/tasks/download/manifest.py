"""Manifest of the data sets that can be fetched, from `rnnlab/tasks/manifest.toml`."""

from __future__ import annotations

import importlib.resources
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from rnnlab.config import UsageError


@dataclass(frozen=True)
class PublishedFiles:
    """Published files of one data set: `files`, or where they are many `pattern`.

    `files` maps each file's path to its sha256; `contents` is one digest over all that match `pattern`, as
    `rnnlab.tasks.download.sources.contents_digest` makes it. `extras` are files taken along where the source has them.
    """

    name: str
    title: str
    address: str
    sha256: str
    about: str
    """Size of the download, as text."""
    largest_bytes: int
    terms: str
    files: Mapping[str, str] = field(default_factory=dict)
    extras: tuple[str, ...] = ()
    pattern: str = ""
    count: int = 0
    contents: str = ""
    keep: str = ""
    """Name of the archive in the data folder; empty: the files themselves are there."""
    folder: str = ""
    """Folder within that archive."""
    inner: str = ""
    """Archive within the published archive."""
    inner_sha256: str = ""
    aliases: Mapping[str, str] = field(default_factory=dict)
    """Other names of a file → its name here."""
    begins: str = ""
    """First characters of each of the files."""

    @property
    def total(self) -> int:
        """Number of published files."""
        return len(self.files) or self.count

    @property
    def pinned(self) -> frozenset[str]:
        """SHA-256 of the published archive, in each of its forms."""
        return frozenset(digest for digest in (self.sha256, self.inner_sha256) if digest)


def read_manifest(text: str | None = None) -> dict[str, PublishedFiles]:
    """Data sets by name, of a manifest's `text`, or of the manifest of rnnlab."""
    if text is None:
        text = importlib.resources.files("rnnlab.tasks").joinpath("manifest.toml").read_text(encoding="utf-8")
    entries: dict[str, dict[str, Any]] = tomllib.loads(text)
    return {
        name: PublishedFiles(name=name, **(entry | {"extras": tuple(entry.get("extras", ()))}))
        for name, entry in entries.items()
    }


def published_files(name: str, manifest: Mapping[str, PublishedFiles]) -> PublishedFiles:
    """Data set called `name`. Raises `UsageError` with the known names."""
    try:
        return manifest[name]
    except KeyError:
        raise UsageError(
            f"there is nothing to fetch for {name!r}; what can be fetched: {', '.join(manifest)}"
        ) from None
