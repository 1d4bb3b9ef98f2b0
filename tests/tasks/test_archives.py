"""Archives that climb, explode, lie or are broken: each is refused in one sentence, and leaves nothing behind."""

from __future__ import annotations

import io
import random
import tracemalloc
import zipfile
from pathlib import Path

import pytest

from rnnlab.config import UsageError
from rnnlab.tasks.download.archives import Archive
from rnnlab.tasks.download.fetch import fetch
from tests.tasks.hostile import FILES, HOSTILE, SOUND, crowded, lying
from tests.tasks.namefiles import described

MANIFEST = described(FILES, SOUND, "http://127.0.0.1:1/data.zip")


@pytest.mark.parametrize("what", HOSTILE)
def test_hostile_archives(what: str, tmp_path: Path) -> None:
    build, words = HOSTILE[what]
    source = tmp_path / "source.zip"
    source.write_bytes(build())
    there = tmp_path / "data" / "names"
    there.mkdir(parents=True)
    (there / "Arabic.txt").write_bytes(b"mine\n")
    before = sorted(tmp_path.rglob("*"))
    with pytest.raises(UsageError) as raised:
        fetch("names", source, root=tmp_path / "data", manifest=MANIFEST)
    said = str(raised.value)
    assert words in said
    assert said.isprintable()  # one line, and nothing a terminal would obey
    assert len(said.replace(str(tmp_path), "")) < 400
    assert sorted(tmp_path.rglob("*")) == before
    assert (there / "Arabic.txt").read_bytes() == b"mine\n"


def test_there_are_enough_of_them() -> None:
    assert len(HOSTILE) >= 25


def test_what_is_only_unusual_is_read(tmp_path: Path) -> None:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        archive.writestr("./", b"")
        archive.writestr("names with spaces/", b"")
        for name, data in FILES.items():
            archive.writestr(zipfile.ZipInfo(f"./names with spaces/{name}"), data)
        archive.writestr("__MACOSX/names with spaces/._Arabic.txt", b"\0\5\x16\7")
        archive.writestr("Zürich/日本.txt", b"x", zipfile.ZIP_DEFLATED)
        archive.comment = b"from the sea"
    (tmp_path / "n.zip").write_bytes(stream.getvalue())
    fetched = fetch("names", tmp_path / "n.zip", root=tmp_path / "data", manifest=MANIFEST)
    assert {path.name: path.read_bytes() for path in fetched.folder.iterdir()} == FILES
    assert fetched.differing == ()


def test_damage_anywhere_is_a_sentence_or_does_no_harm(tmp_path: Path) -> None:
    chance = random.Random(7)
    path = tmp_path / "n.zip"
    read = 0
    sentences: list[str] = []
    for _ in range(400):
        data = bytearray(SOUND)
        for _ in range(chance.choice((1, 1, 2, 8))):
            # The table of contents, where most of the meaning is, more often than the rest.
            begin = chance.choice((0, len(data) * 2 // 3, len(data) - 22))
            data[chance.randrange(begin, len(data))] = chance.choice((0, 1, 0x7F, 0xFF, chance.randrange(256)))
        if chance.random() < 0.1:
            del data[chance.randrange(len(data)) :]
        path.write_bytes(data)
        try:
            with Archive(path) as archive:
                for name in archive.members:
                    assert sum(map(len, archive.chunks(name))) == archive.members[name].file_size
            read += 1
        except UsageError as error:
            sentences.append(str(error))
    assert all(sentence.isprintable() for sentence in sentences)
    assert len(sentences) > 150
    assert read > 30


def test_bombs_cost_no_memory(tmp_path: Path) -> None:
    path = tmp_path / "bomb.zip"
    for bomb in (crowded(), lying(size=127 * 2**20, packed=100)):
        path.write_bytes(bomb)
        tracemalloc.start()
        with pytest.raises(UsageError):
            Archive(path)
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        assert peak < 16 * 2**20
