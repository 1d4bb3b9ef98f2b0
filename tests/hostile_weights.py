"""Sessions of a stranger whose log vouches for hostile files of weights, saved states and predictions, by their right SHA-256."""

from __future__ import annotations

import hashlib
import json
import os
import pickle
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import msgspec

from rnnlab.runs.codec import decode, encode
from rnnlab.runs.events import CheckpointSaved, PredictionsSaved
from tests.hostile_files import PAYLOAD, Spoil

KINDS = {"best": "best.safetensors", "last": "last.safetensors", "resume": "resume.safetensors"}


class Runs:
    """What an unpickler would run."""

    def __reduce__(self) -> tuple[Any, ...]:
        return os.system, ("touch ran-a-pickle",)


def trained(folder: Path) -> Path:
    """The folder of a small run that was really trained, in a session below `folder`."""
    line = [
        sys.executable,
        "-m",
        "rnnlab",
        "train",
        "surnames",
        "--epochs",
        "1",
        "--hidden",
        "8",
        "--session",
        "trained",
    ]
    root = Path(__file__).parents[1]
    environment = os.environ | {
        "RNNLAB_SESSIONS": str(folder),
        "RNNLAB_STATE": str(folder / "state"),  # with the secret of somebody else: the run is a stranger's
        "PYTHONPATH": str(root),
    }
    subprocess.run(line, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=environment, cwd=folder)
    return next((folder / "trained" / "runs").iterdir())


def weights(run: Path) -> Iterator[tuple[str, Spoil]]:
    """Copies of a trained run, each with one file that is another one, and a log that says that it is this one."""
    files = {path.name: path.read_bytes() for path in run.iterdir()}
    for name in (*KINDS.values(), "predictions.safetensors"):
        for about, data in hostile_tensors(files[name]).items():
            yield f"vouched-{about}-{name}", _vouched(files, name, data)


def _vouched(files: Mapping[str, bytes], name: str, data: bytes) -> Spoil:
    def spoil(_session: Path, run: Path) -> None:
        for path in run.iterdir():
            path.unlink()
        for each, held in files.items():
            (run / each).write_bytes(held)
        (run / name).write_bytes(data)
        digest = hashlib.sha256(data).hexdigest()
        (run / "events.jsonl").write_bytes(_log_of(files["events.jsonl"], name, digest))
        if name == "last.safetensors":
            facts = json.loads(files["last.json"])
            (run / "last.json").write_text(
                json.dumps({key: digest if key == "sha256" else value for key, value in facts.items()})
            )

    return spoil


def _log_of(log: bytes, name: str, digest: str) -> bytes:
    lines = []
    for line in log.splitlines(keepends=True):
        record = decode(line)
        event = record.data
        if isinstance(event, CheckpointSaved | PredictionsSaved) and Path(event.path).name == name:
            record = msgspec.structs.replace(record, data=msgspec.structs.replace(event, sha256=digest))
        lines.append(encode(record))
    return b"".join(lines)


def hostile_tensors(sound: bytes) -> dict[str, bytes]:
    """Files where tensors are expected."""
    length = int.from_bytes(sound[:8], "little")
    header: dict[str, Any] = json.loads(sound[8 : 8 + length])
    body = sound[8 + length :]
    first = next(name for name in header if name != "__metadata__")

    def packed(changed: Mapping[str, Any], tail: bytes = body) -> bytes:
        text = json.dumps(changed).encode()
        return len(text).to_bytes(8, "little") + text + tail

    metadata = header.get("__metadata__", {})
    one = header[first]
    deep = "[" * 200_000 + "]" * 200_000
    return {
        "pickle": pickle.dumps(Runs()),
        "pickle-zip": b"PK\x03\x04" + pickle.dumps(Runs()),
        "empty": b"",
        "header-huge": (1 << 62).to_bytes(8, "little") + sound[8:],
        "header-cut": sound[: 8 + length // 2],
        "header-deep": len(deep).to_bytes(8, "little") + deep.encode(),
        "header-list": packed([]),  # type: ignore[arg-type]
        "no-tensors": packed({"__metadata__": metadata}, b""),
        "many-tensors": packed({str(n): {"dtype": "F32", "shape": [0], "data_offsets": [0, 0]} for n in range(200_000)}, b""),
        "names": packed({PAYLOAD + name if name != "__metadata__" else name: each for name, each in header.items()}),
        "dtype-unknown": packed(header | {first: one | {"dtype": "F128"}}),
        "dtype-other": packed(header | {first: one | {"dtype": "BF16"}}),
        "shape-huge": packed(header | {first: one | {"shape": [1 << 62, 1 << 62]}}),
        "shape-zeros": packed(
            {"__metadata__": metadata, first: {"dtype": "F32", "shape": [0, 1 << 60, 1 << 60], "data_offsets": [0, 0]}}, b""
        ),
        "shape-deep": packed(header | {first: {"dtype": "F32", "shape": [1] * 1000, "data_offsets": [0, 4]}}),
        "offsets": packed(header | {first: one | {"data_offsets": [-1, 1 << 63]}}),
        "overlap": packed({name: each if name == "__metadata__" else one for name, each in header.items()}),
        "not-finite": sound[: 8 + length] + b"\xff" * len(body),
        "tree-deep": packed(header | {"__metadata__": {"tree": "[" * 100_000 + "]" * 100_000, "predictions": "[" * 100_000}}),
        "tree-numbers": packed(header | {"__metadata__": {"tree": "9" * 10_000, "predictions": "9" * 10_000}}),
        "tree-float": packed(header | {"__metadata__": {"tree": '{"float": 1' + "0" * 400 + "}", "predictions": "{}"}}),
        "tree-other": packed(header | {"__metadata__": {"tree": '{"dict": [[[], 1]]}', "predictions": '{"format": {}}'}}),
    }  # fmt: skip
