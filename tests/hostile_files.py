"""What may be done to the files of a sound session to make it hostile."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

Spoil = Callable[[Path, Path], None]
"""Spoils a session, given its folder and that of its run."""
PAYLOAD = "\x1b]52;c;SGVsbG8=\x07\x1b]0;evil\x07\x1b[2J\x9b31m\u202egnirts[/red][@click=app.quit]x[/]\\"
"""What a terminal or a markup reader would obey."""

SESSION_FILES = ("session.toml", "runner.lock", "runner.log", "sweep.toml")
RUN_FILES = (
    "run.toml", "events.jsonl", "events.lock", "commands.jsonl", "trainer.log", "best.safetensors", "last.safetensors",
    "last.json", "resume.safetensors", "predictions.safetensors", "notes.toml", "queued.json", "pruned.json",
)  # fmt: skip


def put(name: str, place: Callable[[Path], object]) -> Spoil:
    def spoil(session: Path, run: Path) -> None:
        path = (session if name in SESSION_FILES else run) / name
        path.unlink(missing_ok=True)
        place(path)

    return spoil


def write(name: str, data: bytes) -> Spoil:
    return put(name, lambda path: path.write_bytes(data))


def sparse(name: str, size: int) -> Spoil:
    def spoil(_session: Path, run: Path) -> None:
        with (run / name).open("ab") as file:
            file.truncate(size)

    return spoil
