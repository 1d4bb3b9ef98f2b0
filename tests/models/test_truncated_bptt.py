"""Truncated backpropagation through time: values as ever, a gradient that ends where it is cut."""

from __future__ import annotations

from pathlib import Path
from typing import Any, cast

import pytest
import torch
from torch import Tensor

from rnnlab.catalog.models.catalog import RECURRENT
from rnnlab.config import FIELDS, RunConfig
from rnnlab.models.layer import Layer
from rnnlab.models.net import Net, build
from rnnlab.models.recurrent.torch_cell import TorchCell
from rnnlab.models.recurrent.truncated_bptt import pieces
from rnnlab.training.loop import Training
from rnnlab.training.verify import verify
from tests.training.recorded_runs import recorded
from tests.training.small import small_config, small_split

STEPS, BATCH, CHANNELS = 11, 3, 4
CELLS = dict(FIELDS["train.bptt"].setting.applies)["model.name"]


def net_of(model: str, bptt_steps: int | None, problem: str = "regression", **model_settings: Any) -> Net:
    settings: dict[str, object] = {
        "task.name": "adding",
        "model.name": model,
        "model.hidden": 5,
        "model.layers": 2,
        "train.bptt": bptt_steps,
    }
    torch.manual_seed(0)
    config = RunConfig.from_settings(settings | {f"model.{key}": value for key, value in model_settings.items()})
    net = build(config, input_size=CHANNELS, outputs=2, problem=problem, tokens=False)
    return net.train()


def values() -> Tensor:
    return torch.randn(BATCH, STEPS, CHANNELS, generator=torch.manual_seed(1)).requires_grad_()


def test_pieces_are_counted_from_the_end_and_cover_all_steps() -> None:
    assert list(pieces(11, 4)) == [(0, 3), (3, 7), (7, 11)]
    assert list(pieces(8, 4)) == [(0, 4), (4, 8)]
    assert list(pieces(3, 4)) == [(0, 3)]
    assert list(pieces(3, 1)) == [(0, 1), (1, 2), (2, 3)]


@pytest.mark.parametrize("settings", [{}, {"bidirectional": True}, {"learned_state": True}, {"readout": "mean"}])
@pytest.mark.parametrize("model", CELLS)
@pytest.mark.parametrize("bptt_steps", [1, 4, STEPS, 100])
def test_the_outputs_are_the_same_and_from_so_many_steps_on_the_gradient_too(
    model: str, bptt_steps: int, settings: dict[str, Any]
) -> None:
    lengths = torch.tensor([STEPS, 5, 1])
    gradients = []
    for net in (net_of(model, bptt_steps, **settings), net_of(model, None, **settings)):
        outputs = net(values(), lengths)
        outputs.square().sum().backward()
        gradients.append((outputs, [parameter.grad for parameter in net.parameters()]))
    (outputs, cut), (expected, full) = gradients
    torch.testing.assert_close(outputs, expected)
    if bptt_steps >= STEPS:
        for ours, theirs in zip(cut, full, strict=True):
            torch.testing.assert_close(ours, theirs)
    else:
        assert not all(torch.allclose(a, b) for a, b in zip(cut, full, strict=True))  # type: ignore[arg-type]


@pytest.mark.parametrize("model", CELLS)
def test_of_a_whole_sequence_nothing_reaches_the_steps_before_the_last_piece(model: str) -> None:
    inputs = values()
    net_of(model, 4)(inputs).sum().backward()
    assert inputs.grad is not None
    per_step = inputs.grad.abs().sum((0, 2))
    assert torch.equal(per_step[: STEPS - 4], torch.zeros(STEPS - 4))
    assert (per_step[STEPS - 4 :] > 0).all()


@pytest.mark.parametrize("model", CELLS)
@pytest.mark.parametrize("asked", range(STEPS))
def test_the_gradient_of_an_output_at_a_step_ends_with_its_piece(model: str, asked: int) -> None:
    inputs = values()
    net_of(model, 4, "per-step classification")(inputs)[:, asked].sum().backward()
    start = next(start for start, end in pieces(STEPS, 4) if start <= asked < end)
    assert inputs.grad is not None
    reached = inputs.grad.abs().sum((0, 2)) > 0
    assert reached.tolist() == [start <= step <= asked for step in range(STEPS)]


@pytest.mark.parametrize("model", CELLS)
def test_a_layer_that_reads_from_the_end_is_cut_likewise(model: str) -> None:
    inputs = values()
    net = net_of(model, 4, bidirectional=True, layers=1)
    net(inputs).sum().backward()
    assert inputs.grad is not None
    reached = inputs.grad.abs().sum((0, 2)) > 0
    # The last piece of each direction: four steps at either end.
    assert reached.tolist() == [step < 4 or step >= STEPS - 4 for step in range(STEPS)]


def test_a_run_is_cut_at_batch_one_too_and_comes_out_again(tmp_path: Path) -> None:
    config = small_config("surnames", train__batch_size=1, train__bptt=3)
    assert Training(config, small_split(config, 40)).update.manual_backward is None
    run = recorded(tmp_path, task="parity", data__steps=9, train__bptt=4, model__name="gru")
    report = verify(run)
    assert (report.ok, report.mismatches) == (True, [])


def test_other_architectures_have_no_such_setting() -> None:
    config = RunConfig.from_settings({"model.name": "mingru", "train.bptt": 4})
    assert not config.applies("train.bptt")
    layers = {name: net_of(name, None).layers[0] for name in RECURRENT}
    assert set(CELLS) == {
        name for name, layer in layers.items() if isinstance(cast("Layer", layer).forwards, TorchCell)
    }
