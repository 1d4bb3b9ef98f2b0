"""What a run came to, as JSON for scripts."""

from __future__ import annotations

from typing import Any

from rnnlab.runs.folders import RunFolder
from rnnlab.runs.state import RunState
from rnnlab.runs.verdict import against_baseline, few_updates_text, verdict_of


def outcome(run: RunFolder, state: RunState) -> dict[str, Any]:
    """The outcome of a run for `--json`.

    Keys: `run`, `session` (paths), `status`, `best` (epoch, split and the validation figures then), `final` (the figures of
    the best weights, by split), `seconds`, `examples_per_second`, `parameters`; `extra` (the figures of further tests),
    `diagnoses`, `verdict`, `baseline`, `few_updates`, `message` and `hint` where there are any.
    """
    best = {"epoch": state.best.epoch, "split": "validation", **state.best.metrics} if state.best else None
    document: dict[str, Any] = {
        "run": str(run.path),
        "session": str(run.session.path),
        "status": state.status,
        "best": best,
        "final": state.final,
        "seconds": state.seconds,
        "examples_per_second": state.examples_per_second,
        "parameters": state.started.parameters if state.started else None,
    }
    if state.extra:
        document["extra"] = state.extra
    if state.diagnoses:
        document["diagnoses"] = [
            {"kind": d.kind, "epoch": d.epoch, "step": d.step, "message": d.message, "remedy": d.remedy}
            for d in state.diagnoses
        ]
    if verdict := verdict_of(state):
        document["verdict"] = verdict
    if standing := against_baseline(state):
        document["baseline"] = standing.text
    if few := few_updates_text(state):
        document["few_updates"] = few
    if state.message:
        document["message"] = state.message
    if state.hint:
        document["hint"] = state.hint
    return document
