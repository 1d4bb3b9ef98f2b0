"""Which kernels a run is computed by: the quickest, or those that `RNNLAB_KERNELS` names."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import torch
from torch import nn

from rnnlab.config import UsageError
from rnnlab.models import kernels
from rnnlab.models.kernels import library
from rnnlab.runs.events import RunStarted
from rnnlab.training.loop import Training
from tests.training.small import of_kind, small_config, small_split, trained


@pytest.fixture(autouse=True)
def _chosen_anew() -> Iterator[None]:
    library.in_use.cache_clear()
    yield
    library.in_use.cache_clear()


@pytest.mark.parametrize("name", library.available())
def test_a_run_is_computed_by_the_kernels_named_and_its_log_says_so(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(library.VARIABLE, name)
    (started,) = of_kind(trained(small_config("surnames", model__name="gru")), RunStarted)
    assert started.versions["kernels"] == name
    cell = nn.GRU(3, 8)
    assert kernels.serves(cell, torch.randn(4, 64, 3)) == (name != "torch")
    assert kernels.is_compiled(cell, tokens=False) == (name not in ("numpy", "torch"))
    config = small_config("surnames", train__batch_size=1)
    manual_backward = Training(config, small_split(config, 40)).update.manual_backward
    assert (manual_backward is not None) == (name != "torch")


def test_the_quickest_are_used_where_none_are_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(library.VARIABLE, raising=False)
    assert library.in_use().name == library.available()[0]
    library.in_use.cache_clear()
    monkeypatch.setenv(library.VARIABLE, "")
    assert library.in_use().name == library.available()[0]


def test_kernels_that_are_not_here_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(library.VARIABLE, "avx1024")
    with pytest.raises(UsageError, match=r"RNNLAB_KERNELS = 'avx1024', .* name one of .*numpy, torch"):
        library.in_use()


def test_a_run_with_kernels_that_are_not_here_says_so_in_one_sentence(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "rnnlab", "train", "binary", "--epochs", "1"],
        env=os.environ | {library.VARIABLE: "avx1024", "RNNLAB_SESSIONS": str(tmp_path)},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 2
    shown = done.stdout + done.stderr
    assert "RNNLAB_KERNELS = 'avx1024'" in shown
    assert "Traceback" not in shown
    assert "fault of rnnlab" not in shown
