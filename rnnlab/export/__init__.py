"""Exports of a run: tables, ONNX, a PyTorch file of its own, TensorBoard."""
