"""What of a run must be the same however often it was interrupted."""

from __future__ import annotations

from rnnlab.runs.events import Evaluated, Event, RunFinished
from rnnlab.runs.folders import RunFolder
from rnnlab.runs.history import course
from rnnlab.runs.log_reader import read_records

TIMES = ("seconds", "examples_per_second", "eta")


def outcome(run: RunFolder) -> dict[str, object]:
    """What must be the same: the bytes of the weights, and the figures of every evaluation and of the end."""
    events: list[Event] = [record.data for record in course(read_records(run.events_path)[0])]
    found = [
        {name: getattr(event, name) for name in event.__struct_fields__ if name not in TIMES}
        for event in events
        if isinstance(event, Evaluated | RunFinished)
    ]
    files = {name: (run.path / f"{name}.safetensors").read_bytes() for name in ("best", "last")}
    return {"events": found, **files}
