"""How the values that a net reads were normalised, as text, from the `scale` that a run's log holds."""

from __future__ import annotations

from collections.abc import Mapping

from rnnlab.catalog.tasks.catalog import TASKS

PER_SEQUENCE = "per_sequence"
"""The key of a split's `scale` that is 1 where each sequence was normalised by itself."""


def how_normalised(task: str, tokens: bool, scale: Mapping[str, float], setting: object) -> str:
    """A sentence; empty for tokens, for a task whose values always go in as they are, and where a log does not hold it.

    `setting` is the value of `data.normalise`, None where the configuration is of before there was one.
    """
    card = TASKS.get(task)
    if tokens or card is None or "data.normalise" not in card.options:
        return ""
    if scale.get(PER_SEQUENCE):
        return "each channel of each sequence, by the sequence's own mean and standard deviation"
    if "input_scale_0" in scale:
        return "each channel, by its mean and standard deviation over the training part"
    return "none: values go in as they are" if setting == "none" else ""
