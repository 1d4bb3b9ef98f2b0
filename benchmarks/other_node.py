"""How late the app shows a run of another machine, on a folder that both mount over the network.

    python -m benchmarks.other_node [--seconds 30] [--delay 0.02] [--quick]

Two machines of `benchmarks.shared_folder`: `rnnlab train` on n2, the app on n1 in a terminal of 140 × 45, open on the run. Of
each event of the log, the seconds from its time until the screen shows its update or a later one; of one that was never shown,
until the end. Three mounts: without caching, the same to a server whose answers come late, and one that keeps sizes for twenty
seconds. On each the app must show events, must not show that the run failed, and must show the age of what it knows once that is
more than ten seconds. Linux, root, sshfs.
"""

from __future__ import annotations

import argparse
import contextlib
import re
import statistics
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from benchmarks.key_to_paint import percentile
from benchmarks.options import parse
from benchmarks.shared_folder import FileServer, Machine, missing
from benchmarks.watching import open_run
from rnnlab.runs.events import Progress
from rnnlab.runs.folders import RunFolder, Session
from rnnlab.runs.log_reader import read_records, read_state
from rnnlab.runs.silence import SILENT_ELSEWHERE
from tests.terminal import Terminal

LONG = ("train", "binary", "--epochs", "100000", "--set", "model.hidden=8", "--set", "train.batch_size=32")
"""A run that does not end by itself."""
PATIENCE = 120.0
AGE_SHOWN = SILENT_ELSEWHERE + 2.0
"""Seconds: from `SILENT_ELSEWHERE` on the app shows how old its news is, which it draws once a second."""
_STEP = re.compile(r"step +([\d,]+) /")
_AGE = re.compile(r"last event (\d+) s ago \(on n2\)")


@dataclass
class Shown:
    """What the screen showed: delay of each event in seconds, oldest age that it showed (s), and whether it said `failed`."""

    delays: list[float]
    oldest: int
    failed: bool

    @property
    def problem(self) -> str:
        """What the app must not do; empty where it did nothing of it."""
        if self.failed:
            return "the run was shown as failed"
        if not self.delays:
            return "no event was shown"
        late = max(self.delays)
        return f"what was {late:.0f} s old had no age" if late > AGE_SHOWN and not self.oldest else ""


class TwoMachines:
    """n1 and n2 with one sessions folder, which the server sees as `served`; the person's secret is on both."""

    def __init__(self, root: Path, *, caching: bool = False, delay: float = 0.0) -> None:
        self.root, self.served = root, root / "served"
        self._folder, self._caching, self._delay = root / "shared", caching, delay
        self._ends = contextlib.ExitStack()
        self.environment = {
            "RNNLAB_SESSIONS": str(self._folder),
            "RNNLAB_STATE": str(root / "state"),
            "XDG_CONFIG_HOME": str(root / "config"),
        }

    def __enter__(self) -> TwoMachines:
        self.served.mkdir(parents=True)
        with contextlib.ExitStack() as ends:
            ends.callback((server := FileServer(self._delay)).close)
            self.n1 = Machine("n1", server, self.served, self._folder, caching=self._caching)
            ends.callback(self.n1.lose)
            self.n2 = Machine("n2", server, self.served, self._folder, caching=self._caching)
            ends.callback(self.n2.lose)
            self._ends = ends.pop_all()
        return self

    def __exit__(self, *_: object) -> None:
        self._ends.close()

    def rnnlab(self, machine: Machine, *arguments: str) -> tuple[int, str]:
        """A command's exit code and output."""
        process = machine.start(sys.executable, "-m", "rnnlab", *arguments, environment=self.environment)
        output, _ = process.communicate(timeout=PATIENCE)
        return process.returncode, output

    def train(self, *arguments: str, session: str = "lab") -> RunFolder:
        """A run that trains on n2, as the server sees it. Raises `OSError` with what a refusal says, or `TimeoutError`."""
        code, output = self.rnnlab(self.n2, *arguments, "--session", session, "--detach")
        if code:
            raise OSError(output)
        run = Session(self.served / session).runs()[0]
        deadline = time.monotonic() + PATIENCE
        while read_state(run.events_path)[0].step <= 50:
            if time.monotonic() > deadline:
                raise TimeoutError(f"no run trains within {PATIENCE:.0f} s")
            time.sleep(0.1)
        return run

    def app(self) -> Terminal:
        """The app on n1, in a terminal."""
        return Terminal(cwd=self.root, environment=self.environment, command_prefix=self.n1.command())


def watch(machines: TwoMachines, run: RunFolder, seconds: float) -> Shown:
    """What the app on n1 shows of the run within `seconds`."""
    with machines.app() as app:
        app.see("surnames|Surnames")
        app.look(2.0)
        open_run(app, run)
        app.look(2.0)
        seen: list[tuple[float, int]] = []
        oldest, failed = 0, False
        began = time.time()
        while time.time() - began < seconds:
            text = app.look(0.02)
            if (match := _STEP.search(text)) is not None:
                seen.append((time.time(), int(match[1].replace(",", ""))))
            if (age := _AGE.search(text)) is not None:
                oldest = max(oldest, int(age[1]))
            failed |= "failed" in text
        ended = time.time()
        app.kill()
    reached: dict[int, float] = {}  # a trainer that waits for its file server repeats the update at which it stands
    for each in read_records(run.events_path)[0]:
        if isinstance(each.data, Progress):
            reached.setdefault(each.data.step, each.wall)
    delays = []
    for update, wall in reached.items():
        if began < wall < ended:
            delays.append(next((moment for moment, step in seen if step >= update), ended) - wall)
    return Shown(delays, oldest, failed)


def main() -> int:
    """Exit code 1 where the app did on any mount what it must not."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=30.0, help="how long the app is watched on each mount")
    parser.add_argument(
        "--delay", type=float, default=0.02, help="seconds that question and answer take each, on a slow server"
    )
    options = parse(parser, seconds=5.0)
    if reason := missing():
        print(f"skipped: {reason}")
        return 0
    problems = []
    for name, caching, delay in (
        ("no caching", False, 0.0),
        (f"no caching, {1000 * options.delay:.0f} ms each way", False, options.delay),
        ("names and sizes kept for 20 s", True, 0.0),
    ):
        with (
            tempfile.TemporaryDirectory() as folder,
            TwoMachines(Path(folder), caching=caching, delay=delay) as machines,
        ):
            shown = watch(machines, machines.train(*LONG), options.seconds * (2 if caching else 1))
        delays = shown.delays
        problems += [f"{name}: {shown.problem}"] if shown.problem else []
        figures = (
            f"{len(delays)} events, delay p50 {statistics.median(delays):.2f}, p95 {percentile(delays, 0.95):.2f}, "
            f"largest {max(delays):.2f} s"
            if delays
            else "no event"
        )
        age = f"; shown as {shown.oldest} s old" if shown.oldest else ""
        print(f"{name}: {figures}{age}", flush=True)
    print("\n".join(problems), file=sys.stderr, end="\n" if problems else "")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
