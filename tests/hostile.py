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

from tests.hostile_code import programs
from tests.hostile_events import commands, events
from tests.hostile_files import PAYLOAD, RUN_FILES, SESSION_FILES, Spoil, put, sparse, write
from tests.hostile_weights import trained, weights
from tests.recorded import Kind, record

HONEST = "honest"


@dataclass(frozen=True)
class Hostile:
    """What was made: the folder of sessions, the files outside it, and the names of the sessions."""

    sessions: Path
    outside: Path
    names: tuple[str, ...]


def make(root: Path, *, with_weights: bool = False) -> Hostile:
    """Write all of them under `root`; `with_weights`: also those that need a run to be trained first, which takes seconds."""
    sessions, outside = root / "sessions", root / "outside"
    sessions.mkdir(parents=True)
    outside.mkdir()
    for name in ("bashrc", "passwd", "events.jsonl", "weights"):
        (outside / name).write_bytes(f"{name}: must stay as it is\nno newline at the end".encode())
    (outside / "folder").mkdir()
    (outside / "folder" / "run.toml").write_text("format = 1\n")
    base = _base("finished")
    names = []
    spoils = [*_links(outside), *_special(), *_documents(), *_logs(), *events(), *commands(), *_folders(), *programs()]
    if with_weights:
        with tempfile.TemporaryDirectory() as folder:
            spoils += weights(trained(Path(folder)))
    for name, spoil in spoils:
        session = sessions / name
        run = _sound(session, base)
        spoil(session, run)
        names.append(name)
    _sound(sessions / HONEST, base)
    return Hostile(sessions, outside, (*names, HONEST))


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


def _links(outside: Path) -> Iterator[tuple[str, Spoil]]:
    """Every file a link: to a file outside, to nothing, to itself, to a device, to a folder; and a second name of a file."""
    for name in (*SESSION_FILES, *RUN_FILES):
        yield f"link-out-{name}", put(name, lambda path: path.symlink_to(outside / "bashrc"))
        yield (
            f"link-relative-{name}",
            put(name, lambda path: path.symlink_to(os.path.relpath(outside / "passwd", path.parent))),
        )
        yield f"link-dangling-{name}", put(name, lambda path: path.symlink_to(outside / "new-file"))
        yield f"link-loop-{name}", put(name, lambda path: path.symlink_to(path))
        yield f"link-device-{name}", put(name, lambda path: path.symlink_to("/dev/zero"))
        yield f"link-hard-{name}", put(name, lambda path: path.hardlink_to(outside / "weights"))
    yield "link-torn-log", put("events.jsonl", lambda path: path.symlink_to(outside / "events.jsonl"))
    yield "link-runs", _replace_runs(outside)
    yield "link-run", lambda _session, run: _replace_by_link(run, outside / "folder")
    yield "link-temporary", _temporaries(outside / "bashrc")


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
        yield f"pipe-{name}", put(name, os.mkfifo)
        yield f"folder-{name}", put(name, lambda path: path.mkdir())
    for name in ("events.jsonl", "run.toml", "runner.lock", "best.safetensors"):
        yield f"socket-{name}", put(name, _bind)


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
            yield f"toml-{about}-{name}", write(name, data)
            if name == "run.toml":
                yield f"toml-{about}-queued", _queued(data)


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
    yield "log-sparse", sparse("events.jsonl", 1 << 40)
    yield "commands-sparse", sparse("commands.jsonl", 1 << 40)
    yield "commands-long", write("commands.jsonl", b"x" * 20_000_000)
    yield "weights-sparse", sparse("best.safetensors", 1 << 40)
    yield "trainer-log-sparse", sparse("trainer.log", 1 << 40)
    yield "run-toml-sparse", sparse("run.toml", 1 << 40)
    yield (
        "log-best-lines",
        changed(lambda data: data.split(b"\n")[0] + b"\n" + b'x"best":true"event":"RunResumed"\n' * 300_000),
    )
    yield "log-twice", changed(lambda data: data + data)
    yield "log-reversed", changed(lambda data: b"\n".join(reversed(data.split(b"\n"))) + b"\n")


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
