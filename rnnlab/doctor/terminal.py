"""What the terminal can show: colours, characters, and whether TAB completes."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Mapping
from pathlib import Path

from rnnlab.doctor.finding import Finding
from rnnlab.text.palette import terminal_palette

_CHARACTERS = "✓ ▁▄█ ⣿ ░▒▓ ┄ é"
_RC_FILES = {
    "bash": (
        ".bashrc",
        ".bash_profile",
        ".profile",
        ".bash_completion",
        ".local/share/bash-completion/completions/rnnlab",
    ),
    "zsh": (".zshrc", ".zshenv", ".zprofile"),
    "fish": (".config/fish/config.fish", ".config/fish/completions/rnnlab.fish"),
}
"""Files in which completion is set up in a shell, relative to the home folder."""
_COMPLETE = "_RNNLAB_COMPLETE"
_LARGEST = 1 << 20
"""Bytes of such a file that are read."""


def colours(environment: Mapping[str, str] = os.environ) -> Finding:
    """How many colours the terminal promises, and what the app does with them."""
    term = environment.get("TERM", "")
    if environment.get("NO_COLOR"):
        return Finding(
            "colours", "ok", "none, as NO_COLOR says",
            "plots differ by markers and dashes, text by bold, dim and reverse", "",
        )  # fmt: skip
    if term in ("", "dumb", "unknown"):
        return Finding(
            "colours", "warning", f"TERM is {term or 'not set'}: no terminal that can be drawn on",
            "commands print plain text; the app cannot be opened here",
            "open rnnlab in a terminal, or set TERM to its name (xterm-256color)",
        )  # fmt: skip
    depth = terminal_palette(environment).depth
    if depth == "truecolor":
        return Finding("colours", "ok", f"16 million ({term})")
    number = "256" if depth == "256" else "16"
    promised = f"{number} ({term}{'' if environment.get('COLORTERM') else ', COLORTERM is not set'})"
    if depth == "256":
        return Finding("colours", "ok", promised, "shades are chosen among those; all plots stay in order")
    return Finding(
        "colours", "warning", promised,
        "plots and the app use a theme of just these; shades of a confusion matrix are few",
        "if the terminal has more: export COLORTERM=truecolor, or TERM=xterm-256color",
    )  # fmt: skip


def characters(encoding: str | None = None) -> Finding:
    """Whether the output can carry the characters that plots are made of."""
    encoding = encoding or getattr(sys.stdout, "encoding", None) or "ascii"
    try:
        _CHARACTERS.encode(encoding)
    except (UnicodeError, LookupError):
        return Finding(
            "characters", "warning", f"the encoding is {encoding}", "marks are written in ASCII, letters that it lacks as ?",
            "export LANG=C.UTF-8 (or another locale that ends in UTF-8)",
        )  # fmt: skip
    return Finding("characters", "ok", f"{encoding}; these should be a tick, blocks, dots: {_CHARACTERS}")


def completion(environment: Mapping[str, str] = os.environ) -> Finding:
    """Whether the person's shell asks rnnlab at TAB: its own files are searched for the line that says so."""
    path = environment.get("SHELL", "")
    shell = Path(path).name
    if shell not in _RC_FILES:
        return Finding("completion", "ok", f"not for {shell or 'this shell'}", "TAB completes in bash, zsh and fish")
    home = Path(environment.get("HOME") or "/nonexistent")
    for name in _RC_FILES[shell]:
        if _says(home / name):
            return Finding("completion", "ok", f"TAB completes in {shell} (~/{name})")
    if shell == "fish":
        line, file = f"{_COMPLETE}=fish_source rnnlab | source", "~/.config/fish/config.fish"
    else:
        line, file = f'eval "$({_COMPLETE}={shell}_source rnnlab)"', f"~/.{shell}rc"
    return Finding(
        "completion", "warning", f"TAB does not complete rnnlab's commands in {shell}",
        "no start file of the shell in the home folder names it", f"add to {file}:  {line}",
    )  # fmt: skip


def command() -> Finding:
    """Whether `rnnlab` is found by a shell, and is this one."""
    found = shutil.which("rnnlab")
    own = Path(sys.executable).parent / "rnnlab"
    if found is None:
        return Finding(
            "command", "warning", "the shell does not find `rnnlab`", "examples in the help have to be typed with its folder",
            f"add {own.parent} to PATH, or activate the environment",
        )  # fmt: skip
    if own.exists() and not own.samefile(found):
        return Finding(
            "command", "warning", f"`rnnlab` is {found}, and this is {own}",
            "two installations: what one says of versions and extras need not hold for the other",
            f"activate the environment that you mean, or call {own}",
        )  # fmt: skip
    return Finding("command", "ok", found)


def _says(path: Path) -> bool:
    try:
        with path.open(encoding="utf-8", errors="replace") as file:
            return _COMPLETE in file.read(_LARGEST)
    except OSError:
        return False
