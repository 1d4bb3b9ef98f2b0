"""What a server answers that nobody should trust, and words of the sentence that a fetch from it ends with."""

from __future__ import annotations

import gzip
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler

from tests.tasks.transfers import ARCHIVE, LENGTH, headers
from tests.tasks.webserver import Answer, redirect


def raw(*lines: str, body: bytes = b"") -> Callable[[BaseHTTPRequestHandler], None]:
    def answer(handler: BaseHTTPRequestHandler) -> None:
        headers(handler, *lines)
        handler.wfile.write(body)
        handler.close_connection = True

    return answer


def flood(*lines: str, piece: bytes = b"\0" * 65_536) -> Callable[[BaseHTTPRequestHandler], None]:
    def answer(handler: BaseHTTPRequestHandler) -> None:
        headers(handler, *lines)
        while True:
            handler.wfile.write(piece)

    return answer


def speak(handler: BaseHTTPRequestHandler, words: bytes) -> None:
    handler.wfile.write(words)
    handler.close_connection = True


def status(code: int, reason: str = "") -> Callable[[BaseHTTPRequestHandler], None]:
    def answer(handler: BaseHTTPRequestHandler) -> None:
        handler.wfile.write(f"HTTP/1.1 {code} {reason}\r\nContent-Length: 0\r\n\r\n".encode("latin-1"))

    return answer


TOO_MUCH = "sends more than 1 MiB, so not this data set"
MISBEHAVING: dict[str, tuple[Answer, str]] = {
    "not there": (status(404, "Not Found"), "answered 404 Not Found"),
    "not allowed": (status(403, "\x1b[31mForbidden\x07"), "answered 403 ␛[31mForbidden"),
    "an error": (status(500, "Internal Server Error"), "answered 500 Internal"),
    "busy": (status(503, "Slow Down"), "answered 503"),
    "no content": (status(204, "No Content"), "answered 204"),
    "a range that was not asked for": (status(416), "answered 416"),
    "a web page": (b"<!DOCTYPE html><title>Sign in</title>", "a web page instead of the data"),
    "nothing": (b"", "sent nothing"),
    "another file": (ARCHIVE[:-1] + b"x", "its sha256 differs"),
    "a circle": (redirect("/data.zip"), "more than 10 times"),
    "away to a file": (redirect("file:///etc/passwd"), "file:///etc/passwd, which is no web address"),
    "away to ftp": (redirect("ftp://127.0.0.1/data.zip"), "no web address"),
    "away to nowhere": (redirect("http://["), "could not be"),
    "away to nobody": (redirect("http://127.0.0.1:1/"), "could not be reached"),
    "away, with an escape sequence": (redirect("evil:\x1b[2J"), "no web address"),
    "cut short": (raw(LENGTH, body=ARCHIVE[:100]), "broke off in the middle"),
    "a length too great": (raw("Content-Length: 500000", body=ARCHIVE), "broke off in the middle"),
    "a length too small": (raw("Content-Length: 1000", body=ARCHIVE), "its sha256 differs"),
    "a length of gigabytes": (raw("Content-Length: 99999999999"), TOO_MUCH),
    "a length beyond all": (raw(f"Content-Length: {'9' * 5000}"), "sent nothing"),
    "a length that is none": (raw("Content-Length: many", body=b"PK"), "its sha256 differs"),
    "two lengths": (raw("Content-Length: 10", "Content-Length: 20", body=b"PK"), "could not be fetched"),
    "a length below nothing": (raw("Content-Length: -5", body=b"PK"), "its sha256 differs"),
    "no end": (flood(), TOO_MUCH),
    "no end in pieces": (flood("Transfer-Encoding: chunked", piece=b"1000\r\n" + b"\0" * 4096 + b"\r\n"), TOO_MUCH),
    "one endless piece": (flood("Transfer-Encoding: chunked", "", "FFFFFFFFFFFF"), TOO_MUCH),
    "pieces that are none": (raw("Transfer-Encoding: chunked", body=b"zz\r\n\r\n"), "broke off in the middle"),
    "endless headers": (lambda handler: headers(handler, *["X-A: " + "a" * 1000] * 1000), "could not be reached"),
    "an endless header": (lambda handler: headers(handler, "X-A: " + "a" * 10**6), "could not be reached"),
    "not a word": (lambda handler: handler.wfile.flush(), "could not be reached"),
    "another protocol": (lambda handler: speak(handler, b"SSH-2.0-OpenSSH\r\n"), "could not be reached"),
    "packed once more, falsely": (raw("Content-Encoding: gzip", LENGTH, body=ARCHIVE), "and it is not"),
    "a bomb of gzip": (
        raw("Content-Encoding: gzip", body=gzip.compress(bytes(64 * 2**20), 1)),
        TOO_MUCH,
    ),
}
