"""The ONNX file of a run: its net, and in its metadata what its inputs and outputs mean."""

from __future__ import annotations

import json
from importlib.util import find_spec

from rnnlab import __version__
from rnnlab.errors import UsageError
from rnnlab.models.net import Net
from rnnlab.runs.data_summary import DataSummary
from rnnlab.tasks.encoding.words import INVISIBLE, LONGEST_WORDS, WORD_PATTERN

_LARGEST = 2**31 - 2**20
"""Bytes of a model in one file: protobuf ends at two gigabytes."""


def onnx_file(net: Net, data: DataSummary, about: dict[str, str]) -> tuple[bytes, float | None]:
    """The bytes of the ONNX model, and how far it is from the net, None where onnxruntime is not there to measure it.

    `about`: further entries of its metadata. Raises `UsageError` where the package onnx is missing, where a cell has no
    counterpart in ONNX, where the model differs from the net by more than `TOLERANCE`, and where it is too large.
    """
    if find_spec("onnx") is None:
        raise UsageError("an export to ONNX needs the package onnx, which is not installed: pip install 'rnnlab[onnx]'")
    from rnnlab.export.to_onnx.net import onnx_model
    from rnnlab.export.to_onnx.verify import TOLERANCE, largest_difference

    if 4 * sum(parameter.numel() for parameter in net.parameters()) > _LARGEST:
        raise UsageError("the net has more weights than an ONNX file holds (2 GB); --to torch exports it")
    scale = (data.scale.get("target_scale", 1.0), data.scale.get("target_offset", 0.0))
    model = onnx_model(net, classes=bool(data.classes), scale=scale)
    for key, value in sorted((_metadata(net, data) | about).items()):
        entry = model.metadata_props.add()
        entry.key, entry.value = key, _utf8(value)
    written: bytes = model.SerializeToString(deterministic=True)
    difference = largest_difference(net, written, scale)
    if difference is not None and difference > TOLERANCE:
        raise UsageError(
            f"the cell {net.cell} cannot be exported to ONNX: the model differs from the net by {difference:.2g}, more than "
            f"{TOLERANCE:g}; what its step does depends on more than its inputs, or its states grow without bounds"
        )
    return written, difference


def _utf8(text: str) -> str:
    """The text, lone surrogates replaced: a file's name that is no UTF-8 holds some, and the format takes none."""
    return text.encode("utf-8", "replace").decode()


def _tokens(data: DataSummary) -> str:
    if not data.vocabulary:
        return "symbol i of the alphabet is token i + 1; any other character is token 0"
    return (
        "word i of the vocabulary is token i + 1; any other word is token 0. The words of a text, in the form NFKC of Unicode, "
        f"without the characters {INVISIBLE!a}, ’ as ', case folded, are the matches of the regular expression {WORD_PATTERN!a}, "
        f"the first {LONGEST_WORDS}"
    )


def _metadata(net: Net, data: DataSummary) -> dict[str, str]:
    """What the model's inputs and outputs mean: lists and tables as JSON."""
    outputs = "logits: the softmax over the last axis is the probability of each class" if data.classes else ""
    return {
        "task": data.task,
        "problem": data.problem,
        "architecture": net.cell,
        "classes": json.dumps(list(data.classes)),
        "alphabet": data.symbols,
        **({"vocabulary": json.dumps(list(data.vocabulary), ensure_ascii=False)} if data.vocabulary else {}),
        "tokens": _tokens(data) if net.tokens else "",
        "normalisation": json.dumps(dict(sorted(data.scale.items()))),
        "inputs": "as the net reads them: tokens, or values normalised as `normalisation` says",
        "lengths": "true steps of each sequence; what is past them changes nothing",
        "outputs": outputs or "numbers in the target's own unit",
        "longest_sequence_trained": str(data.longest),
        "rnnlab": __version__,
    }
