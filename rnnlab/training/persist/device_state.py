"""State that lies on a device: tensors, and random generators."""

from __future__ import annotations

from typing import Any

import torch


def on_device(state: Any, device: torch.device) -> Any:
    """`state` with its tensors on the device: what is gathered from now on is joined to them there."""
    match state:
        case torch.Tensor():
            return state.to(device)
        case dict():
            return {key: on_device(value, device) for key, value in state.items()}
        case list() | tuple():
            return type(state)(on_device(value, device) for value in state)
    return state


def random_state(device: torch.device) -> dict[str, torch.Tensor]:
    """The state of every random generator that training draws from: dropout's masks come from PyTorch's own."""
    state = {"cpu": torch.get_rng_state()}
    if device.type == "cuda":
        state["cuda"] = torch.cuda.get_rng_state(device)
    elif device.type == "mps":
        state["mps"] = torch.mps.get_rng_state()
    return state


def set_random_state(state: dict[str, torch.Tensor], device: torch.device) -> None:
    """Have PyTorch's generators draw on from a saved `random_state`."""
    torch.set_rng_state(state["cpu"])
    if device.type == "cuda" and "cuda" in state:
        torch.cuda.set_rng_state(state["cuda"], device)
    elif device.type == "mps" and "mps" in state:
        torch.mps.set_rng_state(state["mps"])
