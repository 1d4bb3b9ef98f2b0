"""Files of very many short rows: taken many at a time, with the very result that each by itself has."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from rnnlab.config import RunConfig
from rnnlab.tasks.load import load
from rnnlab.tasks.own.check import check_file
from rnnlab.tasks.own.common import row_batch, source
from rnnlab.tasks.own.common.sequences import Sequences
from rnnlab.tasks.splitting.types import SUBSET_NAMES, Split

ROWS = 3000


def ts_file(folder: Path, row: Callable[[int], str]) -> Path:
    path = folder / "own_TRAIN.ts"
    for part, rows in (("TRAIN", range(ROWS)), ("TEST", range(ROWS - 60, ROWS + 90))):
        lines = (f"{row(n)},{n % 5}:{'ab'[n % 2]}\n" for n in rows)
        (folder / f"own_{part}.ts").write_text("@classLabel true a b\n@data\n" + "".join(lines))
    return path


def ts_targets(folder: Path, row: Callable[[int], str]) -> Path:
    path = folder / "own.ts"
    path.write_text("@targetLabel true\n@data\n" + "".join(f"{row(n)}:{n % 7}.5\n" for n in range(ROWS)))
    return path


def ucr_file(folder: Path, row: Callable[[int], str]) -> Path:
    for part, rows in (("TRAIN", range(ROWS)), ("TEST", range(ROWS, ROWS + 90))):
        lines = (f"{n % 2 + 1},{row(n)},0.5,1.5,2.5\n" for n in rows)
        (folder / f"own_{part}.txt").write_text("".join(lines))
    return folder / "own_TRAIN.txt"


def arff_file(folder: Path, row: Callable[[int], str]) -> Path:
    path = folder / "own.arff"
    steps = "@attribute a numeric\n@attribute b numeric\n"
    head = f"@relation made\n@attribute bag relational\n{steps}@end bag\n@attribute class {{a,b}}\n@data\n"
    path.write_text(head + "".join(f"'{row(n)},1\\n{n % 9},2',{'ab'[n % 2]}\n" for n in range(ROWS)))
    return path


def table(folder: Path, row: Callable[[int], str]) -> Path:
    path = folder / "own.csv"
    lines = (f"{row(n)},{n % 9}.5,1,2,{'ab'[n % 2]}\n" for n in range(ROWS))
    path.write_text("t0,t1,t2,t3,label\n" + "".join(lines))
    return path


def arrays(folder: Path, row: Callable[[int], str]) -> Path:
    path = folder / "own.npz"
    values = np.array([[float(row(n)), 1.0] for n in range(ROWS)])
    np.savez(path, X_train=values, y_train=np.arange(ROWS) % 3, X_test=values[:60] + 0.5, y_test=np.arange(60) % 3)
    return path


FILES = (ts_file, ts_targets, ucr_file, arff_file, table, arrays)
STRANGE = {10: "nan", 11: "1e40", 40: "-1e30", 41: "nan", 900: "123456789.25", 901: "123456789.5"}


def far_off(n: int) -> str:
    """Values that single precision would blur, until one near zero shows how wide their channel is."""
    return STRANGE.get(n, "0.5" if n == 2500 else f"{123_456_000 + n % 700}.5")


@pytest.mark.parametrize("file", FILES)
def test_many_short_rows_are_taken_together(
    file: Callable[[Path, Callable[[int], str]], Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Found by fuzzing: a hundred thousand lines of one value took longer than anybody waits, each on its own."""
    alone = 0
    add = Sequences.add

    def counted(self: Sequences, *values: object, **named: object) -> bool:
        nonlocal alone
        alone += 1
        return add(self, *values, **named)  # type: ignore[arg-type]

    monkeypatch.setattr(Sequences, "add", counted)
    report = check_file(file(tmp_path, lambda n: f"{n}.25"))
    assert report.trainable
    assert report.rows >= ROWS
    assert alone < ROWS / 100


@pytest.mark.parametrize("file", FILES)
@pytest.mark.parametrize("row", [far_off, lambda n: STRANGE.get(n, f"{n % 50}")])
def test_rows_taken_together_are_those_taken_one_by_one(
    file: Callable[[Path, Callable[[int], str]], Path],
    row: Callable[[int], str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    path = file(tmp_path, row)
    config = RunConfig.from_settings({"task.name": "own", "data.path": str(path), "data.leaks": "allow"})
    together, split = check_file(path).as_json(), load(config)
    monkeypatch.setattr(row_batch, "_FEW", ROWS)
    alone, other = check_file(path).as_json(), load(config)
    assert together == alone
    assert together["problems"]
    assert parts(split) == parts(other)
    assert split.notes == other.notes


def parts(split: Split) -> list[bytes]:
    found = []
    for subset in map(split.subset, SUBSET_NAMES):
        found += [subset.inputs.tobytes(), subset.targets.tobytes(), subset.lengths.tobytes()]
    return found


def test_lines_of_one_value_are_taken_together_in_less_than_half_the_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In processor time, beside the same lines one by one, which take five times as long."""
    rows = 20_000
    for part in ("TRAIN", "TEST"):
        (tmp_path / f"own_{part}.ts").write_text("@classLabel true a b\n@data\n1:b\n" + "1:a\n" * rows)

    def seconds() -> float:
        began = time.process_time()
        assert check_file(tmp_path / "own_TRAIN.ts").rows == 2 * (rows + 1)
        return time.process_time() - began

    together = min(seconds() for _ in range(3))
    monkeypatch.setattr(row_batch, "_FEW", rows + 1)
    assert seconds() > 2 * together


def test_one_damaged_line_among_many_is_the_only_one_judged_by_itself(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lines = [f"été {n},{'ab'[n % 2]}\r".encode() for n in range(ROWS)]
    lines[1000], lines[2000] = b"\xff\xfe broken,a", b"with a zero \0,b"
    (tmp_path / "own.csv").write_bytes(b"text,label\n" + b"\n".join(lines))
    by_themselves = []
    judged = source._judged

    def counted(raw: bytes, *rest: Any) -> str | None:
        by_themselves.append(raw)
        return judged(raw, *rest)

    monkeypatch.setattr(source, "_judged", counted)
    report = check_file(tmp_path / "own.csv")
    assert report.rows == ROWS - 2
    assert [problem.places[0][0] for problem in report.problems if problem.rows] == ["line 1002", "line 2002"]
    assert set(by_themselves) == {lines[1000], lines[2000]}


@pytest.mark.parametrize("encoding", ["cp1252", "gb18030"])
def test_lines_of_another_encoding_are_read_many_at_once(
    encoding: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    word = {"cp1252": "été où", "gb18030": "你好世界"}[encoding]
    text = "text,label\n" + "".join(f"{word} {n},{'ab'[n % 2]}\n" for n in range(300))
    (tmp_path / "own.csv").write_bytes(text.encode(encoding))
    monkeypatch.setattr(source, "_judged", None)
    report = check_file(tmp_path / "own.csv")
    assert report.rows == 300
    assert any(word in example for example in load_texts(tmp_path / "own.csv"))


def load_texts(path: Path) -> tuple[str, ...]:
    split = load(RunConfig.from_settings({"task.name": "own", "data.path": str(path)}))
    return split.texts["train"]
