"""A file written in pieces is the file that the safetensors library writes, and is read by it."""

from __future__ import annotations

import hashlib

import pytest
import safetensors.torch
import torch

from rnnlab.training.persist.pieces import Pieces, safetensors_pieces
from rnnlab.training.persist.state_file import pack, pack_in_pieces, unpack


def test_weights_are_the_file_that_safetensors_writes() -> None:
    weights = {"head.weight": torch.randn(3, 4), "head.bias": torch.randn(3), "é": torch.zeros(0, 2)}
    pieces = safetensors_pieces(weights)
    assert pieces.joined == safetensors.torch.save(weights)
    assert pieces.sha256 == hashlib.sha256(pieces.joined).hexdigest()
    assert pieces.size == len(pieces.joined)


def test_every_type_of_number_comes_back() -> None:
    kinds = [torch.float64, torch.float32, torch.float16, torch.bfloat16, torch.int64, torch.uint8, torch.bool]
    held = {str(kind): torch.tensor([[0, 1], [2, 3]]).to(kind) for kind in kinds}
    held |= {"transposed": torch.arange(6).reshape(2, 3).T, "part": torch.arange(9)[2:5], "one": torch.tensor(2.5)}
    held |= {"expanded": torch.tensor([1.5], dtype=torch.float64).expand(1)}
    read = safetensors.torch.load(safetensors_pieces(held, {"tree": 'a "word"'}).joined)
    assert all(torch.equal(read[name], each) and read[name].dtype == each.dtype for name, each in held.items())


def test_numbers_of_another_type_are_refused() -> None:
    with pytest.raises(TypeError, match="complex64 cannot be packed"):
        safetensors_pieces({"a": torch.zeros(1, dtype=torch.complex64)})


def test_a_file_within_a_state_comes_back_as_its_bytes() -> None:
    weights = safetensors_pieces({"a": torch.arange(1000.0)})
    state = {"best": weights, "last": weights, "step": 7, 3: (b"abc", torch.ones(2))}
    held = unpack(pack(state))
    assert held["best"] == held["last"] == weights.joined
    assert (held["step"], held[3][0]) == (7, b"abc")
    assert pack_in_pieces(state).size < 1.5 * weights.size, "what occurs twice is stored once"


def test_weights_are_not_copied_together() -> None:
    tensor = torch.zeros(1000)
    pieces = safetensors_pieces({"a": tensor})
    assert isinstance(pieces, Pieces)
    before = pieces.joined
    tensor += 1
    assert pieces.joined != before, "it is the tensor's own memory"
