"""Nets as ONNX graphs: standard operators, and `Scan` for cells that ONNX does not have."""
