"""`rnnlab predict RUN FILE` of sequences: arrays, `.ts`, tables and recordings, with labels and without."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from rnnlab.cli.main import run as rnnlab
from rnnlab.runs.folders import RunFolder
from tests.training.recorded_runs import recorded

STEPS = 16


def waves(count: int, seed: int = 0) -> tuple[NDArray[np.float64], NDArray[np.str_]]:
    """Slow and quick waves (rows, steps, 2 channels), which any net tells apart, and their names."""
    random = np.random.default_rng(seed)
    labels = np.array(["slow", "quick"])[np.arange(count) % 2]
    speed = np.where(labels == "slow", 0.3, 1.4)[:, None]
    angle = speed * np.arange(STEPS) + random.uniform(0, 6, size=(count, 1))
    values = np.stack([np.sin(angle), np.cos(angle)], axis=2) + 0.05 * random.normal(size=(count, STEPS, 2))
    return values, labels


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> RunFolder:
    root = tmp_path_factory.mktemp("waves")
    values, labels = waves(80)
    np.savez(root / "waves.npz", X_train=values, y_train=labels)
    return recorded(root / "sessions", task="own", data__path=str(root / "waves.npz"), train__epochs=25, optim__lr=0.02)


def answers(
    run: RunFolder, file: Path, capsys: pytest.CaptureFixture[str], *more: str, code: int = 0
) -> dict[str, Any]:
    assert rnnlab(["predict", str(run.path), str(file), "--json", *more]) == code
    document: dict[str, Any] = json.loads(capsys.readouterr().out)
    return document


def classes(document: dict[str, Any]) -> list[str | None]:
    return [row.get("answer") for row in document["predictions"]]


def test_arrays_are_answered_with_and_without_targets_whatever_their_axes(
    trained: RunFolder, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    values, labels = waves(30, seed=1)
    np.savez(tmp_path / "both.npz", X_train=values, y_train=labels)
    both = answers(trained, tmp_path / "both.npz", capsys)
    assert both["labelled"] == 30
    assert both["accuracy"] > 0.9
    np.savez(tmp_path / "new.npz", X_test=values)
    alone = answers(trained, tmp_path / "new.npz", capsys)
    assert classes(alone) == classes(both)
    assert alone["predictions"][2]["where"] == "row 3"
    assert "accuracy" not in alone
    np.save(tmp_path / "first.npy", values.transpose(0, 2, 1))
    assert classes(answers(trained, tmp_path / "first.npy", capsys)) == classes(both)


def test_a_case_that_cannot_be_read_is_marked_beside_the_others(
    trained: RunFolder, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    values, labels = waves(4, seed=2)
    cases = [":".join(",".join(f"{v:.4f}" for v in channel) for channel in row.T) for row in values]
    cases[1] = cases[1].replace(",", ",x,", 1)
    head = "@problemName Waves\n@timeStamps false\n@univariate false\n@dimensions 2\n"
    file = tmp_path / "waves.ts"
    lines = [f"{case}:{label}" for case, label in zip(cases, labels, strict=True)]
    file.write_text(f"{head}@classLabel true slow quick\n@data\n" + "\n".join(lines) + "\n")
    labelled = answers(trained, file, capsys, code=1)
    assert [row["where"] for row in labelled["predictions"]] == [f"line {n}" for n in range(7, 11)]
    assert ["error" in row for row in labelled["predictions"]] == [False, True, False, False]
    assert (labelled["labelled"], labelled["failed"]) == (3, 1)
    file.write_text(f"{head}@classLabel false\n@data\n" + "\n".join(cases) + "\n")
    assert classes(answers(trained, file, capsys, code=1)) == classes(labelled)


def write_recordings(folder: Path, values: NDArray[np.float64], labels: NDArray[np.str_] | None) -> None:
    for index, row in enumerate(values):
        parent = folder / str(labels[index]) if labels is not None else folder
        parent.mkdir(parents=True, exist_ok=True)
        text = "x,y\n" + "".join(f"{x:.4f},{y:.4f}\n" for x, y in row)
        (parent / f"{index:02d}.csv").write_text(text)


def test_recordings_are_answered_one_alone_in_a_folder_or_in_folders_of_their_labels(
    trained: RunFolder, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    values, labels = waves(10, seed=3)
    write_recordings(tmp_path / "labelled", values, labels)
    write_recordings(tmp_path / "flat", values, None)
    labelled, flat = (answers(trained, tmp_path / name, capsys) for name in ("labelled", "flat"))
    assert labelled["labelled"] == 10
    assert labelled["accuracy"] > 0.85
    by_name = {row["where"].split("/")[-1]: row["answer"] for row in labelled["predictions"]}
    assert {row["where"]: row["answer"] for row in flat["predictions"]} == by_name
    one = answers(trained, tmp_path / "flat" / "00.csv", capsys)
    assert classes(one) == [by_name["00.csv"]]
    long = tmp_path / "long.csv"
    long.write_text("x,y\n" + "".join(f"{x:.4f},{y:.4f}\n" for row in values[::2] for x, y in row))
    cut = answers(trained, long, capsys)
    assert len(cut["predictions"]) == 5
    assert "pieces of 16 steps" in cut["notes"][0]


def test_sequences_with_other_channels_are_refused(
    trained: RunFolder, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    np.save(tmp_path / "three.npy", np.ones((4, 20, 3)) * np.arange(20)[:, None])
    assert rnnlab(["predict", str(trained.path), str(tmp_path / "three.npy")]) == 2
    assert "have 3 channels, and the net reads 2" in capsys.readouterr().err


def write_rows(file: Path, values: NDArray[np.float64], labels: NDArray[np.str_] | None) -> None:
    head = [f"t{step}" for step in range(STEPS)] + (["label"] if labels is not None else [])
    lines = [
        ",".join([f"{v:.4f}" for v in row[:, 0]] + ([str(labels[i])] if labels is not None else []))
        for i, row in enumerate(values)
    ]
    file.write_text(",".join(head) + "\n" + "\n".join(lines) + "\n")


def write_steps(file: Path, values: NDArray[np.float64], labels: NDArray[np.str_] | None) -> None:
    lines = [
        ",".join([str(i), f"{x:.4f}", f"{y:.4f}", *([str(labels[i])] if labels is not None else [])])
        for i, row in enumerate(values)
        for x, y in row
    ]
    file.write_text("id,ax,ay" + (",activity" if labels is not None else "") + "\n" + "\n".join(lines) + "\n")


@pytest.mark.parametrize("kind", ["rows", "steps"])
def test_a_table_of_sequences_is_answered_without_its_column_of_labels_too(
    kind: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write = write_rows if kind == "rows" else write_steps
    write(tmp_path / "train.csv", *waves(80))
    run = recorded(
        tmp_path / "sessions", task="own", data__path=str(tmp_path / "train.csv"), train__epochs=20, optim__lr=0.02
    )
    values, labels = waves(12, seed=5)
    write(tmp_path / "new.csv", values, labels)
    labelled = answers(run, tmp_path / "new.csv", capsys)
    assert labelled["labelled"] == 12
    assert labelled["accuracy"] > 0.8
    write(tmp_path / "bare.csv", values, None)
    bare = answers(run, tmp_path / "bare.csv", capsys)
    assert classes(bare) == classes(labelled)
    assert not any("label" in row for row in bare["predictions"])
