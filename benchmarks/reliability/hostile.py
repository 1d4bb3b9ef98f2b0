"""Hostile session folders through every command and the app: nothing of them is run, nothing outside is touched, none fails.

    python -m benchmarks.reliability.hostile [--quick] [--hours 1] [--again]

A trial is one of the sessions of `tests/hostile.py`: it goes through each command that reads, those that write a file, those that
change the session, and each screen, in processes that are watched (`hostile_worker`), with a few others beside it. The lists of
all sessions, printed and on the screen, come first, with the first trial. A command may compute 10 s and have 300 MB, the memory
of PyTorch left out where it needs it. The files outside must be as they were, and, until a command is asked to change them, those
within.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from benchmarks.reliability.hostile_worker import Fault, Watch, commands_on, in_app, peak
from benchmarks.reliability.promise import ROOT, Part, Plan, Promise, Trial, command, main
from rnnlab.runs.trash import TRASH
from tests.hostile import HONEST, Hostile, make, snapshot

MEGABYTES = 300.0
SESSIONS = 440
"""All of them; compared with what `tests.hostile` makes as they are tried."""
AT_ONCE = 20
"""Sessions that stand together, and go through one process for each group of commands."""
APART = 37
"""How far apart in the list two sessions stand that are tried one after the other: each kind has its turn early."""
LISTING = ("sessions", "sessions --json")
READING = (
    "show RUN", "show RUN --json", "show SESSION", "compare SESSION", "compare SESSION --plot",
    "compare SESSION --json", "compare SESSION --to md", "compare SESSION --to csv", "compare SESSION --to latex",
    "compare SESSION --grid", "compare SESSION --where loss<1", "compare SESSION --columns training.loss,notes,tags",
    "replay RUN --instant", "replay RUN --json", "replay RUN --at 1", "replay RUN --speed 1e9", "errors RUN", "errors RUN --json",
    "errors RUN --csv", "plot RUN", "plot RUN loss", "plot RUN metric --describe", "plot RUN confusion", "plot RUN classes",
    "plot RUN forecast", "plot RUN gradients", "plot RUN calibration", "plot RUN loss --to csv",
    "plot SESSION", "plot SESSION loss", "plot SESSION overlay:loss --json", "note RUN", "note SESSION", "tag RUN",
    "tag SESSION", "prune RUN --dry-run", "prune SESSION --keep none --failed --dry-run --json",
    "wait SESSION --timeout 0 --json", "sweep SESSION --status", "sweep SESSION --status --json", "sweep SESSION --dry-run",
    "tell RUN pause", "resume RUN", "resume RUN --epochs 5 --json", "replay RUN --verify",
)  # fmt: skip
WRITING = (
    "report SESSION -o MADE.md", "report RUN -o MADE.html", "report SESSION --spec MADE.spec.md",
    "export RUN --to csv -o MADE.csvs --force", "plot RUN loss -o MADE.svg", "plot SESSION loss -o MADE.csv",
    "compare SESSION -o MADE.tex", "pack SESSION -o MADE.zip --force", "unpack MADE.zip --name unpacked", "delete unpacked",
)  # fmt: skip
WITH_TORCH = (
    "report RUN --verify -o MADE.md",
    "predict RUN abc", "predict RUN abc --json", "export RUN --to torch -o MADE.torch --force",
    "export RUN --to onnx -o MADE.onnx --force", "export RUN --to tensorboard -o MADE.tb --force",
)  # fmt: skip
CHANGING = (
    "note SESSION text", "note RUN text --append", "tag RUN +good", "tag SESSION +good -good", "sweep SESSION --stop",
    "prune RUN --keep none --failed --yes", "rename RUN other", "delete RUN", "delete --undo", "delete SESSION", "delete --undo",
)  # fmt: skip
WITH_LIBRARIES = ("writing", "torch")
"""Groups whose commands import matplotlib or PyTorch: their memory is counted from where an honest session has left it."""
GROUPS = {
    "listing": LISTING,
    "reading": READING,
    "writing": WRITING,
    "torch": WITH_TORCH,
    "app": (),
    "changing": CHANGING,
}


def tried(plan: Plan) -> Iterator[Trial]:
    """The sessions, some at a time."""
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        for name in ("RNNLAB_DATA", "RNNLAB_CACHE", "XDG_CONFIG_HOME", "XDG_STATE_HOME"):
            os.environ[name] = str(root / "own" / name)
        hostile = make(root / "lab", with_weights=True)
        numbers = iter(plan.numbers)
        total = len(hostile.names)
        assert total == SESSIONS, f"SESSIONS = {total}"
        of_all = [*work("listing", hostile, root), *work("app", replace(hostile, names=()), root)]
        while chosen := [number for _, number in zip(range(AT_ONCE), numbers, strict=False)]:
            names = [hostile.names[number * APART % total] for number in chosen]
            with alone(hostile, {*names, HONEST}):
                found = check(hostile, names, root)
            found[names[0]] += of_all
            of_all = []
            for name in names:
                yield Trial("; ".join(map(str, found[name]))[:2000], more=name != names[-1])


@contextlib.contextmanager
def alone(hostile: Hostile, names: Collection[str]) -> Iterator[None]:
    """Only these sessions stand in the folder: each screen of a run would list the others as well, for seconds."""
    aside = hostile.sessions.parent / "aside"  # as deep as they were, for the sake of their relative links
    aside.mkdir()
    others = [each for each in hostile.names if each not in names]
    for each in others:
        (hostile.sessions / each).rename(aside / each)
    try:
        yield
    finally:
        for each in others:
            (aside / each).rename(hostile.sessions / each)
        aside.rmdir()
        # Where nothing could be deleted, `delete --undo` brought back what was unpacked and deleted before.
        for left in ("unpacked", TRASH):
            shutil.rmtree(hostile.sessions / left, ignore_errors=True)


def check(hostile: Hostile, names: Sequence[str], root: Path) -> defaultdict[str, list[Fault]]:
    """The faults found of each of these sessions; what is of none stands with the first."""
    found: defaultdict[str, list[Fault]] = defaultdict(list)
    before = snapshot(hostile.outside), within(hostile)
    for group in GROUPS:
        if group == "changing":
            after = within(hostile)
            for path in sorted({*before[1], *after}):
                if before[1].get(path) != after.get(path):
                    found[owner(path, names)].append(Fault(path, "reading", "was changed"))
        for fault in work(group, replace(hostile, names=tuple(names)), root):
            found[owner(fault.session, names)].append(fault)
    if snapshot(hostile.outside) != before[0]:
        found[names[0]].append(Fault(", ".join(names), "all", "files outside the sessions were changed"))
    return found


def owner(path: str, names: Sequence[str]) -> str:
    """The session that a path lies in; of what lies in none of these, the first one."""
    name = path.partition("/")[0]
    return name if name in names else names[0]


def within(hostile: Hostile) -> dict[str, tuple[int, int, int]]:
    """Size, mode and time of all that stands in the sessions, locks and what a refused command leaves apart."""
    found = {}
    for place, folders, names in os.walk(hostile.sessions):
        folders[:] = [each for each in folders if each != TRASH]
        for name in names:
            path = Path(place, name)
            if not name.endswith(".lock") and name not in ("commands.jsonl", "runner.log"):
                about = path.lstat()
                found[str(path.relative_to(hostile.sessions))] = about.st_size, about.st_mode, about.st_mtime_ns
    return found


def work(group: str, hostile: Hostile, root: Path) -> list[Fault]:
    """What the process of a group of commands found."""
    line = command("benchmarks.reliability.hostile", "--worker", group, str(hostile.sessions), str(root))
    process = subprocess.run(
        line,
        input=json.dumps(hostile.names),
        stdout=subprocess.PIPE,
        text=True,
        cwd=ROOT,
        env=os.environ | {"PYTHONDONTWRITEBYTECODE": "1"},  # in a fresh checkout it would be written beside the sources
        check=False,
    )
    faults = [Fault(*json.loads(text)) for text in process.stdout.splitlines()]
    if process.returncode:
        faults.append(Fault("all", group, f"the process ended with {process.returncode}"))
    return faults


def _worker_main(group: str, sessions: Path, root: Path) -> None:
    """In a process of its own: a group of commands on the sessions named on stdin."""
    names = json.load(sys.stdin)
    os.environ["RNNLAB_SESSIONS"] = str(sessions)
    os.environ["MPLCONFIGDIR"] = str(root / "own" / "matplotlib")
    made = root / "made"
    made.mkdir(exist_ok=True)
    watch = Watch([sessions, made, root / "own", Path(tempfile.gettempdir(), "rnnlab"), Path("/dev/shm")], sessions)
    limit = MEGABYTES
    faults: list[Fault] = []
    if group in WITH_LIBRARIES:
        faults += commands_on(GROUPS[group], sessions, made, [HONEST], watch)
        limit += peak()
    if group == "app":
        faults += asyncio.run(in_app(sessions, names, watch))
        names = []
    for name in names[:1] if group == "listing" else names:
        faults += commands_on(GROUPS[group], sessions, made, [name], watch)
        if peak() > limit:
            faults.append(Fault(name, group, f"the process has {peak():.0f} MB where {limit:.0f} are allowed"))
            limit = float("inf")
    for fault in faults:
        print(json.dumps([fault.session, fault.command, fault.words]), flush=True)


PROMISE = Promise(
    15,
    "hostile",
    "No command and no screen runs anything of a stranger's session, unpickles any of it, or writes outside of it.",
    (Part("hostile sessions, each through every command and screen", tried, asked=SESSIONS, quick=3),),
)

if __name__ == "__main__":
    if sys.argv[1:2] == ["--worker"]:
        _worker_main(sys.argv[2], Path(sys.argv[3]), Path(sys.argv[4]))
        sys.exit(0)
    sys.exit(main(PROMISE))
