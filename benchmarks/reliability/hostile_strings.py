"""Hostile strings in every string field of events, settings, sessions, files and answers: no control character comes out.

    python -m benchmarks.reliability.hostile_strings [--quick] [--hours 1] [--again] [--part ...]

A trial is one of two hundred strings (`tests/hostile_strings.py`). It is put into every text of a lab (`tests/hostile_lab.py`,
which finds the fields by their types). That goes through every command that reads or writes a file; through the screens, without
the barrier that would catch what a widget forgets; and into what a server answers to a download. What is printed, drawn or
written as text must hold no control character, no mark that turns text round, and no half of a surrogate pair.
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
import tempfile
import unicodedata
from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path

from rich.segment import Segment

from benchmarks.reliability import hostile_worker as worker
from benchmarks.reliability.hostile import READING, WITH_TORCH, WRITING
from benchmarks.reliability.promise import Part, Plan, Promise, Trial, command, main
from benchmarks.reliability.worker_processes import tried_in_processes
from rnnlab.cores import cores
from tests.hostile_lab import Lab, write_lab
from tests.hostile_strings import HOSTILE
from tests.hostile_weights import trained

STRINGS = tuple(dict.fromkeys(HOSTILE))
OF_FILES = (
    "data check OWN", "data check OWN --json", "data show own --set data.path=OWN",
    "train own --data OWN --epochs 1 --set train.test=maybe",
)  # fmt: skip
OF_TEXT = (
    "show TEXT", "compare TEXT", "sessions TEXT", "models TEXT", "data show TEXT", "data fetch TEXT", "train TEXT",
    "train names --session TEXT", "train names --set TEXT=TEXT", "recipes TEXT", "sweep TEXT", "note latest TEXT",
    "tag latest TEXT", "rename latest TEXT", "plot latest TEXT", "predict latest TEXT", "params --input TEXT", "unpack TEXT",
    "wait TEXT", "delete TEXT", "report TEXT", "tell latest TEXT", "lr-range TEXT", "compare latest --where TEXT",
    "compare latest --columns TEXT", "compare latest --show TEXT", "report latest -o MADE.TEXT", "TEXT",
)  # fmt: skip
STRANGE = ("Cc", "Cf", "Cs", "Zl", "Zp")
BINARY = (".onnx", ".pt", ".zip", ".png", ".safetensors")


def tried(what: str, plan: Plan) -> Iterator[Trial]:
    """The strings, some to a process; those that walk through screens wait more than they compute."""
    with tempfile.TemporaryDirectory() as folder:
        run = trained(Path(folder)) if what == "commands" else Path()
        yield from tried_in_processes(
            plan.numbers,
            lambda chosen: command(
                "benchmarks.reliability.hostile_strings", "--worker", what, str(run), json.dumps(chosen)
            ),
            beside=2 * cores() if what == "screens" and not plan.quick else 1,
        )


def strange(text: str, allowed: str = "\n") -> str:
    """What of the text a terminal would obey, with some of what stands around it; empty: nothing."""
    if text.isprintable():
        return ""
    at = next((at for at, c in enumerate(text) if c not in allowed and unicodedata.category(c) in STRANGE), None)
    return "" if at is None else f"{text[at]!a} in {text[max(0, at - 60) : at + 30]!a}"


def in_commands(number: int, root: Path, run: Path) -> list[str]:
    """What is wrong with the commands on the lab of one string."""
    text = STRINGS[number]
    lab = write_lab(root, text, number, run)
    made = root / "made"
    made.mkdir()
    os.environ["RNNLAB_SESSIONS"] = str(lab.session.parent)
    found = []
    for run_folder in lab.runs:
        for line in (*READING, *WRITING, *WITH_TORCH):
            if "RUN" in line.split() or run_folder is lab.runs[0]:
                found += _command(worker.arguments_of(line, lab.session, run_folder, made), line)
    found += _of_files(lab) + _of_text(text, made)
    return found + [
        f"{path.relative_to(made)!s:.80}: {words}" for path in sorted(made.rglob("*")) if (words := in_file(path))
    ]


def _of_files(lab: Lab) -> list[str]:
    found = []
    for own in lab.own:
        for line in OF_FILES:
            words = [word.replace("OWN", str(own)) for word in line.split()]
            found += _command(words, line)
    return found


def _of_text(text: str, made: Path) -> list[str]:
    """The text as a word of each command that takes one."""
    if "\0" in text:
        return []  # no argument of a program holds one
    found = []
    for line in OF_TEXT:
        words = [word.replace("MADE", str(made / "out")).replace("TEXT", text) for word in line.split()]
        found += _command(words, line) if words[0] not in ("", "serve", "bench", "train") or len(words) > 1 else []
    return found


def _command(words: list[str], line: str) -> list[str]:
    text, raised = worker.printed(words)
    found = [f"{line}: {raised}"] if raised else []
    found += [f"{line}: printed {fault}" for fault in worker.FAULTS if fault in text]
    return found + ([f"{line}: {words!s}" for words in [strange(text)] if words])


def in_file(path: Path) -> str:
    """What a text file holds that a terminal would obey, its own line ends and tabs left out."""
    if not path.is_file() or path.suffix in BINARY or path.name.startswith("events.out"):
        return ""
    try:
        return strange(path.read_bytes().decode(), "\n\r\t")
    except UnicodeDecodeError as error:
        return f"is no UTF-8: {error}"


async def in_screens(number: int, root: Path) -> list[str]:
    """What is wrong with the screens on the lab of one string, the barrier behind all widgets off."""
    from rnnlab.ui.common.barrier import Barrier

    Barrier.apply = _as_they_are  # type: ignore[method-assign, assignment]
    lab = write_lab(root, STRINGS[number], number)
    os.environ["RNNLAB_SESSIONS"] = str(lab.session.parent)
    return [f"{fault.command}: {fault.words}" for fault in await worker.lab_screens(lab.session, lab.runs)]


def _as_they_are(_self: object, segments: list[Segment], _background: object) -> list[Segment]:
    """In place of the barrier: nothing is taken out."""
    return segments


def in_answers(number: int, root: Path) -> list[str]:
    """What `data fetch` prints of a server that answers with the string: reason, type, address, name of the file, page."""
    from tests.hostile_answers import answering

    os.environ["RNNLAB_DATA"] = str(root / "data")
    found = []
    with answering(STRINGS[number]) as addresses:
        for about, address in addresses.items():
            text, raised = worker.printed(["data", "fetch", "names", "--from", address])
            found += [f"{about}: {words}" for words in (raised, strange(text)) if words]
            found += [f"{about}: {fault}" for fault in worker.FAULTS if fault in text]
    return found


def _worker_main(what: str, run: Path, numbers: Sequence[int]) -> None:
    for number in numbers:
        with tempfile.TemporaryDirectory() as folder:
            root = Path(folder)
            for name in ("RNNLAB_DATA", "RNNLAB_CACHE", "XDG_CONFIG_HOME", "XDG_STATE_HOME", "MPLCONFIGDIR"):
                os.environ[name] = str(root / "of-mine" / name)
            os.chdir(root)
            try:
                match what:
                    case "commands":
                        found = in_commands(number, root, run)
                    case "screens":
                        found = asyncio.run(in_screens(number, root))
                    case _:
                        found = in_answers(number, root)
            finally:
                os.chdir("/")
        words = f"{STRINGS[number]!a:.60}: {'; '.join(found)}" if found else ""
        print(json.dumps(words[:3000]), flush=True)


PROMISE = Promise(
    17,
    "hostile_strings",
    "No text of an event, a setting, a session, a file or a server's answer reaches a terminal or a file as a control character.",
    tuple(
        Part(f"strings through every {what}", partial(tried, name), asked=len(STRINGS), quick=1)
        for name, what in (("commands", "command, report and export"), ("screens", "screen"), ("answers", "download"))
    ),
)

if __name__ == "__main__":
    if sys.argv[1:2] == ["--worker"]:
        _worker_main(sys.argv[2], Path(sys.argv[3]), json.loads(sys.argv[4]))
        sys.exit(0)
    sys.exit(main(PROMISE))
