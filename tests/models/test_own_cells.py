"""Cells of a person's own: what a file may declare, what it is refused for, and that it is a cell like any other."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import cast

import pytest
import torch

from rnnlab.catalog.models.catalog import MODELS, RECURRENT
from rnnlab.catalog.models.own_cells import CellReport
from rnnlab.config import RunConfig, UsageError
from rnnlab.engines.cells import choose_files
from rnnlab.models.layer import Layer
from rnnlab.models.layer_parameters import parameter_counts
from rnnlab.models.net import Net, build
from rnnlab.models.own.check_cells import check_file
from rnnlab.models.plan.count import count_parameters
from tests.own_cells import CONTRACT, PLAIN, TWO_STATES, catalogue_restored


@pytest.fixture(autouse=True)
def _restored() -> Iterator[None]:
    with catalogue_restored():
        yield


def written(folder: Path, source: str) -> Path:
    path = folder / "mycell.py"
    path.write_text(source)
    return path


def net_of(name: str, **settings: object) -> Net:
    torch.manual_seed(3)
    config = RunConfig.from_settings(
        {"task.name": "sinusoids", "model.name": name, "model.hidden": 5, "model.layers": 1} | settings
    )
    return build(config, input_size=4, outputs=2)


@pytest.mark.parametrize(
    ("source", "name", "weights", "biases", "states"),
    [
        (PLAIN, "plain-cell", "h·(n + h)", "h", 1),
        (TWO_STATES, "two-states", "2·h·n + 4·h·h + 2·h", "", 2),
        (CONTRACT, "gated", "2·h·n + h·h", "2·h", 1),
    ],
)
def test_a_cell_is_listed_counted_and_built_like_any_other(
    source: str, name: str, weights: str, biases: str, states: int, tmp_path: Path
) -> None:
    choose_files([written(tmp_path, source)])
    card = MODELS[name]
    assert name in RECURRENT
    assert (card.formula, card.bias_formula, card.n_states) == (weights, biases, states)
    net = net_of(name, **{"model.bidirectional": True, "model.learned_state": True})
    assert [(count.name, count.total) for count in count_parameters(net.plan)] == list(parameter_counts(net))
    cell = cast("Layer", net.layers[0]).forwards
    values = torch.randn(7, 3, 4)
    torch.testing.assert_close(cell.trace(values).outputs, cell(values))
    assert cell(values).shape == (7, 3, 5)


def test_its_recurrent_matrices_can_be_made_orthogonal_and_its_gates_are_shown(tmp_path: Path) -> None:
    choose_files([written(tmp_path, CONTRACT)])
    cell = cast("Layer", net_of("gated", **{"model.init": "orthogonal"}).layers[0]).forwards
    (matrix,) = cell.recurrent_matrices()
    torch.testing.assert_close(matrix @ matrix.T, torch.eye(5), rtol=1e-4, atol=1e-4)
    assert [gate.name for gate in cell.trace(torch.randn(7, 3, 4)).gates()] == ["update"]
    assert net_of("gated", **{"model.init": "identity"}) is not None


def test_a_class_without_an_argument_bias_refuses_a_net_without_biases(tmp_path: Path) -> None:
    choose_files([written(tmp_path, TWO_STATES)])
    with pytest.raises(UsageError, match=r"model\.bias = false has no effect on two-states"):
        net_of("two-states", **{"model.bias": False})


def test_a_file_that_is_changed_is_read_anew_and_checked_once_for_each_content(tmp_path: Path) -> None:
    path = written(tmp_path, f"# {tmp_path}\n{PLAIN}")
    checked: list[Path] = []
    choose_files([path], checked.append)
    choose_files([path], checked.append)
    path.write_text(path.read_text().replace('title="Plain"', 'title="Other"'))
    choose_files([path], checked.append)
    assert MODELS["plain-cell"].title == "Other"
    assert checked == [path, path]


REFUSED = {
    "a syntax error": ("x = 1\ndef f(:\n", r":2: invalid syntax"),
    "a module that is not there": (
        "x = 1\nimport not_there_at_all\n",
        r":2: ModuleNotFoundError: No module named 'not_there",
    ),
    "an end of the program": ("import sys\n\nsys.exit(3)\n", r":3: SystemExit: 3"),
    "no cell": ("x = 1\n", r" declares no cell: write @rnnlab\.cell above a class in it"),
    "no module": (
        "import rnnlab\n@rnnlab.cell\nclass A:\n    pass\n",
        r":2: the class A must be an nn\.Module with a method",
    ),
    "a name that exists": (
        PLAIN.replace("@rnnlab.cell(", '@rnnlab.cell(name="lstm", '),
        r":8: the cell lstm: there is an architecture of this name already",
    ),
    "a name that is none": (
        PLAIN.replace("@rnnlab.cell(", '@rnnlab.cell(name="My Cell", '),
        r":8: the name of a cell, 'My Cell', must be 1 to 40 small letters",
    ),
    "one name twice": (
        PLAIN + "\n\n@rnnlab.cell(name='plain-cell')\nclass B(PlainCell):\n    pass\n",
        r":24: the file has two cells named plain-cell",
    ),
    "a wrong output": (
        PLAIN.replace("return torch.tanh(", "return torch.cat((x, h), 1) + 0 * torch.cat((x, h), 1) if True else ("),
        r":8: the cell plain-cell: its output of forward_step is \(2, 8\); it must be \(batch, hidden_size\) = \(2, 5\)",
    ),
    "states that are not declared": (
        PLAIN.replace("self.recurrent(h))", "self.recurrent(h)), h"),
        r":8: the cell plain-cell: forward_step returns 2 states, and states = 1 is declared",
    ),
    "a fault in a step": (
        PLAIN.replace("self.recurrent(h))", "self.recurrent(x))"),
        r":18: the cell plain-cell: RuntimeError: ",
    ),
    "a constructor of another kind": (
        PLAIN.replace("input_size, hidden_size, bias=True", "size"),
        r":8: the cell plain-cell: it cannot be made with 3 inputs and 5 units: TypeError",
    ),
    "an end of the program in a step": (
        PLAIN.replace("return torch.tanh(", "exit(3); return torch.tanh("),
        r":18: the cell plain-cell: SystemExit: 3",
    ),
    "a sentence of its own": (
        PLAIN.replace("super().__init__()", 'raise rnnlab.UsageError("it learns nothing")'),
        r":13: the cell plain-cell: it cannot be made with 3 inputs and 5 units: it learns nothing$",
    ),
    "a matrix that is a layer": (
        PLAIN.replace("return [self.recurrent.weight]", "return [self.recurrent]"),
        r":8: the cell plain-cell: recurrent_matrices\(\) has one of shape Linear; each must be \(h, h\) = \(5, 5\)",
    ),
    "a hostile title": (
        PLAIN.replace('"Plain"', r'"\x1b]0;x\x07"'),
        r":8: the cell plain-cell: .* holds a character that",
    ),
    "parameters that cannot be counted": (
        PLAIN.replace("bias=False)", "bias=False); self.more = nn.Parameter(torch.zeros(hidden_size**3))"),
        r":8: the cell plain-cell: the number of its parameters is no sum of multiples",
    ),
}


@pytest.mark.parametrize("kind", REFUSED)
def test_a_file_that_cannot_be_used_is_refused_with_its_line(kind: str, tmp_path: Path) -> None:
    source, sentence = REFUSED[kind]
    path = written(tmp_path, source)
    problem = check_file(path).problem
    assert re.match(re.escape(str(path)) + sentence, problem), problem
    assert "\n" not in problem
    assert "\x1b" not in problem


def test_a_file_whose_name_cannot_be_shown_is_refused_also_where_its_content_was_checked(tmp_path: Path) -> None:
    choose_files([written(tmp_path, PLAIN)])
    path = tmp_path / "my\ncell.py"
    path.write_text(PLAIN)
    with pytest.raises(
        UsageError, match=r"the cell plain-cell: 'my\\ncell\.py' holds a character that cannot be shown"
    ):
        choose_files([path])


def test_a_name_of_two_files_is_refused(tmp_path: Path) -> None:
    first, second = tmp_path / "a.py", tmp_path / "b.py"
    first.write_text(PLAIN)
    second.write_text(PLAIN + "# other\n")
    with pytest.raises(UsageError, match="has a cell named plain-cell, too; give one of them another name"):
        choose_files([first, second])


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"the file of cells .*nothing\.py cannot be read: No such file"):
        choose_files([tmp_path / "nothing.py"])
    assert check_file(tmp_path / "nothing.py") != CellReport()
