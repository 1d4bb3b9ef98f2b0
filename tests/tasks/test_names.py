"""Names read from files as people have them: spaces, accents, other encodings, control characters, missing files."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest

from rnnlab.config import ConfigError, RunConfig, UsageError
from rnnlab.tasks.describe.summary import summarise_split
from rnnlab.tasks.load import MissingData, load, read_dataset
from rnnlab.tasks.published.names import LANGUAGES, encode, fold
from rnnlab.tasks.splitting.types import SUBSET_NAMES, Split
from tests.tasks.namefiles import write_names


def config(path: Path, **settings: object) -> RunConfig:
    return RunConfig.from_settings({"task.name": "names", "data.path": str(path), **settings})


def all_texts(split: Split) -> set[str]:
    return {
        split.show_input(split.subset(name), row) for name in SUBSET_NAMES for row in range(len(split.subset(name)))
    }


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("Ślusàrski", "Slusarski"),
        ("O'Néàl", "O'Neal"),
        ("Van der Berg", "Van der Berg"),
        ("Groß", "Gro"),
        ("Adam-Smith", "AdamSmith"),
        ("\x1b]52;c;AA\x07Bo\u202eb", ";c;AABob"),
        ("[/red]", "red"),
    ],
)
def test_names_are_folded_to_the_tutorials_alphabet(written: str, read: str) -> None:
    assert fold(written) == read


def test_ends_are_stripped_and_repeats_counted_once(tmp_path: Path) -> None:
    korean = "\ufeffAhn  \nAhn\r\n\xa0Bai\xa0\n\n   \nChoe\nChoe".encode()
    rows = read_dataset(config(write_names(tmp_path, {"Korean.txt": korean})))
    label = LANGUAGES.index("Korean")
    assert [key for key, target in zip(rows.keys, rows.targets, strict=True) if target == label] == [
        "Ahn",
        "Ahn",
        "Bai",
        "Choe",
        "Choe",
    ]
    split = load(config(tmp_path))
    assert sum(int((split.subset(name).targets == label).sum()) for name in SUBSET_NAMES) == 3


def test_the_folder_itself_or_an_unpacked_archive_will_do(tmp_path: Path) -> None:
    write_names(tmp_path / "data")
    found = {len(read_dataset(config(path))) for path in (tmp_path, tmp_path / "data", tmp_path / "data" / "names")}
    assert found == {18 * 12}


def test_control_characters_never_reach_a_sample(tmp_path: Path) -> None:
    hostile = b"\x1b]52;c;QUJD\x07Bad\n\x1b[2JWorse\n[@click=app.quit]x[/]\nPlain\nFine\n"
    split = load(config(write_names(tmp_path, {"Greek.txt": hostile})))
    texts = all_texts(split)
    assert {"JWorse", "click", "Plain"} <= {text.replace("app.quitx", "") for text in texts}
    assert all(character.isprintable() and character not in "[]@=" for text in texts for character in text)


def test_missing_data_says_what_where_and_what_to_type(tmp_path: Path) -> None:
    with pytest.raises(MissingData) as raised:
        load(config(tmp_path))
    words = str(raised.value)
    assert "names" in words
    assert str(tmp_path / "names") in words
    assert "rnnlab data fetch names" in words
    assert "RNNLAB_DATA" in words


def test_the_environment_names_the_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RNNLAB_DATA", str(write_names(tmp_path)))
    assert len(load(RunConfig.from_settings({"task.name": "names"})).train) > 0


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "is empty"),
        (b"\n \n", "is empty"),
        ("Müller\nGroß".encode("latin-1"), "is not UTF-8 text: line 1 holds the byte 0xfc"),
        (b"Ahn\0\x01\x02", "not a text file"),
        ("李\n王\n".encode(), "no name in Latin letters"),
        (b"Kim\n" + b"a" * 5000, "line 2 is longer than 100 characters"),
        (None, "is missing from the 18 files"),
    ],
)
def test_a_bad_file_is_named_in_a_sentence(tmp_path: Path, data: bytes | None, words: str) -> None:
    write_names(tmp_path, {"German.txt": data})
    with pytest.raises(UsageError, match=words) as raised:
        load(config(tmp_path))
    assert "German.txt" in str(raised.value)
    assert "\n" not in str(raised.value)


@pytest.mark.skipif(os.geteuid() == 0, reason="needs a person other than root, who may read every file")
def test_a_file_that_may_not_be_read(tmp_path: Path) -> None:
    (write_names(tmp_path) / "names" / "Czech.txt").chmod(0)
    with pytest.raises(UsageError, match=r"Czech.txt cannot be read: Permission denied"):
        load(config(tmp_path))


def test_a_folder_in_a_files_place(tmp_path: Path) -> None:
    folder = write_names(tmp_path, {"Czech.txt": None}) / "names" / "Czech.txt"
    folder.mkdir()
    with pytest.raises(UsageError, match=r"Czech.txt cannot be read"):
        load(config(tmp_path))


def test_lines_without_latin_letters_are_skipped_and_said_so(tmp_path: Path) -> None:
    split = load(config(write_names(tmp_path, {"Chinese.txt": "Li\nWu\n王\nYu\nHe\n".encode()})))
    assert split.notes == ("1 lines without a Latin letter were skipped",)


def test_some_languages_only_whatever_their_capitals(tmp_path: Path) -> None:
    root = write_names(tmp_path)
    split = load(config(root, **{"data.classes": "spanish, English,FRENCH"}))
    assert split.classes == ("English", "French", "Spanish")
    assert sum(len(split.subset(name)) for name in SUBSET_NAMES) == 3 * 12
    assert set(np.unique(split.train.targets).tolist()) == {0, 1, 2}


@pytest.mark.parametrize(
    ("classes", "words"),
    [
        ("English,Frensh", r"data.classes = 'Frensh' is not allowed.*did you mean French\?"),
        ("English", "at least two classes"),
        (",", "at least two classes"),
        ("Klingon,English", "'Klingon' is not allowed; it must be all, or some of Arabic, Chinese"),
    ],
)
def test_a_language_that_is_not_there_is_named_with_the_nearest(tmp_path: Path, classes: str, words: str) -> None:
    with pytest.raises(ConfigError, match=words):
        load(config(write_names(tmp_path), **{"data.classes": classes}))


def test_unicode_keeps_accents_and_the_alphabet_is_told(tmp_path: Path) -> None:
    czech = "Dvořák\nNováková\nŠťastný\xa0Jan\nNe\u0301mec\n\x1b[2JBad\u202e\nKos\nLes\nMech\n".encode()
    root = write_names(tmp_path, {"Czech.txt": czech})
    made = config(root, **{"data.alphabet": "unicode"})
    split = load(made)
    texts = all_texts(split)
    assert {"Dvořák", "Nováková", "Šťastný Jan", "Němec".replace("ě", "é"), "JBad"} <= texts
    assert set("".join(texts)) == set(split.symbols)
    assert list(split.symbols) == sorted(split.symbols)
    assert split.input_size == len(split.symbols) + 1
    assert load(config(root, **{"data.alphabet": "unicode", "train.seed": 5})).symbols == split.symbols
    summary = summarise_split(split, made)
    typed = encode(summary, "Dvor\u030ca\u0301k")
    assert "".join(split.symbols[token - 1] for token in typed.tolist()) == "Dvořák"
    with pytest.raises(UsageError, match="has no character"):
        encode(summary, "李")
