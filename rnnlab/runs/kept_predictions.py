"""Whether a run has kept what its best weights predict, and where it has not, why and what to do."""

from __future__ import annotations

from rnnlab.runs.events import SubsetName
from rnnlab.runs.state import RunState


def why_no_predictions(state: RunState) -> str:
    """Why a run whose log records no predictions has none, and what is to be done."""
    if not state.ended:
        return "they come with the test of the best weights at its end, which it has not reached"
    if state.status == "failed":
        return "it failed before they were saved"
    if state.best is None or not state.final:
        return "it ended before its best weights were tested"
    return "an older rnnlab trained it; train it again to have them"


def why_none_of(state: RunState, subset: SubsetName) -> str:
    """One sentence where no predictions of the subset are kept; empty where there are some."""
    if state.predictions is None:
        return (
            f"No predictions are kept yet: {why_no_predictions(state)}."
            if not state.ended
            else (f"No predictions are kept: {why_no_predictions(state)}{_remedy(state)}.")
        )
    if subset in state.predictions.rows:
        return ""
    kept = " and ".join(state.predictions.rows) or "no subset"
    return f"No predictions of {subset} are kept, but of {kept}."


def _remedy(state: RunState) -> str:
    """What is to be done where the run can be resumed."""
    return "; g resumes it" if state.status in ("stopped", "failed") else ""
