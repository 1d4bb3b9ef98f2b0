"""What each task's defaults come to: one run a task, a table of baseline, test figure and seconds.

    python -m benchmarks.tasks [TASK...] [--seed N] [--json | --markdown]

Each run is `rnnlab train TASK` with the task's own settings, on the CPU with one thread, in a session of its own that is
thrown away. A task whose data set is not here (RNNLAB_DATA) is left out, and said so. `docs/tasks.md` is what `--markdown`
prints.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from benchmarks.options import parse
from rnnlab.catalog.tasks.catalog import TASKS
from rnnlab.runs.folders import RunFolder
from rnnlab.runs.log_reader import read_state
from rnnlab.runs.state import RunState
from rnnlab.tasks.download.data_folders import is_here

LONGEST = 900
"""Seconds after which a run is given up."""
_APART = "accuracy_"


def train(task: str, seed: int) -> tuple[dict[str, Any], RunState]:
    """What `rnnlab train` printed, and the run's log. Raises `RuntimeError` where it failed."""
    with tempfile.TemporaryDirectory(prefix="rnnlab-tasks-") as sessions:
        done = subprocess.run(
            [sys.executable, "-m", "rnnlab", "train", task, "--device", "cpu", "--seed", str(seed), "--json"],
            env={**os.environ, "RNNLAB_SESSIONS": sessions},
            capture_output=True,
            text=True,
            timeout=LONGEST,
        )
        if done.returncode:
            raise RuntimeError(f"{task}: {done.stderr.strip()}")
        document: dict[str, Any] = json.loads(done.stdout)
        state, _ = read_state(RunFolder(Path(document["run"])).events_path)
    return document, state


def row(task: str, document: dict[str, Any], state: RunState) -> dict[str, Any]:
    """The figures of one run."""
    assert state.started is not None
    data = state.started.data
    known = {name: scores["test"] for name, scores in data.baselines.items() if "test" in scores}
    best = (max if data.higher_is_better else min)(known, key=lambda name: known[name])
    figures, metric = document["final"]["test"], data.metric
    return {
        "task": task,
        "problem": data.problem,
        "model": state.started.model,
        "parameters": document["parameters"],
        "metric": metric,
        "baseline": known[best],
        "baseline_name": best,
        "test": figures[metric],
        "better": (figures[metric] > known[best]) == data.higher_is_better and figures[metric] != known[best],
        "apart": {name.removeprefix(_APART): value for name, value in figures.items() if name.startswith(_APART)},
        "rmse": figures.get("rmse"),
        "extra": {name: values.get(metric) for name, values in document.get("extra", {}).items()},
        "unit": data.unit,
        "seconds": document["seconds"],
    }


def shown(value: float | str | None) -> str:
    return f"{value:.3g}" if isinstance(value, float) else str(value)


def remarks(figures: dict[str, Any]) -> str:
    """What the metric alone does not tell."""
    parts = [f"{name} {shown(value)}" for name, value in figures["apart"].items()]
    parts += [f"rmse {shown(figures['rmse'])}"] if figures["rmse"] is not None else []
    parts += [f"at {name}: {shown(value)}" for name, value in figures["extra"].items()]
    return ", ".join(parts)


def table(rows: list[dict[str, Any]]) -> list[str]:
    """The table in Markdown, lined up to be read as text too."""
    cells = [["task", "net", "metric", "best baseline", "test", "apart and beyond", "seconds"]]
    cells += [
        [
            f"`{r['task']}`",
            f"{r['model']}, {r['parameters']:,} parameters",
            r["metric"],
            f"{shown(r['baseline'])} ({r['baseline_name']})",
            f"**{shown(r['test'])}**" if r["better"] else f"{shown(r['test'])}, no better",
            remarks(r),
            f"{r['seconds']:.0f}",
        ]
        for r in rows
    ]
    widths = [max(len(line[place]) for line in cells) for place in range(len(cells[0]))]
    lines = [
        "| " + " | ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)) + " |" for line in cells
    ]
    return [lines[0], "| " + " | ".join("-" * width for width in widths) + " |", *lines[1:]]


def page(rows: list[dict[str, Any]], seed: int) -> list[str]:
    """`docs/tasks.md`."""
    lines = [
        "# Tasks",
        "",
        f"What `rnnlab train TASK` comes to with the task's own settings: CPU, one thread, seed {seed}. The test part is "
        "evaluated once, with the weights of the best validation epoch. The baseline is the best of the simple answers that "
        "need no recurrent net (`rnnlab data show TASK` lists them). `python -m benchmarks.tasks --markdown` prints this page.",
        "",
        *table(rows),
        "",
    ]
    for figures in rows:
        card = TASKS[figures["task"]]
        lines += [
            f"## `{card.name}`: {card.title}",
            "",
            card.summary,
            "",
            f"{card.problem.capitalize()}. Source: {card.source}. Terms: {card.terms}.",
            "",
        ]
    return lines[:-1]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("tasks", nargs="*", metavar="TASK")
    parser.add_argument("--seed", type=int, default=0)
    form = parser.add_mutually_exclusive_group()
    form.add_argument("--json", action="store_true")
    form.add_argument("--markdown", action="store_true")
    options = parse(parser, tasks=["overfit"])
    wanted = options.tasks or [name for name in TASKS if name != "own"]
    rows = []
    for task in wanted:
        if not is_here(TASKS[task]):
            print(f"{task}: its data set is not here; set RNNLAB_DATA, or rnnlab data fetch {task}", file=sys.stderr)
            continue
        rows.append(row(task, *train(task, options.seed)))
        print(f"{task}: {shown(rows[-1]['test'])} in {rows[-1]['seconds']:.0f} s", file=sys.stderr)
    if options.json:
        print(json.dumps(rows, indent=2))
    else:
        print("\n".join(page(rows, options.seed) if options.markdown else table(rows)))
    return 0 if all(figures["better"] for figures in rows) or options.quick else 1


if __name__ == "__main__":
    sys.exit(main())
