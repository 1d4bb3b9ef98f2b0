"""A server on this machine that puts a text into everything that it may say."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager


def answers(text: str) -> dict[str, bytes]:
    """What the server sends to each path: whole answers, as they come over the line."""
    raw = text.encode("utf-8", "replace")
    line = raw.replace(b"\r", b" ").replace(b"\n", b" ")
    body = b"<html>" + raw + b"</html>"
    length = b"Content-Length: %d\r\n\r\n" % len(body)
    return {
        "reason": b"HTTP/1.1 404 " + line + b"\r\n" + length + body,
        "reason-raw": b"HTTP/1.1 500 " + raw + b"\r\n" + length + body,
        "type": b"HTTP/1.1 200 OK\r\nContent-Type: " + line + b"\r\n" + length + body,
        "name": b"HTTP/1.1 200 OK\r\nContent-Disposition: attachment; filename=" + line + b"\r\n" + length + body,
        "location": b"HTTP/1.1 302 Found\r\nLocation: " + line + b"\r\nContent-Length: 0\r\n\r\n",
        "location-host": b"HTTP/1.1 302 Found\r\nLocation: http://" + line + b"/x\r\nContent-Length: 0\r\n\r\n",
        "length": b"HTTP/1.1 200 OK\r\nContent-Length: " + line + b"\r\n\r\n" + body,
        "encoding": b"HTTP/1.1 200 OK\r\nContent-Encoding: " + line + b"\r\n" + length + body,
        "range": b"HTTP/1.1 206 Partial Content\r\nContent-Range: bytes " + line + b"\r\n" + length + body,
        "header": b"HTTP/1.1 200 OK\r\n" + line + b": " + line + b"\r\n" + length + body,
        "page": b"HTTP/1.1 200 OK\r\n" + length + body,
        "all": raw,
    }


@contextmanager
def answering(text: str) -> Iterator[dict[str, str]]:
    """The address of each of the answers, while the server answers."""
    known = {f"/{name}".encode(): answer for name, answer in answers(text).items()}
    with socket.create_server(("127.0.0.1", 0)) as server:
        thread = threading.Thread(target=_serve, args=(server, known), daemon=True)
        thread.start()
        port = server.getsockname()[1]
        try:
            yield {path.decode(): f"http://127.0.0.1:{port}{path.decode()}" for path in known}
        finally:
            server.shutdown(socket.SHUT_RDWR)
            thread.join(10)


def _serve(server: socket.socket, known: dict[bytes, bytes]) -> None:
    while True:
        try:
            connection, _ = server.accept()
        except OSError:
            return
        with connection:
            connection.settimeout(5)
            try:
                asked = connection.recv(65536).split(b" ")
                connection.sendall(known.get(asked[1] if len(asked) > 1 else b"", b""))
            except OSError:
                continue
