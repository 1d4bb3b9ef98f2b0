"""Fetching from a real HTTP server on loopback, from archives and folders; and what is wrong with some of them."""

from __future__ import annotations

import http.server
import io
import socket
import threading
import zipfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from rnnlab.config import UsageError
from rnnlab.tasks.download import fetch
from rnnlab.tasks.manifest import DataSet, read_manifest
from tests.tasks.namefiles import archive_of, described, name_files

FILES = name_files()
ARCHIVE = archive_of(FILES)


@dataclass
class Server:
    """What it answers to each path: bytes, or a function that has the handler to itself."""

    address: str
    answers: dict[str, bytes | Callable[[http.server.BaseHTTPRequestHandler], None]] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)

    def manifest(self, path: str = "/data.zip") -> dict[str, DataSet]:
        return described(FILES, ARCHIVE, self.address + path)


@pytest.fixture
def server() -> Iterator[Server]:
    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            known.asked.append(self.path)
            answer = known.answers.get(self.path)
            if answer is None:
                self.send_error(404)
            elif callable(answer):
                answer(self)
            else:
                self.send_response(200)
                self.send_header("Content-Length", str(len(answer)))
                self.end_headers()
                self.wfile.write(answer)

        def log_message(self, *_: object) -> None:
            """Quiet."""

    httpd = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    known = Server(f"http://127.0.0.1:{httpd.server_port}", {"/data.zip": ARCHIVE})
    thread = threading.Thread(target=httpd.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    yield known
    httpd.shutdown()
    httpd.server_close()
    thread.join()


def held(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def refused(root: Path, manifest: Mapping[str, DataSet], source: str | Path | None = None) -> str:
    """The sentence that a fetch ends with; it left nothing behind, and says how to do it by hand."""
    before = sorted(root.rglob("*")) if root.exists() else None
    with pytest.raises(UsageError) as raised:
        fetch("names", source, root=root, manifest=manifest)
    assert (sorted(root.rglob("*")) if root.exists() else None) == before
    words = str(raised.value)
    assert "\n" not in words
    return words


def test_the_published_archive_is_fetched_checked_and_placed(tmp_path: Path, server: Server) -> None:
    told: list[tuple[int, int]] = []
    root = tmp_path / "new" / "data"
    fetched = fetch("names", root=root, manifest=server.manifest(), report=lambda got, of: told.append((got, of)))
    assert held(root / "names") == FILES
    assert sorted(path.name for path in root.iterdir()) == ["names"]
    assert (fetched.files, fetched.differing, fetched.already) == (18, (), False)
    assert told[-1] == (len(ARCHIVE), len(ARCHIVE))


def test_what_is_here_already_is_not_fetched_again(tmp_path: Path, server: Server) -> None:
    fetch("names", root=tmp_path, manifest=server.manifest())
    assert fetch("names", root=tmp_path, manifest=server.manifest()).already
    assert server.asked == ["/data.zip"]


def test_damaged_files_are_replaced(tmp_path: Path, server: Server) -> None:
    fetch("names", root=tmp_path, manifest=server.manifest())
    (tmp_path / "names" / "Czech.txt").write_bytes(b"cut")
    fetch("names", root=tmp_path, manifest=server.manifest())
    assert held(tmp_path / "names") == FILES


def test_another_address_an_archive_and_folders(tmp_path: Path, server: Server) -> None:
    manifest = server.manifest("/gone")
    server.answers["/mirror/names.zip"] = archive_of(FILES, "names-main/")
    archive = tmp_path / "n.zip"
    archive.write_bytes(archive_of(FILES, ""))
    unpacked = tmp_path / "unpacked"
    (unpacked / "data" / "names").mkdir(parents=True)
    for name, data in FILES.items():
        (unpacked / "data" / "names" / name).write_bytes(data)
    (unpacked / "data" / "names" / "LICENSE").write_bytes(b"MIT")
    sources: list[str | Path] = [server.address + "/mirror/names.zip", archive, unpacked, unpacked / "data" / "names"]
    for number, source in enumerate(sources):
        fetched = fetch("names", source, root=tmp_path / str(number), manifest=manifest)
        assert {name: data for name, data in held(fetched.folder).items() if name != "LICENSE"} == FILES
    assert (tmp_path / "3" / "names" / "LICENSE").read_bytes() == b"MIT"


def test_other_contents_from_a_named_source_are_taken_and_named(tmp_path: Path, server: Server) -> None:
    archive = tmp_path / "n.zip"
    archive.write_bytes(archive_of(FILES | {"Irish.txt": b"Byrne\nKeane\nNolan\n"}))
    fetched = fetch("names", archive, root=tmp_path / "data", manifest=server.manifest())
    assert fetched.differing == ("Irish.txt",)


def test_another_archive_than_the_published_one_is_refused(tmp_path: Path, server: Server) -> None:
    server.answers["/data.zip"] = archive_of(FILES | {"Irish.txt": b"Byrne\n"})
    words = refused(tmp_path / "data", server.manifest())
    assert "sha256" in words
    assert "--from" in words


def test_a_failed_fetch_leaves_what_was_there(tmp_path: Path, server: Server) -> None:
    (tmp_path / "names").mkdir()
    (tmp_path / "names" / "Czech.txt").write_bytes(b"mine")
    server.answers["/data.zip"] = b"<!DOCTYPE html><title>Sign in</title>"
    assert "web page" in refused(tmp_path, server.manifest())
    assert held(tmp_path / "names") == {"Czech.txt": b"mine"}


def test_addresses_that_fail(tmp_path: Path, server: Server) -> None:
    root = tmp_path / "data"
    assert "404" in refused(root, server.manifest("/gone"))
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        address = f"http://127.0.0.1:{unused.getsockname()[1]}/data.zip"
        words = refused(root, described(FILES, ARCHIVE, address))
    assert "could not be reached" in words
    assert "by hand: download" in words
    assert "could not" in refused(root, server.manifest(), "http://[")
    assert "no file or folder" in refused(root, server.manifest(), tmp_path / "none")


def test_a_connection_that_breaks_off(tmp_path: Path, server: Server) -> None:
    def cut(handler: http.server.BaseHTTPRequestHandler) -> None:
        handler.send_response(200)
        handler.send_header("Content-Length", str(len(ARCHIVE)))
        handler.end_headers()
        handler.wfile.write(ARCHIVE[: len(ARCHIVE) // 2])

    server.answers["/data.zip"] = cut
    assert "broke off" in refused(tmp_path / "data", server.manifest())
    server.answers["/short.zip"] = ARCHIVE[: len(ARCHIVE) // 2]
    assert "damaged" in refused(tmp_path / "data", server.manifest(), server.address + "/short.zip")


def test_a_download_that_never_ends_is_cut_short(tmp_path: Path, server: Server) -> None:
    def flood(handler: http.server.BaseHTTPRequestHandler) -> None:
        handler.send_response(200)
        handler.end_headers()
        try:
            for _ in range(10_000):
                handler.wfile.write(b"\0" * 65_536)
        except OSError:
            pass

    server.answers["/data.zip"] = flood
    assert "sends more than 1 MiB" in refused(tmp_path / "data", server.manifest())


def hostile(*members: tuple[str | zipfile.ZipInfo, bytes]) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for member, data in members:
            archive.writestr(member, data)
    return stream.getvalue()


def link(name: str) -> zipfile.ZipInfo:
    info = zipfile.ZipInfo(name)
    info.external_attr = 0o120777 << 16
    return info


@pytest.mark.parametrize(
    ("archive", "words"),
    [
        (hostile(("../Arabic.txt", b"x")), "climbs out"),
        (hostile(("data/names/../../../../Arabic.txt", b"x")), "climbs out"),
        (hostile(("/etc/Arabic.txt", b"x")), "climbs out"),
        (hostile(("..\\..\\Arabic.txt", b"x")), "climbs out"),
        (hostile(("C:\\Arabic.txt", b"x")), "climbs out"),
        (hostile((link("names/Arabic.txt"), b"/etc/passwd")), "is a link"),
        (hostile(("a/Arabic.txt", b"x"), ("b/Arabic.txt", b"y")), "twice"),
        (hostile(("names/Arabic.txt", b"\0" * (65 * 2**20))), "unpacks to more than"),
        (hostile(("names/Arabic.txt", b"Abadi\n")), "lacks Chinese.txt, Czech.txt, Dutch.txt and 14 more"),
        (ARCHIVE[:-40], "damaged or not a zip"),
        (ARCHIVE[:200] + b"\xff\xff\xff" + ARCHIVE[203:], "damaged or not a zip"),
        (b"", "is empty"),
        (b"  <html><body>Not found</body></html>", "web page"),
        (b"\x1f\x8b\x08 not a zip at all", "is a gzip file, not a zip archive"),
    ],
)
def test_hostile_and_broken_archives(tmp_path: Path, server: Server, archive: bytes, words: str) -> None:
    source = tmp_path / "source.zip"
    source.write_bytes(archive)
    (tmp_path / "data").mkdir()
    assert words in refused(tmp_path / "data", server.manifest(), source)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["data", "source.zip"]


def test_a_data_folder_that_cannot_be_made(tmp_path: Path, server: Server) -> None:
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(UsageError, match="cannot be written: Not a directory"):
        fetch("names", root=tmp_path / "file" / "data", manifest=server.manifest())


def test_the_manifest_pins_every_file() -> None:
    names = read_manifest()["names"]
    assert len(names.files) == 18
    assert all(len(digest) == 64 for digest in (names.sha256, *names.files.values()))
    assert names.address.startswith("https://")
    with pytest.raises(UsageError, match="nothing to fetch for 'nmaes'"):
        fetch("nmaes")
