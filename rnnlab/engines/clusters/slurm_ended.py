"""How the jobs of a session ended: what `sacct` keeps of them, or what the scheduler still knows where it keeps no accounts.

On Debian's plain set-up accounts are off; the scheduler itself forgets a job some minutes after its end (`MinJobAge`).
"""

from __future__ import annotations

import re
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from rnnlab.engines.clusters.slurm import OVER, jobs_of, kept_options, output_of
from rnnlab.errors import UsageError
from rnnlab.runs.folders import Session
from rnnlab.text.sanitise import plain

_KEPT = 30.0
"""Seconds for which an answer holds: an end does not change, and one that is new may be shown a little later."""
_MOST = 50
"""Submissions of which accounts are read, the last ones."""
_ASKED_EACH = 8
"""Submissions of which the scheduler is asked, one after the other."""
_FIELDS = ("JobID", "State", "ExitCode", "Reason", "Elapsed", "NodeList")
_OFF = "accounting storage is disabled"
_REMEDIES = {
    "OUT_OF_MEMORY": "--memory asks for more",
    "TIMEOUT": "--time asks for more; runs go on from their last saved state",
}
_ALLOTTED = re.compile(r"(?P<job>\d+)_\[(?P<tasks>[\d,-]+)(%\d+)?\]")


@dataclass(frozen=True)
class EndedJob:
    """A job that is over, or several tasks of one array that never began: Slurm's own words for it."""

    number: str
    state: str
    exit_code: str = ""
    """Exit code and signal, `0:9`."""
    reason: str = ""
    elapsed: str = ""
    nodes: str = ""

    @property
    def count(self) -> int:
        """How many jobs it stands for."""
        found = _ALLOTTED.fullmatch(self.number)
        if found is None:
            return 1
        ends = [part.split("-") for part in found["tasks"].split(",")]
        return sum(int(end[-1]) - int(end[0]) + 1 for end in ends if end[0] and end[-1])

    @property
    def text(self) -> str:
        """`job 12: out of memory on n2 after 00:00:12, exit code 0:9; --memory asks for more; see slurm-12.log`."""
        code = f", exit code {self.exit_code}" if self.exit_code not in ("", "0:0") else ""
        reason = f", {self.reason}" if self.reason not in ("", "None") else ""
        where = f" on {self.nodes}" if self.nodes and not self.nodes.startswith("None") else ""
        after = f" after {self.elapsed}" if self.elapsed else ""
        remedy = f"; {_REMEDIES[self.state]}" if self.state in _REMEDIES else ""
        log = "" if self.state in ("COMPLETED", "CANCELLED") else f"; see slurm-{self.number}.log"
        return f"job {self.number}: {OVER.get(self.state, self.state.lower())}{where}{after}{code}{reason}{remedy}{log}"


@dataclass(frozen=True)
class EndedJobs:
    """The jobs of a session that have ended, and a sentence on those of which it is no longer known how."""

    jobs: tuple[EndedJob, ...] = ()
    unknown: str = ""

    @property
    def summary(self) -> str:
        """`3 jobs have ended: 2 completed, 1 out of memory`; empty where none has."""
        counts: dict[str, int] = {}
        for job in self.jobs:
            word = OVER.get(job.state, job.state.lower())
            counts[word] = counts.get(word, 0) + job.count
        if not counts:
            return ""
        total = sum(counts.values())
        parts = ", ".join(f"{number} {word}" for word, number in counts.items())
        return f"{total} {'job has' if total == 1 else 'jobs have'} ended: {parts}"


_answers: dict[Path, tuple[float, EndedJobs]] = {}
_no_accounts = ""
"""Why this process asks `sacct` no more; empty where it answers."""


def ended_jobs(session: Session, *, anew: bool = False) -> EndedJobs:
    """How the session's jobs ended. Raises `UsageError` where Slurm does not answer at all."""
    asked_at, answer = _answers.get(session.path, (-_KEPT, EndedJobs()))
    if not anew and time.monotonic() - asked_at < _KEPT:
        return answer
    kept = kept_options(session)
    if kept is None or not kept.jobs:
        return EndedJobs()
    numbers = list(map(str, kept.jobs[-_MOST:]))
    found = _accounts(numbers)
    why = _no_accounts
    if found is None:
        numbers = numbers[-_ASKED_EACH:]
        found = _remembered(numbers)
    listed = {each.number.partition("_")[0] for each in found} | {
        each.number.partition("_")[0] for each in jobs_of(session)
    }
    unknown = [number for number in numbers if number not in listed]
    text = f"how {'job' if len(unknown) == 1 else 'jobs'} {', '.join(unknown)} ended Slurm no longer knows"
    answer = EndedJobs(
        tuple(each for each in found if each.state in OVER),
        f"{text} ({why or 'it is in no account'})" if unknown else "",
    )
    _answers[session.path] = time.monotonic(), answer
    return answer


def _accounts(numbers: Iterable[str]) -> list[EndedJob] | None:
    """What `sacct` keeps; None where it does not answer."""
    global _no_accounts
    if _no_accounts:
        return None
    command = ["sacct", "--allocations", "--noheader", "--parsable2", f"--format={','.join(_FIELDS)}"]
    try:
        return accounted(output_of([*command, f"--jobs={','.join(numbers)}"]))
    except UsageError as error:
        _no_accounts = "its accounting is off" if _OFF in str(error) else str(error)
        return None


def accounted(text: str) -> list[EndedJob]:
    """The jobs in what `sacct` prints, its fields with bars between: a job's last attempt alone."""
    found = []
    for line in text.splitlines():
        number, state, code, reason, elapsed, nodes = (plain(part) for part in [*line.split("|"), *[""] * 6][:6])
        if number and state:
            found.append(EndedJob(number, state.split()[0], code, reason, elapsed, nodes))
    return found


def _remembered(numbers: Iterable[str]) -> list[EndedJob]:
    found = []
    for number in numbers:
        try:
            found += remembered(output_of(["scontrol", "--oneliner", "show", "job", number]))
        except UsageError as error:
            if "Invalid job id" not in str(error):
                raise
    return found


_WORD = re.compile(r"(\w+)=(\S*)")


def remembered(text: str) -> list[EndedJob]:
    """The jobs in what `scontrol` prints of one submission, a line each."""
    found = []
    for line in text.splitlines():
        held: Mapping[str, str] = dict(_WORD.findall(line))
        if "JobState" not in held:
            continue
        task = held.get("ArrayTaskId", "")
        array = f"[{task}]" if set(task) & set(",-%") else task
        number = f"{held.get('ArrayJobId', '')}_{array}" if array else held.get("JobId", "")
        nodes = held.get("NodeList", "")
        texts = (number, held["JobState"], held.get("ExitCode", ""), held.get("Reason", ""), held.get("RunTime", ""))
        found.append(EndedJob(*map(plain, (*texts, "" if nodes == "(null)" else nodes))))
    return found
