"""What is found wrong in somebody's own file: where, what, how often, and whether it can be trained on all the same.

The check and the loader fill the same `Findings` from the same reading, so that they never say different things.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from rnnlab.config import UsageError
from rnnlab.text.sanitise import plain

SHOWN = 20
"""Places that are kept of each problem; all of them are counted."""
TOLERATED = 0.1
"""Share of the rows that may be unreadable and left out; beyond, the file is read in a wrong way, or is broken."""

Report = Callable[[int, int], None]
"""Progress: bytes read, and bytes in all."""


class Refusal(UsageError):
    """The file cannot be trained on: `kind` in a word, `where` the place, and the sentence, which names the file."""

    def __init__(self, kind: str, message: str, where: str = "") -> None:
        self.kind = kind
        self.message = plain(message)
        self.where = plain(where)
        super().__init__(self.message)


@dataclass
class Problem:
    """One kind of problem: `message` for all of its `count` places, of which the first are kept with words of their own.

    `stops` says that nothing can be trained because of it, `rows` that each place is a row that is left out.
    """

    kind: str
    message: str
    where: str = ""
    count: int = 1
    stops: bool = False
    rows: bool = False
    places: list[tuple[str, str]] = field(default_factory=list)


@dataclass
class Findings:
    """What a reading found, problem by problem, in the order in which they were met; `facts` tell what was found out."""

    name: str
    """The file, as the sentences name it."""
    problems: dict[str, Problem] = field(default_factory=dict)
    facts: dict[str, object] = field(default_factory=dict)

    def row(self, kind: str, where: str, message: str) -> None:
        """A row that is left out."""
        self._place(kind, where, message, rows=True)

    def place(self, kind: str, where: str, message: str) -> None:
        """A place where something is not as it should be; it is read all the same."""
        self._place(kind, where, message, rows=False)

    def _place(self, kind: str, where: str, message: str, *, rows: bool) -> None:
        found = self.problems.get(kind)
        if found is None:
            found = self.problems[kind] = Problem(kind, "", plain(where), 0, rows=rows)
        found.count += 1
        # Millions of places may follow: what is not kept is not cleaned.
        if len(found.places) < SHOWN:
            found.places.append((plain(where), plain(message)))

    def warn(self, kind: str, message: str, where: str = "", count: int = 1) -> None:
        """Something about the whole file that a person should know."""
        self.problems.setdefault(kind, Problem(kind, plain(message), plain(where), count))

    def stop(self, kind: str, message: str, where: str = "", count: int = 1) -> None:
        """Something because of which nothing can be trained; of a kind that has stopped it already the first stays."""
        self.problems.setdefault(f"{kind}!", Problem(kind, plain(message), plain(where), count, stops=True))

    def refuse(self, refusal: Refusal) -> None:
        """Note a refusal that ended the reading."""
        self.stop(refusal.kind, refusal.message, refusal.where)

    @property
    def left_out(self) -> int:
        """Rows that could not be read."""
        return sum(problem.count for problem in self.problems.values() if problem.rows)

    def judge(self, read: int, noun: str = "rows") -> None:
        """Stop where too few of the rows could be read: `read` is how many were."""
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
        """The first problem because of which nothing can be trained."""
        return next((problem for problem in self.problems.values() if problem.stops), None)

    def raise_stop(self) -> None:
        """Raise `Refusal` with the first sentence, where there is one."""
        problem = self.first_stop()
        if problem is not None:
            raise Refusal(problem.kind, problem.message, problem.where)

    def notes(self) -> tuple[str, ...]:
        """A sentence for each problem that did not stop the reading."""
        return tuple(sentence(problem) for problem in self.problems.values() if not problem.stops)


def sentence(problem: Problem) -> str:
    """The problem in one sentence."""
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
