"""A small UCI HAR in the published layout: 16-character fields, three-digit exponents, CRLF, windows that overlap by half."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from rnnlab.tasks.published.har import SIGNALS

STEPS = 8
WINDOWS = 4
"""Of each person and activity, one after the other."""
ACTIVITIES = ("WALKING", "WALKING_UPSTAIRS", "WALKING_DOWNSTAIRS", "SITTING", "STANDING", "LAYING")
PEOPLE = {"train": (1, 3, 5, 6, 7, 8, 11), "test": (2, 4, 9)}
Form = Literal["as published", "inner zip", "outer zip", "folder"]


def field(value: float) -> str:
    """A number as the files have it: `  1.0128170e+000`."""
    digits, _, exponent = f"{value:.7e}".partition("e")
    return f"{digits:>11}e{exponent[0]}{int(exponent[1:]):03d}"


def activity_files() -> dict[str, bytes]:
    """Every file that is read, by its path in `UCI HAR Dataset`."""
    draw = np.random.Generator(np.random.PCG64(1))
    files = {"activity_labels.txt": "".join(f"{i} {name}\n" for i, name in enumerate(ACTIVITIES, start=1)).encode()}
    for part, people in PEOPLE.items():
        labels: list[int] = []
        subjects: list[int] = []
        windows: list[NDArray[np.float64]] = []
        for person in people:
            for activity in range(len(ACTIVITIES)):
                stream = draw.normal(activity / 10, 0.3, (STEPS // 2 * (WINDOWS + 1), len(SIGNALS)))
                windows += [stream[start : start + STEPS] for start in range(0, STEPS // 2 * WINDOWS, STEPS // 2)]
                labels += [activity + 1] * WINDOWS
                subjects += [person] * WINDOWS
        files[f"{part}/y_{part}.txt"] = "".join(f"{label}\n" for label in labels).encode()
        files[f"{part}/subject_{part}.txt"] = "".join(f"{person}\n" for person in subjects).encode()
        for channel, signal in enumerate(SIGNALS):
            lines = ("".join(map(field, window[:, channel])) + "\r\n" for window in windows)
            files[f"{part}/Inertial Signals/{signal}_{part}.txt"] = "".join(lines).encode()
    return files


def write_activities(root: Path, form: Form = "inner zip", changes: Mapping[str, bytes | None] | None = None) -> Path:
    """Writes the files to `root/har` in one of the forms they are met in; `changes` gives other contents to some, or takes
    them away. Returns `root`.
    """
    folder = root / "har"
    folder.mkdir(parents=True, exist_ok=True)
    files = {
        f"UCI HAR Dataset/{name}": data
        for name, data in (activity_files() | dict(changes or {})).items()
        if data is not None
    }
    if form == "folder":
        for name, data in files.items():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_bytes(data)
        return root
    archive = zipped(files | {f"__MACOSX/{name}": b"\0\5\26\7" for name in files})
    if form == "outer zip":
        name, archive = (
            "human+activity.zip",
            zipped({"UCI HAR Dataset.zip": archive, "UCI HAR Dataset.names": b"Names\n"}),
        )
    else:
        name = "UCI HAR Dataset.zip" if form == "inner zip" else "UCI_HAR_inertial_as_published.zip"
    (folder / name).write_bytes(archive)
    return root


def zipped(files: Mapping[str, bytes]) -> bytes:
    """A zip archive with these files."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            archive.writestr(zipfile.ZipInfo(name), data, zipfile.ZIP_DEFLATED)
    return stream.getvalue()
