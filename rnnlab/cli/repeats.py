"""`rnnlab train --seeds` and `--folds`: several runs watched at once, and the table of what they came to."""

from __future__ import annotations

import shlex
import shutil
import sys
import time
from collections.abc import Sequence
from typing import Any, TextIO

from rnnlab.cli.echo import erase, write_lines
from rnnlab.cli.table import aligned
from rnnlab.config import RunConfig
from rnnlab.plots.run.figure_table import short_title
from rnnlab.plots.run.figures import SECONDARY, format_of
from rnnlab.plots.run.progress import as_it_is_now, progress_text, waits_for
from rnnlab.plots.run.spread import spread_text
from rnnlab.plots.run.status import status_sentence
from rnnlab.runs.event_numbers import real
from rnnlab.runs.folders import RunFolder
from rnnlab.runs.outcome import outcome
from rnnlab.runs.repeats import Repeats, document, fold_of, members_text, repeat_labels, repeats_of, seed_of
from rnnlab.runs.state import RunState
from rnnlab.runs.summary import WHOLE, summarise
from rnnlab.runs.verdict import verdict_of
from rnnlab.text.numbers import duration, figure

EVERY = 0.25
"""Seconds between two drawings of the lines."""


class ProgressLines:
    """Progress of repeats: a line a run on a terminal high enough, one summary line on a lower one.

    Where the output is no terminal, a line for each run that ends.
    """

    def __init__(self, runs: Sequence[RunFolder], configs: Sequence[RunConfig], stream: TextIO, quiet: bool) -> None:
        self.runs = runs
        self.labels = repeat_labels(_folds(configs), _seeds(configs))
        self.members = members_text(_folds(configs), _seeds(configs))
        self.stream = stream
        self.quiet = quiet
        self.live = stream.isatty()
        self._drawn = 0
        self._next = 0.0
        self._ended: set[int] = set()
        self._named = False

    def show(self, states: Sequence[RunState], notice: str = "", silences: Sequence[str] = ()) -> None:
        """Draw what has changed; `silences` is for each run how long its log has been silent, where that is unusual."""
        silences = silences or [""] * len(states)
        states = [as_it_is_now(run, state) for run, state in zip(self.runs, states, strict=True)]
        if self.quiet:
            return
        started = next((state.started for state in states if state.started is not None), None)
        if started is not None and not self._named:
            self._named = True
            self._say(f"{started.data.title} · {started.model} · {self.members} · {self.runs[0].session.path}")
        if not self.live:
            for index, (label, state) in enumerate(zip(self.labels, states, strict=True)):
                if state.ended and index not in self._ended:
                    self._ended.add(index)
                    self._say(f"{label}: {_ended_words(state)}")
            return
        now = time.monotonic()
        if now < self._next and not all(state.ended for state in states):
            return
        self._next = now + EVERY
        columns, lines = shutil.get_terminal_size()
        rows = [
            f"{label}  "
            + (
                _ended_words(state)
                if state.ended
                else progress_text(state, notice, silence=silence, reason=waits_for(run, state))
            )
            for label, run, state, silence in zip(_justified(self.labels), self.runs, states, silences, strict=True)
        ]
        if len(rows) > lines - 2:
            rows = [_counts_text(states, notice)]
        self._clear()
        write_lines(self.stream, *rows, width=columns - 1)
        self._drawn = len(rows)

    def end(self) -> None:
        """Take the lines away."""
        if self._drawn:
            self._clear()

    def _clear(self) -> None:
        if self._drawn:
            erase(self.stream, self._drawn)
            self._drawn = 0

    def _say(self, text: str) -> None:
        self._clear()
        write_lines(self.stream, text)


def _folds(configs: Sequence[RunConfig]) -> list[int | None]:
    """The fold of each; None without folds."""
    return [config.data.fold if config.data.folds is not None else None for config in configs]


def _seeds(configs: Sequence[RunConfig]) -> list[int]:
    return [config.train.seed for config in configs]


def _justified(labels: Sequence[str]) -> list[str]:
    """The labels, as wide as the widest, each number to the right of its name."""
    return [" ".join(cells) for cells in zip(*_columns(labels), strict=True)]


def _columns(labels: Sequence[str]) -> list[list[str]]:
    columns = []
    for column in zip(*(label.split() for label in labels), strict=True):
        width = max(map(len, column))
        columns.append([cell.rjust(width) for cell in column])
    return columns


def _ended_words(state: RunState) -> str:
    verdict = verdict_of(state)
    outcome = status_sentence(state.status, verdict)[1] if verdict else state.status
    parts = [outcome, f"in {duration(state.seconds)}"]
    for part in ("validation", "test"):
        value = state.final.get(part, {}).get(state.metric)
        if value is not None:
            parts.append(f"{part} {state.metric} {format_of(state.metric)(real(value))}")
    if state.message:
        parts.append(state.message)
    return "  ".join(parts)


def _counts_text(states: Sequence[RunState], notice: str) -> str:
    ended = sum(state.ended for state in states)
    queued = sum(state.status == "queued" for state in states)
    done = sum(map(_done, states))
    loading = sum(state.status == "loading" for state in states)
    training = len(states) - ended - queued - loading
    text = f"{ended} of {len(states)} runs done, {training} training, {loading} loading, {queued} queued"
    return f"{text}  {done / len(states):4.0%}" + (f"  {notice}" if notice else "")


def _done(state: RunState) -> float:
    """The share of the run that is over."""
    steps = state.started.steps_total if state.started else 0
    return 1.0 if state.ended else state.step / steps if steps else 0.0


def repeats_document(
    runs: Sequence[RunFolder], configs: Sequence[RunConfig], states: Sequence[RunState]
) -> dict[str, Any]:
    """For `--json`: every run as `rnnlab train --json` prints it, with its seed and fold, and the summary over them."""
    summary = document(repeats_of(map(summarise, runs)))
    which = [
        {"seed": seed} | ({} if fold is None else {"fold": fold})
        for fold, seed in zip(_folds(configs), _seeds(configs), strict=True)
    ]
    return {
        "session": str(runs[0].session.path),
        "runs": [each | outcome(run, state) for run, each, state in zip(runs, which, states, strict=True)],
        "summary": {key: value for key, value in summary.items() if key != "runs"},
    }


def repeats_table(repeats: Repeats) -> list[str]:
    """A line a seed or fold and the mean ± standard deviation below; figures are those of the best weights."""
    metric = repeats.metric
    ended = [run.final for run in repeats.runs if run.final]
    part = "test" if not ended or any("test" in final for final in ended) else "validation"
    shown = next((final[part] for final in ended if part in final), {})
    chief = [name for name in shown if name != metric and name not in SECONDARY]
    others = [(part, name) for name in sorted(chief, key=lambda name: name == "loss")]
    columns = list(dict.fromkeys([("validation", metric), (part, metric), *others])) if metric else []
    named = [("fold", fold_of)] if repeats.by_fold else []
    named += [("seed", seed_of)] if repeats.by_seed or not named else []
    head = [
        *(name for name, _ in named),
        "status",
        "best epoch",
        *(f"{part} {short_title(name)}" for part, name in columns),
        "seconds",
    ]
    rows = [head]
    for run in repeats.runs:
        values = [run.final.get(part, {}).get(name) for part, name in columns]
        rows.append(
            [
                *(str(of(run)) for _, of in named[:-1]),
                str(named[-1][1](run)) + ("" if run.status in WHOLE else " *"),
                run.verdict.label or run.status or "unreadable",
                str(run.best_epoch) if run.best_epoch else "",
                *("" if v is None else format_of(n)(real(v)) for v, (_, n) in zip(values, columns, strict=True)),
                figure(run.seconds),
            ]
        )
    if repeats.counted:
        means = [repeats.of(part).get(name) for part, name in columns]
        rows.append(
            [
                "mean ± std",
                *("" for _ in named[1:]),
                f"n = {len(repeats.counted)}",
                "",
                *("" if s is None else spread_text(s, n) for s, (_, n) in zip(means, columns, strict=True)),
                spread_text(repeats.seconds, "seconds") if repeats.seconds else "",
            ]
        )
    lines = aligned(rows, set(range(len(named) + 1)))
    split = repeats.split_text
    notes = [f"{split} for every seed" if split == "the same split" else split]
    notes.append("std is that of a sample (n - 1)")
    if part != "test":
        notes.append("not tested (train.test = false)")
    if len(repeats.counted) < len(repeats.runs):
        notes.append("* did not get to its end and does not count")
    return [*lines, "; ".join(note for note in notes if note)]


def conclude(runs: Sequence[RunFolder], stream: TextIO = sys.stderr) -> None:
    """Say what the runs came to."""
    write_lines(
        stream,
        *repeats_table(repeats_of(map(summarise, runs))),
        f"beside the others of the session: rnnlab compare {shlex.quote(runs[0].session.name)}",
    )
