"""`rnnlab models`: what architectures there are, each with its equations, their source and its parameters."""

from __future__ import annotations

import difflib
import shutil
import textwrap
from typing import Any

import click

from rnnlab.catalog.model_card import ModelCard
from rnnlab.catalog.models.catalog import MODELS, grouped
from rnnlab.cli import completion
from rnnlab.cli.cells import cells_option
from rnnlab.cli.echo import echo, echo_json
from rnnlab.config import UsageError

_WIDEST = 100


@click.command("models")
@click.argument("name", required=False, shell_complete=completion.models)
@click.option("--json", "as_json", is_flag=True, help="Print JSON, and nothing else, on stdout.")
@cells_option
def command(name: str | None, as_json: bool) -> None:
    """List the architectures, or show NAME whole: what it is, its equations, their source, its parameters.

    n is what a layer reads at each step, h its units, k the steps a convolution sees at once. A dash marks what was before:
    h' is the state one step ago.
    """
    if name is not None:
        card = _card(name)
        if as_json:
            echo_json(_document(card))
        else:
            echo(*_whole(card))
    elif as_json:
        echo_json([_document(card) for card in MODELS.values()])
    else:
        echo(*_list())


def _card(name: str) -> ModelCard:
    card = MODELS.get(name.lower())
    if card is None:
        near = difflib.get_close_matches(name.lower(), MODELS, n=1)
        hint = f" (did you mean {near[0]}?)" if near else ""
        raise UsageError(f"there is no architecture {name!r}{hint}; `rnnlab models` lists them")
    return card


def _list() -> list[str]:
    """A heading a group, then two lines a card: what it is, and its formula and source."""
    width = min(shutil.get_terminal_size((80, 24)).columns, _WIDEST)
    names = max(len(name) for name in MODELS) + 2
    lines: list[str] = []
    for group, cards in grouped().items():
        lines += ["", group.upper()] if lines else [group.upper()]
        for card in cards:
            lines.append(textwrap.shorten(f"{card.name:<{names}}", names).ljust(names) + _first(card, width - names))
            lines.append(textwrap.indent(_cut(f"{card.formula}   {card.source}", width - names), " " * names))
    lines += ["", "rnnlab models NAME shows one whole; n: numbers read a step, h: units; biases come on top."]
    return lines


def _first(card: ModelCard, width: int) -> str:
    return _cut(f"{card.title}: {card.summary}", width)


def _cut(text: str, width: int) -> str:
    return text if len(text) <= width else text[: width - 1].rstrip() + "…"


def _whole(card: ModelCard) -> list[str]:
    width = min(shutil.get_terminal_size((80, 24)).columns, _WIDEST)

    def part(title: str, text: str) -> list[str]:
        return textwrap.wrap(text, width, initial_indent=f"{title:<12}", subsequent_indent=" " * 12)

    lines = [f"{card.title} ({card.name})", "", *textwrap.wrap(card.summary, width), ""]
    lines += [f"    {equation}" for equation in card.equations]
    lines += ["", *part("weights", f"{card.formula} a layer"), *part("biases", f"{card.bias_formula} a layer")]
    if card.recurrent:
        lines += part("remembers", _memory(card))
    for key, value in card.defaults.items():
        lines += part("default", f"{key} = {value}")
    if card.package:
        lines += part("computed by", f"torchrecurrent.{card.package}Cell")
    return lines + part("source", card.source)


def _memory(card: ModelCard) -> str:
    text = "h numbers" if card.n_states == 1 else f"{card.n_states}·h numbers"
    return text + (" and the last input, n" if card.keeps_input else "")


def _document(card: ModelCard) -> dict[str, Any]:
    return {
        "name": card.name,
        "title": card.title,
        "group": card.group,
        "family": card.family,
        "summary": card.summary,
        "equations": list(card.equations),
        "source": card.source,
        "weights": card.formula,
        "biases": card.bias_formula,
        "defaults": dict(card.defaults),
    }
