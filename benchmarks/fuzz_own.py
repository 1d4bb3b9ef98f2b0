"""Fuzzing the readers of people's own data: random bytes and valid files that were damaged, each read by check and loader.

A case fails where either ends in anything but a sentence (`UsageError`), takes over 2 seconds or 512 MB, or where they
disagree: a file that the check calls trainable must load, one it refuses must be refused by the loader in the same words.

    python benchmarks/fuzz_own.py --cases 20000 [--loader text|series|arrays|recordings|ts] [--seed 0]
"""

from __future__ import annotations

import argparse
import io
import json
import resource
import shutil
import signal
import sys
import tempfile
import time
import traceback
import warnings
import zipfile
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType

import numpy as np
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st

from rnnlab.config import RunConfig, UsageError
from rnnlab.tasks.load import load
from rnnlab.tasks.own.check import check_file

LOADERS = ("text", "series", "arrays", "recordings", "ts")
SECONDS = 2.0
MEMORY = 512 * 2**20

# What a case is made of.

_WORDS = (
    *(
        "",
        "a",
        "b",
        "cat",
        "Dog",
        "été",
        "日本",
        "🙂",
        "x y",
        "1",
        "2",
        "-3.5",
        "1e5",
        "0.25",
        "1,5",
        "nan",
        "NaN",
        "?",
        "NA",
    ),
    *(
        "inf",
        "1e999",
        "-1e300",
        "1e-320",
        "0x10",
        "1_000",
        "9" * 50,
        "2020-01-01",
        "2020-01-02",
        "01.02.2020",
        "13/13/2020",
    ),
    *(
        "label",
        "text",
        "date",
        "value",
        '"',
        '""',
        '"a""b"',
        '"a\nb"',
        "'",
        "[/red]",
        "\x1b]52;c;eA==\x07",
        "\u202e",
        " ",
    ),
)
_CHUNKS = (
    *(
        b"\0",
        b'"',
        b'""',
        b"\n",
        b"\r",
        b"\r\n",
        b",",
        b";",
        b"\t",
        b":",
        b"@data\n",
        b"\xff",
        b"\xc3",
        b"\xef\xbb\xbf",
        b"\xff\xfe",
    ),
    *(
        b"NaN",
        b"?",
        b"1e999",
        b"-",
        b"_",
        b"(",
        b"9" * 30,
        b"\x1b[2J",
        b"\xe2\x80\xae",
        b"@classLabel true a b\n",
        b"#",
        b" ",
    ),
    *(
        b"PK\x03\x04",
        b"PK\x01\x02",
        b"PK\x05\x06",
        b"\x93NUMPY",
        b"'descr': '|O'",
        b"(9999999999,)",
        b"\x80\x04",
        b"\x85",
        b"\x0c",
    ),
)
_words = st.sampled_from(_WORDS) | st.text(max_size=8)
_numbers = st.sampled_from(("0", "1", "2.5", "-7", "100", "3e4", "?", "NaN", "")) | st.integers(-999, 999).map(str)
_delimiters = st.sampled_from((",", ";", "\t", "|", " "))
_ends = st.sampled_from(("\n", "\r\n", "\r"))


@st.composite
def _text_files(draw: st.DrawFn) -> bytes:
    delimiter, end = draw(_delimiters), draw(_ends)
    labels = draw(st.lists(_words, min_size=1, max_size=4))
    rows = draw(st.lists(st.tuples(_words, st.sampled_from(labels)), max_size=30))
    lines = [delimiter.join(row) for row in rows]
    if draw(st.booleans()):
        lines.insert(0, draw(st.sampled_from(("text", "name", "x"))) + delimiter + "label")
    return (end.join(lines) * draw(st.sampled_from((1, 1, 3)))).encode()


@st.composite
def _series_files(draw: st.DrawFn) -> bytes:
    delimiter, end = draw(_delimiters), draw(_ends)
    columns = draw(st.integers(1, 3))
    count = draw(st.integers(0, 80))
    style = draw(st.sampled_from(("%Y-%m-%d", "%d.%m.%Y", "%Y-%m-%d %H:%M", "none")))
    first = draw(st.integers(0, 20000))
    values = draw(st.lists(_numbers, min_size=1, max_size=40))
    lines = []
    for row in range(count):
        day = "" if style == "none" else time.strftime(style, time.gmtime((first + row) * 86400))
        cells = [values[(row * columns + place) % len(values)] for place in range(columns)]
        lines.append(delimiter.join(([day] if day else []) + cells))
    if draw(st.booleans()):
        lines.insert(0, delimiter.join(["date"] * (style != "none") + ["value", "a", "b"][:columns]))
    if draw(st.booleans()):
        lines.reverse()
    return end.join(lines).encode()


@st.composite
def _array_files(draw: st.DrawFn) -> bytes:
    random = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    shape = [draw(st.integers(0, 20)), *draw(st.lists(st.integers(0, 6), max_size=3))]
    dtype = draw(st.sampled_from(("f8", "f4", "f2", "i4", "u1", "?", "c8", "U3", ">f8", "M8[s]")))
    targets = draw(st.sampled_from(("text", "int", "float", "bytes", "onehot", "objects", "bool", "short")))
    arrays = {"X_train": random.integers(-3, 4, shape).astype(dtype), "y_train": _answers(random, shape[0], targets)}
    if dtype in ("f8", "f4") and draw(st.booleans()):
        arrays["X_train"].ravel()[:: draw(st.integers(1, 5))] = draw(st.sampled_from((np.nan, np.inf, 1e300, 0.0)))
    if draw(st.booleans()):
        rows = draw(st.integers(0, 8))
        arrays["X_test"] = random.normal(size=(rows, *shape[1:]))
        arrays["y_test"] = _answers(random, rows, draw(st.sampled_from((targets, "float"))))
    if draw(st.booleans()):
        arrays = {name: np.asfortranarray(array) for name, array in arrays.items()}
    for name in draw(st.sets(st.sampled_from(("X_train", "y_train", "X_test")), max_size=1)):
        arrays.pop(name, None)
    file = io.BytesIO()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        (np.savez_compressed if draw(st.booleans()) else np.savez)(file, **arrays)  # type: ignore[arg-type]
    data = file.getvalue()
    return _with_damaged_header(draw, data) if draw(st.integers(0, 3)) == 0 else data


def _answers(random: np.random.Generator, rows: int, kind: str) -> np.ndarray[tuple[int, ...], np.dtype[np.generic]]:
    numbers = random.integers(0, 3, rows)
    match kind:
        case "text":
            return np.array(["a", "b", "\ud800"])[numbers]
        case "bytes":
            return np.array([b"a", b"\xff", b"c"])[numbers]
        case "onehot":
            return np.eye(3, dtype=np.int64)[numbers]
        case "objects":
            return numbers.astype(object)
        case "float":
            return random.normal(size=(rows, 2))
        case "bool":
            return numbers > 1
        case "short":
            return numbers[: rows // 2]
        case _:
            return numbers


def _with_damaged_header(draw: st.DrawFn, data: bytes) -> bytes:
    """The archive with one array's bytes changed and everything around it right again."""
    file = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(file, "w") as new:
        for name in old.namelist():
            new.writestr(name, _damaged(draw, old.read(name), large=False))
    return file.getvalue()


@st.composite
def _ts_files(draw: st.DrawFn) -> bytes:
    labels = draw(st.lists(st.sampled_from(("1", "2", "a", "b b", "?", "")), min_size=1, max_size=3))
    words = [
        "# made up",
        "@problemName made",
        f"@univariate {draw(st.sampled_from(('true', 'false')))}",
        f"@dimensions {draw(st.sampled_from(('1', '2', 'x', '9' * 30)))}"
        if draw(st.booleans())
        else "@equalLength false",
        draw(
            st.sampled_from(
                (f"@classLabel true {' '.join(labels)}", "@classLabel true", "@targetLabel true", "@classLabel false")
            )
        ),
        "@timeStamps true" if draw(st.integers(0, 9)) == 0 else "@missing true",
        "@data" if draw(st.integers(0, 9)) else "",
    ]
    dimensions = draw(st.integers(1, 3))
    cases = draw(st.lists(st.tuples(st.lists(_numbers, max_size=8), st.sampled_from(labels)), max_size=24))
    words += [":".join([",".join(values)] * dimensions + [label]) for values, label in cases]
    return "\n".join(words).encode()


def _damaged(draw: st.DrawFn, data: bytes, *, large: bool = True) -> bytes:
    """The bytes after up to four things have happened to them."""
    for _ in range(draw(st.integers(0, 4))):
        place = draw(st.integers(0, max(0, len(data) - 1)))
        match draw(st.sampled_from(("flip", "cut", "insert", "delete", "repeat", "wide", "recode", "random"))):
            case "flip" if data:
                data = data[:place] + bytes([data[place] ^ (1 << draw(st.integers(0, 7)))]) + data[place + 1 :]
            case "cut":
                data = data[:place]
            case "insert":
                times = draw(st.sampled_from((1, 1, 1, 2, 1000)))
                data = data[:place] + draw(st.sampled_from(_CHUNKS)) * times + data[place:]
            case "delete":
                data = data[:place] + data[place + draw(st.integers(1, 40)) :]
            case "repeat":
                end = place + draw(st.integers(1, 60))
                data = data[:end] + data[place:end] * draw(st.sampled_from((1, 5, 500))) + data[end:]
            case "wide" if large:
                chunk = draw(
                    st.sampled_from(
                        (b",", b"1,", b";", b"\t", b"a,", b'"', b'"",', b":", b"1 ", b"\n", b'\n"', b"1,2\n", b"x")
                    )
                )
                times = draw(st.sampled_from((10**3, 10**4, 10**5, 10**6)))
                data = data[:place] + chunk * times + data[place:]
            case "recode" if len(data) < 10**6:
                encoding = draw(st.sampled_from(("latin-1", "utf-16", "utf-8-sig", "cp1252")))
                data = data.decode("utf-8", "replace").encode(encoding, "replace")
            case "random":
                data = data[:place] + draw(st.binary(max_size=60)) + data[place:]
            case _:
                pass
    return data


@dataclass(frozen=True)
class Case:
    """Files by name (below a folder, where there are several) and the settings they are read with."""

    files: dict[str, bytes]
    path: str
    settings: dict[str, object] = field(default_factory=dict)

    def __repr__(self) -> str:
        shown = {name: data if len(data) < 2000 else data[:400] + b"..." for name, data in self.files.items()}
        return f"Case({shown!r}, {self.path!r}, {self.settings!r})"


_FILES: dict[str, Callable[[], st.SearchStrategy[bytes]]] = {
    "text": _text_files,
    "series": _series_files,
    "arrays": _array_files,
    "ts": _ts_files,
}
_NAMES = {"text": "own.csv", "series": "own.csv", "arrays": "own.npz", "ts": "own_TRAIN.ts"}


@st.composite
def cases(draw: st.DrawFn, loader: str) -> Case:
    """A case for one loader: random bytes one time in ten, else a valid file, mostly damaged."""
    chosen: dict[str, object] = {
        "data.kind": draw(st.sampled_from((loader, loader, "auto"))),
        "data.window": draw(st.sampled_from((1, 3, 32))),
        "data.horizon": draw(st.sampled_from((1, 2))),
        "data.split": draw(st.sampled_from(("distinct",) * 6 + ("grouped", "published", "person", "random", "time"))),
    }
    for key in ("data.input_column", "data.target_column"):
        name = draw(st.sampled_from((None,) * 8 + ("text", "label", "value", "1", "2", "1,2", "9" * 5000, "nope")))
        if name is not None:
            chosen[key] = name
    if loader == "recordings":
        return Case(draw(_folders()), "own", chosen)

    def file() -> bytes:
        if draw(st.integers(0, 9)) == 0:
            return draw(st.binary(max_size=400))
        return _damaged(draw, draw(_FILES[loader]()))

    files = {_NAMES[loader]: file()}
    if loader == "ts" and draw(st.booleans()):
        files["own_TEST.ts"] = file()
    return Case(files, _NAMES[loader], chosen)


@st.composite
def _folders(draw: st.DrawFn) -> dict[str, bytes]:
    labels = draw(
        st.lists(
            st.sampled_from(("a", "b", "p/a", "p/b", "q/a", "train/a", "test/a", "test/b", "", "[x]\n")), max_size=4
        )
    )
    files = {}
    for place in range(draw(st.integers(0, 12)) if labels else 0):
        label = labels[place % len(labels)]
        name = draw(st.sampled_from((".csv", ".txt", ".dat", ".png", "")))
        rows = draw(st.lists(st.lists(_numbers, min_size=1, max_size=3), max_size=6))
        separator = draw(st.sampled_from((",", " ", ";", "\t")))
        data = "\n".join(separator.join(row) for row in rows).encode()
        files[f"own/{label}/{place}{name}".replace("//", "/")] = _damaged(draw, data)
    return files


# Carrying it out.


class TooSlow(Exception):
    """A case took longer than it may."""


@contextmanager
def guarded(seconds: float = SECONDS) -> Iterator[None]:
    """Raises `TooSlow` in the midst of what takes too long."""

    def ring(_signal: int, _frame: FrameType | None) -> None:
        raise TooSlow(f"over {seconds:g} s")

    before = signal.signal(signal.SIGALRM, ring)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


@dataclass
class Tally:
    """What the cases came to."""

    cases: int = 0
    trainable: int = 0
    slowest: float = 0.0
    reasons: Counter[str] = field(default_factory=Counter)


def write(case: Case, folder: Path) -> Path:
    """The case's files, written below `folder`."""
    target = folder / case.path
    if case.path == "own":
        target.mkdir(parents=True)
    for name, data in case.files.items():
        file = folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(data)
    return target


def carry_out(case: Case, folder: Path, tally: Tally) -> None:
    """Check and load one case. Raises where either crashes, is too slow, or says something else than the other."""
    path = write(case, folder)
    began = time.perf_counter()
    with guarded():
        report = check_file(path, case.settings)
    json.dumps(report.as_json(), allow_nan=False).encode()
    middle = time.perf_counter()
    sentence = ""
    with guarded():
        try:
            load(RunConfig.from_settings(case.settings | {"task.name": "own", "data.path": str(path)}))
        except UsageError as error:
            sentence = str(error)
    tally.slowest = max(tally.slowest, middle - began, time.perf_counter() - middle)
    tally.cases += 1
    tally.trainable += report.trainable
    tally.reasons.update([next((problem.kind for problem in report.problems if problem.stops), "trainable")])
    assert report.trainable == (not sentence), f"check: {report.reason or 'trainable'}; load: {sentence or 'loads'}"
    assert report.reason == sentence


def fuzz(loader: str, count: int, number: int = 0) -> Tally:
    """`count` cases of one loader. Raises the first failure, made as small as it gets."""
    tally = Tally()
    root = Path(tempfile.mkdtemp(prefix="fuzz-own-", dir="/dev/shm" if Path("/dev/shm").is_dir() else None))

    @seed(number)
    @settings(
        max_examples=count,
        database=None,
        deadline=None,
        suppress_health_check=list(HealthCheck),
        phases=(Phase.generate, Phase.shrink),
        print_blob=False,
    )
    @given(cases(loader))
    def one(case: Case) -> None:
        folder = Path(tempfile.mkdtemp(dir=root))
        try:
            carry_out(case, folder, tally)
        finally:
            shutil.rmtree(folder, ignore_errors=True)

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            one()
    finally:
        shutil.rmtree(root, ignore_errors=True)
    return tally


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0] if __doc__ else None)
    parser.add_argument("--cases", type=int, default=20_000)
    parser.add_argument("--loader", choices=LOADERS, action="append")
    parser.add_argument("--seed", type=int, default=0)
    chosen = parser.parse_args()
    # Address space beyond what is there now: an array of half a gigabyte is a MemoryError, and so a failure.
    used = (
        int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize() if sys.platform == "linux" else 0
    )
    if used:
        resource.setrlimit(resource.RLIMIT_AS, (used + MEMORY, resource.RLIM_INFINITY))
    failed = False
    for loader in chosen.loader or LOADERS:
        began = time.perf_counter()
        try:
            tally = fuzz(loader, chosen.cases, chosen.seed)
        except Exception:
            failed = True
            traceback.print_exc()
            print(f"{loader}: FAILED", flush=True)
            continue
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        reasons = ", ".join(f"{kind} {count:,}" for kind, count in tally.reasons.most_common(8))
        print(
            f"{loader}: {tally.cases:,} cases, no failure; slowest {tally.slowest:.2f} s; peak of the process {peak:.0f} MiB; "
            f"{time.perf_counter() - began:.0f} s; {reasons}",
            flush=True,
        )
    return int(failed)


if __name__ == "__main__":
    sys.exit(main())
