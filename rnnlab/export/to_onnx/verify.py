"""An exported ONNX model, run by onnxruntime beside the net that it was made from."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch

from rnnlab.errors import UsageError
from rnnlab.export.to_onnx.net import INPUTS, LENGTHS, NUMBERS
from rnnlab.models.net import Net

TOLERANCE = 1e-5
"""Most that outputs may differ by: absolutely where they are below 1, else as a share of the largest."""
_LENGTHS = ((1,), (7, 1, 4, 13, 2), (3,) * 8)
"""Lengths of the sequences of each batch that is tried."""


def open_session(model: bytes) -> Any:
    """The model, ready to run on one thread. Raises `ImportError` where onnxruntime is missing."""
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    return onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])


def largest_difference(net: Net, model: bytes, scale: tuple[float, float]) -> float | None:
    """The largest difference of outputs on random batches, as `TOLERANCE` measures it; None where onnxruntime is missing.

    `scale`: as `onnx_model` takes it. Raises `UsageError` where the model cannot be run.
    """
    try:
        from onnxruntime.capi import onnxruntime_pybind11_state as states
    except ImportError:
        return None
    # These have no base of their own; a newer onnxruntime may have more of them.
    failures = tuple(kind for kind in vars(states).values() if isinstance(kind, type) and issubclass(kind, Exception))
    generator = torch.Generator().manual_seed(0)
    try:
        session = open_session(model)
        return max(_difference(net, session, lengths, scale, generator) for lengths in _LENGTHS)
    except failures as error:
        raise UsageError(f"onnxruntime cannot run the exported model: {' '.join(str(error).split())[:300]}") from None


def _difference(
    net: Net, session: Any, lengths: tuple[int, ...], scale: tuple[float, float], generator: torch.Generator
) -> float:
    """The difference on a batch of sequences of these lengths; infinite where an output is not finite."""
    counts, size = torch.tensor(lengths), net.plan.input_size
    if net.tokens:
        inputs = torch.randint(0, size, (len(lengths), max(lengths)), generator=generator)
    else:
        inputs = torch.randn(len(lengths), max(lengths), size, generator=generator)
    (name,) = (output.name for output in session.get_outputs())
    (theirs,) = session.run(None, {INPUTS: inputs.numpy(), LENGTHS: counts.numpy()})
    if name == NUMBERS:
        theirs = (theirs - scale[1]) / scale[0]
    with torch.inference_mode():
        ours = net(inputs, counts).numpy()
    if net.readout == "steps":
        true = np.arange(ours.shape[1]) < counts.numpy()[:, None]
        theirs, ours = theirs[true], ours[true]
    difference = float(np.abs(theirs - ours).max() / max(1.0, np.abs(ours).max()))
    return difference if np.isfinite(difference) else np.inf
