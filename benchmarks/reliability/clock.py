"""Sets the clock of trainers, commands and the app by a day and by a thousand million seconds, while they run.

    python -m benchmarks.reliability.clock [--quick] [--hours 1] [--again]

A preloaded library (compiled here; Linux) shifts the time of day of a process, and of those that it starts, at any moment. A run
must come to the same bits as one whose clock nobody set, its durations must go on evenly, nobody may take it for dead, and what
commands print of it must not change.
"""

from __future__ import annotations

import itertools
import os
import random
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

from benchmarks.reliability.outcome import outcome
from benchmarks.reliability.promise import Part, Plan, Promise, Skipped, Trial, main
from benchmarks.reliability.resume_kills import SETTINGS, Forked
from benchmarks.reliability.trace import NoCompiler, library
from benchmarks.reliability.waiting import PATIENCE, until
from benchmarks.watching import open_run
from rnnlab.config import RunConfig
from rnnlab.engines.local import runner_alive
from rnnlab.runs.events import Progress
from rnnlab.runs.find import list_sessions
from rnnlab.runs.folders import RunFolder, Session, create_session
from rnnlab.runs.log_reader import read_records, read_state
from tests.terminal import Terminal

SOURCE = Path(__file__).with_name("clock_shifted.c")
SHIFTS = (86_400, -86_400, 10**9, -(10**9))
"""A day, and about 32 years, either way."""
EPOCHS = 120
SLACK = 1.0
"""Seconds by which a logged duration may differ from the one measured beside it: a trainer starts and ends outside of it."""
COMMANDS = (
    ("show", "lab/{run}"),
    ("show", "lab/{run}", "--json"),
    ("replay", "lab/{run}", "--json"),
    ("compare", "lab"),
)
_ASK = (
    "import sys; from pathlib import Path; from rnnlab.runs.folders import RunFolder\n"
    "from rnnlab.runs.liveness import standing; print(standing(RunFolder(Path(sys.argv[1]))).state)"
)


class Clock:
    """The shift that the preloaded processes have."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / "shift"
        try:
            preloaded = str(library(SOURCE))
        except NoCompiler as reason:
            raise Skipped(str(reason)) from None
        self.environment = os.environ | {"LD_PRELOAD": preloaded, "CLOCK_SHIFT": str(self._path)}
        self.set(0)

    def set(self, seconds: int) -> None:
        draft = self._path.with_suffix(".new")
        draft.write_text(str(seconds))
        draft.replace(self._path)


class Lab:
    """A session in a folder, with the run that one comes to whose clock nobody set."""

    def __init__(self, folder: Path, epochs: int) -> None:
        self.folder, self.clock = folder, Clock(folder)
        self.config = RunConfig.from_settings(SETTINGS | {"train.epochs": epochs})
        self.session = create_session("lab", root=folder / "sessions")
        self.reference = self.session.create_run(self.config)
        trainers = Forked()
        trainers.wait(self.reference, trainers.start(self.reference))
        self.expected = outcome(self.reference)
        self.environment = self.clock.environment | {"RNNLAB_SESSIONS": str(folder / "sessions")}

    def problem_of(self, run: RunFolder) -> str:
        """What the shifts have done to a run; empty: nothing."""
        if outcome(run) != self.expected:
            return "weights or figures differ"
        records = read_records(run.events_path)[0]
        moments = [each.mono for each in records]
        if any(later < earlier for earlier, later in itertools.pairwise(moments)):
            return "its events are not in the order of their clock"
        seconds = [each.data.seconds for each in records if isinstance(each.data, Progress)]
        if any(later < earlier for earlier, later in itertools.pairwise(seconds)):
            return "its seconds of training go back"
        if seconds and seconds[-1] > moments[-1] - moments[0] + SLACK:
            return f"it says {seconds[-1]:.1f} s of training, of {moments[-1] - moments[0]:.1f} s"
        return ""


def _until_beyond(run: RunFolder, step: int) -> None:
    until(lambda: read_state(run.events_path)[0].step > step, "it goes on")


def _jump(lab: Lab, chance: random.Random, shift: int, run: RunFolder) -> str:
    """Set the clock to and fro while the run trains, and ask from a process with the same clock whether it lives."""
    until(lambda: read_state(run.events_path)[0].step > chance.randint(5, 40), "it trains")
    problem = ""
    for seconds in (shift, 0, chance.choice(SHIFTS)):
        lab.clock.set(seconds)
        ask = [sys.executable, "-c", _ASK, str(run.path)]
        state = subprocess.run(ask, env=lab.environment, capture_output=True, text=True, check=True).stdout.strip()
        if state not in ("training", "ended"):
            problem = problem or f"after a shift of {seconds:,} s it is said to be {state}"
    return problem


def trainer(lab: Lab, shift: int, chance: random.Random) -> str:
    """The clock of a trainer jumps while it trains."""
    lab.clock.set(chance.choice((0, shift)))
    run = lab.session.create_run(lab.config)
    with subprocess.Popen([sys.executable, "-m", "rnnlab.training", str(run.path)], env=lab.environment):
        problem = _jump(lab, chance, shift, run)
    return problem or lab.problem_of(run)


def train_command(lab: Lab, shift: int, chance: random.Random) -> str:
    """The clocks of `rnnlab train`, its runner and its trainer jump."""
    session = Session(lab.folder / "sessions" / "train")
    known = {each.name for each in session.runs()}
    settings = [f"--set={key}={value}" for key, value in (SETTINGS | {"train.epochs": EPOCHS}).items()][1:]
    command = [sys.executable, "-m", "rnnlab", "train", "sinusoids", "--session", "train", *settings]
    with subprocess.Popen(command, env=lab.environment, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL) as process:
        until(lambda: {each.name for each in session.runs()} - known, "it is queued")
        run = next(each for each in session.runs() if each.name not in known)
        problem = _jump(lab, chance, shift, run)
        error = process.communicate(timeout=PATIENCE)[1].decode(errors="replace")
    if process.returncode:
        return f"rnnlab train: exit code {process.returncode}: {error[-200:]}"
    return problem or ("" if read_state(run.events_path)[0].status == "completed" else "it did not complete")


def commands(lab: Lab, shift: int, chance: random.Random) -> str:
    """What commands print of a run that ended."""
    words = [word.format(run=lab.reference.name) for word in chance.choice(COMMANDS)]
    printed = []
    for seconds in (0, shift):
        lab.clock.set(seconds)
        done = subprocess.run(
            [sys.executable, "-m", "rnnlab", *words], env=lab.environment, capture_output=True, text=True, check=False
        )
        if done.returncode:
            return f"rnnlab {' '.join(words)}: exit code {done.returncode}: {done.stderr[-200:]}"
        printed.append(done.stdout)
    return "" if printed[0] == printed[1] else f"rnnlab {' '.join(words)} prints something else"


def app(lab: Lab, shift: int, chance: random.Random) -> str:
    """The app's clock jumps, and its trainer's, while it shows the run."""
    run = lab.session.create_run(RunConfig.from_settings(SETTINGS | {"train.epochs": 20_000}))
    started = [sys.executable, "-m", "rnnlab.training", str(run.path)]
    names = ("LD_PRELOAD", "CLOCK_SHIFT", "RNNLAB_SESSIONS")
    with (
        subprocess.Popen(started, env=lab.environment) as process,
        Terminal(cwd=lab.folder, environment={name: lab.environment[name] for name in names}) as terminal,
    ):
        try:
            terminal.see("Surnames")
            terminal.press("f3")
            terminal.see("lab")
            open_run(terminal, run)
            for seconds in (shift, 0, chance.choice(SHIFTS)):
                lab.clock.set(seconds)
                stood = read_state(run.events_path)[0].step
                _until_beyond(run, stood + 50)
                screen = terminal.look(2.0)
                if "silent" in screen or "killed" in screen or "ex/s" not in screen:
                    return f"after a shift of {seconds:,} s the app shows:\n{screen}"
            run.send("stop")
            terminal.see("stopped")
        except AssertionError as failure:
            return str(failure)
        finally:
            process.kill()
            terminal.kill()
    return ""


def shifted(try_it: Callable[[Lab, int, random.Random], str]) -> Callable[[Plan], Iterator[Trial]]:
    """The trials of one way, with each shift in turn."""

    def carry_out(plan: Plan) -> Iterator[Trial]:
        with tempfile.TemporaryDirectory() as name:
            lab = Lab(Path(name), EPOCHS)
            try:
                for number in plan.numbers:
                    shift = SHIFTS[number % len(SHIFTS)]
                    lab.clock.set(0)
                    try:
                        problem = try_it(lab, shift, plan.chance(number))
                    except TimeoutError as late:
                        problem = str(late)
                    yield Trial(f"shifted by {shift:,} s: {problem}" if problem else "")
            finally:  # a runner that still writes would have the folder stay
                until(
                    lambda: not any(map(runner_alive, list_sessions(lab.folder / "sessions"))), "the runners have ended"
                )

    return carry_out


PROMISE = Promise(
    10,
    "clock",
    "A clock that is set by a day or by 32 years changes no number of a run and no duration, and nobody takes the run for dead.",
    (
        Part("trainers whose clock is set while they train", shifted(trainer), asked=100, quick=1),
        Part("`rnnlab train`, its runner and its trainer", shifted(train_command), asked=20, quick=0),
        Part("commands on a run that ended", shifted(commands), asked=40, quick=1),
        Part("the app on a run that trains", shifted(app), asked=20, quick=0),
    ),
)

if __name__ == "__main__":
    sys.exit(main(PROMISE))
