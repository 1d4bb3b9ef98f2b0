"""Threads of NumPy's matrix products."""

from __future__ import annotations

from functools import cache

from threadpoolctl import ThreadpoolController


def limit_blas(threads: int) -> None:
    """Set how many threads NumPy multiplies with, in this whole process.

    Small products only wait for a second thread, and the last digits must not depend on the environment.
    """
    _libraries().limit(limits=threads)


@cache
def _libraries() -> ThreadpoolController:
    # PyTorch's own OpenMP is left to PyTorch.
    return ThreadpoolController().select(user_api="blas")
