"""Sessions of a stranger that hold programs, where something might look for them, and settings that would have things run."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from rnnlab.config import RunConfig, to_toml
from tests.hostile_files import PAYLOAD, Spoil, write

RAN = "ran"
"""Part of the name of each file that such a program would write."""
PROGRAM = f"import os, pathlib\npathlib.Path(os.environ['RNNLAB_SESSIONS'], '..', 'outside', '{RAN}').write_text('x')\n".encode()
MODULES = (
    "json",
    "torch",
    "numpy",
    "msgspec",
    "sitecustomize",
    "usercustomize",
    "conftest",
    "cells",
    "cell",
    "rnnlab",
    "site",
)
_CELL = 'name = "mine"\ntitle = "Mine"\nsummary = ""\nfile = "cells.py"\nsha256 = "{sha}"\n'


def programs() -> Iterator[tuple[str, Spoil]]:
    """Python files by every name, in the session, its folder of runs and the run; a recorded cell; queue entries; sweeps."""
    yield "code-modules", _modules
    yield "code-package", _package
    for name in ("best.safetensors", "resume.safetensors", "predictions.safetensors", "queued.json", "notes.toml"):
        yield f"code-as-{name}", write(name, PROGRAM)
    config = to_toml(RunConfig.from_settings({"task.name": "surnames", "train.epochs": 1})).encode()
    for about, text in _cells().items():
        yield f"cell-{about}", write("run.toml", config.replace(b'name = "lstm"', b'name = "mine"') + text)
        yield f"cell-{about}-queued", _only({"run.toml": config.replace(b'name = "lstm"', b'name = "mine"') + text})
    for about, entry in _entries().items():
        yield f"queued-{about}", write("queued.json", entry)
        yield f"queued-{about}-waiting", _only({"run.toml": config, "queued.json": entry})
    yield "queued-waiting", _only({"run.toml": config})
    for about, sweep in _sweeps().items():
        yield f"sweep-{about}", _in_session("sweep.toml", sweep)
    for about, cluster in {"slurm": b"[options]\narray = 1\nsignature = 'x'\n", "ray": b"identifier = 'x'\n"}.items():
        yield f"cluster-{about}", _in_session(f"{about}.toml", cluster)
    yield "cluster-script", _in_session("job.sh", b"#!/bin/sh\ntouch ran-a-job\n")
    for about, notes in {
        "payload": f"format = 1\nnotes = {_quoted(PAYLOAD)}\ntags = [{_quoted(PAYLOAD)}, 'x']\n".encode(),
        "other": b"format = 1\nnotes = [1]\ntags = {a = 1}\n",
        "newer": b"format = 99\n",
        "deep": b"x = " + b"[" * 20_000 + b"]" * 20_000,
    }.items():
        yield f"notes-{about}", write("notes.toml", notes)
    for about, pruned in {
        "out": b'{"keep":"none","by":"rnnlab prune","files":{"../../../outside/passwd":5,"best.safetensors":1}}',
        "huge": b'{"keep":"none","by":"rnnlab prune","files":{"best.safetensors":' + b"9" * 400 + b"}}",
        "other": b"[]",
    }.items():
        yield f"pruned-{about}", write("pruned.json", pruned)
    yield "last-json-out", write("last.json", b'{"path":"/etc/passwd","sha256":"0","epoch":1,"step":1}')
    yield "deleted-out", _in_session("deleted.json", b'{"was":"../outside/folder","wall":1e12,"batch":"x"}')


def _cells() -> dict[str, bytes]:
    head = b"\n[cell]\n"
    return {
        "sound": head + _CELL.format(sha="0" * 64).encode(),
        "out": head + _CELL.format(sha="0" * 64).replace("cells.py", "../../../outside/bashrc").encode(),
        "payload": head + f"name = {_quoted(PAYLOAD)}\ntitle = {_quoted(PAYLOAD)}\n".encode(),
        "list": b"\ncell = [1]\n",
    }


def _entries() -> dict[str, bytes]:
    return {
        "elsewhere": b'{"config":"'
        + b"0" * 64
        + b'","argv":["rnnlab","train","x"],"wall":1.0,"signature":"'
        + b"0" * 64
        + b'"}',
        "cell": b'{"config":"0","cell":{"path":"/etc/passwd","sha256":"0"},"signature":"0"}',
        "no-signature": b'{"config":"0"}',
        "surrogate": b'{"config":"0","signature":"\\ud800"}',
    }


def _sweeps() -> dict[str, bytes]:
    head, payload = b"format = 2\nseeds = [0]\n", _quoted(PAYLOAD)
    return {
        "sound": b'format = 1\nseeds = [0]\n[settings]\n"task.name" = "surnames"\n[over]\n"model.hidden" = "4;8"\n',
        "path": head + b'[settings]\n"task.name" = "own"\n"data.path" = "/dev/zero"\n[over]\n"model.hidden" = "4;8"\n',
        "huge": head + b'[settings]\n"task.name" = "surnames"\n[over]\n"model.hidden" = "1..1000000:100000"\n'
        b'"optim.lr" = "0..1:99999"\n',
        "seeds": b"format = 1\nseeds = [" + b"1," * 90_000 + b"1]\n[over]\n",
        "payload": head + "".join(f"[{each}]\n{payload} = {payload}\n" for each in ("settings", "over")).encode(),
        "recipe": head + f"[recipe]\nname = {_quoted('../../' + PAYLOAD)}\npart = 'x'\n[settings]\n[over]\n".encode(),
        "deep": b"x = " + b"[" * 20_000 + b"]" * 20_000,
        "newer": b"format = 99\n",
    }  # fmt: skip


def _quoted(text: str) -> str:
    return '"' + "".join(f"\\u{ord(character):04x}" for character in text) + '"'


def _modules(session: Path, run: Path) -> None:
    for folder in (session, session / "runs", run):
        for name in MODULES:
            (folder / f"{name}.py").write_bytes(PROGRAM)
        (folder / "own.pth").write_bytes(b"import os; os.system('touch ran-a-pth')\n")


def _package(session: Path, run: Path) -> None:
    for folder in (session, run):
        for name in ("rnnlab", "torch"):
            (folder / name).mkdir()
            (folder / name / "__init__.py").write_bytes(PROGRAM)
            (folder / name / "__main__.py").write_bytes(PROGRAM)


def _in_session(name: str, data: bytes) -> Spoil:
    def spoil(session: Path, _run: Path) -> None:
        (session / name).write_bytes(data)

    return spoil


def _only(files: dict[str, bytes]) -> Spoil:
    def spoil(_session: Path, run: Path) -> None:
        for path in run.iterdir():
            path.unlink()
        for name, data in files.items():
            (run / name).write_bytes(data)

    return spoil
