"""Choice of classes: `data.classes`."""

from __future__ import annotations

import difflib
from collections.abc import Sequence

from rnnlab.config import ConfigError, RunConfig

ALL = "all"


def chosen_classes(config: RunConfig, known: Sequence[str]) -> tuple[str, ...]:
    """Classes that `data.classes` names, in the order of `known`; all of them for `all`.

    Case is ignored. Raises `ConfigError` for a class that is not known, naming the nearest, and for fewer than two.
    """
    wanted = config.data.classes
    if wanted.strip().casefold() == ALL:
        return tuple(known)
    folded = {name.casefold(): name for name in known}
    chosen: set[str] = set()
    for word in wanted.split(","):
        name = word.strip().casefold()
        if not name:
            continue
        if name not in folded:
            near = difflib.get_close_matches(name, folded, n=1)
            listed = ", ".join(known[:40]) + (", …" if len(known) > 40 else "")
            raise ConfigError(
                "data.classes", word.strip(), f"all, or some of {listed}", folded[near[0]] if near else None
            )
        chosen.add(folded[name])
    if len(chosen) < 2:
        raise ConfigError("data.classes", wanted, "all, or at least two classes with commas between them")
    return tuple(name for name in known if name in chosen)
