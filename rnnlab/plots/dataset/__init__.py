"""A data set as lines: its card and samples of its sequences."""
