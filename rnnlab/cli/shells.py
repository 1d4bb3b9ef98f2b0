"""The shells whose TAB asks `rnnlab`: click's own scripts, but that no space follows what ends in `=` or `/`.

bash takes `KEY=VALUE` for three words, and puts what it is answered in place of the last; zsh and fish leave it one. So the words
are joined again here, and the answer begins where the shell thinks the word does.
"""

from __future__ import annotations

import os
from typing import Any

from click.shell_completion import (
    BashComplete,
    CompletionItem,
    FishComplete,
    ShellComplete,
    ZshComplete,
    add_completion_class,
    split_arg_string,
)

_BASH = """\
%(complete_func)s() {
    local IFS=$'\\n' line
    COMPREPLY=()
    while read -r line; do
        case "$line" in
            dir,*) compopt -o dirnames ;;
            file,*) compopt -o default ;;
            plain,*)
                COMPREPLY+=("${line#plain,}")
                [[ $line == *[=/] ]] && compopt -o nospace ;;
        esac
    done < <(COMP_WORDS="${COMP_WORDS[*]}" COMP_CWORD=$COMP_CWORD %(complete_var)s=bash_complete "$1" 2>/dev/null)
    return 0
}
complete -o nosort -F %(complete_func)s %(prog_name)s
"""

_ZSH = """\
#compdef %(prog_name)s

%(complete_func)s() {
    local -a plain described unfinished response
    local type key descr
    (( ! $+commands[%(prog_name)s] )) && return 1
    response=("${(@f)$(env COMP_WORDS="${words[*]}" COMP_CWORD=$((CURRENT-1)) \\
        %(complete_var)s=zsh_complete %(prog_name)s 2>/dev/null)}")
    for type key descr in ${response}; do
        case "$type" in
            dir) _path_files -/ ;;
            file) compset -P '*='; _path_files -f ;;
            plain)
                if [[ "$key" == *[=/] ]]; then unfinished+=("$key")
                elif [[ "$descr" == "_" ]]; then plain+=("$key")
                else described+=("$key":"$descr"); fi ;;
        esac
    done
    [[ -n "$described" ]] && _describe -V unsorted described -U
    [[ -n "$plain" ]] && compadd -U -V unsorted -a plain
    [[ -n "$unfinished" ]] && compadd -U -V unfinished -S '' -a unfinished
}

if [[ $zsh_eval_context[-1] == loadautofunc ]]; then
    %(complete_func)s "$@"
else
    compdef %(complete_func)s %(prog_name)s
fi
"""


def _whole(found: list[CompletionItem[Any]], incomplete: str) -> list[CompletionItem[Any]]:
    """What was found as whole words: behind `--option=` click gives the values alone."""
    option, equals, _ = incomplete.partition("=")
    if not (equals and option.startswith("-")):
        return found
    return [CompletionItem(f"{option}={item.value}", item.type, item.help) for item in found]


class Bash(BashComplete):
    """bash 4.4 and newer."""

    source_template = _BASH
    _cut = 0
    """Characters of the word that bash will not replace."""

    def get_completion_args(self) -> tuple[list[str], str]:
        """The words before the one to be completed, and what there is of it."""
        words = split_arg_string(os.environ["COMP_WORDS"])
        at = int(os.environ["COMP_CWORD"])
        joined: list[str] = []
        before = ""
        for word in [*words[:at], *(words[at : at + 1] or [""])]:
            if joined and "=" in (word, before):
                joined[-1] += word
            else:
                joined.append(word)
            before = word
        incomplete = joined.pop()
        # Where bash does not divide words at `=`, it replaces all of them.
        divided = before != incomplete
        self._cut = incomplete.rfind("=") + 1 if divided else 0
        return joined[1:], incomplete

    def get_completions(self, args: list[str], incomplete: str) -> list[CompletionItem[Any]]:
        """The completions, without the part of the word that bash keeps."""
        found = _whole(super().get_completions(args, incomplete), incomplete)
        return [CompletionItem(item.value[self._cut :], item.type, item.help) for item in found]


class Zsh(ZshComplete):
    """Completion in zsh, which leaves `KEY=VALUE` one word."""

    source_template = _ZSH

    def get_completions(self, args: list[str], incomplete: str) -> list[CompletionItem[Any]]:
        """The completions, as whole words."""
        return _whole(super().get_completions(args, incomplete), incomplete)


class Fish(FishComplete):
    """Completion in fish, which leaves `KEY=VALUE` one word."""

    def get_completions(self, args: list[str], incomplete: str) -> list[CompletionItem[Any]]:
        """The completions, as whole words."""
        return _whole(super().get_completions(args, incomplete), incomplete)


def register() -> None:
    """Have click ask these when `_RNNLAB_COMPLETE` names their shells."""
    shells: dict[str, type[ShellComplete]] = {"bash": Bash, "zsh": Zsh, "fish": Fish}
    for name, shell in shells.items():
        add_completion_class(shell, name)
