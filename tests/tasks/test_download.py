"""Fetching from a real HTTP server on loopback, from archives and folders; and what is wrong with some of them."""

from __future__ import annotations

import hashlib
import io
import json
import os
import zipfile
from collections.abc import Mapping
from pathlib import Path

import pytest

from rnnlab.cli.main import run
from rnnlab.config import UsageError
from rnnlab.tasks.download.fetch import fetch
from rnnlab.tasks.download.manifest import PublishedFiles, read_manifest
from rnnlab.tasks.download.sources import contents_digest
from tests.tasks.namefiles import archive_of, described, name_files
from tests.tasks.webserver import Server

FILES = name_files()
ARCHIVE = archive_of(FILES)


@pytest.fixture
def server(server: Server) -> Server:
    server.answers["/data.zip"] = ARCHIVE
    return server


def manifest_of(server: Server, path: str = "/data.zip") -> dict[str, PublishedFiles]:
    return described(FILES, ARCHIVE, server.address + path)


def held(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def refused(root: Path, manifest: Mapping[str, PublishedFiles], source: str | Path | None = None) -> str:
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
    fetched = fetch("names", root=root, manifest=manifest_of(server), report=lambda got, of: told.append((got, of)))
    assert held(root / "names") == FILES
    assert sorted(path.name for path in root.iterdir()) == ["names"]
    assert (fetched.files, fetched.differing, fetched.already) == (18, (), False)
    assert told[-1] == (len(ARCHIVE), len(ARCHIVE))


def test_what_is_here_already_is_not_fetched_again(tmp_path: Path, server: Server) -> None:
    fetch("names", root=tmp_path, manifest=manifest_of(server))
    assert fetch("names", root=tmp_path, manifest=manifest_of(server)).already
    assert server.asked == ["/data.zip"]


def test_damaged_files_are_replaced(tmp_path: Path, server: Server) -> None:
    fetch("names", root=tmp_path, manifest=manifest_of(server))
    (tmp_path / "names" / "Czech.txt").write_bytes(b"cut")
    fetch("names", root=tmp_path, manifest=manifest_of(server))
    assert held(tmp_path / "names") == FILES


def test_another_address_an_archive_and_folders(tmp_path: Path, server: Server) -> None:
    manifest = manifest_of(server, "/gone")
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
    fetched = fetch("names", archive, root=tmp_path / "data", manifest=manifest_of(server))
    assert fetched.differing == ("Irish.txt",)


def test_another_archive_than_the_published_one_is_refused(tmp_path: Path, server: Server) -> None:
    server.answers["/data.zip"] = archive_of(FILES | {"Irish.txt": b"Byrne\n"})
    words = refused(tmp_path / "data", manifest_of(server))
    assert "sha256" in words
    assert "--from" in words


def test_a_failed_fetch_leaves_what_was_there(tmp_path: Path, server: Server) -> None:
    (tmp_path / "names").mkdir()
    (tmp_path / "names" / "Czech.txt").write_bytes(b"mine")
    server.answers["/data.zip"] = b"<!DOCTYPE html><title>Sign in</title>"
    assert "web page" in refused(tmp_path, manifest_of(server))
    assert held(tmp_path / "names") == {"Czech.txt": b"mine"}


def test_addresses_that_fail(tmp_path: Path, server: Server) -> None:
    root = tmp_path / "data"
    assert "404" in refused(root, manifest_of(server, "/gone"))
    assert "could not" in refused(root, manifest_of(server), "http://[")
    assert "only http:// and https://" in refused(root, manifest_of(server), "ftp://127.0.0.1/data.zip")
    assert "only http:// and https://" in refused(root, manifest_of(server), "file:///etc/passwd")
    assert "cannot be read" in refused(root, manifest_of(server), "~nobody-of-that-name/data.zip")
    assert "no file or folder" in refused(root, manifest_of(server), "/dev/zero")
    assert "no file or folder" in refused(root, manifest_of(server), tmp_path / "none")


def test_a_data_folder_that_cannot_be_made(tmp_path: Path, server: Server) -> None:
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(UsageError, match="cannot be written: Not a directory"):
        fetch("names", root=tmp_path / "file" / "data", manifest=manifest_of(server))


SIGNALS = {"train/y_train.txt": b"5\n4\n", "train/signals/x.txt": b" 1.0e-003\r\n" * 900, "test/y_test.txt": b"1\n"}


def zipped(files: Mapping[str, bytes], folder: str = "") -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            # A fixed date: the bytes name the tests, which must have the same names in every process.
            archive.writestr(zipfile.ZipInfo(folder + name), data, zipfile.ZIP_DEFLATED)
    return stream.getvalue()


INNER = zipped(SIGNALS | {"README.txt": b"Terms.\n", "more.txt": b"unused"}, "Signals Dataset/")
OUTER = zipped({"Signals Dataset.zip": INNER, "read me.txt": b"Unpack it."})


def sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def signals(address: str = "http://127.0.0.1:1/outer.zip") -> dict[str, PublishedFiles]:
    """A data set published as `har` is: an archive within an archive."""
    return {
        "signals": PublishedFiles(
            name="signals",
            title="Signals",
            address=address,
            sha256=sha256(OUTER),
            about="1 kB",
            largest_bytes=2**20,
            terms="none",
            files={name: sha256(data) for name, data in SIGNALS.items()},
            extras=("README.txt",),
            keep="Signals Dataset.zip",
            folder="Signals Dataset",
            inner="Signals Dataset.zip",
            inner_sha256=sha256(INNER),
        )
    }


class TestArchiveWithinAnArchive:
    def test_the_inner_one_lands_byte_for_byte(self, tmp_path: Path, server: Server) -> None:
        server.answers["/outer.zip"] = OUTER
        manifest = signals(server.address + "/outer.zip")
        fetched = fetch("signals", root=tmp_path / "data", manifest=manifest)
        assert held(fetched.folder) == {"Signals Dataset.zip": INNER}
        assert (fetched.files, fetched.differing) == (4, ())
        assert fetch("signals", root=tmp_path / "data", manifest=manifest).already
        assert server.asked == ["/outer.zip"]

    def test_from_every_form_it_has_on_a_disk(self, tmp_path: Path) -> None:
        outer, inner = tmp_path / "a" / "outer.zip", tmp_path / "b" / "signals" / "inner.zip"
        other = tmp_path / "c" / "elsewhere.zip"
        tree = tmp_path / "d" / "unpacked" / "Signals Dataset"
        for path, data in (
            (outer, OUTER),
            (inner, INNER),
            (other, zipped(SIGNALS, "my/own/")),
            *((tree / name, data) for name, data in SIGNALS.items()),
        ):
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(data)
        sources = [outer, outer.parent, inner, inner.parent, inner.parent.parent, other, tree, tree.parent]
        for number, source in enumerate(sources):
            fetched = fetch("signals", source, root=tmp_path / str(number), manifest=signals())
            assert fetched.differing == ()
            with zipfile.ZipFile(fetched.folder / "Signals Dataset.zip") as archive:
                assert {name: archive.read(f"Signals Dataset/{name}") for name in SIGNALS} == SIGNALS
            assert fetch("signals", root=tmp_path / str(number), manifest=signals()).already

    def test_other_archives_there_stay(self, tmp_path: Path) -> None:
        there = tmp_path / "data" / "signals"
        there.mkdir(parents=True)
        (there / "notes.txt").write_bytes(b"mine")
        (there / "Signals Dataset.zip").write_bytes(b"damaged")
        (tmp_path / "outer.zip").write_bytes(OUTER)
        fetch("signals", tmp_path / "outer.zip", root=tmp_path / "data", manifest=signals())
        assert held(there) == {"notes.txt": b"mine", "Signals Dataset.zip": INNER}

    @pytest.mark.parametrize(
        ("archive", "words"),
        [
            (zipped({"Signals Dataset.zip": OUTER}), "an archive within an archive that holds a third one"),
            (zipped({"Signals Dataset.zip": b"<html>"}), "Signals Dataset.zip in {} is a web page"),
            (zipped({"Signals Dataset.zip": INNER[:-30]}), "Signals Dataset.zip in {} is damaged"),
            (zipped({"Signals Dataset.zip": zipped({"../x": b"", **SIGNALS})}), "in {} was refused: its member '../x'"),
            (zipped({"Other.zip": INNER}), "lacks train/y_train.txt, train/signals/x.txt, test/y_test.txt of the 3"),
            (zipped(SIGNALS | {"b/train/y_train.txt": b"1\n"}), "twice"),
        ],
    )
    def test_what_is_wrong_with_one(self, tmp_path: Path, archive: bytes, words: str) -> None:
        source = tmp_path / "s.zip"
        source.write_bytes(archive)
        with pytest.raises(UsageError) as raised:
            fetch("signals", source, root=tmp_path / "data", manifest=signals())
        assert words.format(source) in str(raised.value)
        assert held(tmp_path) == {"s.zip": archive}

    def test_an_archive_that_holds_itself_comes_to_an_end(self, tmp_path: Path) -> None:
        data = b"quine"
        for _ in range(5):
            data = zipped({"Signals Dataset.zip": data})
        (tmp_path / "r.zip").write_bytes(data)
        with pytest.raises(UsageError, match="holds a third one"):
            fetch("signals", tmp_path / "r.zip", root=tmp_path / "data", manifest=signals())

    def test_a_folder_too_large_to_look_through(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("rnnlab.tasks.download.sources._MOST_ENTRIES", 5)
        for number in range(6):
            (tmp_path / "home" / str(number)).mkdir(parents=True)
        (tmp_path / "home" / "loop").symlink_to(tmp_path / "home")
        with pytest.raises(UsageError, match="holds more than 5 files; name the folder of the data set itself"):
            fetch("signals", tmp_path / "home", root=tmp_path / "data", manifest=signals())


def test_many_files_with_one_digest(tmp_path: Path) -> None:
    files = {f"U0{user}/0{kind}/01.txt": f"{user} {kind}\n".encode() for user in (1, 2) for kind in (1, 2, 3)}
    manifest = {
        "waves": PublishedFiles(
            name="waves",
            title="Waves",
            address="http://127.0.0.1:1/waves.zip",
            sha256="0" * 64,
            about="1 kB",
            largest_bytes=2**20,
            terms="none",
            pattern=r"U\d\d/\d\d/\d\d\.txt",
            count=6,
            contents=contents_digest({name: sha256(data) for name, data in files.items()}),
            keep="waves.zip",
            folder="waves",
            extras=("info.txt",),
        )
    }
    source = tmp_path / "w.zip"
    source.write_bytes(zipped(files | {"info.txt": b"", "picture.png": b"x"}, "waves/"))
    fetched = fetch("waves", source, root=tmp_path / "data", manifest=manifest)
    assert (fetched.files, fetched.differing) == (7, ())
    assert fetch("waves", root=tmp_path / "data", manifest=manifest).already
    source.write_bytes(zipped(files | {"U01/01/01.txt": b"other\n"}, "waves/"))
    assert fetch("waves", source, root=tmp_path / "data", manifest=manifest).differing == ("waves.zip",)
    source.write_bytes(zipped({"picture.png": b"x"}))
    with pytest.raises(UsageError, match="lacks every one matching"):
        fetch("waves", source, root=tmp_path / "data", manifest=manifest)


TABLE = b"date,sales\n2013-01-01,13\n"


class TestOneTable:
    """A data set published as `sales` is: one file, elsewhere in an archive under another name."""

    @pytest.fixture
    def manifest(self, server: Server) -> dict[str, PublishedFiles]:
        server.answers["/table.csv"] = TABLE
        return {
            "table": PublishedFiles(
                name="table",
                title="Table",
                address=server.address + "/table.csv",
                sha256=sha256(TABLE),
                about="1 kB",
                largest_bytes=2**20,
                terms="none",
                files={"table.csv": sha256(TABLE)},
                aliases={"train.csv": "table.csv"},
                begins="date,sales",
            )
        }

    def test_from_its_address_an_archive_a_folder_and_a_file(
        self, tmp_path: Path, manifest: dict[str, PublishedFiles]
    ) -> None:
        (tmp_path / "kernel.zip").write_bytes(zipped({"train.csv": TABLE, "test.csv": b"id\n"}))
        (tmp_path / "folder").mkdir()
        (tmp_path / "folder" / "train.csv").write_bytes(TABLE)
        (tmp_path / "my copy.csv").write_bytes(TABLE)
        for number, source in enumerate((None, "kernel.zip", "folder", "my copy.csv")):
            root = tmp_path / str(number)
            fetched = fetch("table", source and tmp_path / source, root=root, manifest=manifest)
            assert held(fetched.folder) == {"table.csv": TABLE}
            assert fetched.differing == ()

    @pytest.mark.parametrize(
        ("data", "words"),
        [
            (b"<!DOCTYPE html>", "is a web page, not table"),
            (b"id,name\n1,a\n", "does not begin with 'date,sales'"),
            (b"", "is empty"),
            (zipped({"test.csv": b"id\n"}), "lacks table.csv; by hand"),
            (zipped({"train.csv": TABLE, "table.csv": TABLE}), "twice"),
        ],
    )
    def test_what_is_wrong_with_one(
        self, tmp_path: Path, manifest: dict[str, PublishedFiles], server: Server, data: bytes, words: str
    ) -> None:
        (tmp_path / "t.csv").write_bytes(data)
        server.answers["/other.csv"] = data
        for source in (tmp_path / "t.csv", server.address + "/other.csv"):
            with pytest.raises(UsageError) as raised:
                fetch("table", source, root=tmp_path / "data", manifest=manifest)
            assert words in str(raised.value) or (not data and "sent nothing" in str(raised.value))
        assert sorted(path.name for path in tmp_path.iterdir()) == ["t.csv"]


def test_the_manifest_pins_every_file() -> None:
    names = read_manifest()["names"]
    assert len(names.files) == 18
    assert all(len(digest) == 64 for digest in (names.sha256, *names.files.values()))
    assert names.address.startswith("https://")
    with pytest.raises(UsageError, match="nothing to fetch for 'nmaes'"):
        fetch("nmaes")


def test_the_manifest_is_sound() -> None:
    for name, wanted in read_manifest().items():
        assert wanted.address.startswith("https://")
        assert all(len(digest) == 64 for digest in (*wanted.pinned, *wanted.files.values()))
        assert wanted.total >= 1
        assert wanted.terms
        assert bool(wanted.keep) == bool(wanted.folder)
        assert wanted.keep or all("/" not in file for file in wanted.files), name


REAL = os.path.abspath(os.environ.get("RNNLAB_DATA", ""))  # noqa: PTH100
"""Before a test changes the folder it works in."""


@pytest.mark.real_data
@pytest.mark.skipif("RNNLAB_DATA" not in os.environ, reason="needs the published data sets in RNNLAB_DATA")
@pytest.mark.parametrize(
    ("name", "files", "rows"),
    [("names", 18, 20_074), ("har", 23, 10_299), ("gestures", 3251, 3251), ("sales", 1, None)],
)
def test_published_data_is_taken_from_where_it_lies_and_loads(
    name: str,
    files: int,
    rows: int | None,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("RNNLAB_DATA", str(tmp_path / "data"))
    monkeypatch.setenv("RNNLAB_CACHE", str(tmp_path / "cache"))
    source = REAL if name == "names" else f"{REAL}/{name}"
    assert run(["data", "fetch", name, "--from", source, "--json"]) == 0
    fetched = json.loads(capsys.readouterr().out)
    assert fetched["differing"] == []
    assert fetched["files"] >= files
    assert run(["data", "fetch", name]) == 0
    assert "already" in capsys.readouterr().out
    assert run(["data", "show", name, "--json"]) == 0
    card = json.loads(capsys.readouterr().out)
    assert rows is None or card["rows"] == rows
