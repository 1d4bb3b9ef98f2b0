"""Kills and hangs up the app, on every screen: runs go on, no process is left after half a minute, the terminal is as it was.

    python -m benchmarks.reliability.app_kills [--quick] [--hours 1] [--again]

Each trial is an app in a real pseudo-terminal that shows a run which it has begun to train, then another screen, and ends at a
random moment: by -9, by SIGHUP, by SIGTERM, by closing the terminal, or by closing it where SIGHUP is ignored. The run
must write further events; every process that the app had started beside the run's must be gone within half a minute; after all
but -9 and a closed terminal, the terminal's modes must be those from before. In the end the run is stopped, and then no process
at all may be left. Linux.
"""

from __future__ import annotations

import os
import random
import signal
import sys
import tempfile
import termios
import uuid
from collections.abc import Iterator
from pathlib import Path

import psutil

from benchmarks.reliability.kills import LONG
from benchmarks.reliability.promise import Part, Plan, Promise, Skipped, Trial, main
from benchmarks.reliability.queue_kills import MARK, Processes, processes_of
from benchmarks.reliability.waiting import seconds_until
from benchmarks.terminal import Terminal, modes_left
from rnnlab.config import RunConfig
from rnnlab.runs.folders import RunFolder, create_session
from rnnlab.runs.log_reader import read_state

LEFT = 30.0
"""Seconds within which the app, and what it had started beside the run, must be gone."""
PATIENCE = 60.0
_EVERY = 0.05
"""Seconds between two searches of all processes of the machine."""
SCREENS = {
    "Run": "",
    "Train": "\x1bOQ",
    "Data": "\x1bOS",
    "Playground": "t",
    "help": "?",
    "palette": "\x10",
    "Session": "\x1bOR",
}
"""Screens, and the keys that lead there from the Run screen."""
ENDS = ("SIGKILL", "SIGHUP", "closed", "SIGTERM", "closed without SIGHUP")


class App(Terminal):
    """The app in a terminal. `received` is all that it wrote."""

    def __init__(self, root: Path, mark: str, *, deaf: bool) -> None:
        self.received = b""
        program = [sys.executable, "-m", "rnnlab"]
        command = ["sh", "-c", 'trap "" HUP; exec "$0" "$@"', *program] if deaf else program
        environment = {"RNNLAB_SESSIONS": str(root), "LANG": "C.UTF-8", MARK: mark}
        super().__init__(command, columns=100, lines=30, environment=environment, cwd=root)
        self.before = termios.tcgetattr(self._main)
        self.is_closed = False

    def feed(self, data: bytes) -> None:
        self.received += data
        super().feed(data)

    def close(self) -> None:
        """Hang up."""
        if not self.is_closed:
            self.is_closed = True
            os.close(self._main)

    def problem(self) -> str:
        """What of the terminal is not as before; empty: nothing."""
        while (piece := self.read(0.2)) is not None:
            self.feed(piece[1])
        if termios.tcgetattr(self._main) != self.before:
            return "the terminal's attributes are not those from before"
        return ", ".join(f"{each} is left" for each in modes_left(self.received))


def ended_apps(plan: Plan) -> Iterator[Trial]:
    """Apps, each ended in one of the ways, on one of the screens."""
    if sys.platform != "linux":
        raise Skipped("processes are found by their environment, on Linux alone")
    mark = uuid.uuid4().hex
    before = signal.signal(signal.SIGHUP, signal.SIG_DFL)  # also where this script is started by nohup
    with tempfile.TemporaryDirectory() as name:
        session = create_session("lab", root=Path(name))
        run = session.create_run(RunConfig.from_settings(LONG))
        problem = "no trial"
        try:
            for number in plan.numbers:
                problem, took = ended_app(Path(name), run, mark, number, plan.chance(number))
                yield Trial(problem, took)
        finally:
            signal.signal(signal.SIGHUP, before)
            run.send("stop")
            if seconds_until(lambda: not len(processes_of(mark)), LEFT, _EVERY) is None:
                for each in everything(processes_of(mark)):
                    each.kill()
                raise AssertionError(f"{LEFT:.0f} s after the end of the run, processes of it were left")


def ended_app(root: Path, run: RunFolder, mark: str, number: int, chance: random.Random) -> tuple[str, float | None]:
    """What is wrong after one app was ended, empty: nothing; and the seconds until all that it had started was gone."""
    way = ENDS[number % len(ENDS)]
    screen = list(SCREENS)[number // len(ENDS) % len(SCREENS)]
    app = App(root, mark, deaf=way == "closed without SIGHUP")
    try:
        app.wait_for("rnnlab train", timeout=PATIENCE)
        app.send("\x1bOR")
        app.wait_for("001", timeout=PATIENCE)
        app.send("\r")
        if seconds_until(lambda: read_state(run.events_path)[0].step > 0, PATIENCE) is None:
            return "the app has begun no run", None
        app.settle(0.2, timeout=2.0)
        app.send(SCREENS[screen])
        app.settle(0.2, timeout=chance.uniform(0.0, 3.0))
        if way.startswith("closed"):
            app.close()
        else:
            app.process.send_signal(getattr(signal, way))
        found = _after(app, run, mark, way)
    except TimeoutError as late:
        return f"{way} on {screen}: {late}", None
    finally:
        if app.process.poll() is None:
            app.process.kill()
            app.process.wait()
        app.close()
    return (f"{way} on {screen}: {found[0]}" if found[0] else ""), found[1]


def _after(app: App, run: RunFolder, mark: str, way: str) -> tuple[str, float | None]:
    # What is read keeps a program from waiting to write its last words.
    def is_gone() -> bool:
        if not app.is_closed and (piece := app.read(0.0)) is not None:
            app.feed(piece[1])
        return app.process.poll() is not None

    if seconds_until(is_gone, LEFT) is None:
        return f"it lives {LEFT:.0f} s later", None
    if not way.startswith("closed") and way != "SIGKILL" and (problem := app.problem()):
        return problem, None
    took = seconds_until(lambda: not strangers(processes_of(mark)), LEFT, _EVERY)
    if took is None:
        return "left: " + "; ".join(" ".join(each.cmdline()) for each in strangers(processes_of(mark))), None
    step = read_state(run.events_path)[0].step
    if seconds_until(lambda: read_state(run.events_path)[0].step > step, PATIENCE) is None:
        return f"the run does not go on: {read_state(run.events_path)[0].status}", took
    return "", took


def everything(found: Processes) -> list[psutil.Process]:
    """All of the processes."""
    return [*found.runners, *found.servers, *found.trainers]


def strangers(found: Processes) -> list[psutil.Process]:
    """Those that are neither a runner nor its server nor a trainer."""
    kept = []
    for each in found.trainers:
        try:
            if not any(part.startswith("rnnlab.training") for part in each.cmdline()):
                kept.append(each)
        except psutil.Error:
            continue
    return kept


PROMISE = Promise(
    12,
    "app_kills",
    "However the app ends, runs go on, none of its processes is left after half a minute, and the terminal is given back.",
    (
        Part(
            "kills and hang-ups on every screen", ended_apps, asked=100, quick=1, unit="s until its processes were gone"
        ),
    ),
)

if __name__ == "__main__":
    sys.exit(main(PROMISE))
