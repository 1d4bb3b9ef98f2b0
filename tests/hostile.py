"""Two hundred session folders as a hostile neighbour would leave them, and the files outside that they reach for.

`make(root)` writes `root/sessions` and `root/outside`. Each session's name says what is wrong with it; `honest` is a sound one
among them. Nothing here is random.
"""

from __future__ import annotations

import os
import shutil
import socket
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec

from rnnlab.runs.events import (
    AnyEvent,
    CommandApplied,
    DataSummary,
    Diagnosed,
    Evaluated,
    Forecast,
    GateUse,
    GradientFlow,
    Inspected,
    LayerFigures,
    Number,
    Progress,
    Record,
    ResumeAsked,
    RunFailed,
    RunFinished,
    RunResumed,
    RunStarted,
    Sample,
)
from rnnlab.runs.lines import seal
from tests.recorded import Kind, record

HONEST = "honest"
PAYLOAD = "\x1b]52;c;SGVsbG8=\x07\x1b]0;evil\x07\x1b[2J\x9b31m\u202egnirts[/red][@click=app.quit]x[/]\\"
"""What a terminal or a markup reader would obey."""


@dataclass(frozen=True)
class Hostile:
    """What was made: the folder of sessions, the files outside it, and the names of the sessions."""

    sessions: Path
    outside: Path
    names: tuple[str, ...]


def make(root: Path) -> Hostile:
    """Write all of them under `root`."""
    sessions, outside = root / "sessions", root / "outside"
    sessions.mkdir(parents=True)
    outside.mkdir()
    for name in ("bashrc", "passwd", "events.jsonl", "weights"):
        (outside / name).write_bytes(f"{name}: must stay as it is\nno newline at the end".encode())
    (outside / "folder").mkdir()
    (outside / "folder" / "run.toml").write_text("format = 1\n")
    base = _base("finished")
    names = []
    for name, spoil in (*_links(outside), *_special(), *_documents(), *_logs(), *_events(), *_orders(), *_folders()):
        session = sessions / name
        run = _sound(session, base)
        spoil(session, run)
        names.append(name)
    _sound(sessions / HONEST, base)
    return Hostile(sessions, outside, (*names, HONEST))


Spoil = Callable[[Path, Path], None]


def _base(kind: Kind) -> dict[str, bytes]:
    """The files of a recorded run."""
    with tempfile.TemporaryDirectory() as folder:
        run = record(Path(folder), kind)
        return {path.name: path.read_bytes() for path in run.iterdir()}


def _sound(session: Path, files: dict[str, bytes]) -> Path:
    run = session / "runs" / "001-lstm-128"
    run.mkdir(parents=True)
    (session / "session.toml").write_text('format = 1\nname = "a session"\nnotes = ""\n')
    for name, data in files.items():
        (run / name).write_bytes(data)
    return run


SESSION_FILES = ("session.toml", "runner.lock", "runner.log")
RUN_FILES = (
    "run.toml", "events.jsonl", "events.lock", "commands.jsonl", "trainer.log", "best.safetensors", "last.safetensors",
    "last.json", "resume.safetensors",
)  # fmt: skip


def _links(outside: Path) -> Iterator[tuple[str, Spoil]]:
    """Every file a link: to a file outside, to nothing, to itself, to a device, to a folder; and a second name of a file."""
    for name in (*SESSION_FILES, *RUN_FILES):
        yield f"link-out-{name}", _put(name, lambda path: path.symlink_to(outside / "bashrc"))
        yield (
            f"link-relative-{name}",
            _put(name, lambda path: path.symlink_to(os.path.relpath(outside / "passwd", path.parent))),
        )
        yield f"link-dangling-{name}", _put(name, lambda path: path.symlink_to(outside / "new-file"))
        yield f"link-loop-{name}", _put(name, lambda path: path.symlink_to(path))
        yield f"link-device-{name}", _put(name, lambda path: path.symlink_to("/dev/zero"))
        yield f"link-hard-{name}", _put(name, lambda path: path.hardlink_to(outside / "weights"))
    yield "link-torn-log", _put("events.jsonl", lambda path: path.symlink_to(outside / "events.jsonl"))
    yield "link-runs", _replace_runs(outside)
    yield "link-run", lambda _session, run: _replace_by_link(run, outside / "folder")
    yield "link-temporary", _temporaries(outside / "bashrc")


def _put(name: str, place: Callable[[Path], object]) -> Spoil:
    def spoil(session: Path, run: Path) -> None:
        path = (session if name in SESSION_FILES else run) / name
        path.unlink(missing_ok=True)
        place(path)

    return spoil


def _temporaries(target: Path) -> Spoil:
    """The names under which a process of low number would write before it renames."""

    def spoil(_session: Path, run: Path) -> None:
        for name in ("best.safetensors", "resume.safetensors"):
            for pid in range(1, 50):
                (run / f".{name}.{pid}.tmp").symlink_to(target)

    return spoil


def _replace_runs(outside: Path) -> Spoil:
    def spoil(session: Path, _run: Path) -> None:
        shutil.rmtree(session / "runs")
        (session / "runs").symlink_to(outside)

    return spoil


def _replace_by_link(run: Path, target: Path) -> None:
    shutil.rmtree(run)
    run.symlink_to(target)


def _special() -> Iterator[tuple[str, Spoil]]:
    """Pipes, sockets and folders where files should be."""
    for name in (*SESSION_FILES, *RUN_FILES):
        yield f"pipe-{name}", _put(name, os.mkfifo)
        yield f"folder-{name}", _put(name, lambda path: path.mkdir())
    for name in ("events.jsonl", "run.toml", "runner.lock", "best.safetensors"):
        yield f"socket-{name}", _put(name, _bind)


def _bind(path: Path) -> None:
    # A socket's path may have 107 bytes; it is bound from its own folder.
    here = os.open(".", os.O_RDONLY)
    try:
        os.chdir(path.parent)
        with socket.socket(socket.AF_UNIX) as bound:
            bound.bind(path.name)
    finally:
        os.chdir(here)
        os.close(here)


def _documents() -> Iterator[tuple[str, Spoil]]:
    """TOML that is deep, large, of the wrong kind, or says what no run is."""
    texts: dict[str, str | bytes] = {
        "deep-array": "x = " + "[" * 20_000 + "]" * 20_000,
        "deep-keys": "a." * 5_000 + "b = 1",
        "deep-inline": "x = " + "{a = " * 500 + "1" + "}" * 500,
        "large": "# " + "x" * 2_000_000,
        "long-number": "format = " + "9" * 400,
        "very-long-number": "format = " + "9" * 6_000,
        "not-utf8": b"name = '\xff\xfe'",
        "nul": "\x00" * 100,
        "array-for-table": "task = [1, 2]\nmodel = 3\nname = [1]\nnotes = {a = 1}",
        "escapes": f'name = "{_escaped(PAYLOAD)}"\nnotes = "{_escaped(PAYLOAD)}"\n[task]\nname = "{_escaped(PAYLOAD)}"',
        "unknown-task": 'format = 1\n[task]\nname = "no such task"\n',
        "unknown-model": 'format = 1\n[model]\nname = "no such model"\n',
        "out-of-bounds": "slots = 99999999999\n[model]\nhidden = [1000000000000]\nlayers = -1\n[train]\nepochs = 1e300\n",
        "newer": "format = 999\n",
        "date": "name = 1979-05-27\nslots = 1979-05-27T00:00:00Z\n[optim]\nlr = nan\n",
        "foreign-path": 'format = 1\n[task]\nname = "own"\n[data]\npath = "/dev/zero"\n',
    }  # fmt: skip
    for about, text in texts.items():
        data = text.encode() if isinstance(text, str) else text
        for name in ("session.toml", "run.toml"):
            yield f"toml-{about}-{name}", _write(name, data)
            if name == "run.toml":
                yield f"toml-{about}-queued", _queued(data)


def _write(name: str, data: bytes) -> Spoil:
    return _put(name, lambda path: path.write_bytes(data))


def _queued(data: bytes) -> Spoil:
    def spoil(_session: Path, run: Path) -> None:
        for path in run.iterdir():
            path.unlink()
        (run / "run.toml").write_bytes(data)

    return spoil


def _escaped(text: str) -> str:
    return "".join(f"\\u{ord(character):04x}" for character in text)


def _logs() -> Iterator[tuple[str, Spoil]]:
    """Logs that are no logs, or longer than any."""

    def changed(change: Callable[[bytes], bytes]) -> Spoil:
        def spoil(_session: Path, run: Path) -> None:
            log = run / "events.jsonl"
            log.write_bytes(change(log.read_bytes()))

        return spoil

    yield "log-crlf", changed(lambda data: data.replace(b"\n", b"\r\n"))
    yield "log-utf16", changed(lambda data: data.decode().encode("utf-16"))
    yield "log-bom", changed(lambda data: b"\xef\xbb\xbf" + data)
    yield "log-nul", changed(lambda data: b"\0" * len(data))
    yield "log-newlines", changed(lambda data: b"\n" * 300_000)
    yield "log-text", changed(lambda data: b"this is no log\n")
    yield "log-text-torn", changed(lambda data: b"this is no log")
    yield "log-json", changed(lambda data: b"{}\n[]\nnull\n")
    yield "log-torn-20MB", changed(lambda data: data + b"x" * 20_000_000)
    yield "log-line-20MB", changed(lambda data: data + b"x" * 20_000_000 + b"\n" + data[: data.find(b"\n") + 1])
    yield "log-first-line-20MB", changed(lambda data: b"x" * 20_000_000 + b"\n" + data)
    yield "log-only-torn-20MB", changed(lambda data: b'{"seq":0,' + b"x" * 20_000_000)
    yield "log-sparse", _sparse("events.jsonl", 1 << 40)
    yield "commands-sparse", _sparse("commands.jsonl", 1 << 40)
    yield "commands-long", _write("commands.jsonl", b"x" * 20_000_000)
    yield "weights-sparse", _sparse("best.safetensors", 1 << 40)
    yield "trainer-log-sparse", _sparse("trainer.log", 1 << 40)
    yield "run-toml-sparse", _sparse("run.toml", 1 << 40)
    yield (
        "log-best-lines",
        changed(lambda data: data.split(b"\n")[0] + b"\n" + b'x"best":true"event":"RunResumed"\n' * 300_000),
    )
    yield "log-twice", changed(lambda data: data + data)
    yield "log-reversed", changed(lambda data: b"\n".join(reversed(data.split(b"\n"))) + b"\n")


def _sparse(name: str, size: int) -> Spoil:
    def spoil(_session: Path, run: Path) -> None:
        with (run / name).open("ab") as file:
            file.truncate(size)

    return spoil


def line(seq: int, event: Any, *, wall: Any = 1.7e9, mono: Any = 5e3) -> bytes:
    """A sound line of values that need not be right."""
    return seal(msgspec.json.encode({"seq": seq, "wall": wall, "mono": mono, "data": event}))


def _raw(event: AnyEvent, **changes: Any) -> dict[str, Any]:
    fields: dict[str, Any] = msgspec.to_builtins(event)
    return fields | changes


DATA = DataSummary(
    task="surnames", title="Surnames", problem="classification", metric="accuracy", higher_is_better=True,
    classes=("a", "b"), rows={"train": 10, "validation": 4, "test": 4}, longest=5, input_size=1, outputs=2, symbols="ab",
)  # fmt: skip
START = RunStarted(
    run="x", config={"model": {"hidden": (8,)}}, data=DATA, model="LSTM 8", epochs=3, steps_per_epoch=5, steps_total=15
)
LARGE = 2**53


def _events() -> Iterator[tuple[str, Spoil]]:
    """Sound lines with values that no trainer writes."""
    start = _raw(START)
    data = start["data"]
    deep: Any = []
    for _ in range(400):
        deep = [deep]
    progress = _raw(Progress(epoch=1, step=5, steps=5, loss=1.0, loss_low=0.5, loss_high=2.0, seconds=1.0))
    evaluated = _raw(Evaluated(split="validation", epoch=1, step=5, metrics={"accuracy": 0.5}, best=True))
    long = int("9" * 400)
    begins: dict[str, list[Any]] = {
        "task-unknown": [start | {"data": data | {"task": "no such task"}}],
        "problem-unknown": [start | {"data": data | {"problem": "no such problem"}}],
        "metric-escape": [start | {"data": data | {"metric": PAYLOAD}}, evaluated | {"metrics": {PAYLOAD: 0.5}}],
        "metric-long": [start | {"data": data | {"metric": "m" * 100_000}}],
        "model-unknown": [start | {"config": {"model": {"name": "no such model", "hidden": "x"}, "task": {"name": "?"}}}],
        "model-huge": [start | {"config": {"model": {"name": "lstm", "hidden": [10**9], "layers": 10}}}],
        "input-huge": [start | {"data": data | {"input_size": LARGE, "outputs": LARGE, "longest": LARGE, "symbols": ""}}],
        "config-deep": [start | {"config": {"model": {"hidden": deep}}}],
        "config-list": [start | {"config": [1]}],
        "config-long-number": [start | {"config": {"train": {"epochs": long}}}],
        "config-strange": [start | {"config": {"": {}, "a.b": {"c.d": None}, "train": {"epochs": "many", "seed": [1]}}}],
        "classes-many": [start | {"data": data | {"classes": [str(n) for n in range(100_000)]}}],
        "classes-ragged": [start | {"data": data | {"class_counts": {"train": [1], "?": [1, 2, 3], "test": []}}}],
        "layers-many": [start | {"layers": [{"name": PAYLOAD, "parameters": LARGE}] * 5_000}],
        "counts-large": [start | {"epochs": LARGE, "steps_per_epoch": LARGE, "steps_total": LARGE, "parameters": LARGE}],
        "counts-none": [start | {"epochs": 0, "steps_per_epoch": 0, "steps_total": 0}, progress | {"step": LARGE}],
        "epochs-negative": [start | {"epochs": -1}],
        "pid-large": [start | {"pid": 10**18}],
        "pid-one": [start | {"pid": 1}],
        "versions": [start | {"versions": {PAYLOAD: PAYLOAD}, "device": PAYLOAD, "device_name": PAYLOAD}],
        "loss-large": [start, *(progress | {"loss": v, "loss_low": -v, "loss_high": v} for v in (1e100, 1e300, 1e308))],
        "loss-text": [start, progress | {"loss": "many"}],
        "steps-equal": [start, *[progress] * 50],
        "steps-back": [start, *(progress | {"step": 50 - n, "seconds": -n} for n in range(50))],
        "seconds-large": [start, progress | {"seconds": 1e11, "eta": 1e11}, progress | {"seconds": 1e300, "eta": 1e300}],
        "rates": [start, progress | {"rates": [1e100, -1e100, 0.0] * 50, "losses": ["nan", "inf", 1e100] * 60}],
        "confusion-ragged": [start, evaluated | {"confusion": [[1], [2, 3]]}],
        "confusion-other": [start, evaluated | {"confusion": [[1] * 5] * 5}],
        "confusion-large": [start, evaluated | {"confusion": [[LARGE] * 2] * 2}],
        "confusion-none": [start, evaluated | {"confusion": []}],
        "confusion-negative": [start, evaluated | {"confusion": [[-1, 2], [3, 4]]}],
        "confusion-wide": [start, evaluated | {"confusion": [[1] * 900] * 900}],
        "metrics-strange": [start, evaluated | {"metrics": {"": "nan", PAYLOAD: "inf", "accuracy": -1e100}}],
        "samples": [start, evaluated | {"samples": [_raw_sample()] * 2_000}],
        "split-unknown": [start, evaluated | {"split": "no such part"}],
        "part": [start, evaluated | {"part": PAYLOAD, "final": True}],
        "forecast": [start, evaluated | {"forecast": _forecast(5)}, evaluated | {"forecast": _forecast(50_000)}],
        "forecast-uneven": [start, evaluated | {"forecast": _forecast(5) | {"rolling": [1.0], "one_step": []}}],
        "flow": [start, _raw(GradientFlow(epoch=1, step=5, layer=PAYLOAD, norms=(1e100, "nan", "inf", 0.0, -1.0)))],
        "flow-long": [start, _raw(GradientFlow(epoch=1, step=5, layer="x", norms=(1.0,) * 200_000))],
        "flow-layers": [start, *(_raw(GradientFlow(epoch=1, step=5, layer=f"{n}", norms=(1.0, 2.0))) for n in range(500))],
        "inspected": [start, _raw(_inspected(1)), _raw(_inspected(500))],
        "checkpoint-out": [start, _saved("best", "../../../outside/passwd"), _finished()],
        "checkpoint-absolute": [start, _saved("best", "/etc/passwd"), _finished()],
        "checkpoint-device": [start, _saved("best", "/dev/zero"), _saved("resume", "/dev/zero"), _finished()],
        "checkpoint-escape": [start, _saved("best", PAYLOAD), _finished()],
        "command": [start, _raw(CommandApplied(command="set", key=PAYLOAD, value=1e100, error=PAYLOAD, step=3))],
        "diagnosed": [start, *[_raw(Diagnosed(kind=PAYLOAD, epoch=1, step=1, message=PAYLOAD * 50, remedy=PAYLOAD))] * 200],
        "resume-asked": [start, _raw(ResumeAsked(changes={"train.epochs": LARGE, PAYLOAD: 1}, commands=LARGE))],
        "resume-first": [_raw(ResumeAsked())],
        "resumed-first": [_raw(RunResumed(after=LARGE))],
        "resumed-often": [start, *(_raw(RunResumed(after=0, epoch=1, step=1)) for _ in range(500))],
        "resumed-ahead": [start, _raw(RunResumed(after=LARGE, changes={PAYLOAD: 1}, epochs=LARGE))],
        "finished-first": [_finished()],
        "finished-large": [start, _finished() | {"epoch": LARGE, "epochs": LARGE, "seconds": 1e11, "best_epoch": LARGE}],
        "finished-strange": [start, _finished() | {"final": {PAYLOAD: {PAYLOAD: "nan"}}, "best": {}, "extra": {PAYLOAD: {}}}],
        "finished-unknown": [start, _finished() | {"outcome": "no such outcome"}],
        "failed": [start, _raw(RunFailed(kind=PAYLOAD, message=PAYLOAD, hint=PAYLOAD, detail=PAYLOAD * 1_000))],
        "failed-first": [_raw(RunFailed(kind="x", message="y" * 1_000_000))],
        "event-unknown": [start, {"event": "NoSuchEvent", "x": deep}],
        "event-unknown-first": [{"event": "NoSuchEvent"}],
        "event-missing": [start, {}, {"event": None}, {"event": 5}],
        "format-newer": [start | {"log_format": 99}],
        "format-large": [start | {"log_format": long}],
        "leaks": [start | {"data": data | {"leaks": {PAYLOAD: LARGE, "rows": 0}, "notes": [PAYLOAD] * 300}}],
        "baseline": [start | {"data": data | {"baseline": {PAYLOAD: 1e100}, "baselines": {PAYLOAD: {PAYLOAD: 1e100}}}}],
    }  # fmt: skip
    for name, events in begins.items():
        yield f"event-{name}", _write("events.jsonl", b"".join(line(seq, event) for seq, event in enumerate(events)))
    walls: dict[str, tuple[Any, Any]] = {
        "wall-large": (1e300, 5.0), "wall-negative": (-1e300, 5.0), "wall-long": (long, 5.0), "mono-large": (1.7e9, 1e300),
        "wall-text": ("noon", 5.0), "wall-past": (-1e11, -1e11), "wall-future": (1e11, 1e11),
    }  # fmt: skip
    for name, (wall, mono) in walls.items():
        yield (
            f"event-{name}",
            _write("events.jsonl", line(0, start, wall=wall, mono=mono) + line(1, progress, wall=wall)),
        )
    yield "event-seq-large", _write("events.jsonl", line(LARGE, start) + line(LARGE, progress))
    yield "event-seq-negative", _write("events.jsonl", line(-5, start) + line(-4, progress))
    yield "event-seq-long", _write("events.jsonl", line(long, start))
    yield (
        "event-deep",
        _write("events.jsonl", line(0, start) + seal(b'{"seq":1,"data":' + b"[" * 1_000 + b"]" * 1_000 + b"}")),
    )
    yield "event-very-deep", _write("events.jsonl", seal(b'{"seq":0,"data":' + b"[" * 500_000 + b"]" * 500_000 + b"}"))


def _raw_sample() -> dict[str, Any]:
    sample = Sample(input=PAYLOAD, target=PAYLOAD, answer="", correct=False, probability=1e100)
    fields: dict[str, Any] = msgspec.to_builtins(sample)
    return fields


def _forecast(length: int) -> dict[str, Any]:
    values: tuple[Number, ...] = (1e100, "nan", 0.0, "inf", -1e100) * (length // 5)
    forecast = Forecast(
        first=PAYLOAD, last=PAYLOAD, truth=values, one_step=values, rolling=values, baselines={PAYLOAD: values}
    )
    fields: dict[str, Any] = msgspec.to_builtins(forecast)
    return fields


def _inspected(layers: int) -> Inspected:
    gates = (GateUse(name=PAYLOAD, shut=1e100, open=-1.0),) * 5
    return Inspected(
        epoch=1, step=1, layers=(LayerFigures(name=PAYLOAD, gradient="nan", moved=1e100, gates=gates),) * layers
    )


def _saved(kind: str, path: str) -> dict[str, Any]:
    return {"event": "CheckpointSaved", "kind": kind, "path": path, "sha256": "0" * 64, "epoch": 1, "step": 5}


def _finished() -> dict[str, Any]:
    return _raw(RunFinished(outcome="completed", epoch=3, step=15, best_epoch=1, best={"accuracy": 0.5, "loss": 1.0}))


def _orders() -> Iterator[tuple[str, Spoil]]:
    """Commands that nobody here gave."""
    stop = msgspec.json.encode({"id": "x" * 100_000, "wall": 1e300, "command": "stop", "key": PAYLOAD, "value": 1e308})
    yield "commands-stop", _write("commands.jsonl", seal(stop))
    yield "commands-many", _write("commands.jsonl", seal(b'{"id":"x","wall":1,"command":"pause"}') * 20_000)
    yield "commands-deep", _write("commands.jsonl", seal(b'{"id":' + b"[" * 100_000 + b"]" * 100_000 + b"}"))


def _folders() -> Iterator[tuple[str, Spoil]]:
    """Names and folders that are strange in themselves."""

    def named(name: bytes) -> Spoil:
        def spoil(session: Path, run: Path) -> None:
            run.rename(os.fsdecode(os.fsencode(session / "runs") + b"/" + name))

        return spoil

    yield "name-escape", named(b"001-\x1b]0;evil\x07")
    yield "name-not-utf8", named(b"001-\xff\xfe")
    yield "name-newline", named(b"001-\nrow")
    yield "name-long", named(b"1" * 255)
    yield "name-digits", named(b"9" * 200 + b"-x")
    yield "name-markup", named(b"[@click=app.quit]x[")
    yield "name-option", named(b"--help")
    yield "many-runs", _many_runs
    yield "runs-a-file", _runs_a_file
    yield "session-\x1b]0;evil\x07", lambda _session, _run: None


def _many_runs(session: Path, _run: Path) -> None:
    for number in range(2, 1_500):
        (session / "runs" / f"{number:05}-x").mkdir()


def _runs_a_file(session: Path, _run: Path) -> None:
    shutil.rmtree(session / "runs")
    (session / "runs").write_text("no folder")


def encoded(*events: AnyEvent) -> bytes:
    """A log of sound events."""
    from rnnlab.runs.codec import encode

    return b"".join(encode(Record(seq, 1.7e9, 5e3, event)) for seq, event in enumerate(events))


def snapshot(folder: Path) -> dict[str, tuple[int, int, int, bytes]]:
    """Mode, size, time of change and bytes of every file, to see that none was touched."""
    return {
        str(path.relative_to(folder)): (
            path.lstat().st_mode,
            path.lstat().st_size,
            path.lstat().st_mtime_ns,
            path.read_bytes() if path.is_file() else b"",
        )
        for path in sorted(folder.rglob("*"))
    }
