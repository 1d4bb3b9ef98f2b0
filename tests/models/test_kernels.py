"""Our layers, compiled and in NumPy, against PyTorch's own."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional

from rnnlab.models import kernels
from rnnlab.models.kernels import c_kernels as compiled
from rnnlab.models.kernels import library

CELLS: dict[str, Callable[..., nn.RNNBase]] = {
    "elman": nn.RNN,
    "relu": lambda *sizes, **settings: nn.RNN(*sizes, nonlinearity="relu", **settings),
    "lstm": nn.LSTM,
    "gru": nn.GRU,
}


@pytest.fixture(autouse=True)
def _seeded() -> Iterator[None]:
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    torch.manual_seed(0)
    yield
    torch.set_num_threads(threads)
    compiled.use_threads(1)


OURS = [name for name in library.available() if name != "torch"]


@pytest.fixture(autouse=True, params=OURS)
def kernels_in_use(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """By what the layers are read. `compiled_alone` marks what BLAS, and with it NumPy, does not promise."""
    monkeypatch.setenv(library.VARIABLE, request.param)
    library.in_use.cache_clear()
    yield str(request.param)
    library.in_use.cache_clear()


compiled_alone = pytest.mark.parametrize("kernels_in_use", [name for name in OURS if name != "numpy"], indirect=True)


def _torchs(cell: nn.RNNBase, steps: Tensor, first: tuple[Tensor, ...]) -> Tensor:
    states = tuple(state.unsqueeze(0) for state in first)
    outputs: Tensor = cell(steps, states if len(states) > 1 else states[0] if states else None)[0]
    return outputs


def _gradients(outputs: Tensor, weights: Tensor, leaves: Sequence[Tensor]) -> list[Tensor]:
    return list(torch.autograd.grad((outputs * weights).sum(), leaves))


def _near(ours: Tensor, theirs: Tensor, share: float = 1e-5) -> bool:
    """Equal to within a share of the largest number of the tensor."""
    ours, theirs = ours.detach(), theirs.detach()
    return float((ours - theirs).abs().max()) <= share * max(float(theirs.abs().max()), 1e-3)


def _agree(ours: Tensor, theirs: Tensor, weights: Tensor, leaves: Sequence[Tensor]) -> None:
    """Outputs, and the gradients of their weighted sum by `leaves`, are near."""
    assert _near(ours, theirs)
    for mine, its in zip(_gradients(ours, weights, leaves), _gradients(theirs, weights, leaves), strict=True):
        assert _near(mine, its)


@pytest.mark.parametrize("bias", [True, False], ids=["bias", "no-bias"])
@pytest.mark.parametrize(("steps", "batch"), [(1, 1), (1, 256), (2, 3), (5, 64), (128, 1), (128, 16), (30, 256)])
@pytest.mark.parametrize("name", CELLS)
def test_outputs_and_gradients_are_pytorchs(name: str, steps: int, batch: int, bias: bool) -> None:
    size, width = (64, 9) if steps > 30 else (24, 17)
    cell = CELLS[name](width, size, bias=bias)
    inputs = torch.randn(steps, batch, width, requires_grad=True)
    leaves, weights = [inputs, *cell.parameters()], torch.randn(steps, batch, size)
    ours, theirs = kernels.read(cell, inputs), _torchs(cell, inputs, ())
    _agree(ours, theirs, weights, leaves)


@pytest.mark.parametrize("name", CELLS)
def test_with_states_before_the_first_step(name: str) -> None:
    cell = CELLS[name](5, 12)
    inputs = torch.randn(40, 10, 5, requires_grad=True)
    first = tuple(torch.randn(10, 12, requires_grad=True) for _ in range(2 if name == "lstm" else 1))
    leaves, weights = [inputs, *first, *cell.parameters()], torch.randn(40, 10, 12)
    ours, theirs = kernels.read(cell, inputs, first), _torchs(cell, inputs, first)
    _agree(ours, theirs, weights, leaves)


@pytest.mark.parametrize("name", ["elman", "lstm", "gru"])
def test_gradients_by_finite_differences(name: str) -> None:
    cell = CELLS[name](3, 4).double()
    first = tuple(torch.randn(2, 4, dtype=torch.float64, requires_grad=True) for _ in range(2 if name == "lstm" else 1))
    inputs = torch.randn(5, 2, 3, dtype=torch.float64, requires_grad=True)
    weights = tuple(cell.parameters())

    def read(*leaves: Tensor) -> Tensor:
        return kernels.read(cell, leaves[0], leaves[1:])

    assert torch.autograd.gradcheck(read, (inputs, *first))
    outputs = kernels.read(cell, inputs, first)
    ours = torch.autograd.grad(outputs.sum(), weights)
    theirs = torch.autograd.grad(_torchs(cell, inputs, first).sum(), weights)
    for mine, its in zip(ours, theirs, strict=True):
        torch.testing.assert_close(mine, its, rtol=1e-10, atol=1e-12)


@pytest.mark.parametrize("name", CELLS)
def test_tokens_stand_for_one_hot_vectors(name: str) -> None:
    cell = CELLS[name](30, 16)
    tokens = torch.randint(0, 30, (20, 40))
    weights, leaves = torch.randn(20, 40, 16), list(cell.parameters())
    ours, theirs = kernels.read(cell, tokens), _torchs(cell, functional.one_hot(tokens, 30).float(), ())
    _agree(ours, theirs, weights, leaves)


@pytest.mark.parametrize("name", CELLS)
def test_without_a_graph_the_outputs_are_the_same(name: str) -> None:
    cell = CELLS[name](9, 32)
    # Rows first, as a net is given them: what a layer reads need not lie together.
    inputs = torch.randn(70, 50, 9).transpose(0, 1)
    with torch.inference_mode():
        outputs = kernels.read(cell, inputs)
    assert torch.equal(outputs, kernels.read(cell, inputs).detach())


@pytest.mark.parametrize("name", CELLS)
def test_again_it_is_bit_for_bit_the_same(name: str) -> None:
    cell = CELLS[name](9, 64)
    inputs, weights = torch.randn(50, 64, 9), torch.randn(50, 64, 64)
    first, *others = (_gradients(kernels.read(cell, inputs), weights, list(cell.parameters())) for _ in range(3))
    for again in others:
        assert all(torch.equal(a, b) for a, b in zip(first, again, strict=True))


@pytest.mark.parametrize("name", CELLS)
def test_read_at_the_ends_alone(name: str) -> None:
    cell, inputs, weights = CELLS[name](9, 20), torch.randn(12, 70, 9, requires_grad=True), torch.randn(70, 20)
    ends = torch.randint(1, 13, (70,))
    leaves = [inputs, *cell.parameters()]
    every = kernels.read(cell, inputs)[ends - 1, torch.arange(70)]
    alone = kernels.read(cell, inputs, (), ends)
    assert torch.equal(alone, every)
    for mine, its in zip(_gradients(alone, weights, leaves), _gradients(every, weights, leaves), strict=True):
        assert torch.equal(mine, its)
    with torch.inference_mode():
        assert torch.equal(kernels.read(cell, inputs, (), ends), every)


def test_two_ways_forward_then_two_back() -> None:
    cell = nn.GRU(4, 8)
    weight = list(cell.parameters())[1]
    one, two = torch.randn(6, 3, 4), torch.randn(6, 3, 4)
    apart = [torch.autograd.grad(kernels.read(cell, x).sum(), weight)[0] for x in (one, two)]
    a, b = kernels.read(cell, one), kernels.read(cell, two)
    together = [torch.autograd.grad(x.sum(), weight)[0] for x in (a, b)]
    assert all(torch.equal(x, y) for x, y in zip(apart, together, strict=True))


def test_the_way_back_may_be_gone_twice() -> None:
    cell = nn.LSTM(4, 8)
    weight = list(cell.parameters())[1]
    outputs = kernels.read(cell, torch.randn(6, 3, 4)).square().sum()
    once = torch.autograd.grad(outputs, weight, retain_graph=True)[0]
    assert torch.equal(once, torch.autograd.grad(outputs, weight)[0])


def test_weights_changed_before_the_backward_pass_are_an_error() -> None:
    cell = nn.GRU(4, 8)
    outputs = kernels.read(cell, torch.randn(6, 3, 4))
    weight = list(cell.parameters())[1]
    with torch.no_grad():
        weight.mul_(2.0)
    with pytest.raises(RuntimeError, match="modified by an inplace operation"):
        torch.autograd.grad(outputs.sum(), weight)


def test_a_number_that_is_none_stays_one() -> None:
    cell = nn.RNN(4, 8, nonlinearity="relu")
    inputs = torch.randn(6, 3, 4)
    inputs[2, 1] = float("nan")
    outputs = kernels.read(cell, inputs)
    assert outputs[2:, 1].isnan().all()
    assert not outputs[:, (0, 2)].isnan().any()


def test_where_it_serves(kernels_in_use: str) -> None:
    steps, tokens = torch.randn(4, 64, 3), torch.randint(0, 3, (4, 64))
    is_compiled = kernels_in_use != "numpy"
    assert kernels.serves(nn.GRU(3, 8), steps)
    assert kernels.serves(nn.LSTM(3, 128), tokens)
    assert kernels.serves(nn.LSTM(3, 8), tokens) == is_compiled, "oneDNN's is quicker than NumPy's for small ones"
    assert kernels.serves(nn.LSTM(3, 128), steps) == is_compiled, "and for values"
    assert not kernels.serves(nn.GRU(3, 8).bfloat16(), steps.bfloat16())
    torch.set_num_threads(2)
    assert kernels.serves(nn.LSTM(3, 128), tokens) == is_compiled


@pytest.mark.parametrize("name", CELLS)
@pytest.mark.parametrize("tokens", [False, True], ids=["values", "tokens"])
@compiled_alone
def test_threads_change_no_bit(name: str, tokens: bool) -> None:
    inputs = torch.randint(0, 12, (9, 150)) if tokens else torch.randn(9, 150, 12)
    cell, weights = CELLS[name](12, 40), torch.randn(9, 150, 40)
    found = []
    for threads in (1, 2, 3):
        compiled.use_threads(threads)
        outputs = kernels.read(cell, inputs)
        found.append([outputs, *_gradients(outputs, weights, list(cell.parameters()))])
    for again in found[1:]:
        assert all(torch.equal(a, b) for a, b in zip(found[0], again, strict=True))


@pytest.mark.parametrize("name", CELLS)
@compiled_alone
def test_a_row_comes_out_the_same_in_any_batch(name: str) -> None:
    cell, inputs = CELLS[name](12, 40), torch.randint(0, 12, (9, 150))
    together = kernels.read(cell, inputs)
    for first, end in ((0, 1), (1, 6), (6, 80), (80, 150)):
        assert torch.equal(kernels.read(cell, inputs[:, first:end]), together[:, first:end])


@pytest.mark.parametrize("size", [1, 7, 8, 31, 33, 100])
@pytest.mark.parametrize("name", CELLS)
def test_every_size(name: str, size: int) -> None:
    cell, inputs = CELLS[name](size, size), torch.randn(6, 37, size, requires_grad=True)
    leaves, weights = [inputs, *cell.parameters()], torch.randn(6, 37, size)
    ours, theirs = kernels.read(cell, inputs), _torchs(cell, inputs, ())
    _agree(ours, theirs, weights, leaves)


@pytest.mark.parametrize("name", CELLS)
def test_huge_numbers_bend_to_the_ends(name: str) -> None:
    cell = CELLS[name](3, 8)
    inputs = torch.tensor([-1e30, 1e30, 0.0]).expand(4, 5, 3)
    ours, theirs = kernels.read(cell, inputs), _torchs(cell, inputs, ())
    if name == "relu":  # which has no end
        assert ours.abs().max() > 1e29
        assert _near(ours, theirs)
        return
    assert ours.abs().max() <= 1.0 + 1e-6
    torch.testing.assert_close(ours, theirs, rtol=0.0, atol=2e-6)


def test_mapped_over_it_leaves_the_layer_to_pytorch() -> None:
    seen: list[bool] = []
    cell = nn.GRU(3, 8)

    def outputs_of(steps: Tensor) -> Tensor:
        seen.append(kernels.serves(cell, steps))
        return steps

    torch.vmap(outputs_of)(torch.randn(2, 4, 5, 3))
    assert seen == [False]


@pytest.mark.parametrize("kind", [nn.RNN, nn.GRU, nn.LSTM])
def test_inputs_of_another_type_or_size_are_left_to_pytorch(kind: type[nn.RNN | nn.GRU | nn.LSTM]) -> None:
    """The compiled functions would read past them, or misread them."""
    cell = kind(3, 8)
    assert not kernels.serves(cell, torch.zeros(5, 4, 3, dtype=torch.float64))
    assert not kernels.serves(cell, torch.zeros(5, 4, 3, dtype=torch.float16))
    assert not kernels.serves(cell, torch.zeros(5, 4, 2))
    assert not kernels.serves(cell, torch.zeros(5, 4))


@pytest.mark.parametrize("name", CELLS)
def test_a_token_of_no_column_reads_nothing_that_is_not_the_tables(name: str) -> None:
    cell = CELLS[name](5, 8)
    outputs = kernels.read(cell, torch.tensor([[-1, 7, 10**12]]))
    assert torch.equal(outputs, kernels.read(cell, torch.tensor([[0, 4, 4]])))
