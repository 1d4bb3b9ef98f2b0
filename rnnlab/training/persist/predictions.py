"""The predictions of the best weights on disk, recorded in the log with their digest."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping

from rnnlab.files import sync_folder
from rnnlab.predictions.predictions_file import SubsetPredictions, pack_predictions
from rnnlab.runs.events import PredictionsSaved, SubsetName
from rnnlab.runs.folders import RunFolder
from rnnlab.training.persist.checkpoints import save
from rnnlab.training.persist.insist import Insist


def save_predictions(
    folder: RunFolder | None, subsets: Mapping[SubsetName, SubsetPredictions], insist: Insist
) -> Iterator[PredictionsSaved]:
    """Write the predictions into the run's folder (none: nowhere). Raises `OSError`; what stood on disk then still stands."""
    data = pack_predictions(subsets)
    rows = {str(name): len(held) for name, held in subsets.items()}
    saved = PredictionsSaved(path="predictions.safetensors", sha256=hashlib.sha256(data).hexdigest(), rows=rows)
    if folder is None:
        yield saved
        return
    yield from save(folder.predictions_path, data, saved, insist)
    sync_folder(folder.path)
