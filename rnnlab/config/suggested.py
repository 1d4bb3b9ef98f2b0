"""Defaults that depend on a user's own data: computed when the configuration is made, numbers in `run.toml`."""

from __future__ import annotations

from collections.abc import Callable, Container, Mapping
from typing import Any

import msgspec

from rnnlab.config.tree import FIELDS, RunConfig, defaults_of

FEWEST_UPDATES = 600
"""Minimum number of updates of a run on own data: thirty epochs of a file of thirty sequences would be thirty."""
FEWEST_VALIDATED = 10
"""Sequences that the validation set should hold, so that epochs can be compared;"""
MOST_VALIDATED = 0.2
"""but no larger share than this of those that could be trained on. By five-fold cross-validation on the training files of
GunPoint, BasicMotions and ItalyPowerDemand (40 to 67 sequences) a tenth, a fifth and a quarter are as good within the noise."""
FEW_VALIDATED = 30
"""Sequences of a validation set below which one more that is right moves its accuracy by more than three points."""
LONG = 50
"""Steps, on average, from which on measurements are read out by their maximum: the last step of an LSTM 64 knows little of the
first. By the same cross-validation, accuracy with last, mean and maximum: GunPoint (150 steps) .76, .69, .92, BasicMotions
(100) .90, .83, .90, JapaneseVowels (16) .93, .91, .94, ItalyPowerDemand (24) .97, .88, .85. Both ways, with dropout: Japanese
vowels .96, ItalyPowerDemand .96; GunPoint with the maximum .88."""
VERY_LONG = 200
"""Steps, on average, from which on a convolution in front makes a quarter of them. By two-fold cross-validation on the training
files, without and with 64 channels of kernel 16 and stride 4: OSULeaf (427 steps, 200 sequences) .55, .70, in half the time;
ArrowHead (251, 36 sequences) .61, .50, as far apart as its two folds are. Of shorter ones it takes what tells them apart:
BasicMotions (100) 1.00 without, .78 with 32 channels and stride 4."""
_LONGEST = 600
"""Steps from which on it is an eighth, for the time that more would take; OSULeaf with stride 8: .68."""
DROPOUT = 0.3
"""By the same cross-validation, with .3 and with .1: GunPoint .92, .92, BasicMotions .98, .90, JapaneseVowels read both ways .96,
.95."""

_OF_WORDS: Mapping[str, object] = {"data.encoding": "embedding", "data.baseline": "words", "model.readout": "max"}
"""Of texts read word by word. A one-hot vector of each word would be as wide as the vocabulary; and the baseline takes .4 s for
2,000 texts, 3 s for 20,000; that of character n-grams takes 2 s (two classes) to 24 s (18 classes), and has to be asked for.
Readout by validation accuracy (`python -m benchmarks.own_texts`, two seeds), last, mean and maximum: 1,800 docstrings of six
packages .504, .543, .564; 600 generated reviews .946, .983, 1.00. More dropout (.3, .5) or attention was no better (.55, .54)."""

SUGGESTED = (
    "data.validation",
    "data.test",
    "data.tokens",
    "data.encoding",
    "data.baseline",
    "train.epochs",
    "model.readout",
    "model.bidirectional",
    "model.dropout",
    "data.window",
    "data.stride",
    "model.conv",
    "model.conv_kernel",
    "model.conv_stride",
)
"""The settings that depend on the data.

With these values, on the test parts of the 14 sets with classes in the wheels of aeon, sktime and tslearn, evaluated once after
they were chosen, five seeds: mean rank 1.57, a logistic regression on simple features 2.25, a 1-NN 2.18; worst on PLAID (.36,
.38, .58) and PickupGestureWiimoteZ (.55, .66, .64). `python -m benchmarks.own_sets FOLDER --against`.
"""
_WINDOWS = ("data.window", "data.stride")


class KnownData(msgspec.Struct, frozen=True):
    """Sizes of a file's data before it is split.

    `sequences`: their number; of a series, its steps. `tested`: those of the test set that the file holds. `mean`: steps of
    a sequence, on average. `inputs`: `tokens` or `values`. `problem`: classification, regression or forecasting. `window`,
    `stride`: those of windows that were cut from longer recordings; 0 where none were. `validated`: sequences of the
    validation set that the file holds. `tokens`: what suits texts, `characters` or `words`, whatever is set. `channels`:
    numbers at each step; 0 where that is unknown.
    """

    sequences: int
    tested: int
    mean: float
    inputs: str
    problem: str
    window: int = 0
    stride: int = 0
    validated: int = 0
    tokens: str = ""
    channels: int = 0

    def as_json(self) -> dict[str, Any]:
        """The sizes as a document, as `KnownData(**document)` takes them."""
        return msgspec.structs.asdict(self)


def keys_for(known: KnownData) -> tuple[str, ...]:
    """Keys that may depend on such data: of a series the shares, which decide how many windows there are, do not."""
    if known.problem == "forecasting":
        return ("train.epochs",)
    return SUGGESTED if known.window else tuple(key for key in SUGGESTED if key not in _WINDOWS)


_FRONT = ("model.conv", "model.conv_kernel", "model.conv_stride")


def _net_for(known: KnownData) -> dict[str, object]:
    """Readout, directions and convolutions for classes of measurements."""
    if known.mean < LONG:
        # By two-fold cross-validation, both ways, read out by the last step and by the maximum: JapaneseVowels (12 channels)
        # .93, .97, ItalyPowerDemand (1 channel) .97, .96. A hidden size of 128 and a GRU: .93, .93 and .96, .97.
        short: dict[str, object] = {"model.bidirectional": True}
        return short | ({"model.readout": "max"} if known.channels > 1 else {})
    if known.mean < VERY_LONG:
        return {"model.readout": "max"}
    stride = 4 if known.mean < _LONGEST else 8
    return {"model.readout": "max", "model.conv": (64,), "model.conv_kernel": 16, "model.conv_stride": stride}


def suggested(known: KnownData, value_of: Callable[[str], Any], given: Container[str] = ()) -> dict[str, object]:
    """Suggested settings, by key, of those that apply; `given` are the keys that a person has set.

    `value_of` gives the other values (batch size, architecture).

    `data.validation` (and `data.test`, where the file has no test set): at least ten sequences, at most a fifth.
    `train.epochs`: thirty, or as many as make 600 updates. Classes of measurements: dropout of `DROPOUT`, long ones read out by
    their maximum (`model.readout`), short ones read from both ends (`model.bidirectional`), very long ones through a convolution
    (`model.conv`). Windows cut from recordings: the window and the stride that they were cut with. Texts: characters or words,
    with what suits words (`_OF_WORDS`).
    """
    usual = defaults_of("own")
    found: dict[str, object] = {}
    if known.problem == "forecasting":
        trained = int(
            (known.sequences * (1 - value_of("data.validation") - value_of("data.test")) - value_of("data.window"))
            / value_of("data.stride")
        )
    else:
        # Another split mixes the test set of the file with the rest.
        kept = value_of("data.split") in ("distinct", "published")
        tested, validated = (known.tested, known.validated) if kept else (0, 0)
        file = known.sequences - tested - validated
        share = max(usual["data.validation"], min(MOST_VALIDATED, round(FEWEST_VALIDATED / max(1, file), 3)))
        shares = ({} if validated else {"data.validation": share}) | ({} if tested else {"data.test": share})
        found |= shares
        if folds := value_of("data.folds"):
            # A fold is that share of the rows outside the test set, not of all.
            tested_share = 0.0 if tested else float(value_of("data.test")) if "data.test" in given else share
            held = tested_share + (1 - tested_share) / folds
        else:
            held = sum(float(value_of(key)) if key in given else each for key, each in shares.items())
        if known.inputs == "values" and known.problem == "classification":
            found["model.dropout"] = DROPOUT
            found |= _net_for(known)
            if "model.conv" in given:
                found = {key: value for key, value in found.items() if key not in _FRONT}
        if known.window:
            found |= {"data.window": known.window, "data.stride": known.stride}
        if known.tokens:
            asked = str(value_of("data.tokens")) if "data.tokens" in given else "auto"
            found["data.tokens"] = known.tokens
            found |= _OF_WORDS if (known.tokens if asked == "auto" else asked) == "words" else {}
        trained = int(file * (1 - held))
    together = value_of("train.batch_size") * value_of("train.accumulate")
    updates = max(1, -(-max(1, trained) // together))
    found["train.epochs"] = max(usual["train.epochs"], -(-FEWEST_UPDATES // updates))

    def with_found(key: str) -> Any:
        return value_of(key) if key in given else found.get(key, value_of(key))

    return {key: value for key, value in found.items() if FIELDS[key].setting.stands(with_found)}


def suited_text(known: KnownData, settings: Mapping[str, object], suited: Mapping[str, object]) -> str:
    """Suggested values that differ from the defaults of the task, as text; empty where none does."""
    usual = defaults_of("own")
    found = [
        f"{key} = {FIELDS[key].text(suited[key])}"
        for key in SUGGESTED
        if key not in settings and suited.get(key, usual[key]) != usual[key]
    ]
    if not found:
        return ""
    many = f"{known.sequences - known.tested:,} sequences of {known.mean:.0f} steps"
    if known.problem == "forecasting":
        many = f"{known.sequences:,} steps"
    elif known.tokens:
        noun = known.tokens if suited.get("data.tokens", "auto") == "auto" else suited["data.tokens"]
        many = f"{known.sequences - known.tested:,} texts of {known.mean:.0f} {noun}"
    return f"for {many}: {', '.join(found)}"


def few_validated_text(sequences: int) -> str:
    """Sentence on a validation set of so many sequences that is too small to choose settings by; empty for a larger one."""
    if not 0 < sequences < FEW_VALIDATED:
        return ""
    many = "1 sequence" if sequences == 1 else f"{sequences} sequences"
    return (
        f"the validation part has {many}, too few to choose settings by: one prediction more or less moves its accuracy by "
        f"{100 / sequences:.0f} points; --folds 5 validates on every sequence once"
    )


def validated_by(known: KnownData, config: RunConfig) -> int:
    """About how many sequences are in the validation set of these data; 0 for a series and for folds."""
    if known.problem == "forecasting" or config.data.folds is not None:
        return 0
    kept = config.data.split in ("distinct", "published")
    if kept and known.validated:
        return known.validated
    return round(config.data.validation * (known.sequences - (known.tested if kept else 0)))


def with_suggested(settings: Mapping[str, object], known: KnownData) -> dict[str, object]:
    """`settings`, with the suggested ones where they are not set. Raises `ConfigError` where they are not allowed."""
    config = RunConfig.from_settings(settings)
    return suggested(known, config.get, settings) | dict(settings)
