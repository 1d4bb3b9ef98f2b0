"""`rnnlab predict`: predictions of a trained net for typed inputs, or for those in a file."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
import msgspec

from rnnlab.cli import completion
from rnnlab.cli.cells import cells_option
from rnnlab.cli.echo import echo, echo_json
from rnnlab.cli.predict_output import (
    file_csv,
    file_document,
    file_lines,
    forecast_csv,
    forecast_document,
    forecast_lines,
    prediction_document,
    predictions_csv,
    steps_document,
    summary_lines,
)
from rnnlab.cli.table_output import write_file
from rnnlab.config import UsageError, field_of
from rnnlab.config.setting import Field, Setting
from rnnlab.paths import user_path
from rnnlab.plots.steps.answer import prediction_lines
from rnnlab.runs.demo import find_recorded
from rnnlab.runs.folders import RunFolder

if TYPE_CHECKING:
    from rnnlab.training.evaluation.predict import TrainedNet

_TOP = Field("--top", "int", 3, Setting("Classes to show, the likeliest first.", ge=1, le=1000))
_AHEAD = Field(
    "--ahead",
    "int",
    None,
    Setting(
        "Steps to forecast past the end of a series' file (default: data.horizon or data.season, whichever is longer).",
        ge=1,
        le=100_000,
        optional=True,
    ),
)
_FILES = (".csv", ".tsv", ".tab", ".txt", ".json", ".jsonl", ".parquet", ".npz", ".npy", ".ts", ".arff", ".gz")
"""Endings of names that are files, and no typed input."""


class _NumbersToo(click.Command):
    """A command whose arguments may be numbers below zero, which look like options."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        # A blank in front is what an input may have and an option has not.
        return super().parse_args(ctx, [f" {text}" if re.match(r"-\.?\d", text) else text for text in args])


@click.command("predict", cls=_NumbersToo)
@click.argument("run", metavar="RUN", shell_complete=completion.runs)
@click.argument("inputs", metavar="INPUT...", nargs=-1, required=True, shell_complete=completion.files)
@click.option(
    "-o", "--output", metavar="FILE", help="Write the predictions to FILE, as CSV or, where it ends so, JSON."
)
@click.option("--top", metavar="INT", default=str(_TOP.default), show_default=True, help=_TOP.setting.help)
@click.option("--ahead", metavar="INT", help=_AHEAD.setting.help)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
@click.option("--typed", is_flag=True, help="Take INPUT as typed, even if a file has that name.")
@click.option(
    "--steps",
    "by_step",
    is_flag=True,
    help="Show how each prediction comes about: what is predicted after each step of the input, and the states.",
)
@click.option(
    "--set",
    "assignments",
    multiple=True,
    metavar="KEY=VALUE",
    help="A setting to read the file with, e.g. data.input_column=text, data.target_column=label.",
    shell_complete=completion.settings("data."),
)
@cells_option
def command(
    run: str,
    inputs: tuple[str, ...],
    output: str | None,
    top: str,
    ahead: str | None,
    as_json: bool,
    typed: bool,
    by_step: bool,
    assignments: tuple[str, ...],
) -> int:
    """Predict each INPUT with the best weights of RUN, or each input of a file.

    RUN is a run's folder, SESSION/RUN, a number in the latest session, or latest. An INPUT is what the task reads: a name,
    bits such as 11111111, numbers with commas between. Where the task has an answer at each step, they stand on a line.

    One INPUT alone that is the name of a file or folder is read: texts from a column or one a line, sequences as the run was
    trained on them; a series is forecast past the end of the file. Where the file has labels, the accuracy stands at the
    end. An input that cannot be read is marked, the others are answered, and the exit code is 1.
    """
    shown = int(_TOP.parse(top))
    settings = _settings(assignments)
    folder = find_recorded(run)
    texts = [text.removeprefix(" ") if text.startswith(" -") else text for text in inputs]
    file = None if typed else _file_of(texts)
    if file is None and settings:
        raise UsageError("--set says how a file is read, and the inputs are typed; give one file")
    if by_step and (file is not None or output is not None):
        raise UsageError("--steps is for inputs that are typed, and prints; leave out the file and --output")
    from rnnlab.training.evaluation.predict import load_best

    trained = load_best(folder)
    if trained.note:
        echo(f"warning: {trained.note}", err=True)
    steps = None if ahead is None else int(_AHEAD.parse(ahead))
    series = file is not None and trained.data.problem == "forecasting" and trained.data.task == "own"
    if steps is not None and not series:
        raise UsageError("--ahead says how far the series of a file is forecast, and here is none")
    if file is not None and series:
        return _forecast_file(trained, folder, file, settings, output, steps, as_json)
    if file is not None:
        return _predict_file(trained, folder, file, settings, output, shown, as_json)
    if by_step:
        return _predict_steps(trained, folder, texts, shown, as_json)
    return _predict_typed(trained, folder, texts, output, shown, as_json)


def _settings(assignments: tuple[str, ...]) -> dict[str, object]:
    """Settings as assigned, by their keys. Raises `UsageError` for one that is none of the data's."""
    settings: dict[str, object] = {}
    for assignment in assignments:
        key, equals, value = (part.strip() for part in assignment.partition("="))
        if not equals or not key.startswith("data."):
            raise UsageError(f"--set {assignment!r} is not data.KEY=VALUE; for example --set data.input_column=text")
        settings[key] = field_of(key, value).parse(value)
    return settings


def _file_of(texts: list[str]) -> Path | None:
    """The file or folder that a single input names; None where inputs are typed. Raises `UsageError` for one that is missing."""
    if len(texts) != 1 or not texts[0].strip():
        return None
    text = texts[0]
    try:
        path = user_path(text)
        if path.exists():
            return path
    except (OSError, UsageError, ValueError):
        return None
    if Path(text).suffix.lower() in _FILES and not any(map(str.isspace, text)):
        raise UsageError(f"there is no file {text}; with --typed it is predicted on as the text that it is")
    return None


def _predict_typed(
    trained: TrainedNet, folder: RunFolder, texts: list[str], output: str | None, top: int, as_json: bool
) -> int:
    """Answers typed inputs; one alone that cannot be read is an error of usage. Returns the exit code."""
    if len(texts) == 1:
        predictions = trained.predict(texts)
    else:
        predictions = trained.predict_each(texts)
    document = _document(trained, folder) | {"predictions": [prediction_document(p, top) for p in predictions]}
    if output is not None:
        _write(output, document, predictions_csv(predictions))
    elif as_json:
        echo_json(document)
    else:
        for prediction in predictions:
            echo(*prediction_lines(prediction, top))
    return int(any(prediction.error for prediction in predictions))


def _predict_steps(trained: TrainedNet, folder: RunFolder, texts: list[str], top: int, as_json: bool) -> int:
    """Answers typed inputs step by step; one alone that cannot be read is an error of usage. Returns the exit code."""
    from rnnlab.cli.terminal import out, report_width, show
    from rnnlab.plots.steps.report import step_report
    from rnnlab.runs.prediction import Prediction
    from rnnlab.text.palette import terminal_palette
    from rnnlab.training.evaluation.predict_steps import predict_text

    console = out()
    documents: list[dict[str, Any]] = []
    failed = False
    for index, text in enumerate(texts):
        try:
            predicted = predict_text(trained, text)
        except UsageError as error:
            if len(texts) == 1:
                raise
            failed = True
            unread = Prediction(text, error=str(error))
            documents.append(prediction_document(unread, top))
            if not as_json:
                echo(*prediction_lines(unread, top))
            continue
        documents.append(steps_document(predicted, top))
        if not as_json:
            lines = step_report(predicted, top=top, width=report_width(console), palette=terminal_palette())
            show([*([[]] if index else []), *lines], console)
    if as_json:
        echo_json(_document(trained, folder) | {"predictions": documents})
    return int(failed)


def _predict_file(
    trained: TrainedNet,
    folder: RunFolder,
    path: Path,
    settings: dict[str, object],
    output: str | None,
    top: int,
    as_json: bool,
) -> int:
    """Answers the inputs of a file. Returns the exit code: 1 where one of them cannot be read."""
    from rnnlab.tasks.inputs.rows import InputFile
    from rnnlab.training.evaluation.predict_file import predict_file

    found = predict_file(trained, InputFile(path, trained.config, trained.data, settings))
    document = _document(trained, folder) | {"file": str(path)} | file_document(found, top)
    if as_json and output is None:
        echo_json(document)
        return int(found.failed > 0)
    for note in found.notes:
        echo(note, err=True)
    if output is not None:
        _write(output, document, file_csv(found))
        echo(*summary_lines(found), err=True)
    else:
        echo(*file_lines(found), *summary_lines(found))
    return int(found.failed > 0)


def _forecast_file(
    trained: TrainedNet,
    folder: RunFolder,
    path: Path,
    settings: dict[str, object],
    output: str | None,
    steps: int | None,
    as_json: bool,
) -> int:
    """Forecasts the series of a file past its end. Returns the exit code."""
    from rnnlab.tasks.inputs.rows import InputFile
    from rnnlab.training.evaluation.predict_file import forecast_file

    found = forecast_file(trained, InputFile(path, trained.config, trained.data, settings), steps)
    document = _document(trained, folder) | {"file": str(path)} | forecast_document(found)
    if as_json and output is None:
        echo_json(document)
        return 0
    for note in found.notes:
        echo(note, err=True)
    if output is not None:
        _write(output, document, forecast_csv(found))
    else:
        echo(*forecast_lines(found))
    return 0


def _document(trained: TrainedNet, folder: RunFolder) -> dict[str, Any]:
    return {"run": str(folder.path), "epoch": trained.epoch}


def _write(output: str, document: dict[str, Any], table: str) -> None:
    """Writes the predictions in the format that the file's name says. Raises `UsageError`."""
    if output.lower().endswith(".json"):
        write_file(output, msgspec.json.format(msgspec.json.encode(document), indent=1) + b"\n")
    else:
        write_file(output, table.encode("utf-8", "replace"))
