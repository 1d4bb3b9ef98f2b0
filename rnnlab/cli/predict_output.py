"""Predictions as lines for a terminal, as CSV and as JSON."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from rich.cells import cell_len

from rnnlab.plots.steps.answer import INPUT_CELLS, MOST_CELLS, cells_of
from rnnlab.runs.prediction import Prediction
from rnnlab.runs.step_prediction import StepPrediction
from rnnlab.text.lines import fit
from rnnlab.text.sanitise import plain
from rnnlab.text.spreadsheet import rows_to_csv
from rnnlab.text.table import Value

if TYPE_CHECKING:
    from rnnlab.training.evaluation.predict_file import AheadForecast, FilePredictions, RowPrediction


def prediction_document(prediction: Prediction, top: int) -> dict[str, Any]:
    """A prediction for JSON: the input with its answer, or with the reason why there is none."""
    if prediction.error:
        return {"input": prediction.input, "error": prediction.error}
    if prediction.numbers:
        numbers = list(prediction.numbers)
        return {"input": prediction.input, "answer": numbers[0] if len(numbers) == 1 else numbers}
    if prediction.steps:
        steps = [{"class": name, "probability": share} for name, share in prediction.steps]
        return {"input": prediction.input, "answer": prediction.text, "steps": steps}
    ranked = [{"class": name, "probability": share} for name, share in prediction.ranked[:top]]
    return {
        "input": prediction.input,
        "answer": ranked[0]["class"],
        "probability": ranked[0]["probability"],
        "top": ranked,
    }


def steps_document(predicted: StepPrediction, top: int) -> dict[str, Any]:
    """A prediction for JSON, with what is predicted after each step: `read` is what the net reads at it."""
    document = prediction_document(predicted.prediction, top)
    by_step: list[dict[str, Any]] = []
    for at, (column, label) in enumerate(zip(predicted.columns, predicted.labels, strict=True)):
        step: dict[str, Any] = {"step": column + 1, "read": label}
        if predicted.classes:
            ranked = sorted(((each.probabilities[at], each.name) for each in predicted.classes), reverse=True)[:top]
            step["top"] = [{"class": name, "probability": share} for share, name in ranked]
        elif predicted.numbers:
            step["answer"] = (
                predicted.numbers[at][0] if len(predicted.numbers[at]) == 1 else list(predicted.numbers[at])
            )
        by_step.append(step)
    return document | {"by_step": by_step, "notes": list(predicted.notes)}


def predictions_csv(predictions: Sequence[Prediction]) -> str:
    """Predictions for typed inputs as CSV."""
    names, rows = ["input", *_answer_names(predictions), "error"], []
    for prediction in predictions:
        rows.append([prediction.input, *_answers(prediction, len(names) - 2), prediction.error or None])
    return rows_to_csv(names, rows)


def _answer_names(predictions: Sequence[Prediction]) -> list[str]:
    """Names of the columns of what is predicted."""
    if any(prediction.ranked for prediction in predictions):
        return ["prediction", "probability"]
    most = max((len(prediction.numbers) for prediction in predictions), default=1)
    return [f"prediction {index}" for index in range(1, most + 1)] if most > 1 else ["prediction"]


def _answers(prediction: Prediction | None, columns: int) -> list[Value]:
    """What is predicted, in so many columns."""
    answers: list[Value] = []
    if prediction is not None and not prediction.error:
        if prediction.ranked:
            answers = list(prediction.ranked[0])
        else:
            answers = list(prediction.numbers) or [prediction.text]
    return answers + [None] * (columns - len(answers))


def file_csv(found: FilePredictions) -> str:
    """Predictions for the inputs of a file as CSV: its place, the text, what is predicted, what is true, what is wrong."""
    answers = _answer_names([row.prediction for row in found.rows if row.prediction is not None])
    texts = any(row.row.shown for row in found.rows)
    labels = any(row.row.label for row in found.rows)
    targets = max((len(row.row.targets) for row in found.rows), default=0)
    names = ["where", *(["input"] if texts else []), *answers, *(["label", "correct"] if labels else [])]
    names += [f"target {index}" if targets > 1 else "target" for index in range(1, targets + 1)]
    rows: list[list[Value]] = []
    for each in found.rows:
        values: list[Value] = [each.row.where, *([each.row.shown] if texts else [])]
        values += _answers(each.prediction, len(answers))
        values += [each.row.label or None, each.correct] if labels else []
        values += [*each.row.targets, *[None] * (targets - len(each.row.targets))]
        rows.append([*values, each.row.error or None])
    return rows_to_csv([*names, "error"], rows)


def file_document(found: FilePredictions, top: int) -> dict[str, Any]:
    """Predictions for the inputs of a file for JSON, with the accuracy where the file has labels."""
    document: dict[str, Any] = {"predictions": [_row_document(row, top) for row in found.rows], "failed": found.failed}
    if found.accuracy is not None:
        document |= {"labelled": found.labelled, "accuracy": found.accuracy}
    if found.mean_absolute_error is not None:
        document["mae"] = found.mean_absolute_error
    return document | {"notes": list(found.notes)}


def _row_document(row: RowPrediction, top: int) -> dict[str, Any]:
    document: dict[str, Any] = {"where": row.row.where}
    if row.prediction is None:
        document |= {"input": row.row.shown} if row.row.shown else {}
        document["error"] = row.row.error
    else:
        answer = prediction_document(row.prediction, top)
        document |= {key: value for key, value in answer.items() if key != "input" or value}
    if row.row.label:
        document |= {"label": row.row.label, "correct": row.correct}
    if row.row.targets:
        document["target"] = list(row.row.targets) if len(row.row.targets) > 1 else row.row.targets[0]
    return document


def file_lines(found: FilePredictions) -> list[str]:
    """A line for each input of a file: its place, what is predicted and how surely, what is true, and the text."""
    rows = []
    for row in found.rows:
        shown = fit(row.row.shown, min(INPUT_CELLS, cell_len(plain(row.row.shown))))
        if row.prediction is None:
            rows.append((row.row.where, "✗", "", f"{row.row.error}: {shown}" if shown else row.row.error))
            continue
        answer, sure = _short(row.prediction)
        true = {None: "", True: "✓ ", False: f"✗ {plain(row.row.label, MOST_CELLS)}  "}[row.correct]
        rows.append((row.row.where, answer, sure, f"{true}{shown}"))
    widths = [max((cells_of(row[column]) for row in rows), default=0) for column in range(3)]
    return ["  ".join((*map(fit, row[:3], widths), row[3])).rstrip() for row in rows]


def _short(prediction: Prediction) -> tuple[str, str]:
    if prediction.ranked:
        name, share = prediction.ranked[0]
        return name, f"{share:6.1%}"
    return prediction.text or ", ".join(f"{number:.6g}" for number in prediction.numbers), ""


def summary_lines(found: FilePredictions) -> list[str]:
    """What stands at the end: how many inputs could not be read, and how good the predictions are where the file has labels."""
    lines = []
    if found.accuracy is not None:
        lines.append(f"accuracy {found.accuracy:.3f} on {found.labelled:,} inputs with a label")
    if found.mean_absolute_error is not None:
        lines.append(f"mean absolute error {found.mean_absolute_error:.6g}")
    if strange := found.strange:
        names = ", ".join(plain(name, MOST_CELLS) for name in strange[:6]) + (", …" if len(strange) > 6 else "")
        lines.append(f"labels that are no class of this run count as wrong: {names}")
    if found.failed:
        inputs = "1 input" if found.failed == 1 else f"{found.failed:,} inputs"
        lines.append(f"{inputs} of {len(found.rows):,} could not be read")
    return lines


def forecast_csv(found: AheadForecast) -> str:
    """A forecast past the end of a series as CSV: a step a row."""
    names = ["date" if found.step else "step", f"{found.column} (forecast)"]
    return rows_to_csv(
        names, [[label, value] for label, value in zip(found.labels, found.values.tolist(), strict=True)]
    )


def forecast_document(found: AheadForecast) -> dict[str, Any]:
    """A forecast past the end of a series for JSON."""
    name = "date" if found.step else "step"
    steps = [{name: label, "forecast": value} for label, value in zip(found.labels, found.values.tolist(), strict=True)]
    return {
        "column": found.column,
        "step": found.step,
        "after": found.last,
        "forecast": steps,
        "notes": list(found.notes),
    }


def forecast_lines(found: AheadForecast) -> list[str]:
    """A forecast past the end of a series: a step a line, under the column's title."""
    width = max(len(label) for label in found.labels)
    lines = [f"{label:<{width}}  {value:.7g}" for label, value in zip(found.labels, found.values.tolist(), strict=True)]
    return [
        f"{plain(found.column, MOST_CELLS)} after {found.last}" + (f", by {found.step}" if found.step else ""),
        *lines,
    ]
