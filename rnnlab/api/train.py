"""Training from Python: by the same runner, in the same folders and with the same log as on the command line."""

from __future__ import annotations

import os
import warnings
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from rnnlab.api.cells import use_cells
from rnnlab.api.run import Run
from rnnlab.api.runs import Runs
from rnnlab.api.settings import config_from_keywords
from rnnlab.config import RunConfig
from rnnlab.engines.local import ensure_runner
from rnnlab.engines.slots import slots_problem
from rnnlab.engines.startable import check_startable
from rnnlab.runs.folders import RunFolder, Session, create_session
from rnnlab.runs.repeats import parse_seeds, repeated
from rnnlab.tasks.with_data import with_its_data

_NOTHING: Mapping[str, object] = {}


def train(
    task: str,
    /,
    *,
    session: str | os.PathLike[str] | None = None,
    wait: bool = True,
    progress: bool | None = None,
    config: str | os.PathLike[str] | None = None,
    plain: bool = False,
    cells: Sequence[str | os.PathLike[str]] | str | os.PathLike[str] = (),
    settings: Mapping[str, object] = _NOTHING,
    **named: object,
) -> Run:
    """Train one run in a process of its own and return it; without `wait` at once, while it trains.

    Settings are keywords named as the flags of `rnnlab train`, with underscores (`hidden=64, lr=0.01, batch=32`), or stand by
    key in `settings` (`{"optim.momentum": 0.9}`). `session` is the session's name, or a path whose last part is its name; None:
    today's session of the task. `progress` is one line on standard error; None: on a terminal and in a notebook. `config`
    names a `run.toml` to start from; `plain` trains in the simplest way, as `--plain`; `cells` are files as `use_cells` takes
    them.

    An interrupt (Ctrl-C) stops the run, waits for its clean end and is raised then. Raises `UsageError` and `ConfigError`
    before anything is trained, with the sentences of the command line; `TrainingFailed` where the run failed.
    """
    use_cells(*([cells] if isinstance(cells, str | os.PathLike) else cells))
    found = with_its_data(config_from_keywords(task, named, settings, file=config, plain=plain))
    run = Run(_queue([found], session)[0])
    return run.wait(progress=progress) if wait else run


def repeat(
    task: str,
    /,
    *,
    seeds: int | Iterable[int] = 3,
    session: str | os.PathLike[str] | None = None,
    wait: bool = True,
    progress: bool | None = None,
    config: str | os.PathLike[str] | None = None,
    plain: bool = False,
    cells: Sequence[str | os.PathLike[str]] | str | os.PathLike[str] = (),
    settings: Mapping[str, object] = _NOTHING,
    **named: object,
) -> Runs:
    """Train one run for each seed, side by side, on one split, as `rnnlab train --seeds`; else as `train`.

    `seeds` is how many, from `seed` on, or which.
    """
    use_cells(*([cells] if isinstance(cells, str | os.PathLike) else cells))
    found = with_its_data(config_from_keywords(task, named, settings, file=config, plain=plain))
    text = str(seeds) if isinstance(seeds, int) else ",".join(map(str, seeds)) + ","
    configs = repeated(found, parse_seeds(text, found.train.seed))
    runs = Runs(map(Run, _queue(configs, session)))
    return runs.wait(progress=progress) if wait else runs


def _queue(configs: Sequence[RunConfig], session: str | os.PathLike[str] | None) -> list[RunFolder]:
    """The runs, queued in the session, whose runner lives. Raises `UsageError`."""
    found = _session(session, configs[0].task.name)
    check_startable(found)
    runs = [found.create_run(config) for config in configs]
    ensure_runner(found)
    if problem := slots_problem(found):
        warnings.warn(problem, stacklevel=3)
    return runs


def _session(session: str | os.PathLike[str] | None, task: str) -> Session:
    if session is None or (isinstance(session, str) and os.sep not in session):
        return create_session(session, task)
    path = Path(session).absolute()
    return create_session(path.name, task, root=path.parent)
