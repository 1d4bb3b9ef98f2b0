"""Cases of the fuzzing of own data: tables of many sequences, and ARFF files."""

from __future__ import annotations

from collections.abc import Callable
from random import Random

Numbers = Callable[[], str]


def steps_file(maker: Random, number: Numbers) -> bytes:
    """A table with a step in each row: some people, labels that change or not, a clock that leaps and begins anew."""
    delimiter, end = maker.choice(",,;\t"), maker.choice(("\n", "\n", "\r\n"))
    channels, people = maker.randint(1, 3), maker.choice((1, 2, 4))
    changes, clock = maker.random() < 0.6, maker.choice(("count", "again", "none", "shuffled", "date"))
    rows, moment = [], 0
    for person in range(people):
        for turn in range(maker.choice((1, 3, 4))):
            label = maker.choice("abc") if changes else "abc"[person % 3]
            for step in range(maker.choice((0, 1, 9, 20, 40))):
                moment += 20 if maker.random() < 0.97 else 5000
                time = str(step if clock == "again" else moment)
                time = f"2020-01-01 00:{moment // 60000 % 60:02}:{moment // 1000 % 60:02}" if clock == "date" else time
                head = [f"p{person}"] + ([] if clock == "none" else [time])
                rows.append([*head, *(number() for _ in range(channels)), label, *([str(turn)] * (people > 2))])
    if clock == "shuffled":
        maker.shuffle(rows)
    if maker.random() < 0.7:
        titles = [
            "user",
            *([] if clock == "none" else ["time"]),
            *"xyz"[:channels],
            "label",
            *(["trial"] * (people > 2)),
        ]
        rows.insert(0, titles)
    return end.join(delimiter.join(row) for row in rows).encode("utf-8", "replace")


def rows_file(maker: Random, number: Numbers) -> bytes:
    """A table with a sequence in each row, its columns numbered or not, by one channel or several."""
    delimiter = maker.choice(",,;\t")
    steps, channels = maker.choice((3, 8, 12)), maker.choice((1, 1, 2))
    style = maker.choice(("t{s}", "{c}_{s}", "t{s}_{c}", "feature {s}", "none"))
    titles = [style.format(s=s, c="xy"[c]) for c in range(channels) for s in range(steps)]
    first = maker.random() < 0.5
    rows = []
    for _ in range(maker.choice((0, 6, 30, 60))):
        label = maker.choice(("a", "b", "1", "2", "1.0")) if maker.random() < 0.97 else ""
        values = [number() for _ in titles]
        rows.append([label, *values] if first else [*values, label])
        if maker.random() < 0.3:
            rows[-1] = rows[-1] if maker.random() < 0.9 else rows[-1][: maker.randint(0, len(titles))]
    if style != "none":
        rows.insert(0, ["label", *titles] if first else [*titles, "label"])
    return "\n".join(delimiter.join(row) for row in rows).encode("utf-8", "replace")


def arff_file(maker: Random, number: Numbers) -> bytes:
    """An ARFF file: numbers and a class, a relational attribute, texts, or attributes of every type."""
    kind = maker.choice(("numbers", "numbers", "relational", "texts", "mixed"))
    head = ["% made", "@relation 'a b'"]
    steps = maker.choice((3, 8))
    numeric = [f"@attribute att{step} numeric" for step in range(steps)]
    match kind:
        case "relational":
            head += ["@attribute bag relational", *numeric, "@end bag"]
        case "texts":
            head += ["@attribute text string"]
        case "mixed":
            head += [*numeric, "@attribute d date 'yyyy-MM-dd'", "@attribute s string", "@attribute n {x,'y z'}"]
        case _:
            head += numeric
    lines = []
    for row in range(maker.choice((0, 6, 30, 60))):
        values = ",".join(number() for _ in range(steps))
        match kind:
            case "relational":
                line = "'" + "\\n".join([values] * maker.choice((1, 2, 2))) + "'"
            case "texts":
                line = f"'it\\'s {row}'"
            case "mixed":
                line = f"{values},2020-01-{row % 28 + 1:02},'s {row}',{maker.choice(('x', chr(39) + 'y z' + chr(39), '?'))}"
            case _:
                line = values
        lines.append(f"{line},{maker.choice('abc')}" if maker.random() < 0.98 else line)
    data = maker.choice(("@data", "@DATA", "@data", ""))
    return "\n".join([*head, "@attribute class {a,b,c}", data, *lines]).encode("utf-8", "replace")
