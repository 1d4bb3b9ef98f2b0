"""`rnnlab data check` on files of a gigabyte: seconds, peak memory and what it says.

    python -m benchmarks.check_large [--gigabytes 1] [--kind text|series|arrays|ts|recordings] [--json]

Each file is made in a temporary folder, checked by a process of its own, the command as a person types it, and removed. The
peak is the largest resident set of that process, beside that of the same command on a file of one line: what Python and
NumPy take by themselves.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.options import parse

_BLOCK = 20_000
"""Rows that are made at a time, and written again and again with other numbers before them."""


def write_text(path: Path, size: int) -> None:
    """Comments of about 90 characters with one of four labels; a row in a thousand stands there before."""
    words = np.array(
        ["the", "net", "reads", "name", "letter", "by", "says", "which", "of", "many", "languages", "it", "may", "be"]
    )
    labels = ("praise", "blame", "question", "other")
    generator = np.random.default_rng(0)
    chosen = generator.choice(words, size=(_BLOCK, 14))
    with path.open("w", encoding="utf-8", newline="\n") as file:
        file.write("text,label\n")
        row = 0
        while file.tell() < size:
            lines = []
            for place, line in enumerate(chosen):
                number = row if row % 1000 else 0
                lines.append(f'"{number}, {" ".join(line)}",{labels[place % 4]}\n')
                row += 1
            file.writelines(lines)


def write_series(path: Path, size: int) -> None:
    """A reading a second of twenty columns, which is as long as a series may be; an empty field in twenty thousand rows."""
    generator = np.random.default_rng(0)
    values = generator.normal(20, 5, size=(_BLOCK, 20))
    tails = [",".join(f"{value:.6f}" for value in row) for row in values]
    start = np.datetime64("2015-01-01T00:00:00", "s")
    with path.open("w", encoding="utf-8", newline="\n") as file:
        file.write(",".join(["date", "value", *(f"sensor {place}" for place in range(2, 21))]) + "\n")
        row = 0
        while file.tell() < size:
            stamps = np.datetime_as_string(start + np.arange(row, row + _BLOCK)).tolist()
            lines = [f"{stamp},{tail}\n" for stamp, tail in zip(stamps, tails, strict=True)]
            lines[0] = f"{stamps[0]},,{tails[0].split(',', 1)[1]}\n"
            file.writelines(lines)
            row += _BLOCK


def write_arrays(path: Path, size: int) -> None:
    """Rows of 128 steps and 9 channels in single precision with a text label each, uncompressed, a test set beside them."""
    row_bytes = 128 * 9 * 4
    rows = size // row_bytes
    test = rows // 5
    generator = np.random.default_rng(0)
    classes = np.array(["walking", "stairs", "sitting", "standing", "lying"])
    values = generator.normal(size=(rows, 128, 9)).astype(np.float32)
    labels = classes[np.arange(rows) % 5]
    np.savez(path, X_train=values[test:], y_train=labels[test:], X_test=values[:test], y_test=labels[:test])


def write_ts(path: Path, size: int) -> None:
    """Cases of 60 to 180 steps in three dimensions, one of five classes."""
    generator = np.random.default_rng(0)
    values = generator.normal(size=(500, 3, 180)).round(5)
    lengths = generator.integers(60, 181, size=500)
    bodies = [
        ":".join(",".join(f"{value:.5f}" for value in channel[:length]) for channel in case)
        for case, length in zip(values, lengths.tolist(), strict=True)
    ]
    with path.open("w", encoding="utf-8", newline="\n") as file:
        file.write("@problemName large\n@timeStamps false\n@univariate false\n@dimensions 3\n@equalLength false\n")
        file.write("@classLabel true 1 2 3 4 5\n@data\n")
        row = 0
        while file.tell() < size:
            # The first value is the case's number, so that no two cases are the same.
            file.writelines(
                f"{row + place}{body[body.index(',') :]}:{1 + place % 5}\n" for place, body in enumerate(bodies)
            )
            row += len(bodies)


def write_recordings(path: Path, size: int) -> None:
    """A folder a label, in it files of 500,000 steps or fewer of three channels."""
    generator = np.random.default_rng(0)
    rows = 2_000
    lines = [",".join(f"{value:.5f}" for value in step) for step in generator.normal(size=(rows, 3))]
    body = "\n".join(lines)
    count = max(8, size // (len(body) + 10))
    for number in range(count):
        folder = path / ("left", "right", "up", "down")[number % 4]
        folder.mkdir(parents=True, exist_ok=True)
        (folder / f"{number:05}.csv").write_text(f"{number}.5,0,0\n{body}\n", encoding="utf-8")


MADE: dict[str, tuple[str, Callable[[Path, int], None]]] = {
    "text": ("large.csv", write_text),
    "series": ("large.csv", write_series),
    "arrays": ("large.npz", write_arrays),
    "ts": ("large_TRAIN.ts", write_ts),
    "recordings": ("large", write_recordings),
}


def check(path: Path) -> dict[str, Any]:
    """`rnnlab data check`: its seconds and those of the processor, its peak in MiB, its exit code and its words."""
    began = time.perf_counter()
    process = subprocess.Popen(
        [sys.executable, "-m", "rnnlab", "data", "check", path.name],
        cwd=path.parent,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    words = process.stdout.read()
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    return {
        "seconds": time.perf_counter() - began,
        "processor_seconds": usage.ru_utime + usage.ru_stime,
        "peak_mib": usage.ru_maxrss / (2**20 if sys.platform == "darwin" else 2**10),
        "exit_code": process.returncode,
        "words": words.splitlines(),
    }


def measure(kind: str, size: int) -> dict[str, Any]:
    """The figures of one kind of file of `size` bytes."""
    name = MADE[kind][0]
    with tempfile.TemporaryDirectory(prefix="rnnlab-check-") as folder:
        line = Path(folder) / "line.csv"
        line.write_text("text,label\na,b\n", encoding="utf-8")
        path = Path(folder) / name
        # In a process of its own: what is written must not count for what reads it.
        writer = subprocess.run(
            [sys.executable, "-m", "benchmarks.check_large", "--write", kind, str(path), str(size)], check=False
        )
        if writer.returncode:
            raise RuntimeError(f"{kind}: the file could not be made")
        files = [file for file in path.rglob("*") if file.is_file()] if path.is_dir() else [path]
        return {
            "kind": kind,
            "bytes": sum(file.stat().st_size for file in files),
            "bare_mib": check(line)["peak_mib"],
            **check(path),
        }


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--gigabytes", type=float, default=1.0)
    parser.add_argument("--kind", choices=MADE, action="append")
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--write", nargs=3, metavar=("KIND", "PATH", "BYTES"), help=argparse.SUPPRESS)
    options = parse(parser, gigabytes=0.0002, kind=["text"])
    if options.write:
        kind, path, size = options.write
        MADE[kind][1](Path(path), int(size))
        return 0
    for kind in options.kind or MADE:
        found = measure(kind, int(options.gigabytes * 10**9))
        if options.json:
            print(json.dumps(found), flush=True)
            continue
        print(
            f"{kind}: {found['bytes'] / 1e9:.2f} GB in {found['seconds']:.1f} s, {found['processor_seconds']:.1f} s of "
            f"processor time; peak {found['peak_mib']:.0f} MiB, {found['bare_mib']:.0f} of them bare",
            flush=True,
        )
        print("".join(f"    {line}\n" for line in found["words"]), flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
