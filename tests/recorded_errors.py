"""Reports of errors as `rnnlab errors --json` prints them, for the Examples screen without any training."""

from __future__ import annotations

import math
from typing import Any


def _report(**fields: Any) -> dict[str, Any]:
    return {
        "path": "sessions/names/runs/002-lstm-128", "run": "002-lstm-128", "split": "test", "problem": "classification",
        "rows": 1799, "wrong": 302, "asked": 3, "true": "", "predicted": "", "score": 0.832, "unit": "", "confusions": [],
        "calibration": None, "group": "", "worst": [], "notes": [],
    } | fields  # fmt: skip


def names() -> dict[str, Any]:
    """Russian surnames that were taken for English ones; the last is hostile."""
    rows = [("Lysy", 0.835), ("Enner", 0.781), ("[/red]\x1b[2J Raifeld \u202egnirts", 0.778)]
    worst = [
        {
            "row": 15443 + at, "group": "", "input": text, "target": "Russian", "prediction": "English",
            "probability": share, "score": 0.0, "channels": [], "steps": [],
            "likely": [["English", share], ["Russian", round(0.97 - share, 3)], ["German", 0.02]],
        }
        for at, (text, share) in enumerate(rows)
    ]  # fmt: skip
    return _report(true="Russian", predicted="English", worst=worst)


def steps() -> dict[str, Any]:
    """Sentences of which a letter each is wrong."""
    given, target = "glbokz-rahioepr-e-qiyfwhqftyhw-j", "thiswisewomanfellacrossourcousin"
    worst = []
    for row, at in ((4827, 6), (3587, 20)):
        predicted = target[:at] + "q" + target[at + 1 :]
        pairs = [list(pair) for pair in zip(target, predicted, strict=True)]
        worst.append(
            {
                "row": row, "group": "", "input": given, "target": target, "prediction": predicted, "probability": None,
                "score": 31 / 32, "likely": [], "channels": [], "steps": pairs,
            }
        )  # fmt: skip
    return _report(problem="per-step classification", rows=1000, wrong=997, asked=2, worst=worst)


def recordings() -> dict[str, Any]:
    """Recordings of three channels."""
    worst = [
        {
            "row": 8440 + at, "group": "10", "input": "", "target": "sitting", "prediction": "standing",
            "probability": 0.955 - 0.01 * at, "score": 0.0, "steps": [], "likely": [],
            "channels": [[round(math.sin(step * (0.2 + 0.1 * c) + at), 4) for step in range(60)] for c in range(3)],
        }
        for at in range(30)
    ]  # fmt: skip
    return _report(true="sitting", predicted="standing", group="person", asked=1234, worst=worst)
