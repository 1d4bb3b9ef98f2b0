"""Nets as one Python file that needs PyTorch alone."""
