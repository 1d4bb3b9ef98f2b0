"""What the files of a run whose process is gone must be: a state and weights that the log records, and nothing half-written."""

from __future__ import annotations

from rnnlab.errors import UsageError
from rnnlab.runs.checkpoint_file import read_checked
from rnnlab.runs.events import CheckpointSaved
from rnnlab.runs.folders import RunFolder
from rnnlab.runs.log_reader import read_records
from rnnlab.runs.reduce import SAVEPOINTS
from rnnlab.training.evaluation.saved_weights import unpack_weights
from rnnlab.training.persist.state_file import unpack

KNOWN = {"best.safetensors", "commands.jsonl", "events.jsonl", "events.lock", "last.json", "last.safetensors",
         "predictions.safetensors", "queued.json", "resume.safetensors", "run.toml", "trainer.log"}  # fmt: skip


def litter(run: RunFolder) -> list[str]:
    """Files in the run's folder that are none of a run's."""
    return sorted(path.name for path in run.path.iterdir() if path.name not in KNOWN)


def state_problem(run: RunFolder) -> str:
    """What is wrong with the state and the weights of a run, by its log; empty: nothing.

    A file may be missing only where the log records at most one saving of it: its process died before it was put in place.
    """
    saved: dict[str, list[CheckpointSaved]] = {}
    for record in read_records(run.events_path)[0]:
        if isinstance(record.data, CheckpointSaved):
            saved.setdefault(record.data.path, []).append(record.data)
    for name, recorded in saved.items():
        path = run.path / name
        if not path.exists():
            if len(recorded) > 1:
                return f"{name} is not there, though it was saved {len(recorded)} times"
            continue
        try:
            data, _ = read_checked(path, recorded[-SAVEPOINTS:])
            unpack(data) if name == run.resume_path.name else unpack_weights(data)
        except (UsageError, ValueError) as damage:
            return str(damage)
    return ""
