"""A run as lines: curves, confusion matrix, classes, gradients, forecasts, the whole report."""
