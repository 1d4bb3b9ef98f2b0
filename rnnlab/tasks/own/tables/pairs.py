"""Pairs of files: the training data, and the test set that comes with them."""

from __future__ import annotations

import re
from pathlib import Path

from rnnlab.tasks.own.common.findings import Findings

ARCHIVE_ENDINGS = (".ts", ".tsv", ".txt", ".csv", ".arff")
"""Endings of the files of the UCR and UEA archives, the one that says the most first."""
_ABOUT = re.compile(r"(?i)^(readme|license|licence|changelog|about|description|info|notes?)")
_PACKINGS = (".gz", ".bz2", ".xz")
_WORDS = re.compile(r"(?i)(?<![a-z])(training|train|testing|test)(?![a-z])")
_VALIDATION = ("val", "valid", "validation", "dev")
_OTHER = {"training": "testing", "train": "test", "testing": "training", "test": "train"}


def partner(path: Path) -> tuple[Path, Path | None]:
    """The training and the test file: `NAME_TRAIN.ts` finds `NAME_TEST.ts` beside it, `train.csv` `test.csv`, and the reverse.

    Where there is no partner, the file itself and None.
    """
    found = list(_WORDS.finditer(path.stem))
    if not found:
        return path, None
    match = found[-1]
    word = match.group()
    beside = _with_word(path, match, _OTHER[word.lower()])
    if not beside.is_file() and path.parent.name.lower() == word.lower():
        # train/X_train.txt and test/X_test.txt
        folder = _OTHER[word.lower()]
        folder = folder.capitalize() if path.parent.name[0].isupper() else folder
        beside = path.parent.with_name(folder) / beside.name
    if not beside.is_file():
        return path, None
    return (beside, path) if word.lower().startswith("test") else (path, beside)


def warn_validation(train: Path, findings: Findings) -> None:
    """Notes a validation file beside the training file, as `train.csv` and `val.csv`, which is not read."""
    found = list(_WORDS.finditer(train.stem))
    if not found:
        return
    for word in _VALIDATION:
        beside = _with_word(train, found[-1], word)
        if beside.is_file():
            findings.warn(
                "validation file",
                f"{beside.name} stands beside {train.name} and is not read: the validation part is drawn from {train.name}",
            )
            return


def _with_word(path: Path, match: re.Match[str], word: str) -> Path:
    """The path with another word in place of the one that matched in its stem, in capitals as that is."""
    held = match.group()
    spelt = word.upper() if held.isupper() else word.capitalize() if held[0].isupper() else word
    return path.with_name(f"{path.stem[: match.start()]}{spelt}{path.stem[match.end() :]}{path.suffix}")


def pair_in(folder: Path) -> Path | None:
    """The training file of the one pair that the folder holds; None where there is none, or more than one name.

    Of several formats of one pair the one that says the most is taken.
    """
    found: dict[str, dict[str, Path]] = {}
    try:
        names = sorted(path for path in folder.iterdir() if path.suffix.lower() in ARCHIVE_ENDINGS)
    except OSError:
        return None
    for path in names:
        train, test = partner(path)
        if train == path and (test is not None or (path.suffix.lower() == ".ts" and _is_train(path))):
            found.setdefault(path.stem, {})[path.suffix.lower()] = path
    whole = [stem for stem in found if not re.search(r"Dimension\d+_TRAIN$", stem)]
    if len(whole) != 1:
        return None
    formats = found[whole[0]]
    return next(formats[ending] for ending in ARCHIVE_ENDINGS if ending in formats)


def only_file(folder: Path) -> Path | None:
    """The one table or archive in a folder that holds nothing else but descriptions; None where there are more, or folders."""
    try:
        found = [path for path in folder.iterdir() if not path.name.startswith((".", "__MACOSX"))]
    except OSError:
        return None
    data = [path for path in found if ending(path) in (*ARCHIVE_ENDINGS, ".dat", ".npz", ".json", ".parquet")]
    data = [path for path in data if not _ABOUT.search(path.stem)]
    return data[0] if len(data) == 1 and not any(path.is_dir() for path in found) else None


def ending(path: Path) -> str:
    """Ending of the file's name, without that of the packing: `.arff` of `x.arff.gz`."""
    suffix = path.suffix.lower()
    return Path(path.stem).suffix.lower() if suffix in _PACKINGS else suffix


def _is_train(path: Path) -> bool:
    return path.stem.upper().endswith("_TRAIN")
