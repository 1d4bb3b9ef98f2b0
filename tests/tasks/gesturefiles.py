"""A small set of smart watch gestures in the published layout: `gestures-dataset/U01/01/01.txt`, six columns."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Literal

import numpy as np

from tests.tasks.activityfiles import zipped

PEOPLE = 4
GESTURES = 20
RECORDINGS = 2
TWINS = ("U01/13/02.txt", "U01/14/01.txt")
"""The same recording under two gestures, as in the published set."""


def gesture_files() -> dict[str, bytes]:
    """Every file by its path in `gestures-dataset`."""
    draw = np.random.Generator(np.random.PCG64(2))
    files = {
        "info.txt": b"--- FORMAT ---\nSystem.currentTimeMillis() event.values[0]\n",
        "gestures.png": b"\x89PNG\r\n",
    }
    clock = 1_384_186_054_309
    for person in range(1, PEOPLE + 1):
        for gesture in range(1, GESTURES + 1):
            for recording in range(1, RECORDINGS + 1):
                lines = []
                for x, y, z in draw.normal((gesture - 10, 0, 9.8), 2, (int(draw.integers(3, 9)), 3)):
                    clock += 110
                    lines.append(f"{clock} {clock * 57} {clock * 2} {x:.6f} {y:.6f} {z:.6f}\n")
                files[f"U{person:02}/{gesture:02}/{recording:02}.txt"] = "".join(lines).encode()
    files[TWINS[1]] = files[TWINS[0]]
    return files


def write_gestures(
    root: Path, form: Literal["zip", "folder"] = "zip", changes: Mapping[str, bytes | None] | None = None
) -> Path:
    """Writes them to `root/gestures`; `changes` gives other contents to some, or takes them away. Returns `root`."""
    folder = root / "gestures"
    folder.mkdir(parents=True, exist_ok=True)
    files = {
        f"gestures-dataset/{name}": data
        for name, data in (gesture_files() | dict(changes or {})).items()
        if data is not None
    }
    if form == "zip":
        (folder / "gestures-dataset.zip").write_bytes(zipped(files))
        return root
    for name, data in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(data)
    return root
