"""`rnnlab resume`: go on with a run that was killed, stopped, or is to be given more epochs."""

from __future__ import annotations

import click

from rnnlab.cli import completion
from rnnlab.cli.cells import cells_option
from rnnlab.cli.consent import ask_to_train, yes_option
from rnnlab.cli.echo import echo, echo_json
from rnnlab.cli.train import mention_logout, mention_slots, watch
from rnnlab.engines.resume import resume
from rnnlab.runs.find import find_run


@click.command("resume")
@click.argument("run", default="latest", metavar="[RUN]", shell_complete=completion.runs)
@click.option("--epochs", type=int, metavar="N", help="Train for N epochs in all.")
@click.option("--updates", type=int, metavar="N", help="Make N updates in all.")
@click.option("--patience", type=int, metavar="N", help="Stop when N evaluations in a row brought nothing better.")
@click.option("--json", "as_json", is_flag=True, help="Print the result as JSON, and nothing else, on stdout.")
@click.option("--detach", is_flag=True, help="Queue the run, print its folder and return at once.")
@yes_option
@cells_option
def command(
    run: str, epochs: int | None, updates: int | None, patience: int | None, as_json: bool, detach: bool, yes: bool
) -> int:
    """Resume RUN, which was killed, stopped or failed, or train one that ended for more epochs.

    A run that waits, and was queued elsewhere, is trained.

    On the CPU every number, and the weights in the end, are those of an uninterrupted run. A learning rate that follows a
    schedule over the whole run is, from here on, what it would have been with the new number of epochs.
    """
    folder = find_run(run)
    given = {"train.epochs": epochs, "train.updates": updates, "train.patience": patience}
    ask_to_train(folder, yes)
    if other := resume(folder, {key: value for key, value in given.items() if value is not None}):
        echo(f"warning: {other}", err=True)
    mention_slots(folder.session)
    if detach:
        mention_logout()
        if as_json:
            echo_json({"run": str(folder.path), "session": str(folder.session.path)})
        else:
            echo(str(folder.path))
        return 0
    return watch(folder, as_json)
