"""Cells that are not in the catalogue: what ONNX lacks is refused by name, and the Python file has it all the same."""

from __future__ import annotations

from pathlib import Path
from typing import cast

import msgspec
import pytest
import torch
from torch import Tensor, nn

from rnnlab.catalog.models.catalog import MODELS
from rnnlab.errors import UsageError
from rnnlab.export.to_onnx.model_file import onnx_file
from rnnlab.export.tracing.traced_cell import trace_cell
from rnnlab.models.layer import Layer
from rnnlab.models.net import Net
from rnnlab.models.plan.net_plan import LayerPlan
from rnnlab.models.recurrent.cell import RecurrentCell, State
from tests.export.nets import make
from tests.export.torch_file import CLASSES, difference


class Own(RecurrentCell):
    """A cell of a person's own, whose step the tests fill in."""

    def __init__(self, layer: LayerPlan) -> None:
        super().__init__(layer)
        self.both = nn.Linear(layer.input_size + layer.hidden_size, 2 * layer.hidden_size)
        self.scale = torch.full((layer.hidden_size,), 0.7)  # no parameter, no buffer

    def recurrent_matrices(self) -> list[Tensor]:
        return []

    def forward_step(self, inputs: Tensor, state: State) -> tuple[Tensor, State]:
        gate, candidate = self.both(torch.cat((inputs, state[0]), dim=-1)).split(self.hidden_size, dim=-1)
        after = self.mixed(torch.sigmoid(gate), candidate, state[0])
        return after * self.scale, (after,)

    def mixed(self, gate: Tensor, candidate: Tensor, before: Tensor) -> Tensor:
        return gate * before + (1 - gate) * nn.functional.silu(candidate) / 2


class Rolled(Own):
    def mixed(self, gate: Tensor, candidate: Tensor, before: Tensor) -> Tensor:
        return gate * before.roll(1, -1) + candidate.tanh().cumsum(-1) * 0.1


class Mixing(Own):
    """Its step mixes the sequences of a batch, which no file of one sequence can have."""

    def mixed(self, gate: Tensor, candidate: Tensor, before: Tensor) -> Tensor:
        return gate * before + candidate.tanh() * candidate.mean(0, keepdim=True)


class Deciding(Own):
    def mixed(self, gate: Tensor, candidate: Tensor, before: Tensor) -> Tensor:
        return candidate if float(gate.sum()) > 1 else before


class TwoConstants(Own):
    """With a constant in what is done to all inputs at once, and another one in the step."""

    def project(self, inputs: Tensor) -> Tensor:
        return inputs * torch.tensor(0.5)

    def mixed(self, gate: Tensor, candidate: Tensor, before: Tensor) -> Tensor:
        return gate * before + (1 - gate) * candidate.tanh() * torch.tensor(2.0)


class AlikeNames(Own):
    """Parameters whose names are one once the dots are gone, and one named as a method of the exported module."""

    def __init__(self, layer: LayerPlan) -> None:
        super().__init__(layer)
        self.both_weight = nn.Parameter(torch.randn(layer.hidden_size))
        self.step = nn.Parameter(torch.tensor(0.3))

    def mixed(self, gate: Tensor, candidate: Tensor, before: Tensor) -> Tensor:
        return gate * before + (1 - gate) * candidate.tanh() * self.both_weight * self.step


class CutTwice(Own):
    """One parameter, cut in two ways."""

    def __init__(self, layer: LayerPlan) -> None:
        super().__init__(layer)
        self.scales = nn.Parameter(torch.randn(6 * layer.hidden_size))

    def mixed(self, gate: Tensor, candidate: Tensor, before: Tensor) -> Tensor:
        sixths, halves = self.scales.chunk(6), self.scales.chunk(2)
        return gate * before * sixths[0] + candidate.tanh() * sixths[4] + halves[1][: self.hidden_size]


def net_of(cell: type[Own]) -> Net:
    net = make("elman")
    layer = cast("Layer", net.layers[0])
    torch.manual_seed(1)
    layer.forwards = cell(net.plan.layers[0])
    return net.eval()


def test_a_cell_of_ones_own_is_exported(tmp_path: Path) -> None:
    net = net_of(Own)
    _, apart = onnx_file(net, CLASSES, {})
    assert apart is not None
    assert apart < 1e-5
    assert difference(net, tmp_path) < 2e-6


@pytest.mark.parametrize("cell", [TwoConstants, AlikeNames, CutTwice])
def test_no_two_values_of_a_cell_have_one_name_in_the_python_file(cell: type[Own], tmp_path: Path) -> None:
    assert difference(net_of(cell), tmp_path) < 2e-6


@pytest.mark.parametrize("name", ["net", "layer", "f", "path", "own"])
def test_a_cell_named_like_what_the_python_file_holds_is_exported(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    net = net_of(Own)
    monkeypatch.setitem(
        MODELS, name, msgspec.structs.replace(net.plan.card, name=name, equations=('h = "\0\x1b[2J"""',))
    )
    net.plan = msgspec.structs.replace(net.plan, name=name)
    assert difference(net, tmp_path) < 2e-6


def test_what_onnx_lacks_is_named_and_the_python_file_has_it(tmp_path: Path) -> None:
    net = net_of(Rolled)
    with pytest.raises(UsageError, match=r"elman cannot be exported to ONNX.*aten\.(roll|cumsum).*--to torch"):
        onnx_file(net, CLASSES, {})
    assert difference(net, tmp_path) < 2e-6


def test_a_step_that_mixes_sequences_is_refused() -> None:
    with pytest.raises(UsageError, match=r"aten\.mean"):
        onnx_file(net_of(Mixing), CLASSES, {})


def test_a_step_that_decides_by_its_values_is_refused() -> None:
    with pytest.raises(UsageError, match="cannot be traced"):
        trace_cell(Deciding(make("elman").plan.layers[0]), "deciding")
