"""A recipe's file: what it means, and what is wrong with one."""

from __future__ import annotations

import pytest

from rnnlab.config import UsageError
from rnnlab.recipes.recipe import Recipe, parse_recipe
from rnnlab.sweeps.specification import Origin

HEAD = 'title = "A title"\n'
SWEEP = '[[sweep]]\nname = "one"\ntitle = "a sweep"\n'
SETTINGS = 'settings = { "task.name" = "binary", "train.epochs" = 20 }\n'


def parsed(text: str) -> Recipe:
    return parse_recipe(text, "mine", "mine.toml")


def test_the_quick_form_replaces_settings_one_by_one_and_the_rest_whole() -> None:
    recipe = parsed(
        f"{HEAD}{SWEEP}{SETTINGS}seeds = 3\n"
        'over = { "model.hidden" = [4, 8], "optim.lr" = [0.1, 0.2] }\n'
        '[sweep.quick]\nseeds = 1\nsettings = { "train.epochs" = 2 }\nover = { "optim.lr" = [0.1] }\n'
    )
    (part,) = recipe.parts
    full, quick = part.specification(quick=False), part.specification(quick=True)
    assert (full.seeds, quick.seeds) == ((0, 1, 2), (0,))
    assert (full.settings["train.epochs"], quick.settings["train.epochs"]) == (20, 2)
    assert quick.settings["task.name"] == "binary"
    assert quick.over["model.hidden"] == full.over["model.hidden"]
    assert quick.over["optim.lr"].listed == (0.1,)
    assert (full.recipe, quick.recipe) == (Origin("mine", "one"), Origin("mine", "one", quick=True))
    assert recipe.session_name(part, quick=True) == "mine-one-quick"


def test_plain_settings_lie_under_those_of_the_sweep() -> None:
    (part,) = parsed(
        f'{HEAD}{SWEEP}plain = true\nsettings = {{ "task.name" = "binary", "optim.clip_norm" = 5 }}\n'
    ).parts
    assert part.full.settings["optim.schedule"] == "constant"
    assert part.full.settings["optim.clip_norm"] == 5.0
    assert part.quick.settings["optim.schedule"] == "constant"


def test_what_the_rows_share_is_written_once() -> None:
    (part,) = parsed(
        f'{HEAD}{SWEEP}{SETTINGS}[sweep.reported]\nfigure = "mae"\nhow = "in words"\n'
        '[[sweep.published]]\ntitle = "a"\nvalue = 2\n[[sweep.published]]\ntitle = "b"\nlow = 1\nhigh = 2\nfigure = "loss"\n'
    ).parts
    first, second = part.published
    assert (first.figure, first.low, first.high, first.how) == ("mae", 2.0, 2.0, "in words")
    assert (second.figure, second.low, second.high, second.how) == ("loss", 1.0, 2.0, "in words")


@pytest.mark.parametrize(
    ("written", "digits"),
    [
        ("value = 0.20", 2),
        ("value = 0.2", 1),
        ("value = 246.00", 2),
        ("value = 180", 0),
        ("low = 0.50\nhigh = 0.550", 3),
    ],
)
def test_a_reported_number_has_the_digits_that_it_was_written_with(written: str, digits: int) -> None:
    (part,) = parsed(f'{HEAD}{SWEEP}{SETTINGS}[[sweep.published]]\ntitle = "a"\n{written}\n').parts
    (figure,) = part.published
    assert figure.digits == digits
    assert type(figure.low) is type(figure.high) is float


PUBLISHED = f'{HEAD}{SWEEP}{SETTINGS}[[sweep.published]]\ntitle = "a"\n'


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("format = 9\n", "has format 9, this rnnlab reads up to 1"),
        (SWEEP + SETTINGS, "title must be a text"),
        (HEAD, "a recipe has one [[sweep]] or more"),
        (HEAD + SWEEP + SETTINGS + SWEEP + SETTINGS, "each with a name of its own"),
        (HEAD + "colour = 1\n" + SWEEP + SETTINGS, "there is no 'colour' in a recipe"),
        (HEAD + SWEEP + "seeds = 3\n", "sweep 1: settings must hold task.name"),
        (HEAD + SWEEP + SETTINGS + "colour = 1\n", "there is no 'colour' in a sweep"),
        (HEAD + SWEEP + SETTINGS + 'beside = "two"\n', "beside = 'two' is not the name of another sweep"),
        (HEAD + SWEEP + SETTINGS + "plain = 1\n", "plain must be true or false"),
        (HEAD + SWEEP + SETTINGS + "quick = 1\n", "quick must be a table"),
        (HEAD + SWEEP + SETTINGS + "[sweep.quick]\nover = 3\n", "settings, over and each point must be tables"),
        (HEAD + SWEEP + SETTINGS + '[sweep.quick.settings]\n"train.epochs" = 0\n', "train.epochs"),
        (PUBLISHED, "give a value, low and high, or words"),
        (PUBLISHED + "value = 1\nwords = 'much'\n", "give a value, low and high, or words"),
        (PUBLISHED + "low = 1\n", "give a value, low and high, or words"),
        (PUBLISHED + "value = 'much'\n", "value must be a number"),
        (PUBLISHED + "value = 1\nsubset = 'dev'\n", "subset = 'dev' is not one of train, validation, test"),
        (PUBLISHED + "value = 1\ncolour = 1\n", "there is no 'colour' in a published figure"),
        (PUBLISHED + "value = 1\nruns = { 'model.hiden' = 3 }\n", "model.hiden"),
    ],
)
def test_a_wrong_file_is_one_sentence_that_names_it(text: str, said: str) -> None:
    with pytest.raises(UsageError) as raised:
        parsed(text)
    assert said in str(raised.value)
    assert str(raised.value).count("mine.toml") == 1
    assert "\n" not in str(raised.value)
