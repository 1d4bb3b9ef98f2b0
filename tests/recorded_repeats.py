"""Recorded repeats: the finished run of `tests.recorded` from several seeds, as the real trainer would have left them."""

from __future__ import annotations

from pathlib import Path

import msgspec

from rnnlab.config import RunConfig, to_toml
from rnnlab.runs.codec import encode
from rnnlab.runs.events import Record, RunFinished, RunStarted
from rnnlab.runs.folders import RunFolder
from rnnlab.runs.log_reader import read_records
from rnnlab.runs.repeats import repeated
from tests.recorded import record

SHIFTS = (0.0, -0.006, 0.004, 0.009, -0.003)
"""How much better than the recorded run each seed did."""


def record_repeats(folder: Path) -> Path:
    """Five seeds of one net that have ended, and three of another of which one ended, one was stopped and one waits.

    Gives the session's folder.
    """
    source = RunFolder(record(folder, "finished"))
    records, _ = read_records(source.events_path)
    ends = (records[0], records[1], records[-1])
    base = source.config()
    small = msgspec.structs.replace(base, model=msgspec.structs.replace(base.model, hidden=(64,)))
    for seed, config in enumerate(repeated(base, range(5))):
        _write(source, f"{20 + seed:03}-lstm-128", config, ends, SHIFTS[seed])
    for seed, config in enumerate(repeated(small, range(3))):
        outcome = ("completed", "stopped", "")[seed]
        _write(source, f"{30 + seed:03}-lstm-64", config, ends if outcome else (), SHIFTS[seed] - 0.02, outcome)
    return source.path.parent.parent


def _write(
    source: RunFolder,
    name: str,
    config: RunConfig,
    records: tuple[Record, ...],
    shift: float,
    outcome: str = "completed",
) -> None:
    run = source.path.parent / name
    run.mkdir()
    (run / "run.toml").write_text(to_toml(config), encoding="utf-8")
    lines = []
    for seq, held in enumerate(records):
        event = held.data
        if isinstance(event, RunStarted):
            event = msgspec.structs.replace(
                event, run=name, config=msgspec.to_builtins(config), model=f"LSTM {config.model.hidden[0]}"
            )
        elif isinstance(event, RunFinished):
            final = {
                part: {key: float(value) + (shift if key != "loss" else 0) for key, value in figures.items()}
                for part, figures in event.final.items()
            }
            event = msgspec.structs.replace(event, outcome=outcome, final=final, best=final["validation"])
        lines.append(encode(Record(seq, held.wall, held.mono, event)))
    if lines:
        (run / "events.jsonl").write_bytes(b"".join(lines))
