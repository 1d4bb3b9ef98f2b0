"""The loop as an iterator of events, on small real tasks."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
import torch
from sklearn.metrics import f1_score

from rnnlab.config import UsageError
from rnnlab.models.cpu.single_sequence import CELLS
from rnnlab.models.kernels import c_kernels as compiled
from rnnlab.models.net import build
from rnnlab.runs.commands import Command, new_command, send_command
from rnnlab.runs.event_numbers import real
from rnnlab.runs.events import CheckpointSaved, CommandApplied, Evaluated, Event, Progress, RunFinished, RunStarted
from rnnlab.tasks.load import load
from rnnlab.training.commands import LiveCommands
from rnnlab.training.loop import Training
from rnnlab.training.persist.checkpoints import CheckpointStore
from tests.training.recorded_runs import without_times
from tests.training.small import Script, of_kind, order, small_config, small_split, trained


def test_a_run_tells_its_story_in_order() -> None:
    events = trained(small_config("sinusoids", train__epochs=3))
    assert isinstance(events[0], RunStarted)
    assert isinstance(events[-1], RunFinished)
    started = events[0]
    assert (started.model, started.device, started.threads) == ("LSTM 8", "cpu", 1)
    assert started.parameters == sum(layer.parameters for layer in started.layers)
    assert started.steps_total == 3 * started.steps_per_epoch
    looks = [(e.split, e.epoch, e.running, e.final) for e in of_kind(events, Evaluated)]
    best = events[-1].best_epoch
    assert looks == [
        *((split, epoch, split == "train", False) for epoch in (1, 2, 3) for split in ("train", "validation")),
        *((split, best, False, True) for split in ("train", "validation", "test")),
    ]
    windows = [e for e in of_kind(events, Progress) if e.steps]
    assert sum(window.steps for window in windows) == started.steps_total
    assert {e.kind for e in of_kind(events, CheckpointSaved)} == {"best", "last"}
    assert (events[-1].outcome, events[-1].epoch, events[-1].step) == ("completed", 3, started.steps_total)


def test_the_same_seed_gives_the_same_run_bit_for_bit_and_another_seed_another() -> None:
    config = small_config("surnames", model__hidden=16, model__dropout=0.3, data__balance="weights")
    first, again = trained(config), trained(config)
    assert without_times(first) == without_times(again)
    digests = [{e.kind: e.sha256 for e in of_kind(events, CheckpointSaved)} for events in (first, again)]
    assert digests[0] == digests[1]
    other = trained(
        small_config("surnames", model__hidden=16, model__dropout=0.3, data__balance="weights", train__seed=1)
    )
    assert without_times(other) != without_times(first)


@pytest.mark.parametrize("model", CELLS)
@pytest.mark.parametrize("optimiser", ["adam", "adamw", "sgd", "rmsprop"])
def test_every_cell_learns_with_every_optimiser(model: str, optimiser: str) -> None:
    lr = {"sgd": 0.3}.get(optimiser, 0.02)
    config = small_config(
        model__name=model,
        optim__name=optimiser,
        optim__lr=lr,
        optim__momentum=0.5,
        train__epochs=25,
        train__batch_size=32,
    )
    looks = [e for e in of_kind(trained(config), Evaluated) if e.split == "validation" and not e.final]
    assert real(looks[-1].metrics["mae"]) < 0.8 * real(looks[0].metrics["mae"])


def test_the_figures_of_the_end_are_those_of_the_best_weights() -> None:
    config = small_config("sinusoids", train__epochs=6, optim__lr=0.05)
    split = small_split(config)
    checkpoints = CheckpointStore()
    events = list(Training(config, split, checkpoints=checkpoints).events())
    finished = of_kind(events, RunFinished)[0]
    looks = [e for e in of_kind(events, Evaluated) if e.split == "validation" and not e.final]
    # Of equal accuracies the lower loss is the better one.
    ranks = [(real(look.metrics["accuracy"]), -real(look.loss)) for look in looks]
    assert finished.best_epoch == 1 + ranks.index(max(ranks))
    assert [look.best for look in looks] == [
        rank > max(ranks[:place], default=(-1.0, 0.0)) for place, rank in enumerate(ranks)
    ]
    assert finished.final["validation"] == finished.best
    # The best weights, in a net made from nothing but the configuration, answer the test rows as was told.
    net = build(config, input_size=split.input_size, outputs=split.outputs).eval()
    weights = checkpoints.weights("best")
    assert weights is not None
    net.load_state_dict(weights)
    with torch.inference_mode():
        answers = net(torch.from_numpy(split.test.inputs), torch.from_numpy(split.test.lengths)).argmax(1).numpy()
    assert finished.final["test"]["accuracy"] == pytest.approx(float((answers == split.test.targets).mean()))
    expected = f1_score(split.test.targets, answers, average="macro")
    assert finished.final["test"]["macro_f1"] == pytest.approx(expected)


def test_confusion_counts_every_row_once() -> None:
    events = trained(small_config("sinusoids"))
    rows = of_kind(events, RunStarted)[0].data.rows
    for look in of_kind(events, Evaluated):
        assert look.confusion is not None
        counts = np.array(look.confusion)
        assert counts.sum() == rows[look.split]
        assert np.trace(counts) / counts.sum() == pytest.approx(real(look.metrics["accuracy"]))


def test_beyond_two_hundred_classes_the_matrix_is_left_out() -> None:
    config = small_config("sinusoids", train__epochs=1)
    split = dataclasses.replace(small_split(config), outputs=201, classes=tuple(f"class {i}" for i in range(201)))
    for look in of_kind(list(Training(config, split).events()), Evaluated):
        assert look.confusion is None
        assert "accuracy" in look.metrics


def test_samples_are_rows_of_the_split_and_change_from_look_to_look() -> None:
    looks = [e for e in of_kind(trained(small_config("surnames")), Evaluated) if e.samples]
    assert [look.split for look in looks] == ["validation", "validation", "test"]
    assert looks[0].samples != looks[1].samples
    for sample in looks[0].samples:
        assert sample.correct == (sample.target == sample.prediction)
        assert sample.probability is not None
        assert 0 < sample.probability <= 1


def test_a_number_far_off_is_not_right() -> None:
    look = of_kind(trained(small_config(train__epochs=1)), Evaluated)[-1]
    for sample in look.samples:
        assert sample.correct == (abs(float(sample.target) - float(sample.prediction)) <= 2.6)
        assert sample.probability is None


def test_weighted_loss_is_that_of_pytorch_over_the_whole_part() -> None:
    config = small_config("surnames", train__epochs=1, data__balance="weights")
    split = small_split(config, rows=1500)
    training = Training(config, split)
    look = next(e for e in of_kind(list(training.events()), Evaluated) if e.split == "validation" and e.final)
    with torch.inference_mode():
        outputs = training.net(torch.from_numpy(split.validation.inputs), torch.from_numpy(split.validation.lengths))
        loss = torch.nn.functional.cross_entropy(
            outputs, torch.from_numpy(split.validation.targets), training.objective.weights
        )
    assert real(look.loss) == pytest.approx(float(loss), rel=1e-5)


def test_updates_end_a_run_inside_an_epoch_and_looks_come_when_asked() -> None:
    events = trained(small_config(train__updates=7, train__evaluate_every=3, train__batch_size=20, train__epochs=50))
    steps = [e.step for e in of_kind(events, Evaluated) if e.split == "validation" and not e.final]
    assert steps == [3, 6, 7]
    assert (of_kind(events, RunFinished)[0].outcome, of_kind(events, RunFinished)[0].step) == ("completed", 7)


def test_a_run_without_progress_is_stopped_early() -> None:
    events = trained(small_config("sinusoids", optim__lr=1e-9, train__epochs=50, train__patience=3))
    finished = of_kind(events, RunFinished)[0]
    assert (finished.outcome, finished.best_epoch, finished.epoch) == ("early-stopped", 1, 4)
    assert "3 evaluations in a row" in finished.message
    assert finished.final["test"]


def test_a_diverging_run_ends_with_its_best_weights_kept() -> None:
    """SGD at rate 100 without clipping, after two sane epochs."""
    config = small_config(
        optim__name="sgd", optim__lr=0.01, optim__clip_norm=None, train__epochs=50, train__batch_size=20
    )
    per_epoch = of_kind(trained(config), RunStarted)[0].steps_per_epoch
    events = trained(config, Script({2 * per_epoch: [order("set", "optim.lr", 100.0)]}))
    finished = of_kind(events, RunFinished)[0]
    assert finished.outcome == "diverged"
    assert 2 * per_epoch < finished.step < 50 * per_epoch
    assert finished.best_epoch >= 2
    assert finished.final["validation"] == finished.best
    assert "best weights, of epoch" in finished.message
    windows = [e for e in of_kind(events, Progress) if e.steps]
    assert windows[-1].loss_high in ("inf", "nan") or windows[-1].loss in ("inf", "nan")
    assert windows[-1].step == finished.step


def test_a_run_that_diverges_before_any_look_says_so_and_has_no_final_figures() -> None:
    config = small_config(
        optim__name="sgd", optim__lr=100, optim__clip_norm=None, train__batch_size=4, model__name="elman",
        model__activation="relu", train__seed=1,
    )  # fmt: skip
    events = trained(config)
    finished = of_kind(events, RunFinished)[0]
    assert (finished.outcome, finished.best, finished.final) == ("diverged", {}, {})
    assert "before the first evaluation" in finished.message
    assert not of_kind(events, CheckpointSaved)


def test_commands_take_effect_after_the_very_update_and_are_told() -> None:
    script = Script(
        {5: [order("set", "optim.lr", 0.5)], 9: [order("set", "optim.lr", 1e9), order("set", "model.hidden", 3)]}
    )
    events = trained(small_config(train__batch_size=8, train__epochs=2), script)
    applied = of_kind(events, CommandApplied)
    assert [(e.step, e.key, e.value, bool(e.error)) for e in applied] == [
        (5, "optim.lr", 0.5, False),
        (9, "optim.lr", 1e9, True),
        (9, "model.hidden", 3, True),
    ]
    assert applied[0].before == 0.003
    assert "optim.lr" in applied[1].error
    assert "at most 100" in applied[1].error
    assert of_kind(events, Progress)[-1].lr == 0.5


@pytest.mark.parametrize("step", [0, 5, 13])
def test_stop_ends_a_run_cleanly_wherever_it_comes(step: int) -> None:
    events = trained(small_config(train__batch_size=32, train__epochs=9), Script({step: [order("stop")]}))
    finished = of_kind(events, RunFinished)[0]
    assert (finished.outcome, finished.step) == ("stopped", step)
    if step:
        # What was new since the last look was looked at, and the best weights were tested.
        last = [e for e in of_kind(events, Evaluated) if e.split == "validation" and not e.final][-1]
        assert last.step == step
        assert set(finished.final) == {"train", "validation", "test"}
    else:
        assert "before the first update" in finished.message


def test_a_stop_between_two_epochs_ends_the_run_alike_whenever_it_is_heard() -> None:
    """While the epoch is looked at, or only when the next one would begin: `verify` relies on it."""
    config = small_config(train__batch_size=32, train__epochs=9)
    last_of_epoch = 2 * of_kind(trained(config), RunStarted)[0].steps_per_epoch

    class Heard:
        def __init__(self, time: int) -> None:
            self.left = time

        def read(self, step: int) -> Sequence[Command]:
            self.left -= step == last_of_epoch
            return [order("stop")] if step == last_of_epoch and self.left == 0 else []

    reads = 2  # one batch of validation rows, then the next step
    stories = [trained(config, Heard(time)) for time in range(1, reads + 1)]
    ends = [without_times([*of_kind(story, CommandApplied), *of_kind(story, RunFinished)]) for story in stories]
    assert ends[0] == ends[1]
    finished = of_kind(stories[1], RunFinished)[0]
    assert (finished.outcome, finished.epoch, finished.step) == ("stopped", 2, last_of_epoch)


def test_a_paused_run_waits_and_goes_on_as_if_nothing_had_been(tmp_path: Path) -> None:
    config = small_config(train__batch_size=16, train__epochs=3)
    plain = trained(config)
    commands = tmp_path / "commands.jsonl"
    training = Training(config, small_split(config), run="test", commands=LiveCommands(commands))
    send_command(commands, new_command("pause"))
    events = []
    for event in training.events():
        events.append(event)
        if isinstance(event, CommandApplied) and event.command == "pause":
            assert training.meter.phase == "paused"
            send_command(commands, new_command("resume"))
    assert [e.command for e in of_kind(events, CommandApplied)] == ["pause", "resume"]
    told = [without_times(list(story)) for story in (plain, [e for e in events if not isinstance(e, CommandApplied)])]
    assert told[0] == told[1]


def test_the_path_of_a_device_tells_what_the_path_of_the_cpu_tells() -> None:
    """The steps that fetch no figure, carried out on the CPU, where both paths can be compared."""
    config = small_config("sinusoids", train__batch_size=8, train__epochs=3)

    def story(on_host: bool) -> list[Event]:
        training = Training(config, small_split(config))
        assert training.update.on_host
        training.update.on_host = on_host
        return list(training.events())

    here, there = story(on_host=True), story(on_host=False)
    looks = [[(e.split, e.step, e.final) for e in of_kind(events, Evaluated)] for events in (here, there)]
    assert looks[0] == looks[1]
    final = [of_kind(events, RunFinished)[0].final["test"]["loss"] for events in (here, there)]
    assert final[0] == pytest.approx(final[1], rel=1e-3)
    assert sum(window.steps for window in of_kind(there, Progress)) == of_kind(there, RunStarted)[0].steps_total


def test_on_the_path_of_a_device_a_divergence_is_found_at_its_first_update() -> None:
    config = small_config(optim__name="sgd", optim__lr=50, optim__clip_norm=None, train__batch_size=8, train__epochs=30)
    ends = []
    for on_host in (True, False):
        training = Training(config, small_split(config))
        training.update.on_host = on_host
        ends.append(of_kind(list(training.events()), RunFinished)[0])
    assert [end.outcome for end in ends] == ["diverged", "diverged"]
    assert ends[0].step == ends[1].step
    assert ends[0].message == ends[1].message


@pytest.mark.parametrize("precision", ["tf32", "bf16"])
def test_the_precisions_of_devices_are_refused_on_the_cpu(precision: str) -> None:
    config = small_config("sinusoids", runtime__device="auto", runtime__precision=precision)
    if torch.cuda.is_available():
        pytest.skip("needs a machine without a CUDA device; there is one here")
    with pytest.raises(UsageError, match=f"runtime.precision = '{precision}'.*set runtime.precision to float32"):
        Training(config, small_split(config))


@pytest.mark.skipif(not compiled.lanes(), reason="needs the compiled kernels in use")
@pytest.mark.parametrize("model", ["elman", "gru", "lstm"])
def test_the_number_of_threads_changes_no_figure(model: str) -> None:
    losses = []
    for threads in (1, 2):
        config = small_config(task="surnames", model__name=model, train__batch_size=128, runtime__threads=threads)
        events = list(Training(config, load(config)).events())
        assert of_kind(events, RunStarted)[0].threads == threads
        losses.append([(each.split, each.loss, each.metrics) for each in of_kind(events, Evaluated)])
    assert losses[0] == losses[1]
