"""Small data sets in the layout of the published ones, for tests without a network."""

from __future__ import annotations

import hashlib
import io
import zipfile
from collections.abc import Mapping
from pathlib import Path

from rnnlab.tasks.download.manifest import PublishedFiles
from rnnlab.tasks.published.names import LANGUAGES

SYLLABLES = ("ka", "ro", "mi", "ten", "ul", "sha", "vo", "ne", "bri", "zal")


def name_files(rows: int = 12) -> dict[str, bytes]:
    """The 18 files of names, `rows` distinct made-up names each, no name in two languages."""
    files = {}
    for index, language in enumerate(LANGUAGES):
        letter = chr(ord("A") + index)
        names = [f"{letter}{SYLLABLES[row % 10]}{SYLLABLES[row // 10]}" for row in range(rows)]
        files[f"{language}.txt"] = ("\n".join(names) + "\n").encode()
    return files


def write_names(root: Path, changes: Mapping[str, bytes | None] | None = None, rows: int = 12) -> Path:
    """Writes the files to `root/names`; `changes` gives other contents to some, or takes them away. Returns `root`."""
    folder = root / "names"
    folder.mkdir(parents=True)
    for name, data in (name_files(rows) | dict(changes or {})).items():
        if data is not None:
            (folder / name).write_bytes(data)
    return root


def archive_of(files: Mapping[str, bytes], folder: str = "data/names/") -> bytes:
    """A zip archive with the files in `folder`, and another file beside it, as the published one has."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            archive.writestr(folder + name, data)
        archive.writestr("data/eng-fra.txt", b"Go.\tVa !\n")
    return stream.getvalue()


def described(files: Mapping[str, bytes], archive: bytes, address: str) -> dict[str, PublishedFiles]:
    """A manifest with `names` as found at `address`."""
    return {
        "names": PublishedFiles(
            name="names",
            title="Names",
            address=address,
            sha256=hashlib.sha256(archive).hexdigest(),
            about="1 kB",
            largest_bytes=2**20,
            terms="none",
            files={name: hashlib.sha256(data).hexdigest() for name, data in files.items()},
            extras=("LICENSE",),
        )
    }
