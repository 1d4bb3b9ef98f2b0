"""A real HTTP server on loopback that answers as it is told to, honestly or not."""

from __future__ import annotations

import re
import socket
import struct
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

Speech = Callable[[BaseHTTPRequestHandler], None]
Answer = bytes | Speech


@dataclass
class Server:
    """What it answers to each path: bytes, or a function that has the handler to itself; and what it was asked."""

    address: str
    answers: dict[str, Answer] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    ranges: list[str | None] = field(default_factory=list)
    """The `Range` of each request."""
    over: threading.Event = field(default_factory=threading.Event)
    """Set when the test ends: whoever dawdles waits for it."""


@contextmanager
def serving() -> Iterator[Server]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            known.asked.append(self.path)
            known.ranges.append(self.headers.get("Range"))
            answer = known.answers.get(self.path)
            try:
                if answer is None:
                    self.send_error(404)
                elif callable(answer):
                    answer(self)
                else:
                    send(self, answer)
            except OSError:
                pass  # the other side has had enough

        def log_message(self, *_: object) -> None:
            """Quiet."""

    class Quiet(ThreadingHTTPServer):
        daemon_threads = True

        def handle_error(self, *_: object) -> None:
            """A connection that was torn down is what some tests are about."""

    httpd = Quiet(("127.0.0.1", 0), Handler)
    known = Server(f"http://127.0.0.1:{httpd.server_port}")
    thread = threading.Thread(target=httpd.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield known
    finally:
        known.over.set()
        httpd.shutdown()
        httpd.server_close()
        thread.join()


def send(handler: BaseHTTPRequestHandler, data: bytes, status: int = 200, **headers: str) -> None:
    """A whole answer; `Content_Type` names the header Content-Type."""
    handler.send_response(status)
    said = {"Content-Length": str(len(data))} | {name.replace("_", "-"): value for name, value in headers.items()}
    for name, value in said.items():
        handler.send_header(name, value)
    handler.end_headers()
    handler.wfile.write(data)


def redirect(target: str, body: bytes = b"") -> Speech:
    return lambda handler: send(handler, body, 302, Location=target)


def ranged(data: bytes, tag: str = '"one"', most: int | None = None) -> Speech:
    """An honest server that goes on where it is asked to; it ends the connection after `most` bytes."""

    def answer(handler: BaseHTTPRequestHandler) -> None:
        begin = asked_from(handler)
        if begin and handler.headers.get("If-Range", tag) != tag:
            begin = 0
        if begin >= len(data):
            send(handler, b"", 416, Content_Range=f"bytes */{len(data)}")
            return
        rest = data[begin:]
        handler.send_response(206 if begin else 200)
        handler.send_header("Content-Length", str(len(rest)))
        if begin:
            handler.send_header("Content-Range", f"bytes {begin}-{len(data) - 1}/{len(data)}")
        if tag:
            handler.send_header("ETag", tag)
        handler.end_headers()
        if most is None or len(rest) <= most:
            handler.wfile.write(rest)
        else:
            handler.wfile.write(rest[:most])

    return answer


def asked_from(handler: BaseHTTPRequestHandler) -> int:
    found = re.fullmatch(r"bytes=(\d+)-", handler.headers.get("Range", ""))
    return int(found[1]) if found else 0


def reset(handler: BaseHTTPRequestHandler) -> None:
    """Breaks the connection off once what was written has arrived: with a reset, not an orderly end."""
    handler.wfile.flush()
    handler.connection.shutdown(socket.SHUT_WR)
    handler.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    handler.close_connection = True
