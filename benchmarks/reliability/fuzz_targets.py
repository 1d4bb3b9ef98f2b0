"""What `benchmarks.reliability.fuzz` reads: for each reader the bytes to begin with, and how a case's bytes are read.

A case may end in a sentence (`UsageError`); any other exception is a failure. The first byte of a case chooses the form in which
the others are read, as a checksum in front of a reader would else keep every change from it.
"""

from __future__ import annotations

import hashlib
import io
import json
import shutil
import tempfile
import warnings
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from rnnlab.config import RunConfig, UsageError, to_toml
from rnnlab.config.files import read_config
from rnnlab.predictions.predictions_file import (
    KEPT_SUBSETS,
    DamagedPredictions,
    SubsetPredictions,
    pack_predictions,
    unpack_predictions,
)
from rnnlab.runs.checksum_line import seal, unseal
from rnnlab.runs.events import CheckpointSaved
from rnnlab.runs.folders import RunFolder, Session
from rnnlab.runs.log_reader import read_state
from rnnlab.runs.log_tail import DamagedLog, NewerLog, read_last
from rnnlab.runs.notes import notes_of
from rnnlab.runs.pruning import pruned_of
from rnnlab.runs.queue_entry import read_entry
from rnnlab.runs.summary import summarise
from rnnlab.sweeps.specification import specification_of
from rnnlab.tasks.own.check import check_file

PARTED = b"\n\0parted\0\n"
"""Between the members of an archive, in a case that is packed into one."""


@dataclass(frozen=True)
class Target:
    """A reader: `seeds` are sound files, `read` reads the bytes of a case, with an empty folder to put them in."""

    seeds: Callable[[], list[bytes]]
    read: Callable[[bytes, Path], None]


def _log_seeds() -> list[bytes]:
    from tests.recorded import KINDS, record

    seeds = []
    with tempfile.TemporaryDirectory() as folder:
        for kind in KINDS:
            data = (record(Path(folder) / kind, kind) / "events.jsonl").read_bytes()
            lines = data.split(b"\n")
            few = [*lines[:4], *lines[-4:]]
            seeds += [b"\0" + b"\n".join(few)]
            seeds += [b"\1" + b"\n".join((unseal(line + b"\n") or line) for line in few)]
    return seeds


def _read_log(data: bytes, folder: Path) -> None:
    run = _run(folder)
    if data[:1] == b"\1":  # each line sealed anew
        data = b"\0" + b"".join(seal(line) for line in data[1:].split(b"\n") if line)
    run.events_path.write_bytes(data[1:])
    try:
        read_state(run.events_path)
        read_last(run.events_path)
    except (NewerLog, DamagedLog):
        return
    finally:
        summarise(run)


def _config_seeds() -> list[bytes]:
    settings = [{}, {"model.name": "gru", "model.hidden": "64,32"}, {"task.name": "own", "data.path": "x.csv"}]
    return [to_toml(RunConfig.from_settings(dict(each))).encode() for each in settings]


def _read_config(data: bytes, folder: Path) -> None:
    path = folder / "run.toml"
    path.write_bytes(data)
    read_config(path)


_SESSION_FILES = ("session.toml", "sweep.toml", "notes.toml", "queued.json", "pruned.json")


def _session_seeds() -> list[bytes]:
    texts = (
        b'format = 1\nname = "a session"\nnotes = "one\\ntwo"\nslots = 2\ngpu_runs = 1\nattempts = 3\ntags = ["good", "x-1"]\n',
        b'format = 2\nmethod = "one-at-a-time"\npoints = 4\nseeds = [0, 1]\n[settings]\n"task.name" = "names"\n'
        b'[over]\n"optim.lr" = "1e-3..1e-1:log:5"\n"model.hidden" = "64;128"\n[[point]]\n"model.name" = "gru"\n',
        b'format = 1\nnotes = "as before"\ntags = ["star"]\n',
        b'{"config":"abc","argv":["rnnlab","train"],"wall":1.5,"cell":{"path":"x.py","sha256":"0"},"signature":"00"}\n',
        b'{"format":1,"keep":"best","by":"rnnlab prune","wall":1.0,"files":{"last.safetensors":5}}\n',
    )
    return [bytes([form]) + text for form, text in enumerate(texts)]


def _read_session(data: bytes, folder: Path) -> None:
    name = _SESSION_FILES[data[0] % len(_SESSION_FILES)] if data else _SESSION_FILES[0]
    run = _run(folder)
    place = folder if name in ("session.toml", "sweep.toml") else run.path
    (place / name).write_bytes(data[1:])
    match name:
        case "session.toml":
            Session(folder).info()
        case "sweep.toml":
            specification_of(Session(folder))
        case "notes.toml":
            notes_of(run)
        case "queued.json":
            read_entry(run.path)
        case _:
            pruned_of(run)


def _weights_seeds() -> list[bytes]:
    import torch
    from safetensors.torch import save

    from rnnlab.training.persist.state_file import pack

    tensors = {"weight": torch.zeros(2, 3), "bias": torch.ones(2, dtype=torch.bfloat16), "none": torch.zeros(0, 4)}
    state = {"step": 3, "rng": b"bytes", "lr": float("nan"), 1: [(1, 2), torch.zeros(2)], "array": np.arange(3)}
    rows = np.arange(4)
    held = SubsetPredictions(rows, rows, rows % 2, rows % 2, np.full((4, 2), 0.5, np.float16), None)
    return [b"\0" + save(tensors), b"\1" + pack(state), b"\2" + pack_predictions({"validation": held, "test": held})]


def _read_weights(data: bytes, folder: Path) -> None:
    from rnnlab.training.evaluation.saved_weights import load_checked
    from rnnlab.training.persist.state_file import DamagedState, unpack

    form, body = data[:1], data[1:]
    if len(body) > 8 and form > b"\x7f":  # the header's length set right, as far as there are braces
        end = body.rfind(b"}") + 1
        body = max(0, end - 8).to_bytes(8, "little") + body[8:]
    match (form[0] if form else 0) % 3:
        case 0:
            path = folder / "best.safetensors"
            path.write_bytes(body)
            digest = hashlib.sha256(body).hexdigest()
            load_checked(path, [CheckpointSaved(kind="best", path=path.name, sha256=digest, epoch=1, step=1)])
        case 1:
            try:
                unpack(body)
            except DamagedState:
                return
        case _:
            for subset in KEPT_SUBSETS:
                try:
                    unpack_predictions(body, subset)
                except DamagedPredictions:
                    continue


def _array_seeds() -> list[bytes]:
    generator = np.random.default_rng(0)
    x, y = generator.normal(size=(24, 5, 2)).astype(np.float32), np.arange(24) % 3
    members = []
    for array in (x, y, np.array(["a", "b"])[y % 2]):
        stream = io.BytesIO()
        np.save(stream, array)
        members.append(stream.getvalue())
    packed = io.BytesIO()
    np.savez_compressed(packed, x=x, y=y)
    return [b"\0" + packed.getvalue(), b"\1" + PARTED.join(members[:2]), b"\1" + PARTED.join([members[0], members[2]])]


def _read_arrays(data: bytes, folder: Path) -> None:
    path = folder / "own.npz"
    if data[:1] == b"\0":
        path.write_bytes(data[1:])
    else:
        with zipfile.ZipFile(path, "w") as archive, warnings.catch_warnings():
            warnings.simplefilter("ignore")
            for name, member in zip(("x", "y", "lengths", "groups"), data[1:].split(PARTED), strict=False):
                archive.writestr(f"{name}.npy", member)
    _check_and_load(path, {})


def _ts_seeds() -> list[bytes]:
    head = "# made\n@problemName made\n@timeStamps false\n@univariate {one}\n{more}@classLabel true a b\n@data\n"
    rows = "".join(f"1.0,{n},3:4,5,{n}.5:{'ab'[n % 2]}\n" for n in range(12))
    single = "".join(f"1.0,{n},?,-3e4:{'ab'[n % 2]}\n" for n in range(12))
    regression = "".join(f"1,{n},2:{n}.25\n" for n in range(12))
    return [
        head.format(one="false", more="@dimensions 2\n").encode() + rows.encode(),
        head.format(one="true", more="").encode() + single.encode(),
        b"@problemName made\n@univariate true\n@targetLabel true\n@data\n" + regression.encode(),
    ]


def _read_ts(data: bytes, folder: Path) -> None:
    path = folder / "own_TRAIN.ts"
    path.write_bytes(data)
    _check_and_load(path, {})


_TABLES: tuple[tuple[str, dict[str, object]], ...] = (
    ("own.csv", {}),
    ("own.csv", {"data.kind": "text"}),
    ("own.csv", {"data.kind": "series", "data.window": 3}),
    ("own.csv", {"data.kind": "steps", "data.window": 3}),
    ("own_TRAIN.csv", {"data.kind": "rows"}),
    ("own.arff", {}),
    ("own.jsonl", {}),
    ("own.tsv", {}),
)


def _table_seeds() -> list[bytes]:
    texts = (
        "text,label\n" + "".join(f'"word {n}, x",{"ab"[n % 2]}\n' for n in range(12)),
        "text;label\r\n" + "".join(f"été{n};{'ab'[n % 2]}\r\n" for n in range(12)),
        "date,value\n" + "".join(f"2020-01-{n + 1:02},{n}.5\n" for n in range(20)),
        "user,time,x,y,label\n" + "".join(f"p{n % 2},{n},{n}.5,?,{'ab'[n // 10]}\n" for n in range(20)),
        "label,t0,t1,t2\n" + "".join(f"{'ab'[n % 2]},1,{n},3.5\n" for n in range(12)),
        "@relation x\n@attribute t1 numeric\n@attribute t2 numeric\n@attribute class {a,b}\n@data\n"
        + "".join(f"{n},2.5,{'ab'[n % 2]}\n" for n in range(12)),
        "".join(json.dumps({"text": f"word {n}", "label": "ab"[n % 2]}) + "\n" for n in range(12)),
        "text\tlabel\n" + "".join(f"word {n}\t{'ab'[n % 2]}\n" for n in range(12)),
    )
    return [bytes([form]) + text.encode() for form, text in enumerate(texts)]


def _read_table(data: bytes, folder: Path) -> None:
    name, settings = _TABLES[data[0] % len(_TABLES) if data else 0]
    path = folder / name
    path.write_bytes(data[1:])
    _check_and_load(path, settings)


def _check_and_load(path: Path, settings: dict[str, object]) -> None:
    from rnnlab.config.suggested import with_suggested
    from rnnlab.tasks.load import load

    report = check_file(path, settings)
    json.dumps(report.as_json(), allow_nan=False)
    chosen: dict[str, object] = settings | {"task.name": "own", "data.path": str(path)}
    try:
        load(RunConfig.from_settings(with_suggested(chosen, report.known) if report.known else chosen))
    except UsageError as error:
        if report.trainable:
            raise AssertionError(f"check calls it trainable, the loader says: {error}") from None
    else:
        if not report.trainable:
            raise AssertionError(f"check says: {report.reason}; the loader loads it")


def _run(folder: Path) -> RunFolder:
    run = folder / "runs" / "001-lstm-128"
    run.mkdir(parents=True, exist_ok=True)
    return RunFolder(run)


def one_case(target: Target, data: bytes, folder: Path) -> None:
    """Read one case in a fresh folder. Raises what is no sentence."""
    inside = Path(tempfile.mkdtemp(dir=folder))
    try:
        target.read(data, inside)
    except UsageError as sentence:
        str(sentence).encode(errors="surrogateescape")
    finally:
        shutil.rmtree(inside, ignore_errors=True)


TARGETS = {
    "log": Target(_log_seeds, _read_log),
    "config": Target(_config_seeds, _read_config),
    "session": Target(_session_seeds, _read_session),
    "safetensors": Target(_weights_seeds, _read_weights),
    "npz": Target(_array_seeds, _read_arrays),
    "ts": Target(_ts_seeds, _read_ts),
    "table": Target(_table_seeds, _read_table),
}
