"""`rnnlab lr-range`: what it refuses."""

from __future__ import annotations

import pytest

from rnnlab.cli.main import run as rnnlab


@pytest.mark.parametrize("options", [["--schedule", "cosine"], ["--set", "optim.schedule=nonsense"]])
def test_a_range_test_refuses_another_schedule(options: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert rnnlab(["lr-range", "binary", *options]) == 2
    assert "lr-range sets optim.schedule to range itself" in capsys.readouterr().err
