"""minGRU's recurrence step by step against joined in pairs, forwards and backwards: which is quicker on this device.

python -m benchmarks.scan [--device cuda]
"""

from __future__ import annotations

import argparse
import time

import torch
from torch import Tensor

from benchmarks.options import parse
from rnnlab.models.recurrent.scan import in_pairs, one_by_one

TRIES = 7
SHAPES = (
    (16, 64, 128),
    (128, 64, 128),
    (1024, 64, 128),
    (128, 1, 128),
    (1024, 1, 128),
    (128, 256, 512),
)
"""Steps, batch and units."""


def once(step_by_step: bool, a: Tensor, b: Tensor, first: Tensor) -> float:
    """Seconds of the recurrence and of its gradient, which is the same recurrence from the end."""
    solve = one_by_one if step_by_step else in_pairs
    begun = time.perf_counter()
    states = solve(a, b, first)
    solve(a.flip(0), states.flip(0), first)
    if a.is_cuda:
        torch.cuda.synchronize()
    return time.perf_counter() - begun


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--device", default="cpu")
    options = parse(parser)
    device = options.device
    torch.set_num_threads(1)
    print(f"{'steps':>7}{'batch':>7}{'units':>7}{'step by step, ms':>18}{'in pairs, ms':>14}{'ratio':>7}")
    for steps, batch, units in SHAPES[:1] if options.quick else SHAPES:
        a, b = torch.rand(steps, batch, units, device=device), torch.randn(steps, batch, units, device=device)
        first = torch.zeros(batch, units, device=device)
        times = {True: float("inf"), False: float("inf")}
        with torch.inference_mode():
            for _ in range(TRIES):
                for way in (True, False):
                    times[way] = min(times[way], once(way, a, b, first))
        one, pairs = times[True], times[False]
        print(f"{steps:>7}{batch:>7}{units:>7}{1e3 * one:>18.2f}{1e3 * pairs:>14.2f}{pairs / one:>7.1f}")


if __name__ == "__main__":
    main()
