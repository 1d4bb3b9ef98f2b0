"""What is worked out for somebody's own data when the configuration is made, and plain training."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from rnnlab.cli.main import run
from rnnlab.cli.settings import config_from_options
from rnnlab.config import RunConfig, to_toml
from rnnlab.runs.folders import RunFolder
from rnnlab.ui.setup.draft.draft import Draft
from rnnlab.ui.setup.file.own_file import Checks
from rnnlab.ui.setup.starting import start


def arrays(folder: Path, rows: int, tested: int = 0, steps: int = 20) -> Path:
    """`rows` sequences of two classes, and some for the test."""
    chance = np.random.default_rng(0)
    held: dict[str, Any] = {}
    for name, count in (("train", rows), ("test", tested)):
        if count:
            held[f"X_{name}"] = chance.normal(size=(count, steps, 1)).astype(np.float32)
            held[f"y_{name}"] = np.arange(count) % 2
    np.savez(folder / "own.npz", **held)
    return folder / "own.npz"


def config_of(path: Path, *assignments: str, **flags: object) -> RunConfig:
    return config_from_options("own", None, (f"data.path={path}", *assignments), flags)


@pytest.mark.parametrize(
    ("rows", "batch", "epochs"),
    [
        (32, 32, 600),  # 26 sequences to train on: one update an epoch
        (32, 8, 150),
        (200, 32, 100),  # 180: six updates
        (4000, 32, 30),
    ],
)
def test_epochs_make_six_hundred_updates(tmp_path: Path, rows: int, batch: int, epochs: int) -> None:
    path = arrays(tmp_path, rows, tested=10)
    assert config_of(path, f"train.batch_size={batch}").train.epochs == epochs


def test_what_a_person_says_stands(tmp_path: Path) -> None:
    config = config_of(arrays(tmp_path, 32, tested=10), "train.epochs=7", "data.validation=0.1")
    assert (config.train.epochs, config.data.validation) == (7, 0.1)


@pytest.mark.parametrize(("rows", "share"), [(36, 0.2), (80, 0.125), (1000, 0.1)])
def test_a_small_file_keeps_enough_for_validation(tmp_path: Path, rows: int, share: float) -> None:
    assert config_of(arrays(tmp_path, rows, tested=50)).data.validation == share


def test_long_measurements_are_read_out_by_their_maximum(tmp_path: Path) -> None:
    long = config_of(arrays(tmp_path, 32, steps=150)).model
    short = config_of(arrays(tmp_path, 32, steps=20)).model
    assert (long.readout, long.bidirectional) == ("max", False)
    assert (short.readout, short.bidirectional) == ("last", True)


def test_short_measurements_of_several_channels_are_read_out_by_their_maximum_too(tmp_path: Path) -> None:
    chance = np.random.default_rng(0)
    np.savez(tmp_path / "own.npz", X=chance.normal(size=(60, 20, 3)), y=np.arange(60) % 2)
    model = config_of(tmp_path / "own.npz").model
    assert (model.readout, model.bidirectional) == ("max", True)


def test_very_long_measurements_go_through_a_convolution_first(tmp_path: Path) -> None:
    path = arrays(tmp_path, 32, steps=300)
    model = config_of(path).model
    assert model.conv is not None
    assert model.conv_stride > 1
    assert config_of(path, "model.conv=none").model.conv_stride == 1
    assert config_of(path, "model.conv=8").model.conv_kernel != model.conv_kernel
    assert config_of(path, "model.conv_stride=2").model.conv_stride == 2
    assert config_of(arrays(tmp_path, 32, steps=150)).model.conv is None


def test_the_numbers_stand_in_the_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Any) -> None:
    monkeypatch.setenv("RNNLAB_SESSIONS", str(tmp_path / "sessions"))
    path = arrays(tmp_path, 32, tested=10)
    assert run(["train", "own", "--data", str(path), "--set", "train.updates=3", "--json"]) == 0
    config = RunFolder(Path(json.loads(capsys.readouterr().out)["run"])).config()
    assert (config.train.epochs, config.data.validation, config.data.split_rule) == (600, 0.2, 2)


def test_what_was_worked_out_is_told(tmp_path: Path, capsys: Any) -> None:
    config_of(arrays(tmp_path, 32, tested=10), "train.epochs=9")
    assert (
        "for 32 sequences of 20 steps: data.validation = 0.2, model.bidirectional = true, model.dropout = 0.3; override "
        "with --set" in capsys.readouterr().err
    )
    config_of(arrays(tmp_path, 4000), "model.bidirectional=true", "model.dropout=0.3")
    assert "override with --set" not in capsys.readouterr().err


def test_a_validation_part_too_small_to_choose_by_is_said_where_nobody_chose_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Any
) -> None:
    monkeypatch.setenv("RNNLAB_SESSIONS", str(tmp_path / "sessions"))
    few = "the validation part has 6 sequences, too few to choose settings by: one prediction more or less moves its accuracy"
    path = arrays(tmp_path, 32, tested=10)
    assert run(["train", "own", "--data", str(path), "--set", "train.updates=3"]) == 0
    assert few in capsys.readouterr().err
    assert run(["show", "latest"]) == 0
    assert few in " ".join(capsys.readouterr().out.split())
    config_of(path, "data.validation=0.2")
    config_of(path, "data.folds=5")
    config_of(arrays(tmp_path, 400))
    assert "too few to choose" not in capsys.readouterr().err


def test_that_labels_were_taken_for_numbers_is_said_wherever_the_run_is_made_or_shown(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Any
) -> None:
    monkeypatch.setenv("RNNLAB_SESSIONS", str(tmp_path / "sessions"))
    held = dict(np.load(arrays(tmp_path, 40, tested=10)))
    labels = {name: held[name] + 1.0 for name in ("y_train", "y_test")}
    labels["y_train"][3] = np.nan
    path = tmp_path / "own.npz"
    np.savez(path, **held | labels)
    hint = (
        "y_train holds floats, of 2 different whole values beside a missing one, which makes floats of whole numbers: they were "
        "taken for numbers to predict; if they are classes, set data.problem=classes"
    )
    assert run(["train", "own", "--data", str(path), "--set", "train.updates=3"]) == 0
    assert f"⚠ {hint}" in " ".join(capsys.readouterr().err.split())
    assert run(["show", "latest"]) == 0
    _, about = capsys.readouterr().out.split("about the data")
    assert hint in " ".join(about.split())
    assert run(["data", "check", str(path)]) == 0
    lines = capsys.readouterr().out.splitlines()
    command = f"  rnnlab train own --data {path}"
    assert lines[-4:] == [
        "✓ it can be trained on:",
        command,
        "✓ or, if its numbers are classes:",
        f"{command} --set data.problem=classes",
    ]
    config_of(path, "data.problem=classes")
    assert "taken for numbers" not in capsys.readouterr().err
    assert run(["data", "check", str(path), "--set", "data.problem=classes"]) == 0
    assert "if its numbers are classes" not in capsys.readouterr().out


def test_a_share_for_the_test_beside_a_test_part_is_said_to_have_no_effect(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Any
) -> None:
    monkeypatch.setenv("RNNLAB_SESSIONS", str(tmp_path / "sessions"))
    path = arrays(tmp_path, 40, tested=10)
    assert run(["train", "own", "--data", str(path), "--set", "train.updates=3", "--set", "data.test=0.4"]) == 0
    told = "data.test has no effect: the data come with a test part of 10 sequences, which stays the test part"
    assert told in capsys.readouterr().err
    assert run(["show", "latest"]) == 0
    assert "10 test · split: published" in capsys.readouterr().out.splitlines()[1]
    for assignments in ((), ("data.test=0.4", "data.split=random")):
        config_of(path, *assignments)
        assert "has no effect" not in capsys.readouterr().err
    config_of(arrays(tmp_path, 40), "data.test=0.4")
    assert "has no effect" not in capsys.readouterr().err


def test_a_share_for_validation_beside_a_validation_part_is_said_to_have_no_effect(tmp_path: Path, capsys: Any) -> None:
    held = dict(np.load(arrays(tmp_path, 100)))
    np.savez(tmp_path / "own.npz", **held, X_val=held["X_train"][:40] + 1, y_val=held["y_train"][:40])
    config = config_of(tmp_path / "own.npz", "data.validation=0.4")
    assert (
        "data.validation has no effect: the data come with a validation part of 40 sequences, which stays the validation part"
        in capsys.readouterr().err
    )
    assert config.train.epochs == 200  # 90 sequences: three updates
    config_of(tmp_path / "own.npz")
    assert "no effect" not in capsys.readouterr().err


def test_the_form_shows_the_same(tmp_path: Path, capsys: Any) -> None:
    path = arrays(tmp_path, 32, tested=10)
    assert run(["data", "check", "--json", str(path)]) == 0
    document = json.loads(capsys.readouterr().out)
    assert document["splits"] == {"train": 26, "validation": 6, "test": 10}
    draft = Draft({"task.name": "own", "data.path": str(path)})
    draft.know_file(str(path), document["net"], document["splits"]["train"], document["known"])
    assert draft.text("train.epochs") == "600"
    assert not draft.changed("train.epochs")
    assert draft.config() == config_of(path)
    draft.set("train.batch_size", "8")
    assert draft.text("train.epochs") == "150"
    draft.set("train.epochs", "5")
    assert draft.config().train.epochs == 5
    for key in ("data.validation", "train.epochs", "model.dropout"):
        draft.set(key, "x")
        assert key in draft.errors, "a wrong text is an error in its field, and no end of the app"
        draft.reset(key)
    draft.set("data.validation", "0.4")
    assert (draft.text("train.epochs"), draft.suited_text()) == (
        "200",
        "for 32 sequences of 20 steps: train.epochs = 200, model.bidirectional = true, model.dropout = 0.3",
    )


def test_plain_training_is_that_of_a_course() -> None:
    config = config_from_options("gestures", None, ("optim.lr=0.001",), {"plain": True, "model__hidden": "32"})
    assert (config.optim.schedule, config.optim.clip_norm, config.optim.clip_value) == ("constant", None, None)
    assert (config.model.dropout, config.optim.weight_decay) == (0.0, 0.0)
    assert (config.data.normalise, config.data.bucketing) == ("none", "off")
    assert (config.model.hidden, config.optim.lr) == ((32,), 0.001)


@pytest.mark.parametrize("held", [b"\0" * 5000, b"", b"text,label\na,x\n"])
def test_a_file_that_cannot_be_trained_on_makes_no_run(
    tmp_path: Path, held: bytes, monkeypatch: pytest.MonkeyPatch, capsys: Any
) -> None:
    monkeypatch.setenv("RNNLAB_SESSIONS", str(tmp_path / "sessions"))
    (tmp_path / "own.csv").write_bytes(held)
    assert run(["data", "check", str(tmp_path / "own.csv"), "--json"]) == 1
    document = json.loads(capsys.readouterr().out)
    reason = next(problem["message"] for problem in document["problems"] if problem["stops"])
    assert run(["train", "own", "--data", str(tmp_path / "own.csv")]) == 2
    assert reason in capsys.readouterr().err
    assert not (tmp_path / "sessions").exists()


@pytest.mark.parametrize("model", ["dense", "linear", "tcn"])
@pytest.mark.parametrize("steps", [20, 150])
def test_what_means_nothing_for_the_net_is_not_set(tmp_path: Path, model: str, steps: int, capsys: Any) -> None:
    config = config_of(arrays(tmp_path, 32, steps=steps), f"model.name={model}")
    assert not config.model.bidirectional
    assert "bidirectional" not in capsys.readouterr().err
    assert (config.model.readout == "max") == (steps > 50 and config.applies("model.readout"))


def test_a_test_part_that_is_mixed_with_the_rest_is_trained_on(tmp_path: Path) -> None:
    path = arrays(tmp_path, 32, tested=968)
    assert config_of(path).train.epochs == 600
    assert config_of(path, "data.split=random").train.epochs == 30  # 800 sequences: 25 updates an epoch


def test_shares_that_a_person_set_count(tmp_path: Path) -> None:
    path = arrays(tmp_path, 400)
    assert config_of(path).train.epochs == 60  # 320 sequences: ten updates
    assert config_of(path, "data.validation=0.4", "data.test=0.4").train.epochs == 200  # 80: three


def test_numbers_worked_out_for_another_file_are_told_to_be(tmp_path: Path, capsys: Any) -> None:
    (tmp_path / "one").mkdir()
    (tmp_path / "other").mkdir()
    first = config_of(arrays(tmp_path / "one", 32))
    written = tmp_path / "run.toml"
    written.write_text(to_toml(first))
    capsys.readouterr()
    other = arrays(tmp_path / "other", 4000)
    config = config_from_options(None, written, (f"data.path={other}",), {})
    assert config.train.epochs == 600
    told = capsys.readouterr().err
    assert "train.epochs = 600" in told
    assert "another file" in told
    config_from_options(None, written, (), {})
    assert "override with --set" not in capsys.readouterr().err


def test_what_is_said_beside_plain_stands() -> None:
    config = config_from_options(
        "gestures", None, ("data.normalise=sequence",), {"plain": True, "model__dropout": "0.3"}
    )
    assert (config.data.normalise, config.model.dropout, config.data.bucketing) == ("sequence", 0.3, "off")


async def test_train_pressed_before_the_check_is_done_takes_the_same_settings(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = arrays(tmp_path, 32, tested=10)
    configs: list[RunConfig] = []

    def launch(config: RunConfig) -> RunFolder:
        configs.append(config)
        return RunFolder(tmp_path)

    monkeypatch.setattr(start, "launch", launch)
    await start.start_draft(Draft({"task.name": "own", "data.path": str(path)}), Checks())
    assert configs == [config_of(path)]
