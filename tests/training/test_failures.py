"""Every failure becomes a kind, one sentence and a hint; devices that are not here are among them."""

from __future__ import annotations

import errno

import pytest
import torch

from rnnlab.config import ConfigError, UsageError
from rnnlab.training.device import choose_device, device_name, versions
from rnnlab.training.failures import DETAIL, DeviceMissing, explain


def test_out_of_memory_on_a_gpu_hints_at_a_smaller_batch() -> None:
    failure = explain(torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 20.00 GiB. GPU 0 has …"))
    assert failure.kind == "memory"
    assert failure.message == "the GPU ran out of memory"
    assert "smaller train.batch_size" in failure.hint
    assert "runtime.device = cpu" in failure.hint


def test_the_machine_out_of_memory_is_told_as_that() -> None:
    """PyTorch's own error, by asking for more than any machine has."""
    with pytest.raises(RuntimeError) as caught:
        torch.empty(2**55, dtype=torch.uint8)
    failure = explain(caught.value)
    assert (failure.kind, failure.message) == ("memory", "the machine ran out of memory")
    assert explain(MemoryError()).kind == "memory"


@pytest.mark.parametrize(
    ("error", "loading", "kind", "words"),
    [
        (UsageError("names is not here; fetch it"), True, "data", "names is not here; fetch it"),
        (UsageError("run.toml is missing"), False, "config", "run.toml is missing"),
        (ConfigError("optim.lr", -1, "above 0"), True, "config", "optim.lr = -1"),
        (OSError(errno.ENOSPC, "No space left on device", "/x/best"), False, "disk", "the disk is full (/x/best)"),
        (OSError(errno.EROFS, "Read-only file system"), False, "disk", "read-only"),
        (ValueError("bad bytes\nin line 2"), True, "data", "ValueError: bad bytes"),
        (ZeroDivisionError("division by zero"), False, "error", "ZeroDivisionError: division by zero"),
    ],
)
def test_kind_and_words(error: Exception, loading: bool, kind: str, words: str) -> None:
    failure = explain(error, loading=loading)
    assert failure.kind == kind
    assert words in failure.message
    assert "\n" not in failure.message


def test_the_detail_is_the_end_of_the_traceback() -> None:
    def deep(level: int) -> None:
        if level:
            deep(level - 1)
        raise ValueError("x" * 10_000 + " at last")

    with pytest.raises(ValueError) as caught:
        deep(5)
    detail = explain(caught.value).detail
    assert len(detail) == DETAIL
    assert detail.endswith("at last\n")


@pytest.mark.skipif(torch.cuda.is_available(), reason="needs a machine without a CUDA device; there is one here")
def test_cuda_where_there_is_none_is_said_in_a_sentence() -> None:
    with pytest.raises(DeviceMissing, match=r"runtime.device = 'cuda', but .* set runtime.device to auto or cpu"):
        choose_device("cuda")


def test_auto_finds_a_device_and_names_it() -> None:
    device = choose_device("auto")
    assert device.type in ("cuda", "mps", "cpu")
    assert device_name(device)
    assert {"python", "torch", "rnnlab", "numpy", "platform"} <= versions().keys()
    assert all(type(word) is str for word in versions().values())
