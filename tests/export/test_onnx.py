"""ONNX models compute what the nets compute: every architecture, in the ways it can be set, on batches of any size."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch

from rnnlab.catalog.models.catalog import MODELS
from rnnlab.config import ConfigError
from rnnlab.errors import UsageError
from rnnlab.export.to_onnx.net import onnx_model
from rnnlab.export.to_onnx.verify import largest_difference, open_session
from rnnlab.models.net import Net
from tests.export.nets import BATCHES, VARIED, WAYS, make, rows


def differences(net: Net, scale: tuple[float, float] = (1.0, 0.0), *, classes: bool = True) -> list[float]:
    """The greatest difference of each batch's outputs."""
    model = onnx_model(net, classes=classes, scale=scale)
    session = open_session(model.SerializeToString())
    found = []
    for lengths in BATCHES:
        inputs, counts = rows(net, lengths)
        (theirs,) = session.run(None, {"inputs": inputs.numpy(), "lengths": counts.numpy()})
        with torch.no_grad():
            ours = (net(inputs, counts).double() * scale[0] + scale[1]).numpy()
        assert theirs.shape == ours.shape
        if net.readout == "steps":
            true = np.arange(ours.shape[1]) < counts.numpy()[:, None]
            theirs, ours = theirs[true], ours[true]
        found.append(float(np.abs(theirs - ours).max() / max(1.0, np.abs(ours).max())))
    return found


@pytest.mark.parametrize("name", MODELS)
def test_every_architecture_is_exported_within_a_hundred_thousandth(name: str) -> None:
    for inputs in ("tokens", "values", "each step"):
        assert max(differences(make(name, inputs))) < 1e-5


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("name", VARIED)
def test_every_way_to_set_a_net_is_exported(name: str, way: str) -> None:
    settings: dict[str, Any] = WAYS[way]
    try:
        net = make(name, **settings)
    except ConfigError as error:
        pytest.skip(f"there is no such net: {error.key}")
    assert max(differences(net)) < 1e-5


def test_a_model_that_onnxruntime_cannot_open_or_run_is_a_usage_error() -> None:
    net = make("lstm")
    of_values = onnx_model(make("lstm", "values"), classes=True).SerializeToString()
    for model in (b"no model", of_values):
        with pytest.raises(UsageError, match="onnxruntime cannot run the exported model"):
            largest_difference(net, model, (1.0, 0.0))
