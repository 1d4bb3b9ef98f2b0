"""The tasks whose sequences are made: each is what its paper says, and no sequence is in two parts."""

from __future__ import annotations

import itertools
from collections import Counter
from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray

from rnnlab.catalog.tasks.catalog import TASKS
from rnnlab.config import ConfigError, RunConfig, UsageError
from rnnlab.tasks.describe.summary import summarise_split
from rnnlab.tasks.encoding.encode import encode_inputs
from rnnlab.tasks.encoding.tokens import to_text
from rnnlab.tasks.load import load
from rnnlab.tasks.splitting.types import SUBSET_NAMES, Split, Subset
from rnnlab.tasks.synthetic import anbn, copy, overfit, parity, temporal_order, vigenere
from rnnlab.tasks.synthetic.sentences import ADJECTIVES, ADVERBS, DETERMINERS, DID, MOVED, NOUNS, PLACED, sentences

MADE = ("vigenere", "overfit", "adding", "copy", "temporal_order", "parity", "anbn")


def made(name: str, **settings: object) -> Split:
    """A small split of the task; `data__steps=20` sets `data.steps`."""
    small = {"data.rows": 300} if "data.rows" in TASKS[name].options else {}
    keys = {key.replace("__", "."): value for key, value in settings.items()}
    return load(RunConfig.from_settings({"task.name": name, **small, **keys}))


def step_kinds_of(subset: Subset) -> NDArray[np.int8]:
    assert subset.step_kinds is not None
    return subset.step_kinds


def subsets(split: Split) -> list[Subset]:
    return [split.subset(name) for name in SUBSET_NAMES]


def texts(subset: Subset, symbols: str) -> list[str]:
    return [to_text(row[:length], symbols) for row, length in zip(subset.inputs, subset.lengths, strict=True)]


@pytest.mark.parametrize("name", MADE)
class TestEveryOne:
    def test_no_sequence_is_in_two_parts_nor_twice_in_one(self, name: str) -> None:
        split = made(name)
        shared = [split.train, split.validation, split.test]
        if name == "vigenere":  # whose test sentences are told from others by their clear text
            shared = [replace(subset, inputs=subset.targets.astype(np.int32)) for subset in shared]
        rows = [
            row[:length].tobytes()
            for subset in shared
            for row, length in zip(subset.inputs, subset.lengths.tolist(), strict=True)
        ]
        assert len(rows) == len(set(rows))

    def test_the_sequences_hang_on_no_seed_and_the_split_does(self, name: str) -> None:
        one, other = made(name), made(name, train__seed=1)
        assert made(name).fingerprint() == one.fingerprint()
        if name == "anbn":  # split by length
            assert other.fingerprint() == one.fingerprint()
            return
        assert other.fingerprint() != one.fingerprint()

        def held(split: Split) -> set[bytes]:
            return {row.tobytes() for subset in subsets(split) for row in subset.targets}

        assert held(one) == held(other)

    def test_nothing_is_asked_past_a_rows_end(self, name: str) -> None:
        split = made(name)
        for subset in [*subsets(split), *split.extra.values()]:
            past = np.arange(subset.inputs.shape[1]) >= subset.lengths[:, None]
            assert not subset.inputs[past].any()
            if subset.step_kinds is not None:
                assert subset.step_kinds.shape == subset.targets.shape == subset.inputs.shape
                assert (subset.targets[past] == -1).all()
                assert (subset.targets[~past] >= 0).all() or name == "anbn"
                assert subset.step_kinds.min() >= 0
                assert subset.step_kinds.max() < len(split.step_kind_names)

    def test_a_cards_example_can_be_read(self, name: str) -> None:
        summary = summarise_split(made(name), RunConfig.from_settings({"task.name": name}))
        inputs, lengths = encode_inputs(summary, [TASKS[name].example])
        assert inputs.shape[1] == lengths[0] > 1

    def test_rubbish_typed_is_refused_in_a_sentence(self, name: str) -> None:
        summary = summarise_split(made(name), RunConfig.from_settings({"task.name": name}))
        for text in ("", "?!", "ü"):
            with pytest.raises(UsageError):
                encode_inputs(summary, [text])


def test_adding_asks_for_the_sum_of_the_two_numbers_marked() -> None:
    split = made("adding", data__rows=3000, data__steps=50, data__test_steps="51,200")
    for subset, steps in ((split.train, 50), (split.extra["51 steps"], 51), (split.extra["200 steps"], 200)):
        values, step_kinds = subset.inputs[:, :, 0], subset.inputs[:, :, 1]
        assert subset.inputs.shape[1] == steps
        assert set(np.unique(step_kinds)) == {0.0, 1.0}
        assert (step_kinds.sum(axis=1) == 2).all()
        assert (step_kinds[:, : steps // 2].sum(axis=1) == 1).all()
        assert subset.targets[:, 0] == pytest.approx((values * step_kinds).sum(axis=1), abs=1e-6)
        assert values.min() >= 0
        assert values.max() < 1
        assert np.mean(values) == pytest.approx(0.5, abs=0.01)
    mean_answer = float(np.mean((split.train.targets - 1) ** 2))
    assert mean_answer == pytest.approx(1 / 6, rel=0.1)
    # Every step is marked about as often as any other of its half.
    assert split.train.inputs[:, :, 1].sum(axis=0).min() > 50


def test_adding_is_typed_with_stars() -> None:
    summary = summarise_split(made("adding"), RunConfig.from_settings({"task.name": "adding"}))
    inputs, _ = encode_inputs(summary, ["0.2 0.71* .5 0.9*"])
    assert inputs[0].tolist() == pytest.approx(np.array([[0.2, 0], [0.71, 1], [0.5, 0], [0.9, 1]]))
    with pytest.raises(UsageError, match="1 of these numbers are marked"):
        encode_inputs(summary, ["0.2 0.71* 0.5"])


def test_copy_asks_for_ten_letters_after_the_signal() -> None:
    split = made("copy", data__steps=7, data__test_steps=(30,))
    for subset, delay in ((split.train, 7), (split.extra["delay 30"], 30)):
        assert subset.inputs.shape[1] == delay + 20
        for text, targets, step_kinds in zip(
            texts(subset, copy.SYMBOLS), subset.targets, step_kinds_of(subset), strict=True
        ):
            shown = text[:10]
            assert set(shown) <= set("ABCDEFGH")
            assert text == shown + "_" * (delay - 1) + ">" + "_" * 10
            assert "".join(split.classes[target] for target in targets) == "_" * (delay + 10) + shown
            assert [split.step_kind_names[mark] for mark in step_kinds] == ["blank"] * (delay + 10) + ["recall"] * 10
    assert Counter("".join(texts(split.train, copy.SYMBOLS))).keys() >= set("ABCDEFGH")


def test_temporal_order_is_task_6a() -> None:
    split = made("temporal_order", data__rows=2000, data__steps=100, data__test_steps=(200,))
    rules = {"XX": "Q", "XY": "R", "YX": "S", "YY": "U"}
    for subset, scale in ((split.train, 1), (split.extra["200 steps"], 2)):
        seen: dict[str, set[int]] = {"length": set(), "first": set(), "second": set()}
        for text, target in zip(texts(subset, temporal_order.SYMBOLS), subset.targets.tolist(), strict=True):
            signals = [(step, symbol) for step, symbol in enumerate(text) if symbol in "XY"]
            assert (text[0], text[-1]) == ("E", "B")
            assert set(text[1:-1]) <= set("abcdXY")
            (first, one), (second, two) = signals
            assert split.classes[target].startswith(rules[one + two])
            for name, step in (("length", len(text)), ("first", first), ("second", second)):
                seen[name].add(step)
        for name, low, high in (("length", 100, 110), ("first", 10, 20), ("second", 50, 60)):
            assert min(seen[name]) == low * scale
            assert max(seen[name]) == high * scale
    assert min(Counter(split.train.targets.tolist()).values()) > 300


def test_parity_is_of_the_ones() -> None:
    split = made("parity", data__rows=1000, data__steps=9, data__test_steps=(33,))
    for subset in [*subsets(split), split.extra["33 steps"]]:
        for text, target in zip(texts(subset, parity.SYMBOLS), subset.targets.tolist(), strict=True):
            assert split.classes[target] == ("odd" if text.count("1") % 2 else "even")
    assert set(split.train.lengths.tolist()) >= set(range(3, 10))
    assert split.train.lengths.max() == 9
    assert set(split.extra["33 steps"].lengths.tolist()) == {33}


def test_anbn_is_a_language_with_a_counter() -> None:
    split = made("anbn", data__steps=12, data__test_steps=(50,))
    seen: dict[str, list[int]] = {}
    for name, subset in [*zip(SUBSET_NAMES, subsets(split), strict=True), ("n = 50", split.extra["n = 50"])]:
        for text, targets, step_kinds in zip(
            texts(subset, anbn.SYMBOLS), subset.targets, step_kinds_of(subset), strict=True
        ):
            n = text.count("a")
            seen.setdefault(name, []).append(n)
            assert text == "S" + "a" * n + "b" * n
            answers = ["·" if target < 0 else split.classes[target] for target in targets[: len(text)].tolist()]
            # After S an a; while a are read nobody knows; then the b that are left, and the end.
            assert "".join(answers) == "a" + "·" * n + "b" * (n - 1) + "T"
            kinds = [split.step_kind_names[mark] for mark in step_kinds[: len(text)]]
            assert kinds == ["inside"] * (2 * n) + ["end"]
    assert seen == {
        "train": list(range(1, 13)),
        "validation": list(range(13, 19)),
        "test": list(range(19, 25)),
        "n = 50": [50],
    }
    with pytest.raises(UsageError, match="no longer test"):
        made("anbn", data__steps=12, data__test_steps=(24,))


def test_vigenere_is_the_clear_text_shifted_by_the_keyword() -> None:
    split = made("vigenere")
    key = [ord(letter) - ord("a") for letter in itertools.islice(itertools.cycle("network"), 32)]
    for subset in (split.train, split.validation):
        assert subset.inputs.shape == (len(subset), 32)
        assert np.array_equal((subset.targets + key) % 26, subset.inputs - 1)
        assert not step_kinds_of(subset).any()
    test = split.test
    assert test.step_kinds is not None
    replaced = test.step_kinds == split.step_kind_names.index("replaced")
    assert (replaced.sum(axis=1) == 4).all()
    assert (test.inputs[replaced] == vigenere.SYMBOLS.index("-") + 1).all()
    assert np.array_equal(((test.targets + key) % 26)[~replaced], (test.inputs - 1)[~replaced])
    assert replaced.any(axis=0).all()
    assert vigenere.encipher("attackatdawn" * 3)[:7] == "nxmwqbk"


def test_sentences_are_of_listed_words_and_of_their_length() -> None:
    made_sentences = sentences(1, 500, 32)
    assert sentences(1, 500, 32) == made_sentences
    assert sentences(2, 500, 32) != made_sentences
    words = {*NOUNS, *ADJECTIVES, *MOVED, *DID, *ADVERBS, *PLACED, *DETERMINERS}
    for sentence in made_sentences:
        assert sum(map(len, sentence)) == 32
        assert set(sentence) <= words
        assert sentence[0] in DETERMINERS
        assert sentence[-1] in NOUNS
    assert all(word.isascii() and word.islower() and word.isalpha() for word in words)


def test_overfit_is_a_rule_with_noise() -> None:
    split = made("overfit")
    assert [len(subset) for subset in subsets(split)] == [20, 20, 20]
    values = np.concatenate([subset.inputs[:, :, 0] for subset in subsets(split)])
    targets = np.concatenate([subset.targets[:, 0] for subset in subsets(split)])
    noise = targets - values @ overfit.RULE
    assert noise.std() == pytest.approx(overfit.NOISE, rel=0.25)
    assert abs(noise.mean()) < 0.12


def test_binary_is_tested_at_longer_words() -> None:
    split = made("binary", data__test_steps="12,20")
    for name, bits, rows in (("12 bits", 12, 4096), ("20 bits", 20, 1000)):
        subset = split.extra[name]
        assert subset.inputs.shape == (rows, bits, 1)
        for row in range(0, rows, 97):
            assert int(split.show_input(subset, row), 2) == subset.targets[row, 0]
    with pytest.raises(ConfigError, match="at most 24"):
        made("binary", data__test_steps=(25,))


@pytest.mark.parametrize(
    ("name", "settings", "said"),
    [
        ("adding", {"data__steps": 1}, "at least 2"),
        ("temporal_order", {"data__steps": 9}, "at least 10"),
        ("temporal_order", {"data__test_steps": (5,)}, "data.test_steps"),
        ("adding", {"data__rows": 10_000_000, "data__steps": 10_000}, "lower data.rows"),
        ("vigenere", {"data__rows": 5_000_000}, "too many"),
        ("anbn", {"data__steps": 5000, "data__test_steps": None}, "at most 2000"),
    ],
)
def test_what_cannot_be_made_is_refused_in_a_sentence(name: str, settings: dict[str, object], said: str) -> None:
    with pytest.raises(UsageError, match=said):
        made(name, **settings)


def test_made_parts_do_not_change_with_other_settings() -> None:
    """Other lengths to be tested are the same ones whatever is trained on."""
    short, long = (made("adding", data__steps=steps, data__test_steps=(30,)) for steps in (10, 20))
    assert np.array_equal(short.extra["30 steps"].inputs, long.extra["30 steps"].inputs)
