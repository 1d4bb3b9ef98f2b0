"""Confusion matrices: their cells, the order of the classes, and the bar of epochs under a matrix."""
