"""Predictions that a run has kept: single examples, predicted numbers over true ones, accuracy over the position."""
