"""Findings in a user's own file: problems with their place and count, and whether they prevent training.

The check and the loader fill the same `Findings` from the same reading, so that they never disagree.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from shlex import quote

from rnnlab.config import UsageError
from rnnlab.runs.data_columns import column_lines
from rnnlab.tasks.own.values.numbers import AUTO, Missing
from rnnlab.text.sanitise import plain

SHOWN = 20
"""Maximum number of places kept of each problem; all are counted."""
TOLERATED = 0.1
"""Maximum share of unreadable rows that are left out; beyond it the file is damaged, or of another kind."""

Report = Callable[[int, int], None]
"""Progress callback: bytes read, and bytes in all."""


@dataclass(frozen=True)
class Choice:
    """One answer to a question: how the file reads with it, and the setting that chooses it, `data.date_order=day-first`."""

    reading: str
    setting: str


class Refusal(UsageError):
    """Error: the file cannot be trained on. `kind` in a word, `where` the place, and a sentence that names the file.

    `choices` are the answers, where the sentence is a question: no reading of the file is safe until a setting decides.
    """

    def __init__(self, kind: str, message: str, where: str = "", choices: tuple[Choice, ...] = ()) -> None:
        self.kind = kind
        self.choices = choices
        self.message = plain(message)
        self.where = plain(where)
        super().__init__(question(self.message, choices))


def question(message: str, choices: tuple[Choice, ...]) -> str:
    """The sentence, with the settings that answer it where it is a question."""
    answers = " or ".join(f"--set {quote(choice.setting)} ({choice.reading})" for choice in choices)
    return plain(f"{message}: {answers}") if choices else message


@dataclass
class Problem:
    """One kind of problem: `message` for all of its `count` places, of which the first are kept with their own message.

    `stops`: it prevents training. `rows`: each place is a row that is left out. `choices`: it is a question, with its answers.
    """

    kind: str
    message: str
    where: str = ""
    count: int = 1
    stops: bool = False
    rows: bool = False
    places: list[tuple[str, str]] = field(default_factory=list)
    choices: tuple[Choice, ...] = ()


@dataclass
class Findings:
    """Problems that a reading found, in the order found; `facts` hold what was detected."""

    name: str
    """Name of the file in sentences."""
    problems: dict[str, Problem] = field(default_factory=dict)
    facts: dict[str, object] = field(default_factory=dict)
    missing: Missing = AUTO
    """What stands for a missing value in the file, as `data.missing` says."""

    def row(self, kind: str, where: str, message: str) -> None:
        """Notes a row that is left out."""
        self._note(kind, where, message, rows=True)

    def note_at(self, kind: str, where: str, message: str) -> None:
        """Notes a problem at a place that is read all the same."""
        self._note(kind, where, message, rows=False)

    def _note(self, kind: str, where: str, message: str, *, rows: bool) -> None:
        found = self.problems.get(kind)
        if found is None:
            found = self.problems[kind] = Problem(kind, "", plain(where), 0, rows=rows)
        found.count += 1
        # Millions of places may follow: what is not kept is not sanitised.
        if len(found.places) < SHOWN:
            found.places.append((plain(where), plain(message)))

    def take(self, other: Findings) -> None:
        """Adds the problems and facts that another reading of the file found."""
        for kind, problem in other.problems.items():
            found = self.problems.setdefault(kind, problem)
            if found is not problem and found.places:
                found.count += problem.count
                found.places += problem.places[: max(0, SHOWN - len(found.places))]
        self.facts |= other.facts

    def warn(self, kind: str, message: str, where: str = "", count: int = 1, choices: tuple[Choice, ...] = ()) -> None:
        """Notes a problem of the whole file that does not prevent training; `choices` read it otherwise."""
        self.problems.setdefault(kind, Problem(kind, plain(message), plain(where), count, choices=choices))

    def stop(self, kind: str, message: str, where: str = "", count: int = 1, choices: tuple[Choice, ...] = ()) -> None:
        """Notes a problem that prevents training; of each kind the first is kept. With `choices` it is a question."""
        problem = Problem(kind, plain(message), plain(where), count, stops=True, choices=choices)
        self.problems.setdefault(f"{kind}!", problem)

    def refuse(self, refusal: Refusal) -> None:
        """Notes a refusal that ended the reading."""
        self.stop(refusal.kind, refusal.message, refusal.where, choices=refusal.choices)

    @property
    def left_out(self) -> int:
        """Number of rows that could not be read."""
        return sum(problem.count for problem in self.problems.values() if problem.rows)

    def judge(self, read: int, noun: str = "rows") -> None:
        """Notes a stop where too few of the rows could be read: `read` is their number."""
        lost = self.left_out
        if not read and not lost:
            self.stop("empty", f"{self.name} holds no {noun}")
        elif lost > TOLERATED * (read + lost):
            worst = max((p for p in self.problems.values() if p.rows), key=lambda problem: problem.count)
            where, message = worst.places[0]
            self.stop(
                worst.kind,
                f"{self.name} has {lost:,} of {read + lost:,} {noun} that cannot be read, the first at {where}: {message}",
                where,
                lost,
            )

    def first_stop(self) -> Problem | None:
        """The first problem that prevents training."""
        return next((problem for problem in self.problems.values() if problem.stops), None)

    def raise_stop(self) -> None:
        """Raises `Refusal` with the first problem that prevents training, where there is one."""
        problem = self.first_stop()
        if problem is not None:
            raise Refusal(problem.kind, problem.message, problem.where, problem.choices)

    def notes(self, kind: str = "") -> tuple[str, ...]:
        """How the file was read, where `kind` says what it is, and a sentence for each problem that did not stop the reading."""
        read = [plain(f"{label}: {text}", 2000) for label, text in column_lines(kind, self.facts)] if kind else []
        found = [problem for problem in self.problems.values() if not problem.stops]
        return (*read, *(question(sentence(problem), problem.choices) for problem in found))


def sentence(problem: Problem) -> str:
    """Sentence on the problem."""
    if problem.message:
        return problem.message
    where, message = problem.places[0]
    if problem.count == 1:
        return f"{where}: {message}" + (" (left out)" if problem.rows else "")
    return (
        f"{problem.count:,} rows left out, the first at {where}: {message}"
        if problem.rows
        else (f"{problem.count:,} times, the first at {where}: {message}")
    )
