"""A wrong value is told apart from a right one, in the same words wherever it comes from."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rnnlab.config import FIELDS, ConfigError, RunConfig, UnknownKey, UsageError, settings_from_toml, to_toml


@pytest.mark.parametrize(
    ("key", "text", "value"),
    [
        ("model.hidden", "128", (128,)),
        ("model.hidden", " 32, 64 ", (32, 64)),
        ("optim.lr", "1e-3", 0.001),
        ("train.epochs", "1e2", 100),
        ("model.bidirectional", "yes", True),
        ("optim.clip_norm", "none", None),
        ("model.name", "gru", "gru"),
    ],
)
def test_a_typed_text_becomes_its_value(key: str, text: str, value: object) -> None:
    assert FIELDS[key].parse(text) == value


@pytest.mark.parametrize(
    ("key", "value", "words"),
    [
        ("optim.lr", "fast", ["optim.lr", "'fast'", "number above 0 and at most 100"]),
        ("optim.lr", 0, ["optim.lr", "0", "above 0"]),
        ("optim.lr", "nan", ["optim.lr", "nan", "above 0"]),
        ("train.epochs", "2.5", ["train.epochs", "'2.5'", "whole number"]),
        ("train.epochs", True, ["train.epochs", "true", "whole number"]),
        ("model.hidden", "32,0", ["model.hidden", "32,0", "each at least 1"]),
        ("model.hidden", "", ["model.hidden", "''", "such as 128 or 32,64"]),
        ("model.name", "lstn", ["model.name", "'lstn'", "elman, lstm, gru", "did you mean lstm?"]),
        ("model.dropout", 1.0, ["model.dropout", "1.0", "below 1"]),
        ("model.bias", "perhaps", ["model.bias", "'perhaps'", "true or false"]),
    ],
)
def test_an_error_names_key_value_and_what_is_allowed(key: str, value: object, words: list[str]) -> None:
    with pytest.raises(ConfigError) as caught:
        RunConfig.from_settings({key: value})
    for word in words:
        assert word in str(caught.value)


def test_an_unknown_key_is_answered_with_the_nearest_one() -> None:
    with pytest.raises(UnknownKey, match=r"'optim\.learning_rate'.*the settings of optim are") as caught:
        RunConfig.from_settings({"optim.learning_rate": 0.1})
    assert "optim.lr," in str(caught.value)
    assert "model.hidden" not in str(caught.value), "all settings would hide the one"
    with pytest.raises(UnknownKey, match=r"^there is no setting 'hidden' \(did you mean model\.hidden\?\)$"):
        RunConfig.from_settings({"hidden": 8})


def test_the_same_words_come_from_a_file_with_its_name_before_them() -> None:
    with pytest.raises(ConfigError) as in_form:
        FIELDS["optim.lr"].parse("-1")
    with pytest.raises(ConfigError) as in_file:
        settings_from_toml("[optim]\nlr = '-1'\n", "run.toml")
    assert str(in_file.value) == f"run.toml: {in_form.value}"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("optim = 3", "no setting 'optim'"),
        ("[optin]\nlr = 1", "no setting 'optin'"),
        ("[optim]\nrate = 1", r"no setting 'optim\.rate'"),
        ("lr = ", "is not a TOML file"),
        ("format = 99", "newer rnnlab"),
    ],
)
def test_a_wrong_file_is_a_sentence(text: str, words: str) -> None:
    with pytest.raises(UsageError, match=words):
        settings_from_toml(text, "run.toml")


def test_sizes_and_layers_must_agree() -> None:
    assert RunConfig.from_settings({"model.hidden": "32,64", "model.layers": 2}).model.hidden == (32, 64)
    with pytest.raises(ConfigError, match=r"model\.layers = 3"):
        RunConfig.from_settings({"model.hidden": "32,64", "model.layers": 3})


@given(
    st.fixed_dictionaries(
        {},
        optional={
            "model.hidden": st.lists(st.integers(1, 8192), min_size=1, max_size=1),
            "model.layers": st.integers(1, 32),
            "optim.lr": st.floats(1e-12, 100),
            "optim.clip_norm": st.none() | st.floats(1e-6, 1e6),
            "train.patience": st.none() | st.integers(1, 100),
            "data.split": st.sampled_from(["distinct", "grouped"]),
            "model.bias": st.booleans(),
        },
    )
)
def test_a_configuration_survives_its_file(settings: dict[str, object]) -> None:
    config = RunConfig.from_settings(settings)
    assert RunConfig.from_settings(settings_from_toml(to_toml(config), "run.toml")) == config


@given(st.sampled_from(sorted(FIELDS)), st.text(max_size=20))
def test_any_text_is_taken_or_refused_in_a_sentence(key: str, text: str) -> None:
    field = FIELDS[key]
    try:
        value = field.parse(text)
    except ConfigError as error:
        words = str(error)
        assert key in words
        assert field.allowed in words or "without a zero byte" in words
    else:
        assert field.parse(field.text(value)) == value


def test_every_default_is_allowed_and_every_field_has_a_help_line() -> None:
    for field in FIELDS.values():
        assert field.check(field.default) == field.default
        assert field.setting.help.endswith(".")
