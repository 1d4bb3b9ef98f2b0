"""Names that people give their arrays, and what each array is for."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal, cast

Role = Literal["X", "y", "lengths", "mask", "groups"]
PartName = Literal["train", "val", "test"]
PARTS: tuple[PartName, ...] = ("train", "val", "test")

_PARTS: dict[str, PartName] = {
    "train": "train",
    "training": "train",
    "trn": "train",
    "tr": "train",
    "val": "val",
    "valid": "val",
    "validation": "val",
    "dev": "val",
    "vali": "val",
    "va": "val",
    "test": "test",
    "testing": "test",
    "tst": "test",
    "te": "test",
    "eval": "test",
}
_ROLES: dict[Role, tuple[str, ...]] = {
    "X": (
        "x",
        "xs",
        "data",
        "input",
        "inputs",
        "feature",
        "features",
        "sequence",
        "sequences",
        "series",
        "timeseries",
        "signal",
        "signals",
        "sample",
        "samples",
        "values",
        "windows",
        "segments",
        "dataset",
        "set",
        "set_x",
    ),
    "y": (
        "y",
        "ys",
        "label",
        "labels",
        "target",
        "targets",
        "class",
        "classes",
        "output",
        "outputs",
        "truth",
        "set_y",
    ),
    "lengths": (
        "lengths",
        "length",
        "len",
        "lens",
        "seq_len",
        "seq_lens",
        "seq_length",
        "seq_lengths",
        "sequence_length",
        "sequence_lengths",
        "n_steps",
        "x_len",
        "x_lens",
        "x_length",
        "x_lengths",
    ),
    "mask": ("mask", "masks", "x_mask", "masks_x", "mask_x", "padding_mask", "attention_mask"),
    "groups": (
        "groups",
        "group",
        "subject",
        "subjects",
        "subject_id",
        "subject_ids",
        "person",
        "persons",
        "people",
        "participant",
        "participants",
        "patient",
        "patients",
        "patient_id",
        "user",
        "users",
        "user_id",
        "user_ids",
        "speaker",
        "speakers",
    ),
}
_ROLE_OF: dict[str, Role] = {spelling.replace("_", ""): role for role, all_ in _ROLES.items() for spelling in all_}


@dataclass(frozen=True)
class Named:
    """What an array is for: `Named("X", "train")` are the training inputs."""

    role: Role
    part: PartName

    def __str__(self) -> str:
        return f"{self.role}_{self.part}"


def meaning(name: str) -> tuple[Role, PartName | None] | None:
    """What an array of this name is for; no part where the name says none; None where it is no name that is known.

    `x_train`, `trainX`, `train/data`, `Xtr`, `labels_test` and `y` are all understood.
    """
    split = re.sub(r"([a-z])([A-Z])", r"\1_\2", name.removesuffix(".npy"))
    words = [word for word in re.split(r"[^a-z0-9]+", split.lower()) if word]
    if not words:
        return None
    joined = "".join(words)
    if joined in _ROLE_OF:
        return _ROLE_OF[joined], None
    for index, word in enumerate(words):
        rest = "".join(words[:index] + words[index + 1 :])
        if word in _PARTS and rest in _ROLE_OF:
            return _ROLE_OF[rest], _PARTS[word]
    for end, part in _PARTS.items():
        for rest in (joined.removesuffix(end), joined.removeprefix(end)):
            if rest != joined and _ROLE_OF.get(rest) is not None and (len(end) > 2 or rest in ("x", "y")):
                return _ROLE_OF[rest], part
    return None


def named_arrays(names: Iterable[str]) -> tuple[dict[Named, str], list[str]]:
    """The array of each meaning, and the names of those that have none, or one that another has already.

    A name with its part (`X_train`) goes before one without (`X`), which stands for training.
    """
    understood: dict[str, tuple[Role, PartName | None]] = {}
    others: list[str] = []
    for name in names:
        found = meaning(name)
        if found is None:
            others.append(name)
        else:
            understood[name] = found
    chosen: dict[Named, str] = {}
    for name in sorted(understood, key=lambda name: (understood[name][1] is None, _rank(name))):
        role, part = understood[name]
        named = Named(role, part or "train")
        listed = _rank(name) == 2 and any(each.role == named.role for each in chosen)
        if named in chosen or listed:
            others.append(name)
        else:
            chosen[named] = name
    return chosen, others


def _rank(name: str) -> int:
    """Names that are X and y themselves go before `data` and `labels`, and `classes` after all: it may list their names."""
    if name.removesuffix(".npy").lower() in ("class", "classes", "output", "outputs"):
        return 2
    words = re.split(r"[^a-z0-9]+", re.sub(r"([a-z])([A-Z])", r"\1_\2", name.removesuffix(".npy")).lower())
    return 0 if {"x", "y"} & set(words) or re.search(r"(^[xy](tr|va|te))|([xy]$)", "".join(words)) else 1


def by_place(shapes: Mapping[str, tuple[int, ...]]) -> dict[Named, str]:
    """Meaning of the arrays `arr_0`, `arr_1`, … that `numpy.savez` numbers, by their shapes; empty where they do not tell.

    Two are X and y; four are X_train, y_train, X_test, y_test, or X_train, X_test, y_train, y_test.
    """
    names = [f"arr_{index}" for index in range(len(shapes))]
    if len(shapes) not in (2, 4) or any(name not in shapes for name in names):
        return {}
    orders = ("Xy",) if len(shapes) == 2 else ("XyXy", "XXyy")
    for order in orders:
        inputs = [name for name, role in zip(names, order, strict=True) if role == "X"]
        targets = [name for name, role in zip(names, order, strict=True) if role == "y"]
        fits = all(
            len(shapes[x]) >= 2 and 1 <= len(shapes[y]) < max(3, len(shapes[x])) and shapes[x][0] == shapes[y][0]
            for x, y in zip(inputs, targets, strict=True)
        )
        if fits:
            pairs = zip(("train", "test"), zip(inputs, targets, strict=True), strict=False)
            return {
                Named(cast(Role, role), cast(PartName, part)): name
                for part, pair in pairs
                for role, name in zip("Xy", pair, strict=True)
            }
    return {}
