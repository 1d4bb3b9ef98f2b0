"""Runs whose classes, titles, notes and messages are given texts, as a stranger's log may hold them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import msgspec

from rnnlab.runs.codec import encode
from rnnlab.runs.events import AnyEvent, Diagnosed, Record, RunFinished, RunStarted
from rnnlab.runs.folders import RunFolder
from rnnlab.runs.log_reader import read_records
from tests.recorded import record

CLASSES = 18


def record_named(folder: Path, texts: Sequence[str], names: Sequence[str]) -> Path:
    """Writes a session of finished runs called `names`, with the texts where a text may stand; gives its folder."""
    source = RunFolder(record(folder, "finished"))
    records, _ = read_records(source.events_path)
    parts = [texts[start : start + CLASSES] for start in range(0, len(texts), CLASSES)]
    for at, name in enumerate(names):
        part = list(parts[at % len(parts)])
        part += [f"{index}{text}" for index, text in enumerate(texts[: CLASSES - len(part)])]
        run = source.path.parent / name
        run.mkdir()
        (run / "run.toml").write_bytes(source.config_path.read_bytes())
        lines = [
            encode(Record(each.seq, each.wall, each.mono, _named(each.data, part, f"run {at}"))) for each in records
        ]
        (run / "events.jsonl").write_bytes(b"".join(lines))
    for path in source.path.iterdir():
        path.unlink()
    source.path.rmdir()
    return source.session.path


def _named(event: AnyEvent, texts: list[str], name: str) -> AnyEvent:
    """The event with the texts in place of its own."""
    match event:
        case RunStarted():
            data = msgspec.structs.replace(
                event.data,
                title=texts[0],
                classes=tuple(texts),
                notes=tuple(texts),
                unit=texts[1],
                baseline_name=texts[2],
                baselines={text: {"validation": 0.5, "test": 0.5} for text in texts[2:5]},
                fingerprint=name,
            )
            return msgspec.structs.replace(
                event,
                run=name,
                data=data,
                model=texts[6],
                device_name=texts[7],
                versions={texts[8]: texts[9]},
                commit=texts[10],
                argv=tuple(texts),
            )
        case RunFinished():
            return msgspec.structs.replace(event, message=texts[11])
        case Diagnosed():
            return msgspec.structs.replace(event, kind=texts[12], message=texts[13], remedy=texts[14])
    return event
