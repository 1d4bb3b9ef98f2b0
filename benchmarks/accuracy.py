"""How well nets do here: a few settings a task, five seeds each, mean ± standard deviation beside the figure to reach.

    python -m benchmarks.accuracy [ROW...] [--seeds 0,1,2,3,4] [--sessions FOLDER] [--table] [--json | --markdown]

Each run is `rnnlab train` as anyone types it, on the CPU with one thread. The settings were chosen, and a run's best epoch
is chosen, on the validation part; the test part is looked at with the weights of that epoch,
once unless the row's text says how often. A seed draws the split (where the data do not come with one), the weights, the
order and the dropout, so the deviation is over all of these.

Runs are kept in FOLDER (default `sessions/`), a session a row, and a run that is there already, with the very
settings, is not trained again: what was interrupted goes on where it was. `--table` trains nothing and prints what is
there. `docs/accuracy.md` is what `--markdown` prints. The exit code is 0 where every figure was reached.
"""

from __future__ import annotations

import argparse
import json
import os
import shlex
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from benchmarks.accuracy_rows import QUICK, ROWS, Figure, Row
from benchmarks.options import parse
from rnnlab.catalog.tasks.catalog import TASKS
from rnnlab.cli.settings import config_from_options
from rnnlab.config import RunConfig, UsageError
from rnnlab.runs.folders import RunFolder, Session
from rnnlab.runs.log_reader import read_state
from rnnlab.runs.state import RunState
from rnnlab.tasks.download.data_folders import is_here

LONGEST = 3600
"""Seconds after which a run is given up."""
FINISHED = ("completed", "early-stopped")


@dataclass
class Runs:
    """What the seeds of one row came to."""

    row: Row
    states: dict[int, RunState] = field(default_factory=dict)

    def values(self, figure: Figure, part: str | None = None) -> list[float]:
        """The figure of each seed, in the order of the seeds; of another part of the split where one is named."""
        found = []
        for _, state in sorted(self.states.items()):
            name = part or figure.part
            value = (state.final.get(name) or state.extra.get(name) or {}).get(figure.metric)
            found.append(float(value) if isinstance(value, int | float) else float("nan"))
        return found

    def reached(self, figure: Figure) -> bool:
        """Whether the mean over the seeds is on the right side of the bound."""
        values = self.values(figure)
        mean = statistics.fmean(values) if values else float("nan")
        return mean >= figure.bound if figure.wanted == "at least" else mean <= figure.bound


def arguments(row: Row, seed: int) -> list[str]:
    """The command line of a run, after `rnnlab`."""
    pairs = [part for key, value in row.settings.items() for part in ("--set", f"{key}={value}")]
    return ["train", row.task, *pairs, "--seed", str(seed), "--device", "cpu"]


def config(row: Row, seed: int) -> RunConfig:
    """The configuration that this command line makes."""
    pairs = tuple(f"{key}={value}" for key, value in row.settings.items())
    return config_from_options(row.task, None, pairs, {"train__seed": str(seed), "runtime__device": "cpu"})


def finished(session: Session, wanted: RunConfig) -> RunState | None:
    """The state of the session's run with these very settings that ended as it should, None where there is none."""
    for run in session.runs():
        try:
            if run.config() != wanted:
                continue
        except UsageError:
            continue  # of another version, with a setting that is none any more
        state = _state(run)
        if state is not None and state.status in FINISHED:
            return state
    return None


def train(row: Row, seed: int, session: Session) -> RunState:
    """Train one run and read its log. Raises `RuntimeError` where it failed."""
    done = subprocess.run(
        [sys.executable, "-m", "rnnlab", *arguments(row, seed), "--session", session.name, "--json"],
        env={**os.environ, "RNNLAB_SESSIONS": str(session.path.parent)},
        capture_output=True,
        text=True,
        timeout=LONGEST,
    )
    if done.returncode:
        raise RuntimeError(f"{row.name}, seed {seed}: {done.stderr.strip()}")
    state = _state(RunFolder(Path(json.loads(done.stdout)["run"])))
    assert state is not None
    return state


def _state(run: RunFolder) -> RunState | None:
    return read_state(run.events_path)[0] if run.events_path.exists() else None


def gather(rows: Iterable[Row], seeds: Sequence[int], sessions: Path, *, train_missing: bool) -> list[Runs]:
    """The runs of each row: those that are there, and the others trained now unless that is not wanted."""
    gathered = []
    for row in rows:
        if not is_here(TASKS[row.task]):
            print(f"{row.name}: its data set is not here; rnnlab data fetch {row.task}", file=sys.stderr)
            continue
        runs = Runs(row)
        session = Session(sessions / f"accuracy-{row.name}")
        for seed in seeds:
            state = finished(session, config(row, seed))
            if state is None and train_missing:
                state = train(row, seed, session)
                figures = " ".join(f"{f.part} {f.shown(Runs(row, {seed: state}).values(f)[0])}" for f in row.figures)
                print(f"{row.name}, seed {seed}: {figures}, {state.seconds:.0f} s", file=sys.stderr, flush=True)
            if state is not None:
                runs.states[seed] = state
        gathered.append(runs)
    return gathered


def spread(figure: Figure, values: Sequence[float]) -> str:
    """Mean ± the deviation that the seeds are a sample of."""
    if not values:
        return "not trained"
    mean = figure.shown(statistics.fmean(values))
    return f"{mean} ± {figure.shown(statistics.stdev(values))}" if len(values) > 1 else mean


def lines(gathered: Sequence[Runs]) -> list[str]:
    """The table in Markdown, a line a figure, lined up to be read as text too."""
    cells = [["row", "net, parameters", "figure", "validation", "test", "asked", "reached", "seeds", "seconds a run"]]
    for runs in gathered:
        states = list(runs.states.values())
        started = states[0].started if states else None
        net = f"{started.model}, {started.parameters:,}" if started else ""
        seconds = f"{statistics.fmean(state.seconds for state in states):.0f}" if states else ""
        for place, figure in enumerate(runs.row.figures):
            first = place == 0
            validation = spread(figure, runs.values(figure, "validation")) if figure.part == "test" else ""
            cells.append(
                [
                    runs.row.name if first else "",
                    net if first else "",
                    figure.metric if figure.part == "test" else f"{figure.metric} at {figure.part}",
                    validation,
                    f"**{spread(figure, runs.values(figure))}**",
                    f"{figure.wanted} {figure.shown(figure.bound)}" + (f" ({figure.why})" if figure.why else ""),
                    "yes" if runs.reached(figure) else "**no**",
                    str(len(states)) if first else "",
                    seconds if first else "",
                ]
            )
    widths = [max(len(line[place]) for line in cells) for place in range(len(cells[0]))]
    table = ["| " + " | ".join(c.ljust(width) for c, width in zip(line, widths, strict=True)) + " |" for line in cells]
    return [table[0], "| " + " | ".join("-" * width for width in widths) + " |", *table[1:]]


def page(gathered: Sequence[Runs], seeds: Sequence[int]) -> list[str]:
    """`docs/accuracy.md`."""
    machines = sorted({_machine(state) for runs in gathered for state in runs.states.values()})
    text = [
        "# Accuracy",
        "",
        f"Mean ± standard deviation over seeds {', '.join(map(str, seeds))}. A seed draws the split (where the data do not "
        "come with one), the weights, the order and the dropout. Settings were chosen, and the best epoch of a run is "
        "chosen, on the validation part alone; the test part is looked at with the weights of that epoch, once unless "
        "the row's text says how often. One net a run, no ensembles. `python -m benchmarks.accuracy --markdown` trains "
        "what is not there yet and prints this page.",
        "",
        *lines(gathered),
        "",
        "Seconds are a run's, evaluations and checkpoints included, on a machine that other work shared.",
        *(f"Trained on: {machine}." for machine in machines),
        "",
    ]
    for runs in gathered:
        row = runs.row
        text += [f"## {row.name}", "", row.about, ""]
        each = [
            f"{figure.part} {figure.metric}: {', '.join(map(figure.shown, runs.values(figure)))}"
            for figure in row.figures
        ]
        text += ["Seed by seed, " + "; ".join(each) + ".", ""] if runs.states else []
        command = shlex.join(["rnnlab", *arguments(row, 0)]).removesuffix(" --seed 0 --device cpu")
        text += ["```", f"{command} --seed 0 --device cpu", "```", ""]
    return text[:-1]


def _machine(state: RunState) -> str:
    started = state.started
    if started is None:
        return "an unknown machine"
    versions = ", ".join(f"{name} {version}" for name, version in started.versions.items())
    return f"{started.device_name or started.device}, threads {started.threads}, {versions}"


def document(gathered: Sequence[Runs]) -> list[Mapping[str, Any]]:
    """For `--json`: every value of every figure, seed by seed."""
    return [
        {
            "row": runs.row.name,
            "task": runs.row.task,
            "settings": dict(runs.row.settings),
            "seeds": sorted(runs.states),
            "seconds": [state.seconds for _, state in sorted(runs.states.items())],
            "figures": [
                {
                    "part": figure.part,
                    "metric": figure.metric,
                    "wanted": figure.wanted,
                    "bound": figure.bound,
                    "reached": runs.reached(figure),
                    "validation": runs.values(figure, "validation"),
                    "values": runs.values(figure),
                }
                for figure in runs.row.figures
            ],
        }
        for runs in gathered
    ]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("rows", nargs="*", metavar="ROW", help=f"one of {', '.join(row.name for row in ROWS)}")
    parser.add_argument("--seeds", default="0,1,2,3,4")
    parser.add_argument("--sessions", type=Path, default=Path("sessions"))
    parser.add_argument("--table", action="store_true", help="train nothing")
    form = parser.add_mutually_exclusive_group()
    form.add_argument("--json", action="store_true")
    form.add_argument("--markdown", action="store_true")
    options = parse(parser, seeds="0")
    if unknown := set(options.rows) - {row.name for row in ROWS}:
        parser.error(f"no row {', '.join(sorted(unknown))}; there are {', '.join(row.name for row in ROWS)}")
    seeds = [int(seed) for seed in options.seeds.split(",")]
    wanted = [row for row in ROWS if not options.rows or row.name in options.rows]
    with tempfile.TemporaryDirectory() as folder:
        if options.quick:
            wanted, options.sessions = [QUICK], Path(folder)
        gathered = gather(wanted, seeds, options.sessions, train_missing=not options.table)
    if options.json:
        print(json.dumps(document(gathered), indent=2))
    else:
        print("\n".join(page(gathered, seeds) if options.markdown else lines(gathered)))
    return 0 if options.quick or all(runs.reached(figure) for runs in gathered for figure in runs.row.figures) else 1


if __name__ == "__main__":
    sys.exit(main())
