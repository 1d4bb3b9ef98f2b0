"""How long the command palette searches for a query: titles whole, begun, mistyped, words of helps, and letters at random.

On Setup, whose palette holds every setting, and on Run, whose titles are the longest. The time is that of one search, all
commands against one query, without the drawing; the shortest of three, as other work on the machine makes any of them long.

    python -m benchmarks.palette [--queries 2000]
"""

from __future__ import annotations

import argparse
import asyncio
import json
import random
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from benchmarks.options import parse
from rnnlab.config import RunConfig
from rnnlab.runs.folders import create_session
from rnnlab.ui.app import RnnlabApp
from rnnlab.ui.palette_commands import LabCommand, LabCommands
from rnnlab.ui.run.following.followers import Followers
from rnnlab.ui.run.screen import RunScreen

TRIES = 3
FIGURES: dict[str, dict[str, Any]] = {}
"""What was measured, by the screen's name."""


def queries(commands: list[LabCommand], count: int, chance: random.Random) -> Iterator[str]:
    """What people type, and what nobody does."""
    yield from ("learning rate", "open the latest", "the gradient of the net and its layers", "e" * 30, " " * 12)
    for _ in range(count):
        command = chance.choice(commands)
        title = command.title.lower()
        at = chance.randrange(len(title))
        words = command.help.lower().split()
        first = chance.randrange(len(words))
        letters = sorted(chance.sample(range(len(title)), chance.randint(1, len(title))))
        yield chance.choice(
            [
                title[: at + 1],
                title[:at] + title[at + 1 :],
                " ".join(words[first : first + 3]),
                "".join(title[index] for index in letters),
            ]
        )


async def measure(name: str, screen: Any, count: int) -> None:
    """Search for the queries on the screen and print how long it took."""
    provider = LabCommands(screen)
    commands = list(provider._all())
    times = []
    for query in queries(commands, count, random.Random(0)):
        tries = []
        for _ in range(TRIES):
            began = time.perf_counter()
            async for _hit in provider.search(query):
                pass
            tries.append(time.perf_counter() - began)
        times.append((min(tries), query))
    times.sort()
    middle, most = times[len(times) // 2][0], times[-1]
    FIGURES[name] = {"commands": len(commands), "queries": len(times), "p50": middle, "most": most[0], "query": most[1]}
    print(
        f"{name:6} {len(commands):4} commands   p50 {middle * 1000:5.1f} ms   most {most[0] * 1000:5.1f} ms, for "
        f"{most[1]!r}   {len(times)} queries",
        file=sys.stderr,
    )


async def _measure_all(count: int, folder: Path) -> None:
    run = create_session(task="binary", root=folder).create_run(RunConfig.from_settings({"task.name": "binary"}))
    app = RnnlabApp()
    app._followers = Followers(app, ensure=lambda _: None)
    async with app.run_test(size=(140, 45)) as pilot:
        await pilot.pause()
        await measure("Setup", app.screen, count)
        app.open_run(run)
        await pilot.pause()
        assert isinstance(app.screen, RunScreen)
        await measure("Run", app.screen, count)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--queries", type=int, default=2000, help="queries on each screen")
    parser.add_argument("--json", action="store_true", help="print one JSON object, the lines on stderr")
    options = parse(parser, queries=50)
    with tempfile.TemporaryDirectory() as folder:
        asyncio.run(_measure_all(options.queries, Path(folder)))
    if options.json:
        print(json.dumps(FIGURES))


if __name__ == "__main__":
    main()
