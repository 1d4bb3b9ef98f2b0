"""A lab in which one text stands wherever a text can: every string field of every event, the files of a session, their names, and
files of one's own. `write_lab` writes it."""

from __future__ import annotations

import json
import os
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, get_args

import msgspec
import tomli_w
from msgspec import inspect

from rnnlab.runs.checksum_line import seal
from rnnlab.runs.codec import decode, encode
from rnnlab.runs.commands import Command
from rnnlab.runs.events import AnyEvent, Evaluated, Progress, Record, RunFailed, RunFinished, RunStarted
from rnnlab.runs.pruning import Pruned
from rnnlab.runs.queue_entry import QueueEntry
from tests.hostile_fields import filled
from tests.hostile_session import hostile_config, refused_config
from tests.recorded import Kind, record

CODE = ("problem", "metric", "metrics", "best", "final", "task", "key", "name", "kind", "path", "sha256")
"""Fields by whose words the code goes: with others some tables and panels stay empty."""
VARIANTS: tuple[tuple[Kind, Collection[str]], ...] = (
    ("leaky", CODE),
    ("forecast", ("problem",)),
    ("per-step", ("problem", "metric", "metrics")),
    ("failed", ("problem",)),
    ("leaky", ("problem",)),
    ("leaky", ()),
)
TRAINED = (*CODE, "symbols", "vocabulary", "config", "fingerprint", "evaluated", "split", "scale", "columns", "cell")
"""Fields without which the weights of a run do not fit it."""


@dataclass(frozen=True)
class Lab:
    """Where it stands: the session, its runs, and the files of one's own."""

    session: Path
    runs: tuple[Path, ...]
    own: tuple[Path, ...]


def file_name(text: str) -> str:
    """The text as far as a file can be called so."""
    name = text.replace("/", "∕").replace("\0", "")
    return os.fsdecode(os.fsencode(name.encode("utf-8", "surrogateescape" if _escaped(name) else "replace")[:80]))


def _escaped(text: str) -> bool:
    return not any("\ud800" <= each < "\udc80" or "\udcff" < each <= "\udfff" for each in text)


def write_lab(root: Path, text: str, number: int, trained: Path | None = None) -> Lab:
    """Write the lab below `root`; `number` chooses the recorded run, `trained` is a run that was really trained."""
    name = file_name(text)
    session = root / "sessions" / f"s{name}"
    (session / "runs").mkdir(parents=True)
    in_file = text.encode("utf-8", "replace").decode()
    kind, kept = VARIANTS[number % len(VARIANTS)]
    runs = [session / "runs" / f"001-{name}", session / "runs" / "002-failed"]
    recorded = record(root / f"recorded-{number}", kind)
    _write_run(runs[0], _events(recorded / "events.jsonl", in_file, kept), in_file)
    _write_run(runs[1], _events(record(root / "recorded-failed", "failed") / "events.jsonl", in_file, ()), in_file)
    (runs[1] / "run.toml").write_text(refused_config(in_file), encoding="utf-8")
    if trained is not None:
        runs.append(session / "runs" / "003-trained")
        runs[2].mkdir()
        for path in trained.iterdir():
            (runs[2] / path.name).write_bytes(path.read_bytes())
        (runs[2] / "events.jsonl").write_bytes(_log(_events(trained / "events.jsonl", in_file, TRAINED, whole=False)))
        _write_beside(runs[2], in_file)
    info = {"format": 1, "name": in_file, "notes": in_file, "tags": [in_file, "x"]}
    (session / "session.toml").write_text(tomli_w.dumps(info), encoding="utf-8")
    return Lab(session, tuple(runs), tuple(_own(root / "own", in_file, name)))


def every_event(text: str) -> Iterator[AnyEvent]:
    """One event of each kind, with the text in each of its strings."""
    for kind in get_args(AnyEvent):
        yield filled(None, inspect.type_info(kind), text)


def _events(log: Path, text: str, kept: Collection[str], *, whole: bool = True) -> list[AnyEvent]:
    """The events of a run with the text in each string but those `kept`; `whole`: and, before its end, one of each other kind."""
    events: list[AnyEvent] = []
    records = [decode(line) for line in log.read_bytes().splitlines(keepends=True)]
    for index, each in enumerate(records):
        event = each.data
        if isinstance(event, Progress) and index % 20:
            continue
        if whole and each is records[-1]:
            events += _between(text)
        changed = filled(event, inspect.type_info(type(event)), text, kept)
        if isinstance(event, Evaluated):
            if whole and event.samples:
                events.append(changed)  # of a further test, as its name is the text
            changed = msgspec.structs.replace(
                changed, extra_test="", forecast=changed.forecast if event.forecast else None
            )
        if isinstance(event, RunStarted) and event.cell is None:
            changed = msgspec.structs.replace(changed, cell=None)
        events.append(changed)
    return events


def _between(text: str) -> Iterator[AnyEvent]:
    """Events that neither begin nor end a run."""
    ends = ("RunStarted", "RunResumed", "RunFinished", "RunFailed", "ResumeAsked", "Evaluated")
    return (each for each in every_event(text) if type(each).__name__ not in ends)


def _log(events: Sequence[AnyEvent]) -> bytes:
    return b"".join(encode(Record(seq, 1.7e9 + seq, float(seq), event)) for seq, event in enumerate(events))


def _write_run(run: Path, events: list[AnyEvent], text: str) -> None:
    run.mkdir()
    if not isinstance(events[-1], RunFinished | RunFailed):
        events.append(filled(None, inspect.type_info(RunFailed), text))
    (run / "events.jsonl").write_bytes(_log(events))
    (run / "run.toml").write_text(hostile_config(text), encoding="utf-8")
    _write_beside(run, text)


def _write_beside(run: Path, text: str) -> None:
    """The other files of a run that hold texts."""
    (run / "notes.toml").write_text(tomli_w.dumps({"format": 1, "notes": text, "tags": ["x", text]}), encoding="utf-8")
    for name, kind in (("queued.json", QueueEntry), ("pruned.json", Pruned)):
        value: Any = filled(None, inspect.type_info(kind), text)
        (run / name).write_bytes(msgspec.json.encode(value))
    command = msgspec.json.encode(filled(None, inspect.type_info(Command), text))
    (run / "commands.jsonl").write_bytes(seal(command))
    (run / "trainer.log").write_text(text, encoding="utf-8", errors="replace")
    if not (run / "last.json").exists():
        (run / "last.json").write_text(json.dumps({"path": text, "sha256": text, "epoch": 1, "step": 1}))


def _own(folder: Path, text: str, name: str) -> Iterator[Path]:
    """Files of one's own: the text as a cell, a label, a title, a word of the header, and in their names."""
    folder.mkdir()
    quoted = text.replace('"', '""')
    tables = {
        "texts": "".join(f'"{quoted} {n}","{quoted}{n % 2}"\n' for n in range(12)),
        "titles": f'"{quoted}","label"\n' + "".join(f'"word {n}","{"ab"[n % 2]}"\n' for n in range(12)),
        "series": f'date,"{quoted}"\n' + "".join(f"2020-01-{n + 1:02},{n}.5\n" for n in range(20)),
        "words": "text,label\n" + "".join(f'"{quoted}","{quoted}"\n' for _ in range(6)),
    }
    for about, table in tables.items():
        path = folder / f"{about}{name}.csv"
        path.write_text(table, encoding="utf-8")
        yield path
    (folder / "own.ts").write_text(
        f"@problemName {text}\n@univariate true\n@classLabel true {text} b\n@data\n1,2:{text}\n1,3:b\n"
    )
    yield folder / "own.ts"
    (folder / "own.arff").write_text(
        f"@relation '{text}'\n@attribute '{text}' numeric\n@attribute c {{'{text}',b}}\n@data\n1,b\n"
    )
    yield folder / "own.arff"
    recordings = folder / f"rows{name}"
    for n in range(8):
        inside = recordings / f"{'ab'[n % 2]}{name}"
        inside.mkdir(parents=True, exist_ok=True)
        (inside / f"{n}{name}.csv").write_text(f"1,{n}\n2,{n}\n{text}\n")
    yield recordings
    yield folder / f"missing{name}"
