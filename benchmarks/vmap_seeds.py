"""Several small nets in one `torch.func.vmap(grad_and_value(…))`, against one after the other, as repeats over seeds are.

    python -m benchmarks.vmap_seeds [--seconds 1] [--json]

Each net trains on batches of its own (64 rows, 20 steps, 16 inputs), cross-entropy over 10 classes, its own clipping, Adam: what
repeats over seeds are. One thread. Alone is a loop over the nets, each an `nn` module with a fused Adam; together is one step
of stacked weights. The two take turns. A ratio below 1 says that together is slower. Processes side by side reach as many
times as there are cores whatever the cell, so `vmap` has to be clearly above 1 to be worth a second way to train.
"""

from __future__ import annotations

import argparse
import json
import os
import time
import warnings
from collections.abc import Callable

import torch
from torch import Tensor, nn
from torch.func import functional_call, grad_and_value, stack_module_state, vmap
from torch.nn import functional

from benchmarks.options import parse

STEPS, BATCH, INPUTS, CLASSES = 20, 64, 16, 10
CELLS = {"elman": nn.RNN, "gru": nn.GRU, "lstm": nn.LSTM}
TURNS = 3


class SmallNet(nn.Module):
    """One recurrent layer, the last step, a linear head."""

    def __init__(self, cell: str, hidden: int) -> None:
        super().__init__()
        self.layer = CELLS[cell](INPUTS, hidden)
        self.head = nn.Linear(hidden, CLASSES)

    def forward(self, inputs: Tensor) -> Tensor:
        outputs, _ = self.layer(inputs)
        answers: Tensor = self.head(outputs[-1])
        return answers


def alone(nets: list[SmallNet], inputs: Tensor, targets: Tensor) -> Callable[[], Tensor]:
    """A step of every net, one after the other, and its loss (nets,).

    `inputs`: (nets, steps, batch, features), `targets`: (nets, batch).
    """
    optimisers = [torch.optim.Adam(net.parameters(), lr=1e-3, fused=True) for net in nets]

    def step() -> Tensor:
        losses = []
        for net, optimiser, values, classes in zip(nets, optimisers, inputs, targets, strict=True):
            optimiser.zero_grad(set_to_none=True)
            loss = functional.cross_entropy(net(values), classes)
            loss.backward()  # type: ignore[no-untyped-call]
            nn.utils.clip_grad_norm_(net.parameters(), 1.0)
            optimiser.step()
            losses.append(loss.detach())
        return torch.stack(losses)

    return step


def together(nets: list[SmallNet], inputs: Tensor, targets: Tensor) -> Callable[[], Tensor]:
    """The same as one step of stacked weights."""
    weights, _ = stack_module_state(nets)
    leaves = [weight.detach().requires_grad_() for weight in weights.values()]
    names = list(weights)
    optimiser = torch.optim.Adam(leaves, lr=1e-3, fused=True)
    template = nets[0]

    def loss(held: dict[str, Tensor], values: Tensor, classes: Tensor) -> Tensor:
        return functional.cross_entropy(functional_call(template, held, (values,)), classes)

    gradients = vmap(grad_and_value(loss))

    def step() -> Tensor:
        found, losses = gradients(dict(zip(names, (leaf.detach() for leaf in leaves), strict=True)), inputs, targets)
        squares = sum(found[name].flatten(1).square().sum(1) for name in names)
        scale = (1.0 / (squares.sqrt() + 1e-6)).clamp(max=1.0)
        for name, leaf in zip(names, leaves, strict=True):
            leaf.grad = found[name] * scale.view(-1, *[1] * (leaf.ndim - 1))
        optimiser.step()
        told: Tensor = losses.detach()
        return told

    return step


def rate(step: Callable[[], Tensor], seconds: float) -> float:
    """Steps a second."""
    done, began = 0, time.perf_counter()
    while (took := time.perf_counter() - began) < seconds:
        step()
        done += 1
    return done / took


def ratio(cell: str, hidden: int, count: int, seconds: float) -> float:
    """How many times as quick together is. The first steps, which are not counted, must come to the same losses."""
    torch.manual_seed(0)
    nets = [SmallNet(cell, hidden) for _ in range(count)]
    inputs = torch.randn(count, STEPS, BATCH, INPUTS)
    targets = torch.randint(CLASSES, (count, BATCH))
    joined = together([_copy(net, cell, hidden) for net in nets], inputs, targets)
    apart = alone(nets, inputs, targets)
    for _ in range(3):
        torch.testing.assert_close(joined(), apart(), rtol=1e-3, atol=1e-4)
    rates = [(rate(joined, seconds / TURNS), rate(apart, seconds / TURNS)) for _ in range(TURNS)]
    return max(first for first, _ in rates) / max(second for _, second in rates)


def _copy(net: SmallNet, cell: str, hidden: int) -> SmallNet:
    other = SmallNet(cell, hidden)
    other.load_state_dict(net.state_dict())
    return other


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=1.0)
    parser.add_argument("--json", action="store_true")
    options = parse(parser, seconds=0.01)
    torch.set_num_threads(1)
    # The LSTM loses oneDNN's kernel under vmap, and PyTorch says so once.
    warnings.filterwarnings("ignore", message="There is a performance drop")
    counts, sizes = ((4,), (8,)) if options.quick else ((4, 8, 32), (8, 32, 64))
    figures: dict[str, dict[str, dict[str, float]]] = {}
    for cell in CELLS:
        for hidden in sizes:
            row = {str(count): round(ratio(cell, hidden, count, options.seconds), 2) for count in counts}
            figures.setdefault(cell, {})[str(hidden)] = row
            if not options.json:
                told = ", ".join(f"{count} nets {value:.2f}×" for count, value in row.items())
                print(f"{cell:6} hidden {hidden:3}: {told}", flush=True)
    if options.json:
        print(json.dumps({"load": os.getloadavg()[0], "ratios": figures}, indent=2))
    else:
        print(f"load {os.getloadavg()[0]:.1f}")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
