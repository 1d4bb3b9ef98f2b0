"""How many threads NumPy multiplies with."""

from __future__ import annotations

from functools import cache

from threadpoolctl import ThreadpoolController


def limit_blas(threads: int) -> None:
    """Let NumPy multiply with so many threads from now on, in this whole process.

    Small products only wait for a second one; and the last digits must not depend on what the environment says.
    """
    _libraries().limit(limits=threads)


@cache
def _libraries() -> ThreadpoolController:
    # PyTorch's own OpenMP is left to PyTorch.
    return ThreadpoolController().select(user_api="blas")
