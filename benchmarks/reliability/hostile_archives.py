"""Hostile archives, servers that misbehave, and requests to the served app that carry no token: each is refused, with words.

    python -m benchmarks.reliability.hostile_archives [--quick] [--hours 1] [--again]

Archives: those of `tests/tasks/hostile.py` (paths that climb, links, bombs, lies), each as a data set and as a session.
Servers: those of `tests/tasks/misbehaving.py` (wrong sizes, redirects, endless answers, bad headers). Requests: every address of
the served app, without the token, with a wrong one, or from a page of another site.
"""

from __future__ import annotations

import http.client
import os
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from benchmarks.reliability.promise import Part, Plan, Promise, Trial, main
from rnnlab.errors import UsageError
from rnnlab.packing.unpack import unpack_session
from rnnlab.tasks.download.fetch import fetch
from tests.serving.served import Served, served
from tests.tasks.hostile import FILES, HOSTILE, SOUND
from tests.tasks.misbehaving import MISBEHAVING
from tests.tasks.namefiles import described
from tests.tasks.transfers import get, left
from tests.tasks.webserver import serving

SECONDS = 60.0
"""Seconds after which an answer has hung."""
ADDRESSES = ("/", "/ws", "/static/js/textual.js", "/static/css/xterm.css", "/download/x", "/nothing", "/../../etc/passwd",
             "/static/../../../../etc/passwd", "/static/%2e%2e/%2e%2e/etc/passwd", "//evil.example/")  # fmt: skip


def archives(plan: Plan) -> Iterator[Trial]:
    """Each archive, as a data set and as a session."""
    names = list(HOSTILE)
    manifest = described(FILES, SOUND, "http://127.0.0.1:1/data.zip")
    for number in plan.numbers:
        build, words = HOSTILE[names[number]]
        with tempfile.TemporaryDirectory() as folder:
            root = Path(folder)
            source = root / "source.zip"
            source.write_bytes(build())
            found = []
            try:
                fetch("names", source, root=root / "data", manifest=manifest)
                found.append("was taken")
            except UsageError as error:
                found += [] if words in str(error) else [f"said {error!s:.200}"]
            try:
                unpack_session(source, "unpacked", root / "sessions")
                found.append("was unpacked as a session")
            except UsageError as error:
                found += [] if str(error).isprintable() else [f"said {error!s:.200}"]
            found += [f"left {name}" for name in left(root) if name != "source.zip"]
        yield Trial(f"{names[number]}: {'; '.join(found)}" if found else "")


def servers(plan: Plan) -> Iterator[Trial]:
    """Each server, asked for the published archive."""
    names = list(MISBEHAVING)
    for number in plan.numbers:
        answer, words = MISBEHAVING[names[number]]
        with tempfile.TemporaryDirectory() as folder, serving() as server:
            server.answers["/data.zip"] = answer
            began = time.monotonic()
            problem = "was believed"
            try:
                get(server, Path(folder, "data"))
            except UsageError as error:
                said = str(error)
                problem = "" if words in said and said.isprintable() else f"said {said[:200]}"
            seconds = time.monotonic() - began
            if (Path(folder) / "data" / "names").exists():
                problem += "; files were left in the data set's folder"
        yield Trial(f"{names[number]}: {problem}" if problem else "", figure=seconds)


def requests(plan: Plan) -> Iterator[Trial]:
    """Each address in turn, each time with something else in place of the token."""
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        os.environ["XDG_CONFIG_HOME"] = str(root / "config")
        with served(root, "--host", "0.0.0.0") as server:
            for number in plan.numbers:
                yield Trial(_asked(server, number, plan))


def _asked(server: Served, number: int, plan: Plan) -> str:
    chance = plan.chance(number)
    address = ADDRESSES[number % len(ADDRESSES)]
    token, wrong = server.token, "".join(chance.sample("abcdefghijklmnopqrstuvwxyzABCDEF-_0123456789" * 2, 32))
    ways: tuple[tuple[str, dict[str, str]], ...] = (
        ("", {}), (f"?token={wrong}", {}), (f"?token={token[:-1]}", {}), (f"?token={token}x", {}), (f"?Token={token}", {}),
        ("?token=", {}), (f"?token={token.swapcase()}", {}), ("", {"Cookie": f"rnnlab={token}"}),
        ("", {"Cookie": f"rnnlab-{server.port}={wrong}"}), ("", {"Authorization": f"Bearer {token}"}),
        (f"?token={token}", {"Origin": "http://evil.example"}), (f"?token={token}", {"Origin": "null"}),
        ("?token=" + "%00" * 50, {}), ("?token=" + "a" * 5000, {}), (f"?token%00={token}", {}),
    )  # fmt: skip
    query, headers = ways[number // len(ADDRESSES) % len(ways)]
    upgrade = {"Upgrade": "websocket", "Connection": "Upgrade", "Sec-WebSocket-Version": "13",
               "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ=="}  # fmt: skip
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=SECONDS)
    try:
        connection.request("GET", address + query, headers=headers | (upgrade if address == "/ws" else {}))
        answer = connection.getresponse()
        text = answer.read(100_000)
    except (TimeoutError, OSError, http.client.HTTPException) as error:
        return f"{address}{query[:60]}: {error!r}"
    finally:
        connection.close()
    if answer.status not in (400, 403):
        return f"{address}{query[:60]} with {headers} was answered {answer.status}"
    return f"{address}{query[:60]}: the refusal holds the token" if token.encode() in text else ""


PROMISE = Promise(
    19,
    "hostile_archives",
    "An archive or a server that lies is refused in one sentence and leaves nothing; the served app refuses who has no token.",
    (
        Part("archives, each as a data set and as a session", archives, asked=len(HOSTILE), quick=5),
        Part("servers that misbehave", servers, asked=len(MISBEHAVING), quick=3, unit="s until it was refused"),
        Part("requests without the token", requests, asked=300, quick=20),
    ),
)

if __name__ == "__main__":
    sys.exit(main(PROMISE))
