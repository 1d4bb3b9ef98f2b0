"""Texts that are read word by word: the vocabulary, the split, what is typed, the baselines."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from rnnlab.config import ConfigError, RunConfig, UsageError
from rnnlab.config.net import MOST_ONE_HOT
from rnnlab.config.suggested import suggested
from rnnlab.models.net import build
from rnnlab.tasks.describe.summary import summarise_split
from rnnlab.tasks.encoding.encode import encode_inputs
from rnnlab.tasks.encoding.words import UNKNOWN, words_of, words_text
from rnnlab.tasks.load import load
from rnnlab.tasks.own.check import check_file
from rnnlab.tasks.own.common import limits
from rnnlab.tasks.splitting.types import SUBSET_NAMES, Split
from tests.tasks.own.sentences import BAD, GOOD, reviews, written


@pytest.fixture
def own(tmp_path: Path) -> Callable[..., Split]:
    def load_own(rows: list[tuple[str, str]], **data: object) -> Split:
        path = tmp_path / "own.csv"
        path.write_text(written(rows), encoding="utf-8")
        return load(config_of(path, **data))

    return load_own


def config_of(path: Path, **data: object) -> RunConfig:
    settings = {"task.name": "own", "data.path": str(path)} | {f"data.{name}": value for name, value in data.items()}
    return RunConfig.from_settings(settings)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Don’t STOP, now!", ["don't", "stop", ",", "now", "!"]),
        ("l'été à 3.14€", ["l'été", "à", "3", ".", "14", "€"]),
        ("e\u0301te\u0301 = été", ["été", "=", "été"]),
        ("ＡＢＣ ﬁne", ["abc", "fine"]),
        ("नमस्ते दुनिया।", ["नमस्ते", "दुनिया", "।"]),
        ("日本語 text", ["日", "本", "語", "text"]),
        ("안녕하세요 세계", ["안녕하세요", "세계"]),
        ("exam\u00adple \u200bword\ufeff", ["example", "word"]),
        ("so good ❤\ufe0f😀", ["so", "good", "❤", "😀"]),
        ("\ufe0f", [""]),
    ],
)
def test_a_text_is_cut_into_words_as_people_read_them(text: str, words: list[str]) -> None:
    assert words_of(text) == words


def test_sentences_are_read_by_words_and_names_by_characters(tmp_path: Path) -> None:
    path = tmp_path / "own.csv"
    for rows, kind in [
        (reviews(), "words"),
        (
            [(f"{text.split()[0]} {text.split()[1]} {row}", label) for row, (text, label) in enumerate(reviews())],
            "characters",
        ),
        ([("".join(chr(0x4E00 + ord(c)) for c in text), label) for text, label in reviews()], "characters"),
        (
            [(text.replace(" ", "\xa0" if row % 3 else "\n"), label) for row, (text, label) in enumerate(reviews())],
            "words",
        ),
        # One long text makes no sentences of names.
        ([*((text.split()[-1], label) for text, label in reviews()), ("word " * 3000, "good")], "characters"),
    ]:
        path.write_text(written(rows), encoding="utf-8")
        report = check_file(path)
        tokens = report.facts["tokens"]
        assert isinstance(tokens, dict)
        assert (tokens["kind"], report.trainable) == (kind, True)
        split = load(config_of(path))
        assert bool(split.vocabulary) == (kind == "words")
        assert bool(split.symbols) == (kind == "characters")
        assert load(config_of(path, tokens="characters")).symbols
        assert report.known is not None
        assert report.known.tokens == kind
        for asked in ("words", "characters"):
            known = check_file(path, {"data.tokens": asked}).known
            assert known is not None
            assert known.tokens == kind, "what suits the file does not depend on what is set"
            given = {"data.tokens": asked}
            suits = suggested(known, config_of(path, tokens=asked).get, given)
            assert ("data.encoding" in suits) == (asked == "words")


def test_the_vocabulary_is_that_of_the_training_texts(own: Callable[..., Split]) -> None:
    split = own(reviews())
    trained = [word for text in split.texts["train"] for word in words_of(text)]
    counts = {word: trained.count(word) for word in set(trained)}
    assert set(split.vocabulary) == {word for word, count in counts.items() if count >= 2}
    assert list(split.vocabulary) == sorted(split.vocabulary, key=lambda word: (-counts[word], word))
    assert split.input_size == len(split.vocabulary) + 1
    # What stands in one text alone, its number, is unknown: in training too, so that the net learns what unknown means.
    for name in SUBSET_NAMES:
        subset = split.subset(name)
        for row in range(len(subset)):
            tokens = subset.inputs[row, : subset.lengths[row]].astype(np.int32)
            assert words_text(tokens, split.vocabulary).split()[-2:] == [UNKNOWN, "."]
            assert split.show_input(subset, row) == split.texts[name][row], "as it stands in the file"
    few = own(reviews(), vocabulary=10)
    assert few.vocabulary == split.vocabulary[:10]
    assert any("the 10 most frequent of" in note for note in few.notes)


def test_texts_that_are_the_same_words_are_one_input_and_others_no_leak(own: Callable[..., Split]) -> None:
    rows = reviews(60)
    shouted = [(text.upper(), label) for text, label in rows]
    split = own(rows + shouted)
    assert sum(len(split.subset(name)) for name in SUBSET_NAMES) == 60
    assert any("60 texts differ from another in case or blanks alone" in note for note in split.notes)
    # To the net these are equal, but it has seen none of them: they differ in a word that it does not know.
    alike = [(f"the film was {GOOD[row % 3]} said person{row}", "good") for row in range(60)]
    alike += [(f"the film was {BAD[row % 3]} said nobody{row}", "bad") for row in range(60)]
    split = own(alike)
    assert any(np.array_equal(split.test.inputs[0], row) for row in split.train.inputs)
    assert not summarise_split(split, config_of(Path("own.csv"))).leaks


def test_the_split_is_that_of_the_texts_read_by_characters(own: Callable[..., Split]) -> None:
    by_words, by_characters = own(reviews(), tokens="words"), own(reviews(), tokens="characters")
    assert by_words.texts == by_characters.texts
    assert by_words.evaluated() == by_characters.evaluated(), "so that the two compare"


def test_a_typed_sentence_is_read_as_those_trained_on(own: Callable[..., Split], tmp_path: Path) -> None:
    split = own(reviews())
    summary = summarise_split(split, config_of(tmp_path / "own.csv"))
    text = split.texts["train"][0]
    inputs, lengths = encode_inputs(summary, [text, text.upper() + "  "])
    for row in (0, 1):
        assert inputs[row, : lengths[row]].tolist() == split.train.inputs[0, : split.train.lengths[0]].tolist()
    with pytest.raises(UsageError, match=r"'zzz yyy' has no word of the \d+ that the net was trained on"):
        encode_inputs(summary, ["zzz yyy"])
    with pytest.raises(UsageError, match="the text is empty; type a sentence"):
        encode_inputs(summary, ["  "])


def test_a_long_text_is_cut_and_said_to_be(own: Callable[..., Split]) -> None:
    split = own([*reviews(), ("the film " * 300, "good")])
    assert split.longest == 500
    assert any("1 text of more than 500 words" in note for note in split.notes)


def test_where_no_word_stands_twice_there_is_one_sentence(own: Callable[..., Split]) -> None:
    rows = [(" ".join(f"w{row}x{place}" for place in range(8)), "ab"[row % 2]) for row in range(40)]
    with pytest.raises(UsageError, match="no word stands twice in the training texts"):
        own(rows)
    assert own(rows, tokens="characters").symbols


def test_words_have_an_embedding_by_default_and_one_hot_is_refused_for_many(tmp_path: Path) -> None:
    path = tmp_path / "own.csv"
    path.write_text(written(reviews()), encoding="utf-8")
    known = check_file(path).known
    assert known is not None
    config = config_of(path)
    assert suggested(known, config.get)["data.encoding"] == "embedding"
    sizes = {"outputs": 2, "problem": "classification", "tokens": True}
    build(config, input_size=MOST_ONE_HOT + 1, **sizes)  # type: ignore[arg-type]
    with pytest.raises(ConfigError, match="embedding for the 2,001 words"):
        build(config, input_size=MOST_ONE_HOT + 2, **sizes)  # type: ignore[arg-type]


@pytest.mark.parametrize("tokens", ["words", "characters"])
def test_both_baselines_of_texts_stand_beside_the_net_however_it_reads(
    own: Callable[..., Split], tmp_path: Path, tokens: str
) -> None:
    split = own(reviews(600), tokens=tokens)
    config = config_of(tmp_path / "own.csv", tokens=tokens, baseline="texts")
    baselines = summarise_split(split, config).baselines
    words, ngrams = "logistic regression on words", "logistic regression on character n-grams"
    assert set(baselines) == {"always bad", words, ngrams}
    assert baselines[words]["test"] > 0.9
    assert baselines[ngrams]["test"] > 0.9
    again = summarise_split(own(reviews(600), tokens="characters"), config).baselines
    assert again[words] == baselines[words], "of the same texts, the same figures"


def test_where_few_texts_are_long_padding_does_not_refuse_the_many(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(limits, "_WASTEFUL", 1000)
    path = tmp_path / "own.csv"
    path.write_text(written([*reviews(), ("the film " * 240, "good")]), encoding="utf-8")
    report = check_file(path)
    assert report.trainable
    split = load(config_of(path))
    assert 12 < split.longest == report.lengths["max"] < 120
    assert any(f"1 text of more than {split.longest} words" in note for note in split.notes)
    assert load(config_of(path, tokens="words")).longest == split.longest
    assert "shorten it, or take it out" in check_file(path, {"data.tokens": "characters"}).reason


def test_more_texts_than_the_memory_holds_are_refused_in_words(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(limits, "_WASTEFUL", 1000)
    monkeypatch.setattr(limits, "LARGEST", 4000)
    path = tmp_path / "own.csv"
    path.write_text(written(reviews()), encoding="utf-8")
    assert "holds 200 texts of 11 words on average, more than" in check_file(path).reason


def test_the_lengths_of_a_file_that_is_not_kept_are_in_words_too(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr("rnnlab.tasks.own.check.LOADED", 10)
    path = tmp_path / "own.csv"
    path.write_text(written(reviews()), encoding="utf-8")
    lengths = check_file(path).lengths
    assert 6 < lengths["min"] < lengths["mean"] < lengths["max"] < 20
