"""Nets in PyTorch: cells, stacks, readouts and heads, built from a configuration."""
