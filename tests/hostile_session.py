"""A session from a stranger: every text in its logs, its `session.toml`, its configurations and its files' names carries
what a terminal would obey and what rich and Textual read as markup.

The events are walked by their types (`msgspec.inspect`), so that a field or an event added later is hostile by itself.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from pathlib import Path
from typing import Any, get_args

import msgspec
import tomli_w
from msgspec import inspect

from rnnlab.config import FIELDS, ConfigError, RunConfig, to_toml
from rnnlab.runs.codec import decode, encode
from rnnlab.runs.events import (
    AnyEvent,
    Evaluated,
    Progress,
    Record,
    ResumeAsked,
    RunFailed,
    RunFinished,
    RunResumed,
    RunStarted,
)
from tests.recorded import Kind, record

PAYLOAD = (
    "\x1b]52;c;SGVsbG8=\x07"  # the clipboard
    "\x1b[91;5m\x1b]0;evil\x07\x1b]8;;http://evil\x1b\\"  # colours, the title, a link
    "\x9b31m\x9d0;evil\x9c\x90q"  # the same as C1 controls
    "\u202eevil\u2066\u200d\u2028"  # text that runs backwards, and a line break of Unicode's
    "\r\n\x08\x7f[/red][@click=app.quit]x[/][link=http://evil]y[/link]"
)
FORBIDDEN = (
    rb"\x1b\]52", rb"\x1b\]0", rb"\x1b\]8", rb"\x1b\[91;5m", rb"\x1b\\", rb"\x07", rb"\x08", rb"\x7f",
    rb"\xc2[\x80-\x9f]", rb"\xe2\x80[\x8b-\x8f\xa8-\xae]", rb"\xe2\x81[\xa0-\xaf]", rb"\x1b\[(?:<|>)?[0-9;]*evil",
)  # fmt: skip
"""What neither the app nor a command ever writes: it would have come out of a payload."""
NAME = PAYLOAD.replace("/", "∕") + "\udcff"
"""The payload as a file's name, which is no UTF-8 either."""
SPLITS = ("train", "validation", "test")


def assert_harmless(received: bytes) -> None:
    """Nothing of a payload that a terminal obeys is in what it received."""
    received = re.sub(rb"\x1b\]22;[a-z-]*\x07", b"", received)  # the mouse pointer's shape, which Textual sets
    for pattern in FORBIDDEN:
        found = re.search(pattern, received)
        if found is not None:
            around = received[max(0, found.start() - 120) : found.end() + 60]
            raise AssertionError(f"{pattern!r} reached the terminal, in {around!r}")


def hostile(value: Any, kind: inspect.Type, place: str, kept: Collection[str] = ()) -> Any:
    """`value`, of this type, with the payload before each text in it. An empty text is filled with the payload and its
    place; a field called as one of `kept` stays as it is.
    """
    match kind:
        case inspect.StrType() | inspect.AnyType() if isinstance(value, str):
            return PAYLOAD + (value or place)
        case inspect.AnyType() if isinstance(value, dict):
            return {key: hostile(each, kind, f"{place}.{key}") for key, each in value.items()}
        case inspect.StructType(cls=cls, fields=fields):
            names = {
                field.name: getattr(value, field.name)
                if field.name in kept and getattr(value, field.name)
                else hostile(getattr(value, field.name), field.type, f"{place}.{field.name}", kept)
                for field in fields
            }
            return cls(**names)
        case inspect.VarTupleType(item_type=item):
            values = value or ((made(item, place),) if isinstance(item, inspect.StrType) else ())
            return tuple(hostile(each, item, place, kept) for each in values)
        case inspect.DictType(value_type=item):
            # Under the names that the code asks for, and under a stranger's.
            texts = {PAYLOAD + key: hostile(each, item, place, kept) for key, each in value.items()}
            known = {key: texts[PAYLOAD + key] for key in value if key in SPLITS}
            return known | texts or {PAYLOAD + place: made(item, place)}
        case inspect.UnionType(types=types) if value is not None:
            fitting = [each for each in types if isinstance(each, inspect.StructType)]
            return hostile(value, fitting[0], place, kept) if fitting and isinstance(value, msgspec.Struct) else value
    return value


def made(kind: inspect.Type, place: str) -> Any:
    """Some value of this type, every text in it hostile."""
    match kind:
        case inspect.StrType() | inspect.AnyType():
            return PAYLOAD + place
        case inspect.LiteralType(values=values):
            return values[0]
        case inspect.BoolType():
            return True
        case inspect.IntType():
            return 1
        case inspect.FloatType():
            return 1.0
        case inspect.VarTupleType(item_type=item):
            return (made(item, place),)
        case inspect.DictType(value_type=item):
            return {PAYLOAD + place: made(item, place)}
        case inspect.UnionType(types=types):
            return made(next(each for each in types if not isinstance(each, inspect.NoneType)), place)
        case inspect.StructType(cls=cls, fields=fields):
            return cls(**{field.name: made(field.type, f"{place}.{field.name}") for field in fields})
    raise NotImplementedError(f"{place} is a {kind}: say here how one is made")


def hostile_events(events: list[AnyEvent], kept: Collection[str]) -> Iterator[AnyEvent]:
    """The events of a recorded run, made hostile; after them, but before its end, one of each kind made from its type."""
    for index, event in enumerate(events):
        if isinstance(event, Progress) and index % 20:
            continue
        kind = inspect.type_info(type(event))
        if isinstance(event, RunFinished) or index == len(events) - 1:
            yield from (made(inspect.type_info(each), each.__name__) for each in _between())
        if isinstance(event, Evaluated):
            # A text here says that another part was tested.
            yield hostile(
                msgspec.structs.replace(event, extra_test="1"), kind, type(event).__name__, {*kept, "extra_test"}
            )
            event = msgspec.structs.replace(event, extra_test="")
            yield msgspec.structs.replace(hostile(event, kind, type(event).__name__, kept), extra_test="")
        else:
            yield hostile(event, kind, type(event).__name__, kept)


def resumed(started: RunStarted, after: int) -> list[AnyEvent]:
    """A run that failed after the record `after`, was asked to go on, and does."""
    fails, asks, resumes = (
        made(inspect.type_info(each), each.__name__) for each in (RunFailed, ResumeAsked, RunResumed)
    )
    figures = {"epochs": started.epochs, "steps_total": started.steps_total}
    return [fails, asks, msgspec.structs.replace(resumes, after=after, epoch=5, step=900, **figures)]


def _between() -> list[type]:
    """The kinds of events that neither begin nor end a run."""
    ends = ("RunStarted", "RunResumed", "RunFinished", "RunFailed", "ResumeAsked", "Evaluated")
    return [each for each in get_args(AnyEvent) if each.__name__ not in ends]


def hostile_config(payload: str = PAYLOAD) -> str:
    """`run.toml` with the payload in every text that it takes."""
    settings: dict[str, object] = {}
    for key, field in FIELDS.items():
        if field.kind == "str" and not field.setting.choices:
            try:
                field.check(payload + key)
            except ConfigError:
                continue
            settings[key] = payload + key
    return to_toml(RunConfig.from_settings(settings))


def refused_config(payload: str = PAYLOAD) -> str:
    """`run.toml` with the payload where it is not allowed: the sentence names it."""
    return tomli_w.dumps({"format": 1, "model": {"name": payload + "model.name"}, payload: {payload: payload}})


RUNS: tuple[tuple[Kind, tuple[str, ...]], ...] = (
    ("leaky", ()),
    ("leaky", ("problem",)),
    ("leaky", ("problem", "metric", "metrics", "best", "final", "task", "key", "name")),
    ("forecast", ("problem",)),
    ("per-step", ("problem", "metric", "metrics")),
    ("failed", ("problem",)),
    ("running", ("problem",)),
)
"""Recorded runs, and the fields whose words stay, as the code goes by them: with others some panels stay empty."""


def hostile_session(root: Path) -> list[Path]:
    """Writes the session under `root`; its runs' folders, the one that seems to train last."""
    session = root / NAME
    runs = []
    written: set[type] = set()
    for number, (kind, kept) in enumerate(RUNS, 1):
        recorded = record(root.parent / f"recorded-{number}", kind)
        run = session / "runs" / f"{number:03}-{NAME}"
        run.mkdir(parents=True)
        records = [decode(line) for line in (recorded / "events.jsonl").read_bytes().splitlines(keepends=True)]
        first, last = records[0], records[-1]
        lines = []
        events = list(hostile_events([record.data for record in records], kept))
        if kind == "running":
            assert isinstance(first.data, RunStarted)
            events += resumed(first.data, len(events) - 1)
        written |= {type(event) for event in events}
        for seq, event in enumerate(events):
            share = seq / 1000
            wall = first.wall + min(1.0, share) * (last.wall - first.wall)
            lines.append(encode(Record(seq, round(wall, 3), round(first.mono + share, 3), event)))
        (run / "events.jsonl").write_bytes(b"".join(lines))
        (run / "run.toml").write_text(refused_config() if number == 1 else hostile_config(), encoding="utf-8")
        (run / NAME).write_text(PAYLOAD)
        runs.append(run)
    assert written == set(get_args(AnyEvent)), "each kind of event is in one of the runs"
    info = {"format": 1, "name": PAYLOAD + "name", "notes": f"{PAYLOAD}notes\n{PAYLOAD}second"}
    (session / "session.toml").write_text(tomli_w.dumps(info), encoding="utf-8")
    for name, text in (("no toml", f"[{PAYLOAD}"), ("newer", tomli_w.dumps({"format": 99, PAYLOAD: PAYLOAD}))):
        (root / f"{NAME} {name}").mkdir()
        (root / f"{NAME} {name}" / "session.toml").write_text(text, encoding="utf-8")
    return runs
