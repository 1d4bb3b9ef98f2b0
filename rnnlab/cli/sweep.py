"""`rnnlab sweep`: many runs from one specification, as one session."""

from __future__ import annotations

import difflib
import shlex
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click

from rnnlab.catalog.tasks.catalog import TASKS
from rnnlab.cli import completion
from rnnlab.cli.cells import cells_option
from rnnlab.cli.engine_options import engine_of, engine_options
from rnnlab.cli.settings import setting_options
from rnnlab.cli.sweep_settings import base_settings
from rnnlab.config import FIELDS, UsageError
from rnnlab.recipes.catalog import recipe_names
from rnnlab.runs.find import list_sessions
from rnnlab.runs.folders import Session, sessions_root
from rnnlab.runs.repeats import parse_seeds
from rnnlab.sweeps.find import is_file, session_name, session_with_sweep
from rnnlab.sweeps.space import parse_over
from rnnlab.sweeps.specification import ASKED_FROM, NAME, Method, Specification, read_file


@click.command("sweep")
@click.argument("what", metavar="WHAT", shell_complete=completion.swept)
@click.argument("settings", nargs=-1, metavar="[KEY=VALUE]...")
@click.option(
    "--over",
    "over",
    multiple=True,
    metavar="KEY=VALUES",
    help="A setting and its values: 'model.hidden=64;128', optim.lr=1e-3..1e-1:log, or :log:5 for five of a range.",
)
@click.option("--grid", is_flag=True, help="Every combination; the default for one or two settings.")
@click.option(
    "--one-at-a-time", is_flag=True, help="The settings as they are, and each value of --over on its own beside them."
)
@click.option(
    "--sobol", type=click.IntRange(1), metavar="N", help="N points spread evenly; the default beyond two settings."
)
@click.option(
    "--tpe", type=click.IntRange(1), metavar="N", help="N points, each chosen by what came of those before (Optuna)."
)
@click.option("--seeds", metavar="N|A,B,C", help="Train each configuration from several seeds, as rnnlab train does.")
@click.option(
    "--folds", type=click.IntRange(2, 20), metavar="N", help="Cross-validation: a fold is a repeat. For small sets."
)
@click.option("--match-parameters", metavar="INT", help="Give each net the hidden size with about so many parameters.")
@click.option(
    "--halving",
    type=click.Choice(["auto", "always"]),
    is_flag=False,
    flag_value="auto",
    help="Pause runs after a 27th, a 9th and a third of their epochs; the best third continues. Not where the learning "
    "rate, its schedule or the number of layers varies, unless always.",
)
@click.option(
    "--confirm",
    type=click.IntRange(1),
    metavar="N",
    help="Train the best three from N fresh seeds; only they are tested.",
)
@click.option(
    "--session", "session_name", metavar="NAME", help="The session to use.", shell_complete=completion.sessions
)
@click.option(
    "--dry-run",
    is_flag=True,
    help="Say how many runs, how long, how much disk, what is invalid or done; queue nothing.",
)
@click.option("--quick", is_flag=True, help="Of a recipe: its quick form, of minutes.")
@click.option("--part", metavar="NAME", help="Of a recipe: only this one of its sweeps.")
@click.option("--status", is_flag=True, help="Say how the sweep stands.")
@click.option("--stop", is_flag=True, help="Stop its runs cleanly; the same command later resumes them.")
@click.option("--retry", type=click.Choice(["failed"]), help="Queue the runs again that failed or diverged.")
@click.option("--attach", is_flag=True, help="Watch a sweep that is under way.")
@click.option("--detach", is_flag=True, help="Queue the runs, print the session's folder and return at once.")
@click.option("--yes", is_flag=True, help=f"Do not ask, also for more than {ASKED_FROM:,} runs.")
@click.option("--json", "as_json", is_flag=True, help="Print the result as JSON, and nothing else, on stdout.")
@engine_options
@setting_options
@cells_option
def command(what: str, settings: tuple[str, ...], **options: Any) -> int:
    """Train many runs as one session. WHAT is a task with --over, a .toml file, a recipe, or a session that has a sweep.

    The session keeps the specification as sweep.toml. The same command again resumes what was stopped, trains what is new, and
    does nothing twice. Ctrl-C stops the runs cleanly; a second Ctrl-C at once leaves them training and returns. Exit code 1
    where runs failed. `rnnlab recipes` lists the recipes: each of their sweeps is a session; with --json a line for each.
    """
    from rnnlab.cli import sweep_watch
    from rnnlab.sweeps.sweep import Sweep

    options["cluster"] = engine_of(options)
    if what in recipe_names() and what not in TASKS:
        from rnnlab.cli.recipe_sweep import carry_out_recipe

        _refuse_changes(f"the recipe {what} says what its sweeps are; leave out", settings, options, "session_name")
        return carry_out_recipe(what, options)
    if options["quick"] or options["part"]:
        raise UsageError(f"{'--quick' if options['quick'] else '--part'} is of a recipe, and {what!r} is none")
    begins = not any(options[name] for name in ("status", "stop", "attach", "retry"))
    if not begins or (what not in TASKS and not is_file(what)):
        session, specification = _kept(what, settings, options)
    else:
        specification = _asked_for(what, settings, options)
        name = session_name(specification, options["session_name"], what if is_file(what) else "")
        session = Session(sessions_root() / name)
    if options["dry_run"]:
        return sweep_watch.dry_run(session, specification, options["as_json"])
    sweep = Sweep(session, specification)
    if begins:
        sweep_watch.check_allowed(sweep)
    return sweep_watch.carry_out(sweep, options)


def _kept(what: str, settings: tuple[str, ...], options: Mapping[str, Any]) -> tuple[Session, Specification]:
    """The session that a person named, where it has a sweep."""
    if settings or options["over"]:
        raise UsageError(
            f"{what!r} is no task and no .toml file, so it is taken for a session, whose sweep is already described; "
            "leave out --over and settings, or name a task (`rnnlab data list` lists them)"
        )
    try:
        return session_with_sweep(Path(what).stem if is_file(what) and not Path(what).is_dir() else what)
    except UsageError as error:
        session = Session(sessions_root() / what)
        if (session.path / NAME).exists():
            raise  # there is one, which cannot be read
        if what in TASKS:
            hint = "; name the session of the sweep, for example: rnnlab sweep SESSION --status"
            raise UsageError(f"{error}{hint}") from None
        near = difflib.get_close_matches(what, [*TASKS, *recipe_names(), *(each.name for each in list_sessions())], n=1)
        hint = f" (did you mean {near[0]}?)" if near else ""
        raise UsageError(
            f"{what!r} is neither a task, a .toml file, a recipe nor a session with a sweep{hint}: {error}"
        ) from None


def _asked_for(what: str, settings: tuple[str, ...], options: Mapping[str, Any]) -> Specification:
    """The specification that the command line describes. Raises `UsageError`."""
    chosen = [name for name in _METHODS if options[name]]
    if len(chosen) > 1:
        both = " and ".join(f"--{each.replace('_', '-')}" for each in chosen[:2])
        raise UsageError(f"{both} choose points in two ways; leave one of them out")
    if is_file(what):
        _refuse_changes(f"{what} says what the sweep is; change it there, or leave out", settings, options)
        return read_file(Path(what))
    over = parse_over(options["over"])
    if not over and not options["seeds"] and not options["folds"]:
        raise UsageError(
            f"what is to be tried? For example: rnnlab sweep {what} --over {shlex.quote('model.hidden=64;128;256')}"
        )
    flags = {name: value for name, value in options.items() if "__" in name or name == "plain"}
    assignments = (*settings, *options["assignments"])
    alone = options["one_at_a_time"]
    base = base_settings(what, options["config_file"], assignments, flags, over, beside=alone)
    first = int(base.get("train.seed", 0))
    seeds = parse_seeds(options["seeds"], first) if options["seeds"] else (first,)
    return Specification(
        settings=base,
        over=over,
        method=_METHODS[chosen[0]] if chosen else None,
        points=options["sobol"] or options["tpe"] or 0,
        seeds=seeds,
        folds=options["folds"] or 0,
        parameters=_whole(options["match_parameters"]),
        halving=options["halving"] or "off",
        confirm=options["confirm"] or 0,
    )


_METHODS: dict[str, Method] = {"grid": "grid", "one_at_a_time": "one-at-a-time", "sobol": "sobol", "tpe": "tpe"}
"""The options that say how points are chosen."""


def _refuse_changes(reason: str, settings: tuple[str, ...], options: Mapping[str, Any], *more: str) -> None:
    """Raise `UsageError` where the command line changes a sweep that is described elsewhere."""
    names = (
        "over",
        *_METHODS,
        "seeds",
        "folds",
        "match_parameters",
        "halving",
        "confirm",
        "plain",
        "config_file",
        *more,
    )
    given = [*names, "assignments", *(name for name in options if "__" in name)]
    spelt = {"config_file": "config", "assignments": "set", "session_name": "session"}
    for name in given:
        if options[name] not in (None, False, (), ""):
            flag = FIELDS[name.replace("__", ".")].setting.flag if "__" in name else None
            raise UsageError(f"{reason} {flag or '--' + spelt.get(name, name).replace('_', '-')}")
    if settings:
        raise UsageError(f"{reason} {settings[0]}")


def _whole(text: str | None) -> int:
    from rnnlab.config import Field, Setting

    if text is None:
        return 0
    return int(Field("--match-parameters", "int", None, Setting("Parameters.", ge=1, le=10_000_000_000)).parse(text))
