"""The command that does what the form would do."""

from __future__ import annotations

import shlex

from rnnlab.catalog.models.own_cells import CHOSEN
from rnnlab.config import FIELDS
from rnnlab.config.train import SEED
from rnnlab.ui.setup.draft.draft import Draft


def command_line(draft: Draft) -> str:
    """`rnnlab train …` with a flag for each field that was changed, as a shell reads it; of several values `rnnlab sweep …`.

    A cell of a person's own is named with its file.
    """
    chosen = CHOSEN.get(draft.text("model.name"))
    cells = [] if chosen is None else ["--cells", str(chosen.path)]
    return shlex.join(["rnnlab", *arguments_of(draft), *cells])


def arguments_of(draft: Draft, seeds: str = "") -> list[str]:
    """The command's arguments, one by one; `seeds` as `rnnlab train --seeds` takes them, empty: those that are set."""
    over = draft.over
    arguments = ["sweep" if draft.is_sweep else "train", draft.card.name]
    if draft.seeds and not seeds:
        from rnnlab.ui.setup.draft.several import seeds_text

        seeds = seeds_text(draft.seeds)
    for key in over:
        arguments += ["--over", f"{key}={draft.text(key)}"]
    if seeds:
        arguments += ["--seeds", seeds]
    for key, value in draft.settings().items():
        field = FIELDS[key]
        if (
            key == "task.name"
            or key in over
            or (key == SEED and draft.seeds)
            or not draft.changed(key)
            or key in draft.errors
        ):
            continue
        flag = field.setting.flag
        if not flag:
            arguments += ["--set", f"{key}={field.text(value)}"]
        elif field.kind == "bool":
            arguments.append(flag if value else f"--no-{flag[2:]}")
        else:
            arguments += [flag, field.text(value)]
    return arguments
