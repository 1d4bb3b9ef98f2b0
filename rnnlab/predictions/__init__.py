"""Predictions that a run has kept: their file, worst errors, calibration."""
