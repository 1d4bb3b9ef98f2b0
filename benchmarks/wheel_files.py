"""Check of the data files inside the wheels of five libraries against what a person sees in them.

    python -m benchmarks.wheel_files [FOLDER] [--only TEXT] [--quick]

FOLDER holds the wheels named in `wheel_files.toml`, unpacked beside one another (`python -m zipfile -e WHEEL FOLDER`). Prints a
row for each file that is read otherwise than expected, and how many were right, asked about, and wrong. `--quick` checks those
of scikit-learn, which is installed.
"""

from __future__ import annotations

import argparse
import importlib.util
import sys
import tomllib
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from benchmarks.options import parse
from rnnlab.tasks.own.check import check_file

EXPECTED = Path(__file__).with_suffix(".toml")


def verdict(expected: Mapping[str, Any], document: Mapping[str, Any]) -> tuple[str, str]:
    """`right`, `asked`, `refused` or `wrong`, and what was found otherwise; `document` is the report of the check as JSON."""
    kinds = str(expected["kind"]).split("|")
    stops = [problem for problem in document["problems"] if problem["stops"]]
    if stops and not _too_small(stops[0], document, kinds):
        asks = bool(stops[0]["choices"]) or "--set" in stops[0]["message"] or "data." in stops[0]["message"]
        outcome = "asked" if asks else "refused"
        fine = {"asks", "refused"} & set(kinds)
        return (outcome, "") if fine else ("wrong", f"{outcome}: {stops[0]['message']}")
    if document["kind"] not in kinds:
        return "wrong", f"read as {document['kind']}"
    differing = [
        f"{key} {found!r} instead of {expected[key]!r}"
        for key, found in _found(document).items()
        if key in expected and found != expected[key]
    ]
    return ("wrong", ", ".join(differing)) if differing else ("right", "")


def _too_small(stop: Mapping[str, Any], document: Mapping[str, Any], kinds: list[str]) -> bool:
    """Whether a file was read as expected, and is too small to train on."""
    few = stop["kind"] in ("few rows", "short", "split") or "too few" in stop["message"]
    return document["kind"] in kinds and few and not stop["choices"]


def _found(document: Mapping[str, Any]) -> dict[str, Any]:
    """What the check found, by the keys of `wheel_files.toml`."""
    facts = document["facts"]
    roles = {role["role"]: role["column"] for role in facts.get("roles") or ()}
    dates = facts.get("dates") or {}
    return {
        "rows": document["rows"],
        "classes": len(document["classes"]),
        "longest": document["lengths"].get("max"),
        "problem": document["problem"],
        "target": roles.get("forecast", facts.get("target_column")),
        "label": roles.get("label", facts.get("target_column")),
        "first": str(dates.get("first", ""))[:10],
        "last": str(dates.get("last", ""))[:10],
        "step": str(dates.get("step")).removeprefix("1 "),
    }


def main() -> None:
    """Check all files and print what differs."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", nargs="?", type=Path, help="where the wheels are")
    parser.add_argument("--only", default="", help="part of the paths to check")
    installed = importlib.util.find_spec("sklearn")
    beside = Path(installed.origin).parents[1] if installed is not None and installed.origin else None
    arguments = parse(parser, folder=beside, only="sklearn/")
    if arguments.folder is None:
        parser.error("say which FOLDER holds the wheels, unpacked")
    counts: Counter[str] = Counter()
    for expected in tomllib.loads(EXPECTED.read_text())["file"]:
        if arguments.only not in expected["path"]:
            continue
        path = arguments.folder / expected["path"]
        if not path.exists():
            sys.exit(f"{path} is not there: unpack the wheels that {EXPECTED.name} names into {arguments.folder}")
        outcome, how = verdict(expected, check_file(path).as_json())
        counts[outcome] += 1
        if how:
            print(f"{expected['path']}\n    expected {expected['kind']}; {how}")
    print(", ".join(f"{name} {counts[name]}" for name in ("right", "asked", "refused", "wrong")))


if __name__ == "__main__":
    main()
