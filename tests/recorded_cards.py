"""Cards of data sets as `rnnlab data show --json` prints them, from formulas: for the Data screen without any data."""

from __future__ import annotations

import math
from typing import Any, Literal, get_args

from tests.recorded import _HOSTILE, LANGUAGES

CardKind = Literal["text", "signals", "series", "leaky", "hostile"]
CARDS: tuple[CardKind, ...] = get_args(CardKind)


def card(kind: CardKind) -> dict[str, Any]:
    """The document of this kind."""
    if kind == "signals":
        return _signals()
    return _series() if kind == "series" else _text(kind)


def _text(kind: CardKind) -> dict[str, Any]:
    names = list(LANGUAGES) if kind != "hostile" else [f"{text[:40]}{place}" for place, text in enumerate(_HOSTILE)]
    rows = dict(zip(names, LANGUAGES.values(), strict=True))
    held = {name: max(1, count // 10) for name, count in rows.items()}
    train = {name: count - 2 * held[name] for name, count in rows.items()}
    leaks = {"rows": 0, "inputs": 183, "people": 0, "windows": 0, "future": 0, "refused": []}
    if kind == "leaky":
        leaks |= {"rows": 448, "inputs": 630, "people": 8, "refused": ["rows", "people"]}
    strange = "\x1b]0;title\x07[@click=app.quit]x[/] \u202e" if kind == "hostile" else ""
    return {
        "name": "names",
        "title": f"{strange}Names → language",
        "summary": f"{strange}A name is read letter by letter; the answer is which of 18 languages it is from.",
        "problem": "classification",
        "metric": "accuracy",
        "source": f"{strange}a repository",
        "terms": f"{strange}MIT licence",
        "rows": sum(rows.values()) + 1892,
        "classes": rows | {names[0]: rows[names[0]] + 1892},
        "split": "random" if kind == "leaky" else "distinct",
        "splits_known": ["distinct", "grouped", "random"],
        "seed": 0,
        "splits": {
            "train": {"rows": sum(train.values()), "classes": train},
            "validation": {"rows": sum(held.values()), "classes": held},
            "test": {"rows": sum(held.values()), "classes": held},
        },
        "lengths": {
            "min": 2,
            "max": 19,
            "mean": 7.15,
            "median": 7.0,
            "histogram": [[n, n, round(5000 * math.exp(-(((n - 7) / 2.6) ** 2)))] for n in range(2, 20)],
        },
        "duplicates": {
            "rows": 1892,
            "distinct": sum(rows.values()),
            "classes": rows,
            "several_classes": 480,
            "ceiling": 0.971,
            "random_split_leak": 0.114,
        },
        "leaks": leaks,
        "baseline": {
            "name": "always Russian",
            "metric": "accuracy",
            "train": 0.519,
            "validation": 0.519,
            "test": 0.519,
        },
        "baselines": {
            f"always {strange}Russian": {"train": 0.519, "validation": 0.519, "test": 0.519},
            "nearest centroid": {"train": 0.641, "validation": 0.612, "test": 0.608},
        },
        "symbols": "abcdefghijklmnopqrstuvwxyz" + strange,
        "samples": [{"input": f"{strange}{name[:5]}owski", "target": name} for name in names],
        "notes": [f"{strange}2 lines are not UTF-8 and were left out"],
    }


def _signals() -> dict[str, Any]:
    names = ("WALKING", "WALKING_UPSTAIRS", "SITTING", "LAYING")
    return {
        "name": "har",
        "title": "Movement → activity",
        "summary": "A smartphone at the waist measured how people moved; the answer is what they did.",
        "problem": "classification",
        "metric": "accuracy",
        "source": "an archive",
        "terms": "no commercial use",
        "rows": 4000,
        "classes": dict.fromkeys(names, 1000),
        "split": "published",
        "splits_known": ["published", "person", "random"],
        "seed": 0,
        "group": "person",
        "splits": {
            part: {"rows": count, "classes": dict.fromkeys(names, count // 4), "people": [str(p) for p in people]}
            for part, count, people in (
                ("train", 2800, range(1, 22)),
                ("validation", 400, range(22, 25)),
                ("test", 800, range(25, 31)),
            )
        },
        "lengths": {"min": 128, "max": 128, "mean": 128.0, "median": 128.0, "histogram": [[128, 128, 4000]]},
        "duplicates": {"rows": 0, "distinct": 4000},
        "leaks": {"rows": 0, "inputs": 0, "people": 0, "windows": 0, "future": 0, "refused": []},
        "baselines": {"always LAYING": {"train": 0.25, "validation": 0.25, "test": 0.25}},
        "values": {"min": -5.97, "max": 5.75},
        "samples": [
            {
                "input": "128 steps",
                "target": name,
                "curves": [
                    [round((place < 2) * math.sin(step / (4 + place + channel)) + channel, 4) for step in range(128)]
                    for channel in range(9)
                ],
            }
            for place, name in enumerate(names)
        ],
        "notes": [],
    }


def _series() -> dict[str, Any]:
    curve = [round(50 + 20 * math.sin(step / 16) + 8 * math.sin(step / 1.1), 2) for step in range(200)]
    return {
        "name": "sales",
        "title": "Sales of tomorrow",
        "summary": "A window of past days goes in, the next day comes out.",
        "problem": "forecasting",
        "metric": "mae",
        "unit": "items a day",
        "source": "a table",
        "terms": "see the competition's rules",
        "rows": 1794,
        "classes": {},
        "split": "time",
        "splits_known": ["time"],
        "seed": 0,
        "splits": {part: {"rows": rows, "classes": {}} for part, rows in (("train", 1245), ("validation", 183), ("test", 366))},
        "lengths": {"min": 32, "max": 32, "mean": 32.0, "median": 32.0, "histogram": [[32, 32, 1794]]},
        "duplicates": {"rows": 0, "distinct": 1794},
        "leaks": {"rows": 0, "inputs": 0, "people": 0, "windows": 0, "future": 0, "refused": []},
        "baselines": {"last value": {"train": 5.79, "validation": 6.84, "test": 6.75}},
        "values": {"min": 23.4, "max": 89.9},
        "targets": {"min": 25.7, "max": 89.9},
        "series": {
            "points": 1826, "first": "2013-01-01", "last": "2017-12-31", "window": 32, "horizon": 1, "season": 7,
            "validation": 1277, "test": 1460, "curve": curve,
        },
        "samples": [{"input": "…", "target": f"{curve[at]:.1f}", "curves": [curve[at - 32 : at]]} for at in range(40, 44)],
        "notes": ["1,826 days, none missing"],
    }  # fmt: skip
