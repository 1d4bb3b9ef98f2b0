"""Cases of the fuzzing of own data: files of each kind, valid and damaged, drawn by hypothesis."""

from __future__ import annotations

import io
import random
import time
import warnings
import zipfile
from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
from hypothesis import strategies as st
from hypothesis.vendor.pretty import RepresentationPrinter

from benchmarks.fuzz_layouts import arff_file, rows_file, steps_file
from benchmarks.fuzz_words import CHUNKS, FOLDERS, LONG, NUMBERS, PLAIN, WIDE, WORDS

LOADERS = ("text", "series", "steps", "rows", "arff", "arrays", "recordings", "ts")


class _Maker(random.Random):
    """Makes words and numbers, of which a share that is drawn for the file is strange."""

    def __init__(self, number: int) -> None:
        super().__init__(number)
        self.strange = self.choice((0.0, 0.0, 0.01, 0.05, 0.5))

    def word(self) -> str:
        if self.random() < self.strange:
            return self.choice(WORDS)
        return self.choice(PLAIN) + self.choice(("", str(self.randrange(99))))

    def number(self) -> str:
        if self.random() < self.strange:
            return self.choice(WORDS)
        return self.choice(NUMBERS) if self.random() < 0.5 else f"{self.gauss(0, 10):.3f}"

    def numbers(self, most: int) -> list[str]:
        return [self.number() for _ in range(self.randint(1, most))]


_makers = st.integers(0, 2**64 - 1).map(_Maker)


@st.composite
def _text_files(draw: st.DrawFn) -> bytes:
    maker = draw(_makers)
    delimiter, end = maker.choice(",,;\t| "), maker.choice(("\n", "\n", "\r\n", "\r"))
    labels = [maker.word() for _ in range(maker.choice((1, 2, 3, 4, 20)))]
    lines = []
    for _ in range(maker.choice((0, 2, 12, 30, 60))):
        word = maker.word()
        if delimiter in word and maker.random() < 0.95:
            word = f'"{word}"'
        lines.append(delimiter.join((word, maker.choice(labels))))
    if maker.random() < 0.5:
        lines.insert(0, maker.choice(("text", "name", "x")) + delimiter + "label")
    return (end.join(lines) * maker.choice((1, 1, 3))).encode("utf-8", "replace")


@st.composite
def _series_files(draw: st.DrawFn) -> bytes:
    maker = draw(_makers)
    delimiter, end = maker.choice(",,;\t| "), maker.choice(("\n", "\n", "\r\n", "\r"))
    columns, first = maker.randint(1, 3), maker.randrange(20000)
    style = maker.choice(("%Y-%m-%d", "%d.%m.%Y", "%Y-%m-%d %H:%M", "none"))
    lines = []
    for row in range(maker.choice((0, 10, 60, 120))):
        day = [] if style == "none" else [time.strftime(style, time.gmtime((first + row) * 86400))]
        lines.append(delimiter.join(day + [maker.number() for _ in range(columns)]))
    if maker.random() < 0.2:
        lines.reverse()
    if maker.random() < 0.5:
        lines.insert(0, delimiter.join(["date"] * (style != "none") + ["value", "a", "b"][:columns]))
    return end.join(lines).encode("utf-8", "replace")


@st.composite
def _array_files(draw: st.DrawFn) -> bytes:
    maker = draw(_makers)
    generator = np.random.default_rng(maker.getrandbits(32))
    shape = [maker.choice((0, 5, 12, 20, 30)), *(maker.randint(1, 6) for _ in range(maker.randint(1, 2)))]
    if maker.random() < 0.1:
        shape = [maker.randint(0, 6) for _ in range(maker.randint(1, 4))]
    dtype = maker.choice(("f8", "f8", "f8", "f4", "f4", "f2", "i4", "u1", "?", ">f8", "c8", "U3", "M8[s]"))
    targets = maker.choice(
        ("text", "text", "int", "int", "float", "float", "bytes", "onehot", "bool", "objects", "short")
    )
    values = generator.integers(0, 4, shape) if dtype in ("u1", "U3", "M8[s]") else generator.normal(size=shape)
    arrays = {"X_train": values.astype(dtype), "y_train": _answers(generator, shape[0], targets)}
    if dtype in ("f8", "f4") and maker.random() < 0.3:
        arrays["X_train"].ravel()[:: maker.randint(1, 9)] = maker.choice((np.nan, np.inf, 1e38, 0.0))
    if maker.random() < 0.4:
        rows = maker.randint(0, 8)
        arrays["X_test"] = generator.normal(size=(rows, *shape[1:]))
        arrays["y_test"] = _answers(generator, rows, maker.choice((targets, targets, targets, "float")))
    if maker.random() < 0.2:
        arrays["X_val"] = 1e9 * maker.choice((0, 1)) + generator.normal(size=(4, *shape[1:]))
        arrays["y_val"] = _answers(generator, 4, maker.choice((targets, targets, "float")))
    for name, array in _beside(generator, shape).items():
        if maker.random() < 0.15:
            arrays[name] = array
    if maker.random() < 0.3:
        arrays = {name: np.asfortranarray(array) for name, array in arrays.items()}
    if maker.random() < 0.1:
        arrays.pop(maker.choice(sorted(arrays)))
    if maker.random() < 0.2:
        arrays = {
            maker.choice((name, name.replace("X_", "data_"), f"arr_{n}")): a
            for n, (name, a) in enumerate(arrays.items())
        }
    file = io.BytesIO()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        (np.savez_compressed if maker.random() < 0.3 else np.savez)(file, **arrays)  # type: ignore[arg-type]
    data = file.getvalue()
    return _with_damaged_header(draw, data) if draw(st.integers(0, 3)) == 0 else data


def _beside(
    generator: np.random.Generator, shape: list[int]
) -> dict[str, np.ndarray[tuple[int, ...], np.dtype[np.generic]]]:
    """Arrays that say more of the inputs, right ones and wrong ones."""
    rows, steps = shape[0], shape[1] if len(shape) > 1 else 1
    return {
        "lengths": generator.integers(0, steps + 2, rows),
        "train_len": generator.normal(size=(rows, 1)),
        "mask": generator.random((rows, steps)) < 0.5,
        "X_train_mask": generator.integers(0, 2, shape),
        "subject": generator.integers(0, 5, rows),
        "groups_val": np.array(["a", "\ud800", "b", ""]),
        "channel_names": np.array(["x", "y"], dtype=object),
        "time": np.arange(float(steps)),
    }


def _answers(generator: np.random.Generator, rows: int, kind: str) -> np.ndarray[tuple[int, ...], np.dtype[np.generic]]:
    numbers = generator.integers(0, 3, rows)
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
            return generator.normal(size=(rows, 2))
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
    maker = draw(_makers)
    labels = [maker.choice(("1", "2", "a", "c", "b")) for _ in range(maker.randint(1, 4))]
    classes = maker.random() < 0.7
    words = ["# made up", "@problemName made", f"@univariate {maker.choice(('true', 'false'))}"]
    dimensions = maker.randint(1, 3)
    if maker.random() < 0.2:
        words.append(f"@dimensions {maker.choice((str(dimensions), '2', 'x', '9' * 30))}")
    words.append(
        maker.choice((f"@classLabel true {' '.join(labels)}", "@classLabel true")) if classes else "@targetLabel true"
    )
    if maker.random() < 0.05:
        words.append(maker.choice(("@timeStamps true", "@classLabel false", "not a word of the header", "@data")))
    if maker.random() < 0.97:
        words.append("@data")
    for _ in range(maker.choice((0, 6, 24, 40))):
        label = maker.choice(labels) if classes else maker.number()
        if maker.random() < maker.strange:
            label = maker.choice(WORDS)
        words.append(":".join([",".join(maker.numbers(8)) for _ in range(dimensions)] + [label]))
    return "\n".join(words).encode("utf-8", "replace")


def _damaged(draw: st.DrawFn, data: bytes, *, large: bool = True) -> bytes:
    """The bytes after up to four things have happened to them."""
    maker = draw(_makers)
    for _ in range(maker.choice((0, 0, 1, 1, 1, 2, 4))):
        place = maker.randrange(len(data) + 1)
        match maker.choice(("flip", "cut", "insert", "insert", "delete", "repeat", "wide", "long", "recode", "random")):
            case "flip" if place < len(data):
                data = data[:place] + bytes([data[place] ^ (1 << maker.randrange(8))]) + data[place + 1 :]
            case "cut":
                data = data[:place]
            case "insert":
                data = data[:place] + maker.choice(CHUNKS) * maker.choice((1, 1, 1, 2, 1000)) + data[place:]
            case "delete":
                data = data[:place] + data[place + maker.randint(1, 40) :]
            case "repeat":
                end = place + maker.randint(1, 60)
                data = data[:end] + data[place:end] * maker.choice((1, 5, 500)) + data[end:]
            case "wide" if large:
                data = data[:place] + maker.choice(WIDE) * maker.choice((10**3, 10**4, 10**5, 10**6)) + data[place:]
            case "long" if large:
                data = data[:place] + maker.choice(LONG) * maker.choice((10**2, 10**3, 10**4, 10**5)) + data[place:]
            case "recode" if len(data) < 10**6:
                encoding = maker.choice(("latin-1", "utf-16", "utf-8-sig", "cp1252"))
                data = data.decode("utf-8", "replace").encode(encoding, "replace")
            case "random":
                data = data[:place] + maker.randbytes(maker.randint(1, 60)) + data[place:]
            case _:
                pass
    return data


@st.composite
def _folders(draw: st.DrawFn) -> dict[str, bytes]:
    maker = draw(_makers)
    labels = [maker.choice(FOLDERS) for _ in range(maker.randint(1, 5))]
    separator, channels = maker.choice((",", " ", ";", "\t")), maker.randint(1, 3)
    files = {}
    for place in range(maker.choice((0, 4, 12, 24))):
        name = f"{place}{maker.choice(('.csv',) * 12 + ('.txt', '.dat', '.png', ''))}"
        rows = [[maker.number() for _ in range(channels)] for _ in range(maker.randint(1, 6))]
        data = "\n".join(separator.join(row) for row in rows).encode("utf-8", "replace")
        if maker.random() < 0.04:
            data = draw(st.binary(max_size=100)) if maker.random() < 0.3 else _damaged(draw, data)
        files["/".join(part for part in ("own", labels[place % len(labels)], name) if part)] = data
    return files


@dataclass(frozen=True)
class Case:
    """Files by name (below a folder, where there are several) and the settings they are read with."""

    files: dict[str, bytes]
    path: str
    settings: dict[str, object] = field(default_factory=dict)

    def __repr__(self) -> str:
        shown = {name: data if len(data) < 2000 else data[:400] + b"..." for name, data in self.files.items()}
        return f"Case({shown!r}, {self.path!r}, {self.settings!r})"

    def _repr_pretty_(self, printer: RepresentationPrinter, _cycle: bool) -> None:
        printer.text(repr(self))


_FILES: dict[str, Callable[[], st.SearchStrategy[bytes]]] = {
    "text": _text_files,
    "series": _series_files,
    "steps": lambda: _makers.map(lambda maker: steps_file(maker, maker.number)),
    "rows": lambda: _makers.map(lambda maker: rows_file(maker, maker.number)),
    "arff": lambda: _makers.map(lambda maker: arff_file(maker, maker.number)),
    "arrays": _array_files,
    "ts": _ts_files,
}
_NAMES = {"arrays": "own.npz", "ts": "own_TRAIN.ts", "rows": "own_TRAIN.csv", "arff": "own.arff"}


@st.composite
def cases(draw: st.DrawFn, loader: str) -> Case:
    """A case for one loader: random bytes one time in fifteen, else a valid file, mostly damaged."""
    maker = draw(_makers)
    chosen: dict[str, object] = {
        "data.kind": maker.choice((loader, loader, "auto"))
        if loader != "arff"
        else maker.choice(("auto", "rows", "text")),
        # 32 is what stands there when nobody has set it, which only those who read the settings of a run know.
        "data.window": maker.choice((1, 3, 3, 32) if loader in ("text", "series", "arrays", "ts") else (1, 3, 5)),
        "data.horizon": maker.choice((1, 2)),
        "data.channels": maker.choice(("last", "last", "last", "first")),
        "data.missing": maker.choice(("auto", "auto", "auto", "0", "-1,NA")),
        "data.normalise": maker.choice(("channel", "channel", "none")),
        "data.split": maker.choice(("distinct",) * 20 + ("grouped", "published", "person", "random", "time")),
    }
    for key in ("data.input_column", "data.target_column"):
        if maker.random() < 0.06:
            chosen[key] = maker.choice(("text", "label", "value", "1", "2", "1,2", "9" * 5000, "nope"))
    if loader == "recordings":
        return Case(draw(_folders()), "own", chosen)

    def file() -> bytes:
        if maker.random() < 0.07:
            return draw(st.binary(max_size=400))
        data = draw(_FILES[loader]())
        # A byte changed in an archive is an archive refused: most are left whole.
        return data if loader == "arrays" and maker.random() < 0.7 else _damaged(draw, data)

    name = _NAMES.get(loader, "own.csv")
    files = {name: file()}
    if "_TRAIN" in name and maker.random() < 0.4:
        files[name.replace("_TRAIN", "_TEST")] = file()
    return Case(files, name, chosen)
