"""Optional parts: which are installed, and what the others would give."""

from __future__ import annotations

from importlib.util import find_spec

from rnnlab.doctor.finding import Finding

EXTRAS = {
    "report": ("matplotlib", "figures as SVG and PNG"),
    "onnx": ("onnx", "export to ONNX"),
    "tensorboard": ("tensorboard", "export to TensorBoard"),
    "parquet": ("polars", "Parquet tables of one's own"),
    "optuna": ("optuna", "sweeps by Optuna's estimator"),
    "ray": ("ray", "sweeps on a Ray cluster"),
    "serve": ("textual_serve", "the app in a browser"),
}
"""Extra of pyproject.toml → the package that it brings, and what that gives."""


def extras() -> Finding:
    """The extras that are installed; those that are not, with what they give."""
    here = [name for name, (package, _) in EXTRAS.items() if find_spec(package) is not None]
    missing = [f"{name} ({about})" for name, (_, about) in EXTRAS.items() if name not in here]
    found = ", ".join(here) or "none"
    if not missing:
        return Finding("extras", "ok", found)
    return Finding("extras", "ok", found, f"not installed: {', '.join(missing)}: pip install 'rnnlab[NAME]'")
