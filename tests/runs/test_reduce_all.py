"""Many records together are, to the bit, what they are one by one: the state of a run does not depend on how its log was read."""

from __future__ import annotations

import random
from collections.abc import Iterator

import msgspec
import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from rnnlab.runs.checksum_line import split_damaged
from rnnlab.runs.codec import DamagedLine, UnknownEvent, decode, encode
from rnnlab.runs.data_summary import DataSummary
from rnnlab.runs.events import (
    AnyEvent,
    CheckpointSaved,
    CommandApplied,
    Evaluated,
    Progress,
    Record,
    ResumeAsked,
    RunFinished,
    RunResumed,
    RunStarted,
)
from rnnlab.runs.log_reader import LogCursor
from rnnlab.runs.reduce import reduce, reduce_all
from rnnlab.runs.series import CAPACITY
from rnnlab.runs.state import RunState, initial_state

DATA = DataSummary(task="names", title="Names", problem="classification", metric="accuracy", higher_is_better=True)
START = RunStarted(run="1", config={}, data=DATA, model="LSTM 8", epochs=9, steps_per_epoch=10, steps_total=90)


def plain(chance: random.Random, step: int) -> Progress:
    loss = chance.lognormvariate(0.0, 2.0)
    return Progress(
        phase=chance.choice(["training", "evaluating", "paused"]),
        epoch=step // 10,
        step=step,
        examples=step * 4,
        seconds=step / 7,
        steps=chance.randint(1, 9),
        loss=loss,
        loss_low=loss * chance.random(),
        loss_high=loss + chance.random(),
        lr=chance.choice([0.003, 0.1]),
        grad_norm=chance.lognormvariate(0.0, 1.0),
        examples_per_second=chance.random(),
        eta=chance.choice([None, 1.0]),
        reason=chance.choice(["", "the disk is full"]),
    )


ODD: list[dict[str, object]] = [
    {"loss": None},
    {"loss_low": None},
    {"loss_high": None},
    {"grad_norm": None},
    {"steps": 0},
    {"loss": "nan"},
    {"loss_high": "inf"},
    {"loss_low": -1e100, "loss_high": 1e100},
    {"loss": -0.0, "loss_low": 0.0},
    {"grad_norm": "-inf"},
    {"rates": (0.0, 0.1), "losses": (1.0, 2.0)},
    {"rates": (0.1, 0.2), "losses": ("nan", 2.0)},
]


def other(chance: random.Random, step: int) -> AnyEvent:
    events: list[AnyEvent] = [
        START,
        Evaluated(split="validation", epoch=step // 10, step=step, metrics={"accuracy": chance.random()}, best=True),
        CheckpointSaved(kind="resume", path="resume.safetensors", sha256="", epoch=1, step=step),
        CommandApplied(command="set", key="optim.lr", value=0.5, step=step),
        RunResumed(after=chance.randrange(step + 1), step=step),
        RunFinished(outcome="stopped", step=step),
        ResumeAsked(),
    ]
    return chance.choice(events)


def records_of(chance: random.Random, blocks: list[tuple[bool, int]]) -> Iterator[Record]:
    """Blocks of progress, in each some of it odd in one way, and of others; now and then a gap, or a record seen before."""
    seq = 0
    for progress, length in [(True, chance.choice([0, 3 * CAPACITY])), *blocks]:
        changes, share = chance.choice(ODD), chance.choice([0.01, 0.5, 1.0])
        for _ in range(length if progress else 1 + length % 3):
            event = plain(chance, seq) if progress else other(chance, seq)
            if isinstance(event, Progress) and chance.random() < share:
                event = msgspec.structs.replace(event, **changes)
            wall = chance.choice([0.0, 1000.0 + seq]) if seq < 20 else 1000.0 + seq
            yield Record(seq, wall, float(seq), event)
            draw = chance.random()
            seq = seq + 2 if draw < 0.002 else max(0, seq - 3) if draw < 0.004 else seq + 1


def one_by_one(records: list[Record]) -> RunState:
    state = initial_state()
    for record in records:
        reduce(state, record)
    return state


@settings(max_examples=30, phases=[Phase.generate])
@given(
    st.lists(st.tuples(st.booleans(), st.integers(10, 40) | st.integers(1, 1000)), min_size=4, max_size=20),
    st.randoms(use_true_random=True),
    st.sampled_from([1, 30, 300, 1 << 20]),
)
def test_the_state_is_the_same_however_records_are_divided(
    blocks: list[tuple[bool, int]], chance: random.Random, longest: int
) -> None:
    records = list(records_of(chance, blocks))
    divided, start = initial_state(), 0
    while start < len(records):
        stop = start + chance.randint(1, longest)
        reduce_all(divided, records[start:stop])
        start = stop
    assert msgspec.json.encode(divided) == msgspec.json.encode(one_by_one(records))


def test_a_spike_in_a_long_log_is_seen() -> None:
    chance = random.Random(1)
    events = [msgspec.structs.replace(plain(chance, step), loss_low=0.5, loss_high=3.0) for step in range(60_000)]
    events[54_321] = msgspec.structs.replace(events[54_321], loss_low=0.25, loss_high=99.0)
    state = reduce_all(initial_state(), (Record(seq, 1.0, 1.0, event) for seq, event in enumerate(events)))
    curve = state.curves["loss/train"]
    assert len(curve) <= CAPACITY
    at = curve.high.index(99.0)
    assert curve.low[at] == 0.25
    assert curve.step[at - 1] < 54_321 <= curve.step[at]
    assert sum(curve.count) == sum(event.steps for event in events)


@given(st.randoms(use_true_random=True), st.integers(1, 8), st.sampled_from([b"0123456789", b'\x00\n\r"{}\xff']))
def test_damage_is_counted_and_the_rest_read_as_line_by_line(
    tmp_path_factory: pytest.TempPathFactory, chance: random.Random, changes: int, values: bytes
) -> None:
    events: list[AnyEvent] = [START, *(plain(chance, step) for step in range(600))]
    events.insert(chance.randrange(300, 600), Evaluated(split="test", epoch=1, step=1, confusion=((1, 2), (3,))))
    data = bytearray(b"".join(encode(Record(seq, 1.0, 1.0, event)) for seq, event in enumerate(events)))
    for _ in range(changes):
        data[chance.randrange(len(data) - 1)] = chance.choice(values)
    path = tmp_path_factory.mktemp("damaged") / "events.jsonl"
    path.write_bytes(data)
    sound, damaged, unknown = [], 0, 0
    for line in bytes(data[: data.rfind(b"\n")]).split(b"\n"):
        parts = split_damaged(line + b"\n")  # several where a newline was changed, which is one damage
        lost = 0
        for part in parts:
            try:
                sound.append(decode(part))
            except DamagedLine:
                lost += 1
            except UnknownEvent:
                unknown += 1
        damaged += max(lost, len(parts) > 1)
    cursor = LogCursor(path)
    assert list(cursor.stream()) == sound
    assert (cursor.damaged, cursor.unknown) == (damaged, unknown)
    assert damaged >= 1
