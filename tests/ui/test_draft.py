"""What a person types over the defaults, without a screen."""

from __future__ import annotations

import shlex

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rnnlab.catalog.models.catalog import MODELS
from rnnlab.catalog.tasks.catalog import TASKS
from rnnlab.config import FIELDS, ConfigError, Field, RunConfig
from rnnlab.config.net import inits_of
from rnnlab.config.plain import PLAIN
from rnnlab.ui.setup.draft.command_line import command_line
from rnnlab.ui.setup.draft.draft import Draft
from rnnlab.ui.setup.draft.estimate import estimate
from rnnlab.ui.setup.draft.stepping import stepped
from rnnlab.ui.setup.form.line_edit import LineEdit


def test_an_untouched_draft_is_the_tasks_own_configuration() -> None:
    for name in TASKS:
        draft = Draft({"task.name": name})
        assert draft.config() == RunConfig.from_settings({"task.name": name})
        assert command_line(draft) == f"rnnlab train {name}"
        assert not any(draft.changed(key) for key in FIELDS if key != "task.name")


def test_the_tasks_defaults_apply_and_what_was_typed_stays() -> None:
    draft = Draft()
    draft.set("model.hidden", "32,64")
    draft.set("task.name", "sinusoids")
    assert draft.value("data.test") == TASKS["sinusoids"].defaults["data.test"]
    assert draft.text("model.hidden") == "32,64"
    draft.set("data.test", "0.2")
    draft.set("task.name", "binary")
    assert draft.value("data.test") == 0.2
    assert not draft.applies("data.balance")


def test_a_wrong_text_says_what_the_command_line_would_say() -> None:
    draft = Draft()
    draft.set("optim.lr", "-1")
    with pytest.raises(ConfigError) as from_field:
        FIELDS["optim.lr"].parse("-1")
    assert str(draft.errors["optim.lr"]) == str(from_field.value)
    with pytest.raises(ConfigError, match=r"optim\.lr"):
        draft.config()
    assert estimate(draft) is None


def test_values_that_do_not_go_together_are_an_error_at_one_of_them() -> None:
    draft = Draft()
    draft.set("model.hidden", "32,64")
    draft.set("model.layers", "3")
    assert list(draft.errors) == ["model.layers"]


def test_a_wrong_text_in_a_field_that_no_longer_applies_is_no_error() -> None:
    draft = Draft({"optim.name": "sgd"})
    draft.set("optim.momentum", "2")
    assert "optim.momentum" in draft.errors
    draft.set("optim.name", "adam")
    assert not draft.errors
    assert draft.config().optim.momentum == 0
    assert "momentum" not in command_line(draft)


def test_undo_takes_back_a_whole_typed_number_and_then_what_was_before() -> None:
    draft = Draft()
    draft.set("task.name", "binary")
    for text in ("2", "25", "256"):
        draft.set("model.hidden", text)
    draft.settle()
    draft.reset("model.hidden")
    assert (draft.undo(), draft.text("model.hidden")) == ("model.hidden", "256")
    assert (draft.undo(), draft.changed("model.hidden")) == ("model.hidden", False)
    assert (draft.undo(), draft.card.name) == ("task.name", "surnames")
    assert draft.undo() is None


def test_reset_all_leaves_the_task_and_can_be_undone() -> None:
    draft = Draft({"task.name": "binary", "model.hidden": (8,), "optim.lr": 0.1})
    assert draft.reset_all()
    assert command_line(draft) == "rnnlab train binary"
    assert not draft.reset_all()
    draft.undo()
    assert draft.value("model.hidden") == (8,)


@pytest.mark.parametrize(
    ("key", "value", "up", "down"),
    [
        ("model.hidden", (32, 64), (64, 128), (16, 32)),
        ("model.hidden", (1,), (2,), (1,)),
        ("optim.lr", 0.003, 0.005, 0.002),
        ("optim.lr", 0.001, 0.002, 0.0005),
        ("optim.weight_decay", 0.0, 1e-6, 0.0),
        ("optim.weight_decay", 1e-6, 2e-6, 0.0),
        ("model.layers", 1, 2, 1),
        ("model.dropout", 0.95, 0.95, 0.9),
        ("train.patience", None, 1, None),
        ("train.patience", 1, 2, None),
        ("optim.name", "adam", "adamw", "adam"),
        ("model.bias", True, True, False),
    ],
)
def test_steps(key: str, value: object, up: object, down: object) -> None:
    assert stepped(FIELDS[key], value, 1) == up
    assert stepped(FIELDS[key], value, -1) == down


@given(st.sampled_from(list(FIELDS.values())), st.lists(st.sampled_from([1, -1]), max_size=40))
def test_steps_never_leave_what_is_allowed(field: Field, directions: list[int]) -> None:
    value = field.default
    for direction in directions:
        value = stepped(field, value, direction)
        assert field.check(value) == value


def test_the_command_line_is_read_back_as_the_same_configuration() -> None:
    from click.testing import CliRunner

    from rnnlab.cli import train
    from rnnlab.cli.settings import config_from_options

    draft = Draft({"task.name": "names", "model.hidden": (32, 64), "model.bias": False, "model.bidirectional": True})
    draft.set("optim.name", "sgd")
    draft.set("optim.momentum", "0.9")
    draft.set("data.path", "a folder; rm -rf 'x'")
    words = shlex.split(command_line(draft))
    assert words[:3] == ["rnnlab", "train", "names"]
    with CliRunner().isolation():
        parameters = train.command.make_context("train", words[2:]).params
    (task,), file, assignments = (parameters[name] for name in ("words", "config_file", "assignments"))
    parameters = {name: value for name, value in parameters.items() if "__" in name}
    assert config_from_options(task, file, assignments, parameters) == draft.config()


@given(
    st.lists(
        st.one_of(
            st.characters(),
            st.sampled_from(["left", "right", "home", "end", "backspace", "delete", "ctrl+w", "ctrl+u", "ctrl+k"]),
        )
    )
)
def test_line_editing_keeps_its_cursor_in_the_text(keys: list[str]) -> None:
    edit = LineEdit("0.003")
    for key in keys:
        if not edit.press(key):
            edit.insert(key[0])
        assert 0 <= edit.cursor <= len(edit.text)
        part, cursor = edit.window(8)
        assert len(part) <= 8
        assert 0 <= cursor < 8


def test_the_first_character_replaces_and_the_next_are_put_in() -> None:
    edit = LineEdit("128")
    edit.insert("6")
    edit.insert("4")
    edit.press("left")
    edit.press("backspace")
    edit.insert("3")
    assert edit.text == "34"


def test_a_way_to_split_that_the_task_does_not_know_waits_for_one_that_does() -> None:
    draft = Draft({"task.name": "har", "data.split": "person"})
    assert draft.field("data.split").setting.choices == TASKS["har"].splits
    assert draft.config().data.split == "person"
    draft.set("task.name", "binary")
    assert draft.errors == {}
    assert "data.split" not in draft.settings()
    assert draft.text("data.split") in TASKS["binary"].splits
    draft.set("task.name", "gestures")
    assert draft.value("data.split") == "person"


OTHER = {
    "data.classes": "A,B",
    "data.class_weights": "A=2,B=0.5",
    "data.path": "/somewhere",
    "data.series": "1:15",
    "data.test_steps": "7",
    "data.input_column": "text",
    "data.target_column": "label",
    "model.hidden": "24",
}
"""Texts for the fields that have no next value to step to."""


def everything_entered(task: str) -> Draft:
    """A draft in which each field that means something for the task, whatever stands in the others, is not at its default."""
    draft = Draft({"task.name": task})
    for key in FIELDS:
        if key in ("task.name", "optim.name", "model.name", "data.balance") or not draft.applies(key):
            continue
        if key in OTHER:
            draft.set(key, OTHER[key])
            continue
        for direction in (1, -1):
            before = draft.value(key)
            draft.step(key, direction)
            if draft.value(key) != before and not draft.errors:
                break
            draft.set(key, FIELDS[key].text(before))
    return draft


@pytest.mark.parametrize("task", TASKS)
def test_what_means_nothing_for_a_task_does_not_travel_to_it(task: str) -> None:
    draft = everything_entered(task)
    entered = draft.settings()
    assert not draft.errors
    assert len(entered) > 20
    for other in TASKS:
        if other == task:
            continue
        draft.set("task.name", other)
        assert draft.errors == {}, other
        there = draft.settings()
        travelled = there.keys() & entered.keys() - {"task.name"}
        assert all(FIELDS[key].carries(task, other) and there[key] == entered[key] for key in travelled)
        assert there.keys() <= entered.keys(), other
        config = draft.config()
        for key in FIELDS:
            if key not in there and key != "data.split":
                # As it would be had the person written nothing.
                assert config.get(key) == draft.default(key)
        draft.set("task.name", task)
        assert draft.settings() == entered, "and it is there again when the task is"


@pytest.mark.parametrize(
    ("key", "text", "task", "other"),
    [
        ("data.path", "words.csv", "own", "names"),
        ("data.path", "/data/of/mine", "names", "own"),
        ("data.class_weights", "Arabic=2", "names", "har"),
        ("data.classes", "Czech,Dutch", "names", "digits"),
        ("data.window", "8", "sales", "own"),
        ("data.steps", "1000", "adding", "copy"),
    ],
)
def test_what_describes_the_data_of_one_task_stays_with_it(key: str, text: str, task: str, other: str) -> None:
    draft = Draft({key: FIELDS[key].parse(text), "task.name": task})
    assert draft.text(key) == text
    draft.set("task.name", other)
    assert not draft.changed(key)
    assert key not in draft.settings()
    assert text not in command_line(draft)
    draft.set("task.name", task)
    assert draft.text(key) == text


def test_a_folder_of_data_sets_is_that_of_all_of_them() -> None:
    draft = Draft({"task.name": "names", "data.path": "/data/of/mine"})
    draft.set("task.name", "har")
    assert draft.text("data.path") == "/data/of/mine"
    draft.set("task.name", "binary")
    assert not draft.applies("data.path"), "it is made here: no folder means anything"


@pytest.mark.parametrize("model", MODELS)
def test_what_means_nothing_for_an_architecture_does_not_travel_to_it(model: str) -> None:
    draft = Draft({"task.name": "surnames", "model.name": model})
    for key in FIELDS:
        if key.startswith("model.") and key not in ("model.name", *OTHER) and draft.applies(key):
            for _ in draft.field(key).setting.choices or "1":
                draft.step(key, 1)
                if draft.errors:
                    draft.undo()
    entered = draft.settings()
    assert entered.get("model.init") in (None, inits_of(model)[-1])
    for other in MODELS:
        draft.set("model.name", other)
        assert draft.errors == {}, other
        assert all(draft.config().applies(key) for key in draft.settings())
    draft.set("model.name", model)
    assert draft.settings() == entered


def test_an_architecture_brings_the_readout_that_suits_it() -> None:
    draft = Draft({"task.name": "digits"})
    assert draft.value("model.readout") == "last"
    draft.set("model.name", "conv")
    assert draft.value("model.readout") == "max"
    assert not draft.changed("model.readout")
    assert command_line(draft) == "rnnlab train digits --model conv"
    assert draft.config() == RunConfig.from_settings({"task.name": "digits", "model.name": "conv"})
    draft.set("model.readout", "last")
    assert draft.config().model.readout == "last"


def test_plain_training_is_that_of_the_command_line_and_one_change() -> None:
    from rnnlab.cli.settings import config_from_options

    draft = Draft({"task.name": "gestures", "model.hidden": (32,)})
    before = draft.config()
    draft.set_all(PLAIN)
    assert draft.config() == config_from_options("gestures", None, ("model.hidden=32",), {"plain": True})
    assert draft.undo() == ""
    assert draft.config() == before


def test_texts_read_otherwise_than_suits_them_are_a_change_with_all_that_goes_with_it() -> None:
    net = {"problem": "classification", "inputs": "tokens", "input_size": 116, "outputs": 2}
    known = {
        "sequences": 600,
        "tested": 0,
        "mean": 11.0,
        "inputs": "tokens",
        "problem": "classification",
        "tokens": "words",
    }
    draft = Draft({"task.name": "own", "data.path": "sms.csv"})
    draft.know_file("sms.csv", net, 475, known)
    assert (draft.text("data.tokens"), draft.text("data.encoding"), draft.text("model.readout")) == (
        "words",
        "embedding",
        "max",
    )
    assert not draft.changed("data.tokens")
    draft.set("data.tokens", "characters")
    # The check is made again, with that setting.
    draft.know_file("sms.csv", net | {"input_size": 40}, 475, known | {"mean": 53.0})
    assert draft.changed("data.tokens")
    assert (draft.text("data.encoding"), draft.text("model.readout")) == ("one-hot", "last")
    assert draft.data_settings()["data.tokens"] == "characters"
    assert draft.settings()["data.tokens"] == "characters"
    assert not draft.applies("data.vocabulary")
