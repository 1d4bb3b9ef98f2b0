"""Export of a run: which files each format has, and writing them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, get_args

from rnnlab.errors import UsageError
from rnnlab.export.to_csv import TABLES, csv_tables
from rnnlab.export.to_tensorboard import tensorboard_file
from rnnlab.runs.events import Record, RunStarted
from rnnlab.runs.files import make_folder, write_atomically
from rnnlab.runs.folders import RunFolder
from rnnlab.runs.history import course
from rnnlab.runs.log_reader import read_records
from rnnlab.text.leaks import leak_text

Format = Literal["csv", "onnx", "torch", "tensorboard"]
FORMATS: tuple[Format, ...] = get_args(Format)
Checkpoint = Literal["best", "last"]


@dataclass(frozen=True)
class Exported:
    """The files of an export, by name, with their bytes, and sentences about them.

    `difference` is how far an ONNX model's outputs are from the net's; None where that was not measured.
    """

    files: Mapping[str, bytes]
    notes: tuple[str, ...] = ()
    difference: float | None = None


def exported(run: RunFolder, wanted: Format, checkpoint: Checkpoint = "best", table: str = "") -> Exported:
    """The run in a format; `table` chooses one of the CSV tables. Raises `UsageError` where it cannot be exported so."""
    match wanted:
        case "csv":
            return _as_csv(run, table)
        case "tensorboard":
            records = _records(run)
            name, data, count = tensorboard_file(run.name, records)
            note = f"{count:,} numbers; look at them with: tensorboard --logdir FOLDER"
            return Exported({name: data}, (note, *_leaks(records)))
        case "onnx":
            return _as_onnx(run, checkpoint)
        case "torch":
            return _as_torch(run, checkpoint)


def write_export(target: Path, made: Exported, *, single: bool, replace: bool) -> list[Path]:
    """Write the files into the folder `target`, or the only one to `target` itself where it is `single`; their paths.

    Raises `UsageError` where a file stands there and `replace` does not allow it, and where nothing can be written.
    """
    paths = [target] if single else [target / name for name in made.files]
    taken = next((path for path in paths if path.exists()), None)
    if taken is not None and not replace:
        raise UsageError(f"{taken} is there already; choose another place with -o, or replace it with --force")
    try:
        if not single:
            make_folder(target)
        elif not target.parent.is_dir():
            raise UsageError(f"there is no folder {target.parent}; make it first, or choose another place with -o")
        for path, data in zip(paths, made.files.values(), strict=True):
            write_atomically(path, data)
    except OSError as error:
        raise UsageError(
            f"{error.filename or target} cannot be written: {error.strerror}; choose another place with -o"
        ) from None
    return paths


def _records(run: RunFolder) -> list[Record]:
    try:
        return course(read_records(run.events_path)[0])
    except OSError as error:
        raise UsageError(f"{run.events_path} cannot be read: {error.strerror}") from None


def _leaks(records: Sequence[Record]) -> tuple[str, ...]:
    """A sentence where the figures are those of a split that leaks."""
    started = next((each.data for each in records if isinstance(each.data, RunStarted)), None)
    if started is None or not started.data.leaks:
        return ()
    shared = leak_text(started.data.leaks)
    return (f"⚠ leaking split: training shares {shared} with validation or test; these figures flatter the net",)


def _as_csv(run: RunFolder, table: str) -> Exported:
    records = _records(run)
    made = csv_tables(run, records, [table] if table else TABLES)
    if not made:
        what = f"has no {table}" if table else "has not been evaluated yet"
        raise UsageError(f"{run.name} {what}, so there is nothing to export")
    absent = [name for name in TABLES if not table and name not in made]
    notes = (f"the run has no {' and no '.join(absent)}",) if absent else ()
    return Exported({f"{name}.csv": text.encode() for name, text in made.items()}, (*notes, *_leaks(records)))


def _as_onnx(run: RunFolder, checkpoint: Checkpoint) -> Exported:
    from rnnlab.export.to_onnx.model_file import onnx_file
    from rnnlab.training.evaluation.predict import load_net

    trained = load_net(run, checkpoint)
    about = {"run": run.name, "session": run.session.name, "checkpoint": checkpoint, "epoch": str(trained.epoch)}
    data, difference = onnx_file(trained.net, trained.data, about)
    if difference is None:
        note = "not compared with the net: onnxruntime is not installed (pip install onnxruntime)"
    else:
        note = f"run by onnxruntime, its outputs differ from the net's by at most {difference:.1e}"
    outputs = "logits" if trained.data.classes else "numbers in the target's own unit"
    inputs = "tokens (int64)" if trained.net.tokens else "normalised values (float32)"
    meaning = f"inputs: {inputs}, lengths: steps of each sequence; outputs: {outputs}; classes and normalisation in its metadata"
    return Exported({f"{run.name}.onnx": data}, (meaning, note), difference)


def _as_torch(run: RunFolder, checkpoint: Checkpoint) -> Exported:
    from rnnlab.catalog.tasks.catalog import TASKS
    from rnnlab.export.to_torch.model_file import MODEL_FILE, WEIGHTS_FILE, model_file
    from rnnlab.training.evaluation.predict import load_net

    trained = load_net(run, checkpoint)
    card = TASKS.get(trained.data.task)
    example = card.example if card is not None else "INPUT"
    if trained.data.task == "own" and trained.data.reads_tokens:
        example = '"a text of yours"'
    title = trained.net.plan.card.title
    text, weights = model_file(
        trained.net,
        trained.data,
        title=f"{title} for {trained.data.title or trained.data.task}: run {run.name} of {run.session.name}.",
        about=f"The weights are the {checkpoint} ones, of epoch {trained.epoch}.",
        example=example,
    )
    files: dict[str, bytes] = {MODEL_FILE: text.encode(), WEIGHTS_FILE: weights}
    return Exported(files, ("it needs PyTorch alone; try: python model.py INPUT",))
